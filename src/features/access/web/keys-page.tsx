import { Button, Checkbox, Group, Modal, Select, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  type Column,
  ConfirmDanger,
  CopyField,
  DataTable,
  EmptyState,
  Form,
  faultAt,
  flag,
  formatTime,
  hasText,
  Loaded,
  Name,
  PageHeader,
  RelativeTime,
  StatusBadge,
  TimeText,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import classes from './access.module.css';
import { ShopsSelect } from './shops-select.tsx';

type Answer = AnswerOf<'GET /api/api-keys'>;
type ApiKey = Answer['data'][number];
type Field = Answer['grantable']['fields'][number];

const stateOf = (key: ApiKey): 'active' | 'revoked' | 'ended' =>
  key.revoked_at ? 'revoked' : key.expires_at && new Date(key.expires_at) <= new Date() ? 'ended' : 'active';

const KeysPage = () => {
  const t = useTexts();
  const mayWrite = useMay('api-keys:write');
  const [url, setUrl] = useUrl({ new: flag() });
  const [secret, setSecret] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const keys = useQueryOf('GET /api/api-keys');
  const revoke = useMutationOf('DELETE /api/api-keys/:id', {
    invalidates: ['/api/api-keys'],
    onSuccess: () => setRevoking(null),
  });
  const newButton = (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setUrl({ new: true })}>
      {t('access.keys.new')}
    </Button>
  );
  const columns: Column<ApiKey>[] = [
    {
      key: 'name',
      title: t('access.keys.name'),
      card: 'title',
      render: key => (
        <div className={classes.who}>
          <span className={classes.strong}>
            <Name>{key.name}</Name>
          </span>
          <span className={classes.dim}>{t('access.keys.scopes', { count: key.verbs.length })}</span>
        </div>
      ),
    },
    { key: 'key', title: t('access.keys.key'), render: key => <bdi className={classes.hash}>rgk_…{key.last4}</bdi> },
    {
      key: 'state',
      title: t('access.keys.state'),
      render: key => (
        <StatusBadge tone={stateOf(key) === 'active' ? 'good' : 'quiet'}>{t(`access.keys.state.${stateOf(key)}`)}</StatusBadge>
      ),
    },
    {
      key: 'ends',
      title: t('access.keys.ends'),
      render: key => (key.expires_at ? <TimeText value={key.expires_at} style="day" /> : t('access.keys.ends.never')),
    },
    {
      key: 'used',
      title: t('access.keys.last_used'),
      render: key => (key.last_used_at ? <RelativeTime value={key.last_used_at} /> : t('access.keys.never_used')),
    },
    {
      key: 'made',
      title: t('access.keys.made'),
      align: 'end',
      render: key => (
        <>
          {formatTime(key.created_at, 'day')}{' '}
          {key.created_by && <bdi className={classes.dim}>{t('access.keys.made_by', { name: key.created_by })}</bdi>}
        </>
      ),
    },
  ];
  return (
    <>
      <PageHeader title={t('access.keys.title')} description={t('access.keys.description')} actions={mayWrite && newButton} />
      <Loaded query={keys}>
        {answer => (
          <>
            <DataTable
              name="api-keys"
              label={t('access.keys.title')}
              list={{ rows: answer.data }}
              rowKey={key => key.id}
              columns={columns}
              rowActions={
                mayWrite
                  ? key =>
                      stateOf(key) === 'active' && (
                        <Button variant="subtle" color="red" size="compact-sm" onClick={() => setRevoking(key)}>
                          {t('access.keys.revoke')}
                        </Button>
                      )
                  : undefined
              }
              empty={
                <EmptyState picture="lock" title={t('access.keys.empty')} action={mayWrite && newButton}>
                  {t('access.keys.empty_text')}
                </EmptyState>
              }
            />
            <NewKey
              opened={url.new && mayWrite}
              grantable={answer.grantable}
              onClose={() => setUrl({ new: false })}
              onMade={made => {
                setUrl({ new: false });
                setSecret(made);
              }}
            />
          </>
        )}
      </Loaded>
      <Modal
        opened={secret !== null}
        onClose={() => setSecret(null)}
        title={t('access.keys.shown_title')}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('access.link.done') }}
      >
        <Text size="sm" mb="md">
          {t('access.keys.shown_hint')}
        </Text>
        <CopyField label={t('access.keys.key')} value={secret ?? ''} />
        <Group justify="flex-end" mt="lg">
          <Button onClick={() => setSecret(null)}>{t('access.link.done')}</Button>
        </Group>
      </Modal>
      <ConfirmDanger
        opened={revoking !== null}
        onClose={() => setRevoking(null)}
        title={t('access.keys.revoke_title', { name: revoking?.name ?? '' })}
        confirm={t('access.keys.revoke')}
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoking && revoke.mutate({ params: { id: revoking.id } })}
      >
        {t('access.keys.revoke_text')}
      </ConfirmDanger>
    </>
  );
};
export default KeysPage;

