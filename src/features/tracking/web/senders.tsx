import { type Column, DataTable, Name, NumberText, Panel, RelativeTime, useQueryOf, useTexts } from '../../../ui/index.ts';

type Sender = {
  library: string;
  version: string;
  site: string;
  events: number;
  last_at: string;
  write_key?: string;
  write_key_id?: string;
};

/** Libraries that send, from which site; `write_key` adds a column with the key's name. */
export const Senders = ({ senders }: { senders: readonly Sender[] }) => {
  const t = useTexts();
  const columns: Column<Sender>[] = [
    {
      key: 'library',
      title: t('tracking.senders.library'),
      card: 'title',
      render: one => (one.library ? <Name>{`${one.library} ${one.version}`}</Name> : t('tracking.senders.unnamed')),
    },
    { key: 'site', title: t('tracking.senders.site'), render: one => <bdi>{one.site || '–'}</bdi> },
    { key: 'events', title: t('tracking.senders.events'), align: 'end', render: one => <NumberText value={one.events} /> },
    { key: 'last', title: t('tracking.senders.last'), align: 'end', render: one => <RelativeTime value={one.last_at} /> },
  ];
  if (senders.some(one => one.write_key !== undefined))
    columns.splice(2, 0, { key: 'key', title: t('tracking.senders.key'), render: one => <Name>{one.write_key ?? ''}</Name> });
  return (
    <DataTable
      name="senders"
      label={t('tracking.senders.title')}
      plain
      list={{ rows: senders }}
      rowKey={one => `${one.write_key_id ?? ''} ${one.library} ${one.version} ${one.site}`}
      columns={columns}
      empty={null}
    />
  );
};

/** What has sent lately, whatever the key. */
export const RecentSenders = () => {
  const t = useTexts();
  const status = useQueryOf('GET /api/ingest/status');
  if (!status.data || status.data.senders.length === 0) return null;
  return (
    <Panel title={t('tracking.senders.title')} flush>
      <Senders senders={status.data.senders} />
    </Panel>
  );
};
