/** Mending everything of one kind: rules, what they would do, and the work with its progress. */
import { ActionIcon, Alert, Button, Group, Select, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  Form,
  FormError,
  faultAt,
  formatNumber,
  type InputOf,
  JobProgress,
  type JobState,
  Link,
  PageHeader,
  Panel,
  Rows,
  SkeletonLines,
  StatusBadge,
  text,
  useMutationOf,
  useQueryOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { JsonBox } from './json-box.tsx';
import { reasonOf } from './reason-of.ts';
import classes from './tracking.module.css';

type Rule = NonNullable<InputOf<'POST /api/ingest/rejected/mend'>['body']['rules']>[number];
type Preview = AnswerOf<'POST /api/ingest/rejected/preview'>;

const kinds = [
  'set_timestamp',
  'rename_event',
  'set_type',
  'rename_field',
  'rename_property',
  'set_property',
  'convert_property',
  'remove_property',
] as const;
type Kind = (typeof kinds)[number];

/** What a new rule of a kind begins with. */
const blank: Record<Kind, Rule> = {
  set_timestamp: { do: 'set_timestamp', to: 'received' },
  rename_event: { do: 'rename_event', to: '' },
  set_type: { do: 'set_type', to: 'track' },
  rename_field: { do: 'rename_field', from: '', to: 'userId' },
  rename_property: { do: 'rename_property', from: '', to: '' },
  set_property: { do: 'set_property', path: '', to: '' },
  convert_property: { do: 'convert_property', path: '', to: 'number' },
  remove_property: { do: 'remove_property', path: '' },
};
/** What most likely helps against a reason. */
const helps: Record<string, Kind> = {
  bad_timestamp: 'set_timestamp',
  too_old: 'set_timestamp',
  in_future: 'set_timestamp',
  no_event_name: 'rename_event',
  name_too_long: 'rename_event',
  unknown_type: 'set_type',
  no_identity: 'rename_field',
  bad_id: 'rename_field',
};

const MendManyPage = () => {
  const t = useTexts();
  const refresh = useRefresh();
  const [url, setUrl] = useUrl({ reason: text(), key: text(), job: text() });
  const filter = { reason: url.reason || undefined, key: url.key || undefined };
  const groups = useQueryOf('GET /api/ingest/rejected/groups');
  const group = groups.data?.data.find(one => one.reason === url.reason && (one.write_key_id ?? '') === url.key);
  return (
    <>
      <PageHeader
        title={t('tracking.mend.title')}
        description={group && reasonOf(group)}
        back={{ to: '/settings/rejected-events', label: t('tracking.rejected.title') }}
      />
      {url.job ? (
        <Panel>
          <JobProgress id={url.job} title={t('tracking.mend.working')} onOver={() => void refresh('/api/ingest')}>
            {job => <Outcome job={job} />}
          </JobProgress>
        </Panel>
      ) : (
        <Rules key={url.reason} filter={filter} first={helps[url.reason]} onStarted={job => setUrl({ job }, { push: true })} />
      )}
    </>
  );
};
export default MendManyPage;

const Outcome = ({ job }: { job: JobState }) => {
  const t = useTexts();
  const figure = (name: string) => Number((job.result as Record<string, number> | null)?.[name] ?? 0);
  return (
    <>
      <Text fw={600}>
        {figure('discarded') > 0
          ? t('tracking.mend.discarded', { count: figure('discarded') })
          : t('tracking.mend.replayed', { count: figure('replayed') })}
      </Text>
      {figure('still_bad') > 0 && <Text size="sm">{t('tracking.mend.left', { count: figure('still_bad') })}</Text>}
      <Button component={Link} to="/settings/rejected-events" variant="default" mt="md">
        {t('tracking.mend.back')}
      </Button>
    </>
  );
};

type Filter = { reason?: string; key?: string };

const Rules = ({ filter, first, onStarted }: { filter: Filter; first: Kind | undefined; onStarted: (job: string) => void }) => {
  const t = useTexts();
  const [rules, setRules] = useState<{ id: number; rule: Rule }[]>(first ? [{ id: 0, rule: blank[first] }] : []);
  const [discard, setDiscard] = useState('');
  const preview = useMutationOf('POST /api/ingest/rejected/preview');
  const start = useMutationOf('POST /api/ingest/rejected/mend', {
    invalidates: ['/api/ingest'],
    onSuccess: answer => onStarted(answer.job_id),
  });
  const body = { filter, rules: rules.map(one => one.rule) };
  const change = (next: typeof rules) => {
    setRules(next);
    preview.reset();
  };
  const look = () => preview.mutate({ body });
  return (
    <Rows>
      <Panel title={t('tracking.mend.rules')} description={t('tracking.mend.rules_note')}>
        <Form submit={t('tracking.mend.look')} busy={preview.isPending} error={preview.error} onSubmit={look}>
          {rules.map((one, index) => (
            <RuleFields
              key={one.id}
              rule={one.rule}
              fault={name => faultAt(preview.error, `rules.${index}.${name}`)}
              onChange={rule => change(rules.map(each => (each.id === one.id ? { ...each, rule } : each)))}
              onRemove={() => change(rules.filter(each => each.id !== one.id))}
            />
          ))}
          <div>
            <Button
              variant="subtle"
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() =>
                change([...rules, { id: Math.max(0, ...rules.map(each => each.id)) + 1, rule: blank.rename_property }])
              }
            >
              {t('tracking.mend.add')}
            </Button>
          </div>
        </Form>
      </Panel>
      {preview.isPending && <SkeletonLines lines={4} />}
      {preview.data && (
        <PreviewPanel preview={preview.data} busy={start.isPending} error={start.error} onStart={() => start.mutate({ body })} />
      )}
      <Panel title={t('tracking.mend.set_aside')} description={t('tracking.mend.set_aside_note')}>
        <Form
          submit={t('tracking.mend.discard')}
          busy={start.isPending}
          disabled={discard.trim() === ''}
          error={start.error}
          shown={['discard']}
          onSubmit={() => start.mutate({ body: { filter, rules: [], discard } })}
        >
          <TextInput
            label={t('tracking.rejected.discard_why')}
            value={discard}
            onChange={event => setDiscard(event.currentTarget.value)}
            error={faultAt(start.error, 'discard')}
          />
        </Form>
      </Panel>
    </Rows>
  );
};

