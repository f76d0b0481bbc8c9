/** One request: who asked for what, what can be done about it, and each step that was taken. */
import { Alert, Button, Group, Modal, Switch, Textarea } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  api,
  ConfirmDanger,
  Facts,
  Form,
  Link,
  Loaded,
  Name,
  notifyDone,
  notifyError,
  PageHeader,
  Panel,
  Rows,
  Split,
  TimeText,
  useLive,
  useMay,
  useMutationOf,
  usePathParam,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import classes from './privacy.module.css';
import { State } from './requests-page.tsx';

type Request = AnswerOf<'GET /api/privacy/requests/:id'>;
type Verb = 'identity' | 'note' | 'extend' | 'refuse' | 'done' | 'reopen';

const RequestPage = () => {
  const t = useTexts();
  const id = usePathParam('id');
  const refresh = useRefresh();
  const request = useQueryOf('GET /api/privacy/requests/:id', { params: { id } });
  useLive('privacy-request', payload => {
    if (payload.id === id) void refresh('/api/privacy/requests/:id');
  });
  return (
    <Loaded query={request}>
      {data => (
        <>
          <PageHeader
            back={{ to: '/settings/privacy-requests', label: t('privacy.requests.title') }}
            title={t(`privacy.kind.${data.kind}`)}
            badge={<State row={data} />}
            description={<Name>{data.customer?.name ?? data.subject ?? t('privacy.request.nobody')}</Name>}
          />
          {data.held && (
            <Alert color="orange" variant="light" mb="md">
              {t('privacy.request.held', { reason: data.held })}
            </Alert>
          )}
          <Split aside={<About request={data} />}>
            <Rows>
              <Deeds request={data} />
              <Steps request={data} />
            </Rows>
          </Split>
        </>
      )}
    </Loaded>
  );
};
export default RequestPage;

const About = ({ request }: { request: Request }) => {
  const t = useTexts();
  const items = [
    {
      label: t('privacy.request.who'),
      value: request.customer ? (
        <Link to={`/customers/${request.customer.id}`}>
          <Name>{request.customer.name ?? `#${request.customer.id}`}</Name>
        </Link>
      ) : (
        t('privacy.request.nobody')
      ),
    },
    { label: t('privacy.request.source'), value: <bdi>{sourceOf(request.source, t)}</bdi> },
    { label: t('privacy.request.received'), value: <TimeText value={request.received_at} style="time" /> },
    { label: t('privacy.request.due'), value: <TimeText value={request.due_on} /> },
    {
      label: t('privacy.request.identity'),
      value: request.identity ? t(`privacy.identity.${request.identity}`) : t('privacy.identity.none'),
    },
    ...(request.identity_note ? [{ label: t('privacy.request.identity_note'), value: request.identity_note }] : []),
    ...(request.note ? [{ label: t('privacy.request.note'), value: request.note }] : []),
    ...(request.outcome ? [{ label: t('privacy.request.outcome'), value: request.outcome }] : []),
    ...(request.erasure_id ? [{ label: t('privacy.request.receipt'), value: request.erasure_id.slice(0, 8) }] : []),
  ];
  return (
    <Panel title={t('privacy.request.about')}>
      <Facts items={items} />
    </Panel>
  );
};

const sourceOf = (source: string, t: (key: string) => string): string =>
  source.startsWith('connection:') ? t('privacy.source.connection') : t(`privacy.source.${source}`);

/** The deed the request asks for comes first; what staff may say about it after. */
const Deeds = ({ request }: { request: Request }) => {
  const t = useTexts();
  const mayWrite = useMay('privacy:write');
  const mayErase = useMay('customers:erase');
  const mayExport = useMay('customers:export');
  const [verb, setVerb] = useState<Verb | null>(null);
  const [erasing, setErasing] = useState(false);
  const object = useMutationOf('POST /api/privacy/requests/:id/object', {
    invalidates: ['/api/privacy'],
    onSuccess: () => notifyDone(t('privacy.deed.objected')),
    onError: error => notifyError(error),
  });
  if (!mayWrite) return null;
  const checked = request.identity !== null;
  const params = { id: request.id };
  const does = (deed: Request['deeds'][number]) => request.deeds.includes(deed);
  return (
    <Panel
      title={t('privacy.deed.title')}
      description={t(`privacy.deed.about_${request.state === 'open' ? request.kind : 'closed'}`)}
    >
      {request.state === 'open' && !checked && <p>{t('privacy.deed.check_first')}</p>}
      <Group gap="xs">
        {request.state === 'open' && (
          <Button variant={checked ? 'default' : 'filled'} onClick={() => setVerb('identity')}>
            {t('privacy.deed.identity')}
          </Button>
        )}
        {does('download') && mayExport && (
          <>
            <Download request={request} form="readable" disabled={!checked} />
            <Download request={request} form="json" disabled={!checked} />
          </>
        )}
        {does('object') && (
          <Button
            disabled={!checked}
            loading={object.isPending}
            onClick={() => object.mutate({ params, body: { version: request.version } })}
          >
            {t('privacy.deed.object')}
          </Button>
        )}
        {does('erase') && mayErase && (
          <Button color="red" disabled={!checked || request.held !== null} onClick={() => setErasing(true)}>
            {t('privacy.deed.erase')}
          </Button>
        )}
        {does('done') && (
          <Button variant="default" disabled={!checked} onClick={() => setVerb('done')}>
            {t('privacy.deed.done')}
          </Button>
        )}
        {request.state === 'open' && (
          <>
            <Button variant="default" onClick={() => setVerb('note')}>
              {t('privacy.deed.note')}
            </Button>
            {!request.extended_at && (
              <Button variant="default" onClick={() => setVerb('extend')}>
                {t('privacy.deed.extend')}
              </Button>
            )}
            <Button variant="subtle" color="gray" onClick={() => setVerb('refuse')}>
              {t('privacy.deed.refuse')}
            </Button>
          </>
        )}
        {request.state !== 'open' && !request.blanked_at && (
          <Button variant="default" onClick={() => setVerb('reopen')}>
            {t('privacy.deed.reopen')}
          </Button>
        )}
      </Group>
      {verb && <VerbDialog request={request} verb={verb} onClose={() => setVerb(null)} />}
      {erasing && request.customer && (
        <Erase request={request} customerId={request.customer.id} onClose={() => setErasing(false)} />
      )}
    </Panel>
  );
};

