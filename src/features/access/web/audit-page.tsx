import { Button, CloseButton, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  api,
  type Column,
  DataTable,
  EmptyState,
  Facet,
  FilterBar,
  formatNumber,
  hasText,
  Name,
  notifyError,
  PageHeader,
  SearchField,
  TimeText,
  text,
  useListOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import classes from './access.module.css';

type Entry = AnswerOf<'GET /api/audit'>['data'][number];
type Verdict = AnswerOf<'GET /api/audit/verify'>;

const areas = ['access', 'shops', 'customers', 'consent', 'tracking', 'imports', 'orders', 'segments', 'desk'];
/** The first and the last instant of a day where the reader is. */
const startOf = (day: string) => (day ? new Date(`${day}T00:00:00`).toISOString() : undefined);
const endOf = (day: string) => {
  if (!day) return undefined;
  const next = new Date(`${day}T00:00:00`);
  next.setDate(next.getDate() + 1);
  return next.toISOString();
};

const AuditPage = () => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ actor: text(), area: text(), from: text(), to: text() });
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [verifying, setVerifying] = useState(false);
  const list = useListOf('GET /api/audit', {
    query: {
      actor: url.actor || undefined,
      action: url.area ? `${url.area}.` : undefined,
      from: startOf(url.from),
      to: endOf(url.to),
    },
  });
  const verify = async () => {
    setVerifying(true);
    try {
      setVerdict(await api('GET /api/audit/verify'));
    } catch (error) {
      notifyError(error);
    } finally {
      setVerifying(false);
    }
  };
  const columns: Column<Entry>[] = [
    {
      key: 'what',
      title: t('access.audit.what'),
      card: 'title',
      render: entry => <span className={classes.strong}>{deedOf(entry, t)}</span>,
    },
    { key: 'who', title: t('access.audit.who'), render: entry => <Name>{whoOf(entry, t)}</Name> },
    { key: 'details', title: t('access.audit.details'), optional: 'on', render: entry => <Details entry={entry} /> },
    {
      key: 'at',
      title: t('access.audit.time'),
      align: 'end',
      render: entry => (
        <span className={classes.time}>
          <TimeText value={entry.at} style="time" />
        </span>
      ),
    },
  ];
  return (
    <>
      <PageHeader
        title={t('access.audit.title')}
        description={t('access.audit.description')}
        actions={
          <Button variant="default" leftSection={<IconShieldCheck size={18} />} loading={verifying} onClick={() => void verify()}>
            {t('access.audit.verify')}
          </Button>
        }
      />
      <div aria-live="polite">{verdict && <VerdictShown verdict={verdict} onClose={() => setVerdict(null)} />}</div>
      <DataTable
        name="audit"
        label={t('access.audit.title')}
        list={list}
        rowKey={entry => entry.id}
        columns={columns}
        toolbar={
          <FilterBar
            active={Boolean(url.actor || url.area || url.from || url.to)}
            onClear={() => setUrl({ actor: '', area: '', from: '', to: '' })}
          >
            <SearchField label={t('access.audit.search')} value={url.actor} onChange={actor => setUrl({ actor })} />
            <Facet
              label={t('access.audit.area')}
              single
              options={areas.map(value => ({ value, label: t(`access.audit.area.${value}`) }))}
              selected={url.area ? [url.area] : []}
              onChange={([area = '']) => setUrl({ area })}
            />
            <TextInput
              type="date"
              aria-label={t('access.audit.from')}
              leftSection={<span className={classes.dates}>{t('access.audit.from')}</span>}
              leftSectionWidth={58}
              value={url.from}
              max={url.to || undefined}
              onChange={event => setUrl({ from: event.currentTarget.value })}
            />
            <TextInput
              type="date"
              aria-label={t('access.audit.to')}
              leftSection={<span className={classes.dates}>{t('access.audit.to')}</span>}
              leftSectionWidth={58}
              value={url.to}
              min={url.from || undefined}
              onChange={event => setUrl({ to: event.currentTarget.value })}
            />
          </FilterBar>
        }
        empty={<EmptyState title={t('access.audit.empty')}>{t('access.audit.empty_text')}</EmptyState>}
      />
    </>
  );
};
export default AuditPage;

type T = ReturnType<typeof useTexts>;
const deedOf = (entry: Entry, t: T): string => {
  if (hasText(`audit.${entry.action}`)) return t(`audit.${entry.action}`);
  // A feature that names no text for a deed is still readable: "customers.list_exported" -> "Customers: list exported".
  const [area, deed = ''] = entry.action.split('.');
  const name = hasText(`access.audit.area.${area}`) ? t(`access.audit.area.${area}`) : area;
  return `${name}: ${deed.replaceAll('_', ' ')}`;
};
const whoOf = (entry: Entry, t: T): string =>
  hasText(`access.audit.kind.${entry.actor.kind}`) ? t(`access.audit.kind.${entry.actor.kind}`) : entry.actor.name;

const plain = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(plain).join(', ');
  if (value !== null && typeof value === 'object')
    return Object.entries(value)
      .map(([key, one]) => `${key} ${plain(one)}`)
      .join(', ');
  return typeof value === 'number' ? formatNumber(value, 2) : String(value);
};

/** People and keys by name; anything else by kind and the end of its id. */
const Subject = ({ subject }: { subject: NonNullable<Entry['subject']> }) =>
  subject.name ? (
    <Name>{subject.name}</Name>
  ) : (
    <bdi title={subject.id}>
      {subject.kind} {subject.id.length > 12 ? `…${subject.id.slice(-8)}` : subject.id}
    </bdi>
  );

const Details = ({ entry }: { entry: Entry }) => (
  <div className={classes.details}>
    {entry.subject && <Subject subject={entry.subject} />}
    {Object.entries(entry.details).map(([key, value]) => (
      <bdi key={key}>
        {key.replaceAll('_', ' ')}: {plain(value)}
      </bdi>
    ))}
  </div>
);

const VerdictShown = ({ verdict, onClose }: { verdict: Verdict; onClose: () => void }) => {
  const t = useTexts();
  const bad = verdict.first_bad;
  return (
    <div className={classes.verdict} data-tone={bad ? 'bad' : 'good'}>
      {bad ? <IconAlertTriangle size={20} aria-hidden /> : <IconShieldCheck size={20} aria-hidden />}
      <div className={classes.who}>
        <span className={classes.strong}>{bad ? t('access.audit.bad') : t('access.audit.ok', { count: verdict.checked })}</span>
        {bad && (
          <span>
            {t(`access.audit.bad.${bad.reason}`, { position: bad.position ?? 0, id: bad.audit_id })} {t('access.audit.bad_next')}
          </span>
        )}
        {verdict.waiting > 0 && <span>{t('access.audit.waiting', { count: verdict.waiting })}</span>}
        {!bad && verdict.head && (
          <bdi className={classes.hash}>
            {t('access.audit.head', { position: verdict.head.position, hash: verdict.head.hash })}
          </bdi>
        )}
      </div>
      <CloseButton aria-label={t('ui.close')} onClick={onClose} className={classes.close} />
    </div>
  );
};
