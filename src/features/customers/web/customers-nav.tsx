/** The pages that belong to customers, beside the list: possible duplicates, and what later features add. */
import { Link, slotValues, useSession, useTexts } from '../../../ui/index.ts';
import classes from './customers-nav.module.css';
import { customersPages } from './panels.ts';

export const CustomersNav = () => {
  const t = useTexts();
  const me = useSession();
  const pages = slotValues(customersPages).filter(page => me?.verbs.includes('*') || me?.verbs.includes(page.needs));
  if (pages.length === 0) return null;
  return (
    <nav className={classes.nav} aria-label={t('customers.nav.beside')}>
      <ul>
        {[{ to: '/customers', title: 'customers.nav.all', Badge: undefined }, ...pages].map(({ to, title, Badge }) => (
          <li key={to}>
            <Link to={to} exact className={classes.link}>
              {t(title)} {Badge && <Badge />}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
};
