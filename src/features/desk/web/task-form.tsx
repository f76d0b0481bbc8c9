import { SegmentedControl, Select, Text, Textarea, TextInput } from '@mantine/core';
import {
  type AnswerOf,
  Form,
  faultAt,
  Labelled,
  Loaded,
  notifyDone,
  SkeletonLines,
  useDraft,
  useMaySee,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import { titleOf } from '../../customers/web/index.tsx';

type Task = AnswerOf<'GET /api/tasks/:id'>;
type Kind = 'task' | 'call';
type TaskFormProps = { id: string | null; kind: Kind; customerId: string | null; onDone: () => void };

export const TaskForm = ({ id, ...props }: TaskFormProps) =>
  id ? <Existing id={id} {...props} /> : <Fields task={null} {...props} />;

const Existing = ({ id, ...props }: Omit<TaskFormProps, 'id'> & { id: string }) => {
  const task = useQueryOf('GET /api/tasks/:id', { params: { id } });
  return (
    <Loaded query={task} skeleton={<SkeletonLines lines={5} />}>
      {data => <Fields task={data} {...props} />}
    </Loaded>
  );
};

const Fields = ({ task, kind, customerId, onDone }: Omit<TaskFormProps, 'id'> & { task: Task | null }) => {
  const t = useTexts();
  const contact = useMaySee('contact');
  const team = useQueryOf('GET /api/tasks/team');
  const person = useQueryOf(
    'GET /api/customers/:id',
    { params: { id: customerId ?? '' } },
    { enabled: task === null && customerId !== null },
  );
  const about = task?.customer
    ? (task.customer.name ?? task.customer.outside_id ?? task.customer.id)
    : person.data && titleOf(person.data);
  const draft = useDraft(`desk.task.${task?.id ?? `new.${customerId ?? ''}`}`, {
    kind: (task?.kind ?? kind) as Kind,
    title: task?.title ?? '',
    due_on: task?.due_on ?? '',
    assignee_id: task?.assignee?.id ?? '',
    phone: '',
    note: task?.note ?? '',
  });
  const saved = (message: string) => {
    draft.clear();
    notifyDone(message);
    onDone();
  };
  const invalidates = ['/api/tasks', '/api/today', '/api/customers'];
  const create = useMutationOf('POST /api/tasks', {
    invalidates,
    onSuccess: made => saved(t('desk.tasks.created', { title: made.title })),
  });
  const change = useMutationOf('PATCH /api/tasks/:id', { invalidates, onSuccess: () => saved(t('desk.tasks.saved')) });
  const error = task ? change.error : create.error;
  const { value } = draft;
  const submit = () => {
    const body = {
      kind: value.kind,
      title: value.title,
      due_on: value.due_on || null,
      assignee_id: value.assignee_id || null,
      note: value.note || null,
      ...(contact && value.phone ? { phone: value.phone } : {}),
    };
    if (task) change.mutate({ params: { id: task.id }, body: { ...body, version: task.version } });
    else create.mutate({ body: { ...body, customer_id: customerId } });
  };
  return (
    <Form
      submit={task ? t('desk.tasks.form.save') : t('desk.tasks.form.create')}
      busy={create.isPending || change.isPending}
      error={error}
      shown={['title', 'due_on', 'assignee_id', 'phone', 'note']}
      onSubmit={submit}
      onCancel={onDone}
    >
      {about && (
        <Text size="sm" c="dimmed">
          {t('desk.tasks.form.for', { name: about })}
        </Text>
      )}
      <TextInput
        label={t('desk.tasks.form.title')}
        required
        data-autofocus
        value={value.title}
        error={faultAt(error, 'title')}
        onChange={event => draft.change({ title: event.currentTarget.value })}
      />
      <Labelled label={t('desk.tasks.form.kind')}>
        <SegmentedControl
          fullWidth
          aria-label={t('desk.tasks.form.kind')}
          value={value.kind}
          onChange={chosen => draft.change({ kind: chosen as Kind })}
          data={(['task', 'call'] as const).map(one => ({ value: one, label: t(`desk.tasks.form.kind.${one}`) }))}
        />
      </Labelled>
      <TextInput
        type="date"
        label={t('desk.tasks.form.due_on')}
        value={value.due_on}
        error={faultAt(error, 'due_on')}
        onChange={event => draft.change({ due_on: event.currentTarget.value })}
      />
      <Select
        label={t('desk.tasks.form.assignee')}
        placeholder={t('desk.tasks.form.nobody')}
        clearable
        clearButtonProps={{ 'aria-label': t('desk.tasks.form.nobody') }}
        data={(team.data?.data ?? []).map(one => ({ value: one.id, label: one.name }))}
        value={value.assignee_id || null}
        error={faultAt(error, 'assignee_id')}
        onChange={chosen => draft.change({ assignee_id: chosen ?? '' })}
      />
      {contact && value.kind === 'call' && (
        <TextInput
          type="tel"
          label={t('desk.tasks.form.phone')}
          description={t('desk.tasks.form.phone_about')}
          placeholder={task?.phone ?? undefined}
          value={value.phone}
          error={faultAt(error, 'phone')}
          onChange={event => draft.change({ phone: event.currentTarget.value })}
        />
      )}
      <Textarea
        label={t('desk.tasks.form.note')}
        autosize
        minRows={3}
        value={value.note}
        error={faultAt(error, 'note')}
        onChange={event => draft.change({ note: event.currentTarget.value })}
      />
    </Form>
  );
};
