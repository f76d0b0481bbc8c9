import { Select } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import {
  type AnswerOf,
  hasText,
  Loaded,
  PageHeader,
  Panel,
  Rows,
  text,
  useQueryOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import classes from './access.module.css';
import { roleName } from './role-name.tsx';

type Answer = AnswerOf<'GET /api/roles'>;
type Role = Answer['data'][number];
type Line = { key: string; label: string; holds: (role: Role) => boolean };

const groups = ['contact', 'address', 'money', 'payment', 'conversation', 'behaviour', 'notes', 'secrets'] as const;

const RolesPage = () => {
  const t = useTexts();
  const roles = useQueryOf('GET /api/roles');
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
      <PageHeader title={t('access.roles.title')} description={t('access.roles.description')} />
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
