import { ActionIcon, Anchor, Button, Checkbox, Menu, Modal } from '@mantine/core';
import { IconClock, IconDots, IconPencil, IconPhone, IconPlus } from '@tabler/icons-react';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  Facet,
  FilterBar,
  formatTime,
  Link,
  Name,
  oneOf,
  PageHeader,
  StatusBadge,
  TimeText,
  text,
  useListOf,
  useLive,
  useMay,
  useRefresh,
  useSession,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { laterDays } from './later-days.ts';
import { TaskForm } from './task-form.tsx';
import { useTaskVerbs } from './use-task-verbs.ts';

type Task = AnswerOf<'GET /api/tasks'>['data'][number];

const TasksPage = () => {
  const t = useTexts();
  const refresh = useRefresh();
  const mayWrite = useMay('tasks:write');
  const [url, setUrl] = useUrl({
    state: oneOf(['open', 'snoozed', 'done'], 'open'),
    whose: oneOf(['all', 'me', 'nobody'], 'all'),
    new: oneOf(['', 'task', 'call'], ''),
    customer: text(),
    open: text(),
  });
  useLive('task', () => void refresh('/api/tasks'));
  const list = useListOf('GET /api/tasks', {
    query: { state: url.state, assignee: url.whose === 'all' ? undefined : url.whose },
  });
  const close = () => setUrl({ new: '', customer: '', open: '' });
  return (
    <>
      <PageHeader
        title={t('desk.tasks.title')}
        description={t('desk.tasks.description')}
        actions={mayWrite && <NewTask onClick={() => setUrl({ new: 'task' }, { push: true })} />}
      />
      <DataTable
        name="tasks"
        label={t('desk.tasks.title')}
        columns={useColumns()}
        rowKey={task => task.id}
        list={list}
        rowActions={
          mayWrite ? task => <TaskMenu task={task} onEdit={() => setUrl({ open: task.id }, { push: true })} /> : undefined
        }
        toolbar={
          <FilterBar active={url.whose !== 'all' || url.state !== 'open'} onClear={() => setUrl({ whose: 'all', state: 'open' })}>
            <Facet
              label={t('desk.tasks.state')}
              single
              options={(['open', 'snoozed', 'done'] as const).map(value => ({ value, label: t(`desk.tasks.state.${value}`) }))}
              selected={[url.state]}
              onChange={([state]) => setUrl({ state: (state ?? 'open') as typeof url.state })}
            />
            <Facet
              label={t('desk.tasks.whose')}
              single
              options={(['me', 'nobody'] as const).map(value => ({ value, label: t(`desk.tasks.whose.${value}`) }))}
              selected={url.whose === 'all' ? [] : [url.whose]}
              onChange={([whose]) => setUrl({ whose: (whose ?? 'all') as typeof url.whose })}
            />
          </FilterBar>
        }
        empty={
          <EmptyState
            title={url.state === 'open' && url.whose === 'all' ? t('desk.tasks.none') : t('desk.tasks.no_match')}
            picture="done"
            action={mayWrite && <NewTask onClick={() => setUrl({ new: 'task' }, { push: true })} />}
          >
            {t('desk.tasks.none_about')}
          </EmptyState>
        }
      />
      <Modal
        opened={mayWrite && (url.new !== '' || url.open !== '')}
        onClose={close}
        title={url.open ? t('desk.tasks.edit') : t('desk.tasks.new')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        <TaskForm
          id={url.open || null}
          kind={url.new === 'call' ? 'call' : 'task'}
          customerId={url.customer || null}
          onDone={close}
        />
      </Modal>
    </>
  );
};

const NewTask = ({ onClick }: { onClick: () => void }) => {
  const t = useTexts();
  return (
    <Button leftSection={<IconPlus size={16} />} onClick={onClick}>
      {t('desk.tasks.new')}
    </Button>
  );
};

const useColumns = (): Column<Task>[] => {
  const t = useTexts();
  const mayWrite = useMay('tasks:write');
  const verbs = useTaskVerbs();
  const nameOf = (customer: NonNullable<Task['customer']>) =>
    customer.name ?? t('desk.today.customer', { id: customer.outside_id ?? customer.id });
  return [
    {
      key: 'title',
      title: t('desk.tasks.task'),
      card: 'title',
      render: task => (
        <Checkbox
          checked={task.done_at !== null}
          disabled={!mayWrite}
          onChange={() => (task.done_at ? verbs.reopen(task) : verbs.finish(task))}
          label={<Name>{task.title}</Name>}
          description={task.note}
        />
      ),
    },
    {
      key: 'customer',
      title: t('desk.tasks.customer'),
      render: task =>
        task.customer ? (
          <Link to={`/customers/${task.customer.id}`}>
            <Name>{nameOf(task.customer)}</Name>
          </Link>
        ) : task.link ? (
          <Link to={task.link}>{t('desk.task.open_link')}</Link>
        ) : (
          '–'
        ),
    },
    {
      key: 'phone',
      title: t('desk.tasks.phone'),
      optional: 'on',
      render: task =>
        task.phone ? (
          <Anchor href={`tel:${task.phone}`} size="sm">
            <IconPhone size={14} aria-hidden style={{ verticalAlign: '-2px', marginInlineEnd: 4 }} />
            <bdi>{task.phone}</bdi>
          </Anchor>
        ) : (
          '–'
        ),
    },
    { key: 'assignee', title: t('desk.tasks.assignee'), optional: 'on', render: task => <Name>{task.assignee?.name}</Name> },
    {
      key: 'due',
      title: t('desk.tasks.due_on'),
      card: 'aside',
      render: task =>
        task.done_at ? (
          <StatusBadge tone="good">{t('desk.tasks.done_by', { by: task.done_by ?? '' })}</StatusBadge>
        ) : task.snoozed_until ? (
          <StatusBadge>{t('desk.tasks.until', { day: formatTime(task.snoozed_until, 'day') })}</StatusBadge>
        ) : task.overdue ? (
          <StatusBadge tone="bad">
            {t('desk.tasks.overdue')} · {formatTime(task.due_on!, 'day')}
          </StatusBadge>
        ) : (
          <TimeText value={task.due_on} />
        ),
    },
  ];
};

const TaskMenu = ({ task, onEdit }: { task: Task; onEdit: () => void }) => {
  const t = useTexts();
  const zone = useSession()?.organisation?.zone;
  const verbs = useTaskVerbs();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={30} aria-label={t('desk.tasks.more', { title: task.title })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={15} />} onClick={onEdit}>
          {t('desk.tasks.edit')}
        </Menu.Item>
        {task.snoozed_until && <Menu.Item onClick={() => verbs.wake(task)}>{t('desk.tasks.wake')}</Menu.Item>}
        {!task.done_at &&
          laterDays(zone).map(({ label, day }) => (
            <Menu.Item key={day} leftSection={<IconClock size={15} />} onClick={() => verbs.snooze(task, day)}>
              {t(label)}
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
};

export default TasksPage;
