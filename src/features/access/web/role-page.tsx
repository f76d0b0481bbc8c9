import { Button, Checkbox, Group, NumberInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  Form,
  FormError,
  faultAt,
  hasText,
  Loaded,
  notifyDone,
  PageHeader,
  Panel,
  Rows,
  text,
  useGo,
  useMutationOf,
  usePathParam,
  useQueryOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import classes from './access.module.css';
import { roleName } from './role-name.tsx';
import { ShopsSelect } from './shops-select.tsx';

type Answer = AnswerOf<'GET /api/roles'>;
type Role = Answer['data'][number];
type Field = Role['fields'][number];
type Value = {
  name: string;
  description: string;
  verbs: string[];
  fields: Field[];
  shop_ids: string[] | null;
  export_rows_per_day: number | null;
};

const groups = ['contact', 'address', 'money', 'payment', 'conversation', 'behaviour', 'notes', 'secrets'] as const;
const blank: Value = { name: '', description: '', verbs: [], fields: [], shop_ids: null, export_rows_per_day: null };

/** Make a role, copy one, or change one. */
const RolePage = () => {
  const t = useTexts();
  const id = usePathParam('id');
  const [url] = useUrl({ copy: text('') });
  const roles = useQueryOf('GET /api/roles');
  return (
    <Loaded query={roles}>
      {answer => {
        const role = answer.data.find(one => one.id === (id === 'new' ? url.copy : id));
        const isNew = id === 'new';
        const copied = isNew && role ? { ...rightsIn(role), name: t('access.role.copy_name', { name: roleName(role) }) } : null;
        return (
          <>
            <PageHeader
              title={isNew ? t('access.role.new') : role ? roleName(role) : t('access.role.gone')}
              description={t('access.role.description')}
              back={{ to: '/settings/roles', label: t('access.roles.title') }}
            />
            {(isNew || role) && (
              <RoleForm
                key={`${id} ${role?.version ?? 0}`}
                answer={answer}
                role={isNew ? null : (role ?? null)}
                initial={copied ?? (isNew || !role ? blank : rightsIn(role))}
              />
            )}
          </>
        );
      }}
    </Loaded>
  );
};
export default RolePage;

const rightsIn = ({ name, description, verbs, fields, shop_ids, export_rows_per_day }: Role): Value => ({
  name,
  description,
  verbs,
  fields,
  shop_ids,
  export_rows_per_day,
});

/** Verbs by what they are about: "customers:read" belongs to customers. */
const areasOf = (answer: Answer): [area: string, permissions: Answer['permissions']][] => {
  const areas = new Map<string, Answer['permissions']>();
  for (const one of answer.permissions) {
    const area = hasText(one.label) ? one.label.split('.')[0] : one.verb.split(':')[0];
    areas.set(area, [...(areas.get(area) ?? []), one]);
  }
  return [...areas];
};

const RoleForm = ({ answer, role, initial }: { answer: Answer; role: Role | null; initial: Value }) => {
  const t = useTexts();
  const go = useGo();
  const [value, setValue] = useState(initial);
  const fixed = role !== null && (role.code !== null || !role.grantable);
  const told = (key: string) => () => {
    notifyDone(t(key));
    go('/settings/roles');
  };
  const again = { invalidates: ['/api/roles', '/api/staff'] };
  const create = useMutationOf('POST /api/roles', { ...again, onSuccess: told('access.role.made') });
  const change = useMutationOf('PATCH /api/roles/:id', { ...again, onSuccess: told('access.role.changed') });
  const remove = useMutationOf('DELETE /api/roles/:id', { ...again, onSuccess: told('access.role.deleted') });
  const save = role ? change : create;
  const submit = () =>
    role ? change.mutate({ params: { id: role.id }, body: { ...value, version: role.version } }) : create.mutate({ body: value });
  return (
    <div className={classes.form}>
      <Form
        submit={t(role ? 'access.role.save' : 'access.role.make')}
        busy={save.isPending}
        disabled={fixed}
        error={save.error}
        shown={['name', 'description', 'shop_ids', 'export_rows_per_day']}
        onSubmit={submit}
        onCancel={() => go('/settings/roles')}
        footer={role && !fixed && role.staff > 0 ? t('access.role.signs_out', { count: role.staff }) : undefined}
      >
        <Rows>
          {fixed && <p className={classes.dim}>{t(role?.code ? 'access.role.built_in' : 'access.role.above')}</p>}
          <Panel title={t('access.role.what')}>
            <div className={classes.fields}>
              <TextInput
                label={t('access.role.name')}
                value={value.name}
                disabled={fixed}
                onChange={event => setValue({ ...value, name: event.currentTarget.value })}
                error={faultAt(save.error, 'name')}
              />
              <Textarea
                label={t('access.role.for')}
                description={t('access.role.for_hint')}
                autosize
                maxRows={4}
                value={value.description}
                disabled={fixed}
                onChange={event => setValue({ ...value, description: event.currentTarget.value })}
              />
              <ShopsSelect
                label={t('access.shops.label')}
                description={t('access.shops.role_hint')}
                value={value.shop_ids}
                disabled={fixed}
                onChange={shop_ids => setValue({ ...value, shop_ids })}
                error={faultAt(save.error, 'shop_ids')}
              />
              <NumberInput
                label={t('access.role.rows')}
                description={t('access.role.rows_hint')}
                placeholder={t('access.role.rows_usual')}
                min={0}
                allowDecimal={false}
                thousandSeparator
                value={value.export_rows_per_day ?? ''}
                disabled={fixed}
                onChange={given => setValue({ ...value, export_rows_per_day: given === '' ? null : Number(given) })}
                error={faultAt(save.error, 'export_rows_per_day')}
              />
            </div>
          </Panel>
          <Panel title={t('access.roles.sees')} description={t('access.role.sees_hint')}>
            <Checkbox.Group
              aria-label={t('access.roles.sees')}
              value={value.fields}
              onChange={fields => setValue({ ...value, fields: fields as Field[] })}
            >
              <div className={classes.scopes}>
                {groups.map(group => (
                  <Checkbox
                    key={group}
                    value={group}
                    label={t(`access.field.${group}`)}
                    description={t(`access.field_hint.${group}`)}
                    disabled={fixed}
                  />
                ))}
              </div>
            </Checkbox.Group>
          </Panel>
          <Panel title={t('access.roles.may')} description={t('access.role.may_hint')}>
            <Checkbox.Group
              aria-label={t('access.roles.may')}
              value={value.verbs}
              onChange={verbs => setValue({ ...value, verbs })}
            >
              <div className={classes.areas}>
                {areasOf(answer).map(([area, permissions]) => (
                  <fieldset key={area} className={classes.area}>
                    <legend>{areaName(t, area)}</legend>
                    {permissions.map(({ verb, label, grantable }) => (
                      <Checkbox
                        key={verb}
                        value={verb}
                        label={hasText(label) ? t(label) : verb}
                        description={grantable ? undefined : t('access.role.not_yours')}
                        disabled={fixed || (!grantable && !value.verbs.includes(verb))}
                      />
                    ))}
                  </fieldset>
                ))}
              </div>
            </Checkbox.Group>
          </Panel>
        </Rows>
      </Form>
      {role && !fixed && (
        <Panel title={t('access.role.delete_title')} description={t('access.role.delete_hint')}>
          <FormError error={remove.error} />
          <Group>
            <Button
              variant="light"
              color="red"
              loading={remove.isPending}
              onClick={() => remove.mutate({ params: { id: role.id } })}
            >
              {t('access.role.delete')}
            </Button>
          </Group>
        </Panel>
      )}
    </div>
  );
};

const areaName = (t: (key: string) => string, area: string): string => {
  const key = `access.audit.area.${area}`;
  return hasText(key) ? t(key) : area.charAt(0).toUpperCase() + area.slice(1).replaceAll('-', ' ');
};