const Download = ({ request, form, disabled }: { request: Request; form: 'json' | 'readable'; disabled: boolean }) => {
  const t = useTexts();
  const refresh = useRefresh();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      const route =
        form === 'json' ? 'POST /api/privacy/requests/:id/download' : 'POST /api/privacy/requests/:id/download-readable';
      save(
        await api(route, { params: { id: request.id } }),
        `request-${request.id.slice(0, 8)}.${form === 'json' ? 'json' : 'html'}`,
      );
      await refresh('/api/privacy/requests/:id');
    } catch (error) {
      notifyError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant={form === 'json' ? 'default' : 'filled'} disabled={disabled} loading={busy} onClick={() => void run()}>
      {t(`privacy.deed.download_${form}`)}
    </Button>
  );
};

/** Hands a file to the browser under a name. */
const save = (file: unknown, name: string): void => {
  const blob = file instanceof Blob ? file : new Blob([JSON.stringify(file, null, 2)], { type: 'application/json' });
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
};

const Erase = ({ request, customerId, onClose }: { request: Request; customerId: string; onClose: () => void }) => {
  const t = useTexts();
  const [block, setBlock] = useState(true);
  const erase = useMutationOf('POST /api/privacy/requests/:id/erase', {
    invalidates: ['/api/privacy', '/api/customers'],
    onSuccess: () => {
      notifyDone(t('privacy.deed.erased'));
      onClose();
    },
  });
  return (
    <ConfirmDanger
      opened
      onClose={onClose}
      title={t('privacy.deed.erase')}
      confirm={t('privacy.deed.erase')}
      typed={customerId}
      busy={erase.isPending}
      error={erase.error}
      onConfirm={() =>
        erase.mutate({ params: { id: request.id }, body: { version: request.version, confirm: customerId, block } })
      }
    >
      <p>{t('privacy.deed.erase_why')}</p>
      <Switch label={t('privacy.deed.block')} checked={block} onChange={event => setBlock(event.currentTarget.checked)} mb="sm" />
    </ConfirmDanger>
  );
};

const VerbDialog = ({ request, verb, onClose }: { request: Request; verb: Verb; onClose: () => void }) => {
  const t = useTexts();
  const [words, setWords] = useState('');
  const settled = {
    invalidates: ['/api/privacy'],
    onSuccess: () => {
      notifyDone(t('privacy.deed.saved'));
      onClose();
    },
  };
  const identity = useMutationOf('POST /api/privacy/requests/:id/identity', settled);
  const note = useMutationOf('POST /api/privacy/requests/:id/notes', settled);
  const extend = useMutationOf('POST /api/privacy/requests/:id/extend', settled);
  const refuse = useMutationOf('POST /api/privacy/requests/:id/refuse', settled);
  const done = useMutationOf('POST /api/privacy/requests/:id/done', settled);
  const reopen = useMutationOf('POST /api/privacy/requests/:id/reopen', settled);
  const params = { id: request.id };
  const version = request.version;
  const run: Record<Verb, () => void> = {
    identity: () => identity.mutate({ params, body: { version, note: words } }),
    note: () => note.mutate({ params, body: { version, note: words } }),
    extend: () => extend.mutate({ params, body: { version, reason: words } }),
    refuse: () => refuse.mutate({ params, body: { version, reason: words } }),
    done: () => done.mutate({ params, body: { version, outcome: words } }),
    reopen: () => reopen.mutate({ params, body: { version, reason: words } }),
  };
  const all = [identity, note, extend, refuse, done, reopen];
  return (
    <Modal opened onClose={onClose} title={t(`privacy.deed.${verb}`)} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Form
        submit={t(`privacy.deed.${verb}`)}
        busy={all.some(one => one.isPending)}
        disabled={words.trim().length < 3}
        error={all.map(one => one.error).find(Boolean)}
        onCancel={onClose}
        onSubmit={run[verb]}
      >
        <Textarea
          label={t(`privacy.deed.${verb}_words`)}
          description={t(`privacy.deed.${verb}_why`)}
          value={words}
          autosize
          minRows={3}
          maxLength={verb === 'identity' ? 500 : 2000}
          onChange={event => setWords(event.currentTarget.value)}
          data-autofocus
        />
      </Form>
    </Modal>
  );
};

const Steps = ({ request }: { request: Request }) => {
  const t = useTexts();
  return (
    <Panel title={t('privacy.request.steps')} description={t('privacy.request.steps_why')}>
      <ol className={classes.steps}>
        {request.steps.map(step => (
          <li key={step.id}>
            <span className={classes.strong}>{t(`privacy.step.${step.code}`)}</span>{' '}
            <span className={classes.quiet}>
              <TimeText value={step.at} style="time" /> · <bdi>{step.by_whom}</bdi>
            </span>
            {step.note && <div>{step.note}</div>}
          </li>
        ))}
      </ol>
    </Panel>
  );
};
