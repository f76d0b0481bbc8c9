import { Anchor, Button, Checkbox } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, Panel, SkeletonPanel, TimeText, useLive, useMay, useQueryOf, useRefresh, useTexts } from '../../../ui/index.ts';
import classes from './today.module.css';
import { useTaskVerbs } from './use-task-verbs.ts';

/** On the customer page: what is still to be done for this person. */
const CustomerTasks = ({ customerId }: { customerId: string }) => {
  const t = useTexts();
  const refresh = useRefresh();
  const mayWrite = useMay('tasks:write');
  const verbs = useTaskVerbs();
  useLive('task', () => void refresh('/api/tasks'));
  const tasks = useQueryOf('GET /api/tasks', { query: { customer: customerId, limit: 10 } }, { keep: true });
  if (!tasks.data) return <SkeletonPanel />;
  return (
    <Panel
      title={t('desk.tasks.title')}
      flush
      actions={
        mayWrite && (
          <Button
            component={Link}
            to={`/tasks?new=call&customer=${customerId}`}
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} />}
          >
            {t('desk.tasks.new')}
          </Button>
        )
      }
    >
      {tasks.data.data.length === 0 ? (
        <p className={classes.dueNone}>{t('desk.tasks.none')}</p>
      ) : (
        <ul className={classes.due}>
          {tasks.data.data.map(task => (
            <li key={task.id} className={classes.dueTask}>
              <Checkbox
                checked={false}
                disabled={!mayWrite}
                onChange={() => verbs.finish(task)}
                aria-label={t('desk.tasks.mark_done', { title: task.title })}
              />
              <div className={classes.dueWords}>
                <p>
                  <Anchor component={Link} to={`/tasks?open=${task.id}`} size="sm">
                    {task.title}
                  </Anchor>
                </p>
                {task.due_on && (
                  <p className={classes.small}>
                    <TimeText value={task.due_on} />
                    {task.overdue && ` · ${t('desk.tasks.overdue')}`}
                  </p>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
};

export default CustomerTasks;
