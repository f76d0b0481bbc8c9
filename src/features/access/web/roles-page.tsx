import { Button, Group, Select } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCheck, IconMinus, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import {
  type AnswerOf,
  hasText,
  Link,
  Loaded,
  notifyError,
  PageHeader,
  Panel,
  Rows,
  text,
  useGo,
  useMay,
  useMutationOf,
  useQueryOf,
  useRefreshSession,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import classes from './access.module.css';
import { roleHint, roleName } from './role-name.tsx';
import { useShopNames } from './shops-select.tsx';

type Answer = AnswerOf<'GET /api/roles'>;
type Role = Answer['data'][number];
type Line = { key: string; label: string; holds: (role: Role) => boolean };

const groups = ['contact', 'address', 'money', 'payment', 'conversation', 'behaviour', 'notes', 'secrets'] as const;

const RolesPage = () => {
  const t = useTexts();
  const roles = useQueryOf('GET /api/roles');
  const mayWrite = useMay('staff:write');
  const may = (answer: Answer): Line[] =>
    answer.permissions.map(({ verb, label }) => ({
      key: verb,
      label: hasText(label) ? t(label) : verb,
      holds: role => role.verbs.includes(verb),
    }));
  const phone = useMediaQuery('(max-width: 48em)') ?? false;
  const [url, setUrl] = useUrl({ role: text('owner') });
  const sees = groups.map(group => ({
    key: group,
    label: t(`access.field.${group}`),
    holds: (role: Role) => role.fields.includes(group),
  }));
  return (
    <>
      <PageHeader
        title={t('access.roles.title')}
        description={t('access.roles.description')}
        actions={
          mayWrite && (
            <Button component={Link} to="/settings/roles/new" leftSection={<IconPlus size={18} aria-hidden />}>
              {t('access.role.new')}
            </Button>
          )
        }
      />
      <Loaded query={roles}>
        {answer => (
          <Rows>
            {phone && (
              <Select
                label={t('access.team.role')}
                data={answer.data.map(role => ({ value: role.code ?? role.id, label: roleName(role) }))}
                value={url.role}
                onChange={role => role && setUrl({ role })}
              />
            )}
            <OwnRoles roles={answer.data} />
            <Panel title={t('access.roles.sees')} flush>
              <Matrix
                label={t('access.roles.sees')}
                roles={phone ? answer.data.filter(role => (role.code ?? role.id) === url.role) : answer.data}
                lines={sees}
              />
            </Panel>
            <Panel title={t('access.roles.may')} flush>
              <Matrix
                label={t('access.roles.may')}
                roles={phone ? answer.data.filter(role => (role.code ?? role.id) === url.role) : answer.data}
                lines={may(answer)}
              />
            </Panel>
          </Rows>
        )}
      </Loaded>
    </>
  );
};
export default RolesPage;

/** Every role with what can be done with it. */
const OwnRoles = ({ roles }: { roles: Role[] }) => {
  const t = useTexts();
  const mayWrite = useMay('staff:write');
  const shopNames = useShopNames();
  const refreshMe = useRefreshSession();
  const go = useGo();
  const client = useQueryClient();
  const view = useMutationOf('POST /api/view-as', {
    onSuccess: async () => {
      client.removeQueries({ predicate: query => query.queryKey[0] !== 'GET /api/me' });
      await refreshMe();
      go('/');
    },
    onError: error => notifyError(error),
  });
  return (
    <Panel title={t('access.roles.all')}>
      <ul className={classes.sessions}>
        {roles.map(role => (
          <li key={role.id} className={classes.session}>
            <div className={classes.who}>
              <span className={classes.strong}>{roleName(role)}</span>
              <span className={classes.details}>
                <bdi>{role.description || roleHint(role)}</bdi>
                <span>{t('access.roles.people', { count: role.staff })}</span>
                {role.shop_ids && <bdi>{shopNames(role.shop_ids)}</bdi>}
              </span>
            </div>
            {mayWrite && (
              <Group gap="xs">
                {role.code === null && role.grantable && (
                  <Button component={Link} to={`/settings/roles/${role.id}`} variant="default" size="compact-sm">
                    {t('access.role.edit')}
                  </Button>
                )}
                <Button
                  component={Link}
                  to={`/settings/roles/new?copy=${role.id}`}
                  variant="subtle"
                  size="compact-sm"
                  aria-label={t('access.role.copy_label', { name: roleName(role) })}
                >
                  {t('access.role.copy')}
                </Button>
                {role.grantable && role.code !== 'owner' && (
                  <Button
                    variant="subtle"
                    size="compact-sm"
                    aria-label={t('access.role.view_label', { name: roleName(role) })}
                    onClick={() => view.mutate({ body: { role_id: role.id } })}
                  >
                    {t('access.role.view')}
                  </Button>
                )}
              </Group>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
};

const Matrix = ({ label, roles, lines }: { label: string; roles: Role[]; lines: Line[] }) => {
  const t = useTexts();
  if (roles.length === 1) return <One role={roles[0]} lines={lines} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.scroll} aria-label={label} tabIndex={0}>
      <table className={classes.matrix}>
        <thead>
          <tr>
            <td />
            {roles.map(role => (
              <th key={role.id} scope="col">
                {roleName(role)}
                <span className={classes.dim}>{t('access.roles.people', { count: role.staff })}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(line => (
            <tr key={line.key}>
              <th scope="row">{line.label}</th>
              {roles.map(role => (
                <td key={role.id}>
                  <Mark on={line.holds(role)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};

/** On a phone one role at a time: a wide table would hide most of itself. */
const One = ({ role, lines }: { role: Role; lines: Line[] }) => (
  <ul className={classes.one}>
    {lines.map(line => (
      <li key={line.key}>
        {line.label}
        <Mark on={line.holds(role)} />
      </li>
    ))}
  </ul>
);

const Mark = ({ on }: { on: boolean }) => {
  const t = useTexts();
  const Icon = on ? IconCheck : IconMinus;
  return (
    <Icon
      size={18}
      role="img"
      aria-label={t(on ? 'access.roles.yes' : 'access.roles.no')}
      className={on ? classes.yes : classes.no}
    />
  );
};
