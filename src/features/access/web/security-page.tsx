import { Tabs } from '@mantine/core';
import { oneOf, PageHeader, Rows, useMay, useQueryOf, useSession, useTexts, useUrl } from '../../../ui/index.ts';
import classes from './access.module.css';
import { AlertList } from './alert-list.tsx';
import { OwnFactors } from './own-factors.tsx';
import { OwnPassword } from './own-password.tsx';
import { OwnSessions } from './own-sessions.tsx';
import { PolicyPanels } from './policy-panels.tsx';

const tabs = ['mine', 'everyone', 'alerts'] as const;

const SecurityPage = () => {
  const t = useTexts();
  const me = useSession();
  const seesTeam = useMay('staff:read') && me?.second_factor?.held !== true;
  const [url, setUrl] = useUrl({ tab: oneOf(tabs, 'mine') });
  const open = useQueryOf('GET /api/security/alerts', { query: { state: 'open', limit: 50 } }, { enabled: seesTeam });
  const waiting = open.data?.data.length ?? 0;
  return (
    <>
      <PageHeader title={t('access.security.title')} description={t('access.security.description')} />
      <Tabs value={seesTeam ? url.tab : 'mine'} onChange={tab => setUrl({ tab: (tab ?? 'mine') as 'mine' })} keepMounted={false}>
        {seesTeam && (
          <Tabs.List className={classes.tabs}>
            <Tabs.Tab value="mine">{t('access.security.mine')}</Tabs.Tab>
            <Tabs.Tab value="everyone">{t('access.security.everyone')}</Tabs.Tab>
            <Tabs.Tab value="alerts">
              {waiting > 0 ? t('access.security.alerts_count', { count: waiting }) : t('access.security.alerts')}
            </Tabs.Tab>
          </Tabs.List>
        )}
        <Tabs.Panel value="mine">
          <div className={classes.narrow}>
            <Rows>
              <OwnFactors />
              {me?.second_factor?.held !== true && <OwnPassword />}
              <OwnSessions />
            </Rows>
          </div>
        </Tabs.Panel>
        {seesTeam && (
          <Tabs.Panel value="everyone">
            <PolicyPanels />
          </Tabs.Panel>
        )}
        {seesTeam && (
          <Tabs.Panel value="alerts">
            <AlertList />
          </Tabs.Panel>
        )}
      </Tabs>
    </>
  );
};
export default SecurityPage;