const choices: Partial<Record<Kind, readonly string[]>> = {
  set_type: ['track', 'identify', 'page', 'screen', 'group', 'alias'],
  rename_field: ['userId', 'anonymousId', 'previousId', 'event', 'timestamp', 'type', 'properties', 'traits', 'messageId'],
  convert_property: ['number', 'text', 'boolean'],
};

type RuleProps = {
  rule: Rule;
  fault: (name: string) => string | undefined;
  onChange: (rule: Rule) => void;
  onRemove: () => void;
};
const RuleFields = ({ rule, fault, onChange, onRemove }: RuleProps) => {
  const t = useTexts();
  const values = rule as Record<string, unknown>;
  const field = (name: 'from' | 'path' | 'to', label: string) => (
    <TextInput
      label={label}
      value={String(values[name] ?? '')}
      onChange={event => onChange({ ...rule, [name]: event.currentTarget.value } as Rule)}
      error={fault(name)}
    />
  );
  const chosen = choices[rule.do];
  return (
    <Group align="flex-start" gap="sm" className={classes.rule}>
      <Select
        label={t('tracking.mend.do')}
        allowDeselect={false}
        data={kinds.map(value => ({ value, label: t(`tracking.mend.kind.${value}`) }))}
        value={rule.do}
        onChange={kind => onChange(blank[kind as Kind])}
      />
      {'from' in rule && field('from', t('tracking.mend.from'))}
      {'path' in rule && field('path', t('tracking.mend.property'))}
      {chosen && (
        <Select
          label={t('tracking.mend.to')}
          allowDeselect={false}
          data={chosen.map(value => ({ value, label: value }))}
          value={String(values.to)}
          onChange={to => onChange({ ...rule, to } as Rule)}
          error={fault('to')}
        />
      )}
      {!chosen && 'to' in rule && rule.do !== 'set_timestamp' && field('to', t('tracking.mend.to'))}
      <ActionIcon variant="subtle" color="gray" size="lg" mt={26} aria-label={t('tracking.mend.remove')} onClick={onRemove}>
        <IconTrash size={17} />
      </ActionIcon>
    </Group>
  );
};

type PreviewProps = { preview: Preview; busy: boolean; error: unknown; onStart: () => void };
const PreviewPanel = ({ preview, busy, error, onStart }: PreviewProps) => {
  const t = useTexts();
  return (
    <Panel
      title={t('tracking.mend.preview', { count: preview.mended, looked: formatNumber(preview.looked) })}
      description={preview.total > preview.looked ? t('tracking.mend.of_all', { total: formatNumber(preview.total) }) : undefined}
      actions={
        <Button loading={busy} disabled={preview.mended === 0} onClick={onStart}>
          {t('tracking.mend.start', { count: preview.total })}
        </Button>
      }
    >
      {error ? <FormError error={error} /> : null}
      {preview.still_bad.map(one => (
        <Alert key={one.reason} color="orange" variant="light" mb="sm">
          {t('tracking.mend.still_bad', { count: one.count })} {reasonOf({ ...one, reason_values: {} })}
        </Alert>
      ))}
      {preview.examples.map((one, index) => (
        <div key={one.id} className={classes.pair}>
          <div>
            <p className={classes.exampleHead}>{t('tracking.mend.before')}</p>
            <JsonBox label={t('tracking.mend.before_of', { number: index + 1 })} text={one.before} />
          </div>
          <div>
            <p className={classes.exampleHead}>
              {t('tracking.mend.after')}{' '}
              <StatusBadge tone={one.fits ? 'good' : 'bad'}>
                {t(one.fits ? 'tracking.mend.fits' : 'tracking.mend.fits_not')}
              </StatusBadge>
            </p>
            <JsonBox label={t('tracking.mend.after_of', { number: index + 1 })} text={one.after} />
          </div>
        </div>
      ))}
    </Panel>
  );
};
