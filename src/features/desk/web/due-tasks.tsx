import { Anchor, Checkbox } from '@mantine/core';
import {
  type AnswerOf,
  Link,
  Panel,
  SkeletonPanel,
  TimeText,
  useLive,
  useMay,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import classes from './today.module.css';
import { useTaskVerbs } from './use-task-verbs.ts';

type Task = AnswerOf<'GET /api/tasks'>['data'][number];

/** The next few tasks, beside Today's list. */
export const DueTasks = () => {
  const t = useTexts();
  const refresh = useRefresh();
  useLive('task', () => void refresh('/api/tasks'));
  const tasks = useQueryOf('GET /api/tasks', { query: { limit: 6 } }, { keep: true });
  if (!tasks.data) return <SkeletonPanel />;
  return (
    <Panel
      title={t('desk.tasks.due')}
      flush
      actions={
        <Anchor component={Link} to="/tasks" size="sm">
          {t('desk.tasks.all')}
        </Anchor>
      }
    >
      {tasks.data.data.length === 0 ? (
        <p className={classes.dueNone}>{t('desk.tasks.due_none')}</p>
      ) : (
        <ul className={classes.due} style={{ marginBlockStart: 12 }}>
          {tasks.data.data.map(task => (
            <DueTask key={task.id} task={task} />
          ))}
        </ul>
      )}
    </Panel>
  );
};

const DueTask = ({ task }: { task: Task }) => {
  const t = useTexts();
  const mayWrite = useMay('tasks:write');
  const verbs = useTaskVerbs();
  return (
    <li className={classes.dueTask}>
      <Checkbox
        checked={false}
        disabled={!mayWrite}
        onChange={() => verbs.finish(task)}
        aria-label={t('desk.tasks.mark_done', { title: task.title })}
      />
      <div className={classes.dueWords}>
        <p>{task.link ? <Link to={task.link}>{task.title}</Link> : task.title}</p>
        <p className={classes.small}>
          {task.due_on && <TimeText value={task.due_on} />}
          {task.overdue && ` · ${t('desk.tasks.overdue')}`}
          {task.phone && (
            <>
              {task.due_on ? ' · ' : ''}
              <Anchor href={`tel:${task.phone}`} size="xs">
                <bdi>{task.phone}</bdi>
              </Anchor>
            </>
          )}
        </p>
      </div>
    </li>
  );
};
