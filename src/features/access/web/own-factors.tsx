import { ActionIcon, Alert, Button, Group, Menu, Modal, Text, TextInput } from '@mantine/core';
import { IconDeviceMobile, IconDots, IconDownload, IconFingerprint, IconKey, IconPencil, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  api,
  CopyIcon,
  canUsePasskeys,
  Form,
  faultAt,
  formatRelative,
  formatTime,
  isDeclined,
  Loaded,
  makePasskey,
  Name,
  notifyDone,
  notifyError,
  Panel,
  StatusBadge,
  useMutationOf,
  useQueryOf,
  useRefresh,
  useRefreshSession,
  useTexts,
} from '../../../ui/index.ts';
import classes from './access.module.css';

type Factors = AnswerOf<'GET /api/mfa'>;
type Passkey = Factors['passkeys'][number];

/** One's own second factors: app, passkeys, recovery codes. */
export const OwnFactors = () => {
  const t = useTexts();
  const factors = useQueryOf('GET /api/mfa');
  const refresh = useRefresh();
  const refreshMe = useRefreshSession();
  const [codes, setCodes] = useState<string[] | null>(null);
  const [setting, setSetting] = useState<'totp' | 'passkey' | null>(null);
  const changed = async (answer: { recovery_codes: string[] | null } | undefined, told: string) => {
    setSetting(null);
    await Promise.all([refresh('/api/mfa'), refresh('/api/sessions'), refreshMe()]);
    if (answer?.recovery_codes) setCodes(answer.recovery_codes);
    else notifyDone(told);
  };
  return (
    <>
      <Panel title={t('access.factors.title')} description={t('access.factors.description')}>
        <Loaded query={factors}>
          {data => (
            <ul className={classes.sessions}>
              <AppRow data={data} onSetUp={() => setSetting('totp')} onChanged={changed} />
              <PasskeysRow data={data} onAdd={() => setSetting('passkey')} />
              {data.passkeys.map(passkey => (
                <PasskeyRow key={passkey.id} passkey={passkey} onChanged={changed} />
              ))}
              {(data.totp || data.passkeys.length > 0) && <CodesRow left={data.recovery_codes_left} onMade={setCodes} />}
            </ul>
          )}
        </Loaded>
      </Panel>
      {setting === 'totp' && (
        <SetUpApp onClose={() => setSetting(null)} onDone={answer => changed(answer, t('access.totp.done'))} />
      )}
      {setting === 'passkey' && (
        <AddPasskey onClose={() => setSetting(null)} onDone={answer => changed(answer, t('access.passkeys.done'))} />
      )}
      <CodesShown codes={codes} onClose={() => setCodes(null)} />
    </>
  );
};

type OnChanged = (answer: { recovery_codes: string[] | null } | undefined, told: string) => Promise<void>;

const AppRow = ({ data, onSetUp, onChanged }: { data: Factors; onSetUp: () => void; onChanged: OnChanged }) => {
  const t = useTexts();
  const remove = useMutationOf('DELETE /api/mfa/totp', {
    onSuccess: () => void onChanged(undefined, t('access.factors.removed')),
    onError: error => notifyError(error),
  });
  return (
    <li className={classes.session}>
      <div className={classes.factor}>
        <IconDeviceMobile size={22} aria-hidden />
        <div className={classes.who}>
          <span className={classes.strong}>{t('access.totp.title')}</span>
          <span className={classes.dim}>{t('access.totp.about')}</span>
        </div>
      </div>
      {data.totp ? (
        <Group gap="xs">
          <StatusBadge tone="good">{t('access.factors.on')}</StatusBadge>
          <Button variant="subtle" color="red" size="compact-sm" loading={remove.isPending} onClick={() => remove.mutate({})}>
            {t('access.totp.remove')}
          </Button>
        </Group>
      ) : (
        <Button variant="default" size="compact-md" onClick={onSetUp}>
          {t('access.totp.set_up')}
        </Button>
      )}
    </li>
  );
};

