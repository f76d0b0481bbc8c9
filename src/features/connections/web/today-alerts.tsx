import { type AnswerOf, Link, Name, Panel, useLive, useQueryOf, useRefresh, useTexts } from '../../../ui/index.ts';
import classes from './connections.module.css';

type Alert = AnswerOf<'GET /api/connection-alerts'>['data'][number];

const tabOf: Record<Alert['what'], string> = {
  broken: '',
  differs: '?tab=comparison',
  failed_deliveries: '?tab=deliveries&state=failed',
};

/** Only when there is something to say: connections that stopped, disagree or hold failed deliveries. */
const TodayAlerts = () => {
  const t = useTexts();
  const refresh = useRefresh();
  useLive('connection', () => void refresh('/api/connection-alerts'));
  const alerts = useQueryOf('GET /api/connection-alerts', {}, { keep: true });
  if (!alerts.data || alerts.data.data.length === 0) return null;
  return (
    <Panel title={t('connections.today.title')}>
      <ul className={classes.alerts}>
        {alerts.data.data.map(alert => (
          <li key={`${alert.id} ${alert.what}`} className={classes.alert}>
            <Link to={`/settings/connections/${alert.id}${tabOf[alert.what]}`}>
              <Name>{alert.name}</Name>: {t(`connections.today.${alert.what}`, { count: alert.count })}
            </Link>
            {alert.detail && <span className={classes.dim}>{alert.detail}</span>}
          </li>
        ))}
      </ul>
    </Panel>
  );
};
export default TodayAlerts;
