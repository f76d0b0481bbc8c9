import { Title } from '@mantine/core';
import { PageHeader } from '../components/page.tsx';
import { Link } from '../router.tsx';
import { useSettings } from '../shell/settings-frame.tsx';
import { useTexts } from '../texts.ts';
import classes from './settings.module.css';

/** Every section of the settings in words; on a phone this is the way in. */
const Settings = () => {
  const t = useTexts();
  const groups = useSettings();
  return (
    <>
      <PageHeader title={t('ui.settings.title')} description={t('ui.settings.description')} />
      {[...groups].map(([group, items]) => (
        <section key={group} className={classes.group}>
          <Title order={2} size="h4" mb="xs">
            {t(group)}
          </Title>
          <ul className={classes.list}>
            {items.map(item => (
              <li key={item.to} className={classes.item}>
                <item.icon size={22} stroke={1.6} className={classes.icon} />
                <div>
                  <Link to={item.to} className={classes.link}>
                    {t(item.title)}
                  </Link>
                  <p className={classes.description}>{t(item.description)}</p>
                </div>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
};
export default Settings;