const PasskeysRow = ({ data, onAdd }: { data: Factors; onAdd: () => void }) => {
  const t = useTexts();
  const possible = data.passkeys_at !== null && canUsePasskeys();
  const byName = `${location.protocol}//localhost${location.port ? `:${location.port}` : ''}`;
  return (
    <li className={classes.session}>
      <div className={classes.factor}>
        <IconFingerprint size={22} aria-hidden />
        <div className={classes.who}>
          <span className={classes.strong}>{t('access.passkeys.title')}</span>
          <span className={classes.dim}>
            {possible
              ? t('access.passkeys.about')
              : t(data.passkeys_at === null ? 'access.passkeys.by_number' : 'access.passkeys.not_here', { address: byName })}
          </span>
        </div>
      </div>
      {possible && (
        <Button variant="default" size="compact-md" onClick={onAdd}>
          {t('access.passkeys.add')}
        </Button>
      )}
    </li>
  );
};

const PasskeyRow = ({ passkey, onChanged }: { passkey: Passkey; onChanged: OnChanged }) => {
  const t = useTexts();
  const [renaming, setRenaming] = useState<string | null>(null);
  const params = { id: passkey.id };
  const remove = useMutationOf('DELETE /api/mfa/passkeys/:id', {
    onSuccess: () => void onChanged(undefined, t('access.factors.removed')),
    onError: error => notifyError(error),
  });
  const rename = useMutationOf('PATCH /api/mfa/passkeys/:id', { invalidates: ['/api/mfa'], onSuccess: () => setRenaming(null) });
  return (
    <li className={`${classes.session} ${classes.inside}`}>
      <div className={classes.who}>
        <Name>{passkey.name}</Name>
        <span className={classes.details}>
          <span>{t('access.passkeys.since', { time: formatTime(passkey.created_at, 'day') })}</span>
          <span>
            {passkey.last_used_at
              ? t('access.account.last_used', { time: formatRelative(passkey.last_used_at) })
              : t('access.passkeys.never_used')}
          </span>
          {passkey.synced && <span>{t('access.passkeys.synced')}</span>}
        </span>
      </div>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('access.team.actions', { name: passkey.name })}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setRenaming(passkey.name)}>
            {t('access.passkeys.rename')}
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={() => remove.mutate({ params })}>
            {t('access.passkeys.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={renaming !== null}
        onClose={() => setRenaming(null)}
        title={t('access.passkeys.rename')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        <Form
          submit={t('access.passkeys.save')}
          busy={rename.isPending}
          error={rename.error}
          shown={['name']}
          onSubmit={() => rename.mutate({ params, body: { name: renaming ?? '' } })}
          onCancel={() => setRenaming(null)}
        >
          <TextInput
            label={t('access.passkeys.name')}
            data-autofocus
            value={renaming ?? ''}
            onChange={event => setRenaming(event.currentTarget.value)}
            error={faultAt(rename.error, 'name')}
          />
        </Form>
      </Modal>
    </li>
  );
};

const CodesRow = ({ left, onMade }: { left: number; onMade: (codes: string[]) => void }) => {
  const t = useTexts();
  const renew = useMutationOf('POST /api/mfa/recovery-codes', {
    invalidates: ['/api/mfa', '/api/sessions'],
    onSuccess: answer => onMade(answer.recovery_codes ?? []),
    onError: error => notifyError(error),
  });
  return (
    <li className={classes.session}>
      <div className={classes.factor}>
        <IconKey size={22} aria-hidden />
        <div className={classes.who}>
          <span className={classes.strong}>{t('access.codes.title')}</span>
          <span className={classes.dim}>{t('access.codes.left', { count: left })}</span>
        </div>
      </div>
      <Group gap="xs">
        {left <= 3 && <StatusBadge tone="warn">{t('access.codes.few')}</StatusBadge>}
        <Button variant="default" size="compact-md" loading={renew.isPending} onClick={() => renew.mutate({})}>
          {t('access.codes.renew')}
        </Button>
      </Group>
    </li>
  );
};

type Made = { recovery_codes: string[] | null };

/** QR code and key, then the first code. */
const SetUpApp = ({ onClose, onDone }: { onClose: () => void; onDone: (answer: Made) => Promise<void> }) => {
  const t = useTexts();
  const [begun, setBegun] = useState<AnswerOf<'POST /api/mfa/totp'> | null>(null);
  const [code, setCode] = useState('');
  const begin = useMutationOf('POST /api/mfa/totp', { onSuccess: setBegun, onError: error => notifyError(error) });
  const confirm = useMutationOf('POST /api/mfa/totp/confirm', { onSuccess: answer => void onDone(answer) });
  return (
    <Modal opened onClose={onClose} title={t('access.totp.set_up_title')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {begun === null ? (
        <>
          <Text size="sm" mb="md">
            {t('access.totp.before')}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('ui.cancel')}
            </Button>
            <Button loading={begin.isPending} onClick={() => begin.mutate({})} data-autofocus>
              {t('access.totp.show')}
            </Button>
          </Group>
        </>
      ) : (
        <>
          <Text size="sm" mb="md">
            {t('access.totp.scan')}
          </Text>
          {/* A picture of a text that stands below it. */}
          <img
            className={classes.qr}
            alt={t('access.totp.qr')}
            src={`data:image/svg+xml;utf8,${encodeURIComponent(begun.qr_svg)}`}
            width={200}
            height={200}
          />
          <Text size="sm" c="dimmed" mt="sm">
            {t('access.totp.or_type')}
          </Text>
          <div className={classes.secret}>
            <bdi className={classes.hash}>{begun.key}</bdi>
            <CopyIcon value={begun.key.replaceAll(' ', '')} label={t('access.totp.copy')} />
          </div>
          <Form
            submit={t('access.totp.confirm')}
            busy={confirm.isPending}
            disabled={code.trim() === ''}
            error={confirm.error}
            shown={['code']}
            onSubmit={() => confirm.mutate({ body: { code } })}
            onCancel={onClose}
          >
            <TextInput
              label={t('access.totp.code')}
              description={t('access.totp.code_hint')}
              inputMode="numeric"
              autoComplete="one-time-code"
              data-autofocus
              value={code}
              onChange={event => setCode(event.currentTarget.value)}
              error={faultAt(confirm.error, 'code')}
            />
          </Form>
        </>
      )}
    </Modal>
  );
};

const AddPasskey = ({ onClose, onDone }: { onClose: () => void; onDone: (answer: Made) => Promise<void> }) => {
  const t = useTexts();
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const add = async () => {
    setBusy(true);
    setError(null);
    try {
      const passkey = await makePasskey('/api/mfa/passkeys/options');
      await onDone(await api('POST /api/mfa/passkeys', { body: { name, passkey: passkey as never } }));
    } catch (refusal) {
      if (!isDeclined(refusal)) setError(refusal);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('access.passkeys.add')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Text size="sm" mb="md">
        {t('access.passkeys.before')}
      </Text>
      <Form
        submit={t('access.passkeys.go')}
        busy={busy}
        disabled={name.trim() === ''}
        error={error}
        shown={['name']}
        onSubmit={() => void add()}
        onCancel={onClose}
      >
        <TextInput
          label={t('access.passkeys.name')}
          description={t('access.passkeys.name_hint')}
          data-autofocus
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          error={faultAt(error, 'name')}
        />
      </Form>
    </Modal>
  );
};

/** The one time recovery codes are seen. */
const CodesShown = ({ codes, onClose }: { codes: string[] | null; onClose: () => void }) => {
  const t = useTexts();
  const text = (codes ?? []).join('\n');
  const keep = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${t('access.codes.file')}\n\n${text}\n`], { type: 'text/plain' }));
    link.download = 'regulars-recovery-codes.txt';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Modal
      opened={codes !== null}
      onClose={onClose}
      title={t('access.codes.shown_title')}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('access.link.done') }}
    >
      <Alert variant="light" color="yellow" mb="md">
        {t('access.codes.shown')}
      </Alert>
      <ol className={classes.codes}>
        {codes?.map(code => (
          <li key={code}>
            <bdi>{code}</bdi>
          </li>
        ))}
      </ol>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} onClick={keep}>
          {t('access.codes.save')}
        </Button>
        <Button onClick={onClose}>{t('access.codes.kept')}</Button>
      </Group>
    </Modal>
  );
};
