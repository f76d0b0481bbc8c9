import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  type Column,
  DataTable,
  EmptyState,
  Facts,
  hasText,
  Name,
  PageHeader,
  RelativeTime,
  say,
  TimeText,
  useListOf,
  useTexts,
} from '../../../ui/index.ts';
import classes from './tracking.module.css';

type Rejected = AnswerOf<'GET /api/ingest/rejected'>['data'][number];

/** In the reader's language where it has the reason, else the server's sentence. */
const reasonOf = (row: Rejected): string => {
  const key = row.reason.includes('.') ? row.reason : `tracking.reason.${row.reason}`;
  return hasText(key) ? say(key, row.reason_values) : row.detail;
};

const RejectedPage = () => {
  const t = useTexts();
  const [open, setOpen] = useState<Rejected | null>(null);
  const list = useListOf('GET /api/ingest/rejected', { query: {} });
  const columns: Column<Rejected>[] = [
    {
      key: 'what',
      title: t('tracking.rejected.what'),
      card: 'title',
      width: '22%',
      render: row => (
        <div className={classes.name}>
          <span className={classes.strong}>
            <Name>{row.name ?? row.type ?? t('tracking.rejected.unreadable')}</Name>
          </span>
          <span className={classes.dim}>
            <bdi>{row.user_id ?? row.anonymous_id ?? ''}</bdi>
          </span>
        </div>
      ),
    },
    { key: 'why', title: t('tracking.rejected.why'), render: row => reasonOf(row) },
    { key: 'key', title: t('tracking.rejected.key'), width: '11rem', render: row => <Name>{row.write_key ?? ''}</Name> },
    { key: 'at', title: t('tracking.rejected.at'), width: '10rem', render: row => <RelativeTime value={row.received_at} /> },
  ];
  return (
    <>
      <PageHeader title={t('tracking.rejected.title')} description={t('tracking.rejected.description')} />
      <DataTable
        name="rejected-events"
        label={t('tracking.rejected.title')}
        list={list}
        rowKey={row => row.id}
        columns={columns}
        rowActions={row => (
          <Button variant="subtle" size="compact-sm" onClick={() => setOpen(row)}>
            {t('tracking.rejected.show')}
          </Button>
        )}
        empty={<EmptyState title={t('tracking.rejected.empty')}>{t('tracking.rejected.empty_text')}</EmptyState>}
      />
      <Modal
        opened={open !== null}
        onClose={() => setOpen(null)}
        size="lg"
        title={t('tracking.rejected.as_sent')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        {open && (
          <>
            <Facts
              items={[
                { label: t('tracking.rejected.why'), value: reasonOf(open) },
                { label: t('tracking.rejected.at'), value: <TimeText value={open.received_at} /> },
              ]}
            />
            {open.body && (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
              <section className={`${classes.code} ${classes.body}`} tabIndex={0} aria-label={t('tracking.rejected.as_sent')}>
                <pre className={classes.pre}>{pretty(open.body)}</pre>
              </section>
            )}
          </>
        )}
      </Modal>
    </>
  );
};
export default RejectedPage;

const pretty = (body: string): string => {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
};
