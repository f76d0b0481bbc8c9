/** Over the list while customers are ticked: take all matches, choose what to do, and see it through. */
import { Autocomplete, Button, Select, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import {
  type AnswerOf,
  api,
  formatNumber,
  notifyDone,
  notifyError,
  notifyUndo,
  useLive,
  useMutationOf,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import type { SelectionBarProps } from '../../customers/web/index.tsx';
import classes from './bulk.module.css';
import { type Change, toldOf } from './told.ts';

type Action = AnswerOf<'GET /api/bulk-actions'>['data'][number];

const BulkBar = ({ selected, list, total, tags, onDone }: SelectionBarProps) => {
  const t = useTexts();
  const actions = useQueryOf('GET /api/bulk-actions', {}, { staleTime_ms: 600_000 }).data?.data ?? [];
  const [all, setAll] = useState(false);
  const [code, setCode] = useState<string | null>(null);
  const [argument, setArgument] = useState('');
  const [running, setRunning] = useState<Change | null>(null);
  const start = useMutationOf('POST /api/bulk-changes');
  const action = actions.find(one => one.code === code) ?? actions[0];
  const count = all ? (total ?? selected.size) : selected.size;
  const tooMany = action !== undefined && count > action.most;
  const run = async () => {
    if (!action) return;
    try {
      const whom = all ? { list } : { customers: [...selected] };
      setRunning(await start.mutateAsync({ body: { action: action.code, argument, ...whom } }));
    } catch (error) {
      notifyError(error);
    }
  };
  if (running) return <Running change={running} onDone={onDone} />;
  if (selected.size === 0 || !action) return null;
  return (
    <form
      className={classes.bar}
      onSubmit={event => {
        event.preventDefault();
        void run();
      }}
    >
      <span className={classes.count} role="status">
        {t(all ? 'bulk.all_selected' : 'bulk.selected', { count, shown: formatNumber(count) })}
      </span>
      {!all && total !== undefined && total > selected.size && (
        <Button size="xs" variant="subtle" onClick={() => setAll(true)}>
          {t('bulk.take_all', { count: total, shown: formatNumber(total) })}
        </Button>
      )}
      <Select
        size="xs"
        aria-label={t('bulk.column.what')}
        className={classes.action}
        data={actions.map(one => ({ value: one.code, label: t(one.label) }))}
        value={action.code}
        onChange={value => {
          setCode(value);
          setArgument('');
        }}
        allowDeselect={false}
      />
      <Argument action={action} value={argument} onChange={setArgument} tags={tags} />
      <Button
        size="xs"
        type="submit"
        loading={start.isPending}
        disabled={tooMany || (action.argument !== null && argument.trim() === '')}
      >
        {t('bulk.do', { count, shown: formatNumber(count) })}
      </Button>
      <Button size="xs" variant="default" onClick={onDone}>
        {t('bulk.unselect')}
      </Button>
      <span className={classes.hint}>
        {tooMany ? t('bulk.too_many', { count: action.most, shown: formatNumber(action.most) }) : t('bulk.form.hint')}
      </span>
    </form>
  );
};

export default BulkBar;

const Argument = ({
  action: { argument },
  value,
  onChange,
  tags,
}: {
  action: Action;
  value: string;
  onChange: (value: string) => void;
  tags: readonly string[];
}) => {
  const t = useTexts();
  if (argument === null) return null;
  const field = {
    size: 'xs',
    'aria-label': t(argument.label),
    placeholder: t(argument.label),
    className: classes.argument,
  } as const;
  if (argument.kind === 'choice')
    return (
      <Select
        {...field}
        data={(argument.choices ?? []).map(choice => ({ value: choice, label: t(`${argument.choice_labels}${choice}`) }))}
        value={value === '' ? null : value}
        onChange={next => onChange(next ?? '')}
      />
    );
  if (argument.suggest === 'tags')
    return (
      <Autocomplete {...field} data={[...tags]} value={value} onChange={onChange} maxLength={argument.most_letters} limit={8} />
    );
  return (
    <TextInput
      {...field}
      value={value}
      onChange={event => onChange(event.currentTarget.value)}
      maxLength={argument.most_letters}
    />
  );
};

/** How far it is; goes on if the page is left. Ends with a way back. */
const Running = ({ change: started, onDone }: { change: Change; onDone: () => void }) => {
  const t = useTexts();
  const refresh = useRefresh();
  const asked = useQueryOf('GET /api/bulk-changes/:id', { params: { id: started.id } }, { refetchEvery_ms: 1_000 });
  const change = asked.data ?? started;
  const words = toldOf(t, change);
  const latest = useRef({ change, words, onDone });
  latest.current = { change, words, onDone };
  useLive('bulk', () => void refresh('/api/bulk-changes'));
  const over = change.state !== 'running';
  useEffect(() => {
    if (!over) return;
    const { change: now, words: told, onDone: close } = latest.current;
    const done = t('bulk.done', { told, count: now.changed, shown: formatNumber(now.changed) });
    if (now.changed === 0) notifyDone(done);
    else notifyUndo(done, () => api('POST /api/bulk-changes/:id/undo', { params: { id: now.id } }));
    void refresh('/api/customers');
    close();
  }, [over, t, refresh]);
  return (
    <div className={classes.bar} role="status">
      {t('bulk.running', { told: words, worked: formatNumber(change.worked), customers: formatNumber(change.customers) })}
      <progress className={classes.progress} value={change.worked} max={Math.max(1, change.customers)} aria-label={words} />
    </div>
  );
};
