import { ActionIcon, Button, Group, Menu, Modal, TextInput } from '@mantine/core';
import {
  IconBan,
  IconDots,
  IconEye,
  IconLink,
  IconLockOpen,
  IconShieldLock,
  IconShieldOff,
  IconUserPlus,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  type AnswerOf,
  Avatar,
  type Column,
  DataTable,
  EmptyState,
  Form,
  faultAt,
  flag,
  Loaded,
  Name,
  notifyDone,
  notifyError,
  notifyUndo,
  PageHeader,
  RelativeTime,
  StatusBadge,
  type Tone,
  useGo,
  useMay,
  useMutationOf,
  useQueryOf,
  useRefreshSession,
  useSession,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import classes from './access.module.css';
import { LinkShown, type WithLink } from './link-shown.tsx';
import { roleName } from './role-name.tsx';
import { RolePicker } from './role-picker.tsx';
import { ShopsSelect, useShopNames } from './shops-select.tsx';

type Colleague = AnswerOf<'GET /api/staff'>['data'][number];
const tones: Record<Colleague['state'], Tone> = { active: 'good', invited: 'info', disabled: 'quiet' };

const TeamPage = () => {
  const t = useTexts();
  const me = useSession();
  const mayWrite = useMay('staff:write');
  const [url, setUrl] = useUrl({ invite: flag() });
  const [link, setLink] = useState<WithLink | null>(null);
  const [changing, setChanging] = useState<Colleague | null>(null);
  const staff = useQueryOf('GET /api/staff');
  const shopNames = useShopNames();
  const columns: Column<Colleague>[] = [
    {
      key: 'name',
      title: t('access.team.name'),
      card: 'title',
      render: row => (
        <Group gap="sm" wrap="nowrap">
          <Avatar name={row.name} />
          <div className={classes.who}>
            <span className={classes.strong}>
              <Name>{row.name}</Name>
              {row.id === me?.id && <span className={classes.dim}> ({t('access.team.you')})</span>}
            </span>
            <bdi className={classes.dim}>{row.email}</bdi>
          </div>
        </Group>
      ),
    },
    {
      key: 'role',
      title: t('access.team.role'),
      render: row => (
        <div className={classes.who}>
          {roleName(row.role)}
          {row.shop_ids && <bdi className={classes.dim}>{shopNames(row.shop_ids)}</bdi>}
        </div>
      ),
    },
    {
      key: 'state',
      title: t('access.team.state'),
      render: row => <StatusBadge tone={tones[row.state]}>{t(`access.team.state.${row.state}`)}</StatusBadge>,
    },
    {
      key: 'factor',
      title: t('access.team.factor'),
      render: row =>
        row.second_factor ? (
          <StatusBadge tone="good">{t('access.factors.on')}</StatusBadge>
        ) : (
          <StatusBadge tone="quiet">{t('access.team.factor_none')}</StatusBadge>
        ),
    },
    {
      key: 'seen',
      title: t('access.team.last_seen'),
      align: 'end',
      render: row => (row.last_seen_at ? <RelativeTime value={row.last_seen_at} /> : t('access.team.never')),
    },
  ];
  return (
    <>
      <PageHeader
        title={t('access.team.title')}
        description={t('access.team.description')}
        actions={
          mayWrite && (
            <Button leftSection={<IconUserPlus size={18} />} onClick={() => setUrl({ invite: true })}>
              {t('access.team.invite')}
            </Button>
          )
        }
      />
      <Loaded query={staff}>
        {({ data }) => (
          <DataTable
            name="team"
            label={t('access.team.title')}
            list={{ rows: data }}
            rowKey={row => row.id}
            columns={columns}
            rowActions={
              mayWrite ? row => <RowMenu row={row} isMe={row.id === me?.id} onLink={setLink} onRole={setChanging} /> : undefined
            }
            empty={<EmptyState title={t('access.team.empty')} />}
          />
        )}
      </Loaded>
      <Invite
        opened={url.invite && mayWrite}
        onClose={() => setUrl({ invite: false })}
        onMade={made => {
          setUrl({ invite: false });
          setLink(made);
        }}
      />
      <LinkShown made={link} onClose={() => setLink(null)} />
      <ChangeRole colleague={changing} onClose={() => setChanging(null)} />
    </>
  );
};
export default TeamPage;

type MenuProps = { row: Colleague; isMe: boolean; onLink: (made: WithLink) => void; onRole: (row: Colleague) => void };
const RowMenu = ({ row, isMe, onLink, onRole }: MenuProps) => {
  const t = useTexts();
  const again = { invalidates: ['/api/staff'], onError: (error: Error) => notifyError(error) };
  const makeLink = useMutationOf('POST /api/staff/:id/link', { ...again, onSuccess: onLink });
  const enable = useMutationOf('POST /api/staff/:id/enable', {
    ...again,
    onSuccess: () => notifyDone(t('access.team.enabled_done', { name: row.name })),
  });
  const disable = useMutationOf('POST /api/staff/:id/disable', {
    ...again,
    onSuccess: () =>
      notifyUndo(t('access.team.disabled_done', { name: row.name }), () => enable.mutateAsync({ params: { id: row.id } })),
  });
  const refreshMe = useRefreshSession();
  const go = useGo();
  const client = useQueryClient();
  const view = useMutationOf('POST /api/view-as', {
    onError: error => notifyError(error),
    onSuccess: async () => {
      client.removeQueries({ predicate: query => query.queryKey[0] !== 'GET /api/me' });
      await refreshMe();
      go('/');
    },
  });
  const reset = useMutationOf('POST /api/staff/:id/mfa/reset', {
    ...again,
    onSuccess: () => notifyDone(t('access.team.reset_done', { name: row.name })),
  });
  const params = { id: row.id };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('access.team.actions', { name: row.name })}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!isMe && (
          <Menu.Item leftSection={<IconShieldLock size={16} />} onClick={() => onRole(row)}>
            {t('access.team.change_role')}
          </Menu.Item>
        )}
        {row.state !== 'disabled' && (
          <Menu.Item leftSection={<IconLink size={16} />} onClick={() => makeLink.mutate({ params })}>
            {t(row.state === 'invited' ? 'access.team.link_invitation' : 'access.team.link_password')}
          </Menu.Item>
        )}
        {!isMe && row.state === 'active' && (
          <Menu.Item leftSection={<IconEye size={16} />} onClick={() => view.mutate({ body: { staff_id: row.id } })}>
            {t('access.team.view_as', { name: row.name })}
          </Menu.Item>
        )}
        {!isMe && row.second_factor && (
          <Menu.Item leftSection={<IconShieldOff size={16} />} onClick={() => reset.mutate({ params })}>
            {t('access.team.reset_factors')}
          </Menu.Item>
        )}
        {!isMe && row.state !== 'disabled' && (
          <Menu.Item leftSection={<IconBan size={16} />} onClick={() => disable.mutate({ params })}>
            {t('access.team.disable')}
          </Menu.Item>
        )}
        {row.state === 'disabled' && (
          <Menu.Item leftSection={<IconLockOpen size={16} />} onClick={() => enable.mutate({ params })}>
            {t('access.team.enable')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
};

const Invite = ({ opened, onClose, onMade }: { opened: boolean; onClose: () => void; onMade: (made: WithLink) => void }) => {
  const t = useTexts();
  const blank = { name: '', email: '', role_id: '', shop_ids: null as string[] | null };
  const [value, setValue] = useState(blank);
  const invite = useMutationOf('POST /api/staff', {
    invalidates: ['/api/staff', '/api/roles'],
    onSuccess: made => {
      setValue(blank);
      onMade(made);
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t('access.team.invite')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Form
        submit={t('access.team.invite_submit')}
        busy={invite.isPending}
        disabled={value.role_id === ''}
        error={invite.error}
        shown={['name', 'email', 'role_id']}
        onSubmit={() => invite.mutate({ body: value })}
        onCancel={onClose}
      >
        <TextInput
          label={t('access.team.name')}
          autoComplete="off"
          data-autofocus
          value={value.name}
          onChange={event => setValue({ ...value, name: event.currentTarget.value })}
          error={faultAt(invite.error, 'name')}
        />
        <TextInput
          label={t('access.team.email')}
          type="email"
          autoComplete="off"
          value={value.email}
          onChange={event => setValue({ ...value, email: event.currentTarget.value })}
          error={faultAt(invite.error, 'email')}
        />
        <RolePicker
          label={t('access.team.role')}
          value={value.role_id}
          onChange={role_id => setValue({ ...value, role_id })}
          error={faultAt(invite.error, 'role_id')}
        />
        <ShopsSelect
          label={t('access.shops.label')}
          value={value.shop_ids}
          onChange={shop_ids => setValue({ ...value, shop_ids })}
          error={faultAt(invite.error, 'shop_ids')}
        />
      </Form>
    </Modal>
  );
};

const ChangeRole = ({ colleague, onClose }: { colleague: Colleague | null; onClose: () => void }) => {
  const t = useTexts();
  const [roleId, setRoleId] = useState<string | null>(null);
  const [shops, setShops] = useState<string[] | null | undefined>(undefined);
  const close = () => {
    setRoleId(null);
    setShops(undefined);
    change.reset();
    onClose();
  };
  const change = useMutationOf('PATCH /api/staff/:id', {
    invalidates: ['/api/staff', '/api/roles'],
    onSuccess: row => {
      notifyDone(t('access.team.role_done', { name: row.name }));
      close();
    },
  });
  const name = colleague?.name ?? '';
  const chosen = roleId ?? colleague?.role.id ?? '';
  const chosenShops = shops === undefined ? (colleague?.shop_ids ?? null) : shops;
  const same = chosen === colleague?.role.id && chosenShops?.join() === (colleague?.shop_ids ?? null)?.join();
  return (
    <Modal
      opened={colleague !== null}
      onClose={close}
      title={t('access.team.change_role_of', { name })}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      {colleague && (
        <Form
          submit={t('access.team.change_role_submit')}
          busy={change.isPending}
          disabled={same}
          error={change.error}
          onSubmit={() =>
            change.mutate({
              params: { id: colleague.id },
              body: { version: colleague.version, role_id: chosen, shop_ids: chosenShops },
            })
          }
          onCancel={close}
          footer={t('access.team.change_role_hint', { name })}
        >
          <RolePicker label={t('access.team.role')} value={chosen} onChange={setRoleId} />
          <ShopsSelect
            label={t('access.shops.label')}
            value={chosenShops}
            onChange={setShops}
            error={faultAt(change.error, 'shop_ids')}
          />
        </Form>
      )}
    </Modal>
  );
};