type NewKeyProps = { opened: boolean; grantable: Answer['grantable']; onClose: () => void; onMade: (secret: string) => void };
const NewKey = ({ opened, grantable, onClose, onMade }: NewKeyProps) => {
  const t = useTexts();
  const blank = { name: '', verbs: [] as string[], fields: [] as Field[], days: 'never', shop_ids: null as string[] | null };
  const [value, setValue] = useState(blank);
  const roles = useQueryOf('GET /api/roles', undefined, { enabled: opened });
  const labelOf = (verb: string) => {
    const label = roles.data?.permissions.find(one => one.verb === verb)?.label;
    return label && hasText(label) ? t(label) : verb;
  };
  const create = useMutationOf('POST /api/api-keys', {
    invalidates: ['/api/api-keys'],
    onSuccess: made => {
      setValue(blank);
      onMade(made.secret);
    },
  });
  const save = () => {
    const { days, ...rest } = value;
    const expires_at = days === 'never' ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString();
    create.mutate({ body: { ...rest, expires_at } });
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t('access.keys.new')}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <Form
        submit={t('access.keys.submit')}
        busy={create.isPending}
        error={create.error}
        shown={['name', 'verbs', 'fields', 'expires_at']}
        onSubmit={save}
        onCancel={onClose}
      >
        <TextInput
          label={t('access.keys.name')}
          description={t('access.keys.name_hint')}
          data-autofocus
          autoComplete="off"
          value={value.name}
          onChange={event => setValue({ ...value, name: event.currentTarget.value })}
          error={faultAt(create.error, 'name')}
        />
        <Checkbox.Group
          label={t('access.keys.may')}
          value={value.verbs}
          onChange={verbs => setValue({ ...value, verbs })}
          error={faultAt(create.error, 'verbs')}
        >
          <div className={classes.scopes}>
            {grantable.verbs.map(verb => (
              <Checkbox key={verb} value={verb} label={labelOf(verb)} />
            ))}
          </div>
        </Checkbox.Group>
        <Checkbox.Group
          label={t('access.keys.sees')}
          value={value.fields}
          onChange={fields => setValue({ ...value, fields: fields as Field[] })}
          error={faultAt(create.error, 'fields')}
        >
          <div className={classes.scopes}>
            {grantable.fields.map(field => (
              <Checkbox key={field} value={field} label={t(`access.field.${field}`)} />
            ))}
          </div>
        </Checkbox.Group>
        <ShopsSelect
          label={t('access.shops.label')}
          value={value.shop_ids}
          onChange={shop_ids => setValue({ ...value, shop_ids })}
          error={faultAt(create.error, 'shop_ids')}
        />
        <Select
          label={t('access.keys.ends')}
          allowDeselect={false}
          data={['never', '30', '90', '365'].map(days => ({ value: days, label: t(`access.keys.ends.${days}`) }))}
          value={value.days}
          onChange={days => days && setValue({ ...value, days })}
          error={faultAt(create.error, 'expires_at')}
        />
      </Form>
    </Modal>
  );
};
