/** One rejected event: why, as it was sent, mended, sent again or set aside. */
import { Alert, Button, Group, Modal, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import {
  ApiError,
  Facts,
  Form,
  FormError,
  faultAt,
  Loaded,
  Name,
  notifyDone,
  notifyUndo,
  PageHeader,
  Panel,
  SkeletonPage,
  Split,
  TimeText,
  useMay,
  useMaySee,
  useMutationOf,
  usePathParam,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import { JsonBox } from './json-box.tsx';
import { pretty, type Rejected, reasonOf } from './reason-of.ts';
import { RejectedState } from './rejected-page.tsx';
import classes from './tracking.module.css';

const every_ms = 1_500;
const invalidates = ['/api/ingest'];

const RejectedEventPage = () => {
  const id = usePathParam('id');
  const query = useQueryOf('GET /api/ingest/rejected/:id', { params: { id } });
  const waiting = query.data?.state === 'replaying';
  // Its outcome comes within a moment.
  useQueryOf(
    'GET /api/ingest/rejected/:id',
    { params: { id } },
    { enabled: waiting, refetchEvery_ms: waiting ? every_ms : false },
  );
  return (
    <Loaded query={query} skeleton={<SkeletonPage />}>
      {row => <RejectedView key={`${row.id}/${row.attempts}/${row.state}`} row={row} />}
    </Loaded>
  );
};
export default RejectedEventPage;

const RejectedView = ({ row }: { row: Rejected }) => {
  const t = useTexts();
  const mayManage = useMay('tracking:manage');
  const seen = [useMaySee('contact'), useMaySee('behaviour')].every(Boolean);
  return (
    <>
      <PageHeader
        title={<Name>{row.name ?? row.type ?? t('tracking.rejected.unreadable')}</Name>}
        back={{ to: '/settings/rejected-events', label: t('tracking.rejected.title') }}
        badge={<RejectedState row={row} />}
        description={reasonOf(row)}
        actions={mayManage && <SetAside row={row} />}
      />
      <Split aside={<About row={row} />}>
        {mayManage && seen && row.state === 'open' && row.kept ? <Mend row={row} /> : <AsSent row={row} seen={seen} />}
      </Split>
    </>
  );
};

const About = ({ row }: { row: Rejected }) => {
  const t = useTexts();
  return (
    <Panel title={t('tracking.rejected.about')}>
      <Facts
        items={[
          { label: t('tracking.rejected.at'), value: <TimeText value={row.received_at} style="time" /> },
          { label: t('tracking.rejected.key'), value: <Name>{row.write_key}</Name> },
          ...(row.user_id ? [{ label: t('tracking.rejected.user'), value: <Name>{row.user_id}</Name> }] : []),
          ...(row.anonymous_id ? [{ label: t('tracking.rejected.visitor'), value: <Name>{row.anonymous_id}</Name> }] : []),
          ...(row.attempts > 0 ? [{ label: t('tracking.rejected.attempts'), value: <bdi>{row.attempts}</bdi> }] : []),
          ...(row.state_by ? [{ label: t('tracking.rejected.by'), value: <Name>{row.state_by}</Name> }] : []),
          ...(row.state_at
            ? [{ label: t('tracking.rejected.since'), value: <TimeText value={row.state_at} style="time" /> }]
            : []),
          ...(row.discard_reason
            ? [{ label: t('tracking.rejected.discarded_why'), value: <Name>{row.discard_reason}</Name> }]
            : []),
        ]}
      />
    </Panel>
  );
};

const AsSent = ({ row, seen }: { row: Rejected; seen: boolean }) => {
  const t = useTexts();
  const body = row.mended_body ?? row.body;
  return (
    <Panel title={t(row.mended_body ? 'tracking.rejected.as_mended' : 'tracking.rejected.as_sent')}>
      {body ? (
        <JsonBox label={t('tracking.rejected.as_sent')} text={pretty(body)} />
      ) : (
        <p className={classes.dim}>{t(seen ? 'tracking.reason.not_kept' : 'tracking.rejected.unseen')}</p>
      )}
    </Panel>
  );
};

/** The field a refusal points to, so that people find the place. */
const placeOf = (error: unknown): string | null => {
  const path = error instanceof ApiError ? error.errors[0]?.path : undefined;
  return path?.startsWith('body.') ? path.slice('body.'.length) : null;
};

const Mend = ({ row }: { row: Rejected }) => {
  const t = useTexts();
  const [body, setBody] = useState(() => pretty(row.mended_body ?? row.body ?? ''));
  const replay = useMutationOf('POST /api/ingest/rejected/:id/replay', {
    invalidates,
    onSuccess: () => notifyDone(t('tracking.rejected.sent')),
  });
  const place = placeOf(replay.error);
  const fault = replay.error instanceof ApiError ? replay.error.errors[0]?.reason : undefined;
  return (
    <Panel title={t('tracking.rejected.mend')} description={t('tracking.rejected.mend_note')}>
      <Form
        submit={t('tracking.rejected.replay')}
        busy={replay.isPending}
        error={fault ? null : replay.error}
        onSubmit={() => replay.mutate({ params: { id: row.id }, body: { body } })}
      >
        <Textarea
          label={t('tracking.rejected.json')}
          classNames={{ input: classes.editor }}
          autosize
          minRows={12}
          maxRows={30}
          spellCheck={false}
          value={body}
          onChange={event => setBody(event.currentTarget.value)}
          error={fault && (place ? t('tracking.rejected.fault_at', { place, reason: fault }) : fault)}
        />
        {!fault && replay.error && <FormError error={replay.error} />}
        {row.outcome === 'rejected' && !replay.error && (
          <Alert color="orange" variant="light">
            {t('tracking.rejected.again')}
          </Alert>
        )}
      </Form>
    </Panel>
  );
};

const SetAside = ({ row }: { row: Rejected }) => {
  const t = useTexts();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const reopen = useMutationOf('POST /api/ingest/rejected/:id/reopen', { invalidates });
  const discard = useMutationOf('POST /api/ingest/rejected/:id/discard', {
    invalidates,
    onSuccess: () => {
      setOpen(false);
      notifyUndo(t('tracking.rejected.discarded'), () => reopen.mutate({ params: { id: row.id }, body: {} }));
    },
  });
  if (row.state === 'discarded')
    return (
      <Button variant="default" loading={reopen.isPending} onClick={() => reopen.mutate({ params: { id: row.id }, body: {} })}>
        {t('tracking.rejected.reopen')}
      </Button>
    );
  if (row.state !== 'open') return null;
  return (
    <Group>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t('tracking.rejected.discard')}
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={t('tracking.rejected.discard')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        <Form
          submit={t('tracking.rejected.discard')}
          busy={discard.isPending}
          error={discard.error}
          shown={['reason']}
          onSubmit={() => discard.mutate({ params: { id: row.id }, body: { reason } })}
          onCancel={() => setOpen(false)}
        >
          <TextInput
            label={t('tracking.rejected.discard_why')}
            data-autofocus
            value={reason}
            onChange={event => setReason(event.currentTarget.value)}
            error={faultAt(discard.error, 'reason')}
          />
        </Form>
      </Modal>
    </Group>
  );
};
