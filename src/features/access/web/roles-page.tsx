import { VisuallyHidden } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import { type AnswerOf, hasText, Loaded, PageHeader, Panel, Rows, useQueryOf, useTexts } from '../../../ui/index.ts';
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
            <Panel title={t('access.roles.sees')} flush>
              <Matrix label={t('access.roles.sees')} roles={answer.data} lines={sees} />
            </Panel>
            <Panel title={t('access.roles.may')} flush>
              <Matrix label={t('access.roles.may')} roles={answer.data} lines={may(answer)} />
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
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.scroll} aria-label={label} tabIndex={0}>
      <table className={classes.matrix}>
        <thead>
          <tr>
            <th scope="col">{label}</th>
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

const Mark = ({ on }: { on: boolean }) => {
  const t = useTexts();
  const Icon = on ? IconCheck : IconMinus;
  return (
    <>
      <Icon size={18} aria-hidden className={on ? classes.yes : classes.no} />
      <VisuallyHidden>{t(on ? 'access.roles.yes' : 'access.roles.no')}</VisuallyHidden>
    </>
  );
};
