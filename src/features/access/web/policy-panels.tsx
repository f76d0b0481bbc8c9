import { Alert, Checkbox, NumberInput, Radio, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  Form,
  faultAt,
  formatTime,
  Link,
  Loaded,
  Name,
  notifyDone,
  Panel,
  RelativeTime,
  Rows,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import classes from './access.module.css';
import { roleName } from './role-name.tsx';

type Policy = AnswerOf<'GET /api/security'>;
type Limits = Policy['limits'];

/** What the owner decides for everybody: who needs a second factor, and from when on somebody is warned. */
export const PolicyPanels = () => {
  const policy = useQueryOf('GET /api/security');
  return (
    <div className={classes.narrow}>
      <Loaded query={policy}>
        {data => (
          <Rows>
            <Requirement key={`requirement ${data.version}`} policy={data} />
            <Unprotected policy={data} />
            <LimitsPanel key={`limits ${data.version}`} policy={data} />
            <Elsewhere />
          </Rows>
        )}
      </Loaded>
    </div>
  );
};

const Requirement = ({ policy }: { policy: Policy }) => {
  const t = useTexts();
  const mayWrite = useMay('staff:write');
  const roles = useQueryOf('GET /api/roles');
  const [value, setValue] = useState({
    second_factor: policy.second_factor,
    role_ids: policy.role_ids,
    grace_days: policy.grace_days,
  });
  const save = useMutationOf('PATCH /api/security', {
    invalidates: ['/api/security', '/api/me'],
    onSuccess: () => notifyDone(t('access.policy.saved')),
  });
  const same =
    value.second_factor === policy.second_factor &&
    value.grace_days === policy.grace_days &&
    [...value.role_ids].sort().join() === [...policy.role_ids].sort().join();
  return (
    <Panel title={t('access.policy.title')} description={t('access.policy.description')}>
      <Form
        submit={t('access.policy.save')}
        busy={save.isPending}
        disabled={same || !mayWrite}
        error={save.error}
        shown={['role_ids', 'grace_days']}
        onSubmit={() => save.mutate({ body: { version: policy.version, ...value } })}
        footer={
          policy.decided_at &&
          t('access.policy.decided', { name: policy.decided_by ?? '', time: formatTime(policy.decided_at, 'day') })
        }
      >
        <Radio.Group
          label={t('access.policy.who')}
          value={value.second_factor}
          onChange={second_factor => setValue({ ...value, second_factor: second_factor as Policy['second_factor'] })}
        >
          <Stack gap="xs" mt="xs">
            {(['nobody', 'roles', 'all'] as const).map(one => (
              <Radio key={one} value={one} label={t(`access.policy.${one}`)} disabled={!mayWrite} />
            ))}
          </Stack>
        </Radio.Group>
        {value.second_factor === 'roles' && (
          <Checkbox.Group
            label={t('access.policy.roles_label')}
            value={value.role_ids}
            onChange={role_ids => setValue({ ...value, role_ids })}
            error={faultAt(save.error, 'role_ids')}
          >
            <div className={classes.scopes}>
              {roles.data?.data.map(role => (
                <Checkbox key={role.id} value={role.id} label={roleName(role)} disabled={!mayWrite} />
              ))}
            </div>
          </Checkbox.Group>
        )}
        {value.second_factor !== 'nobody' && (
          <Select
            label={t('access.policy.grace')}
            description={t('access.policy.grace_hint')}
            allowDeselect={false}
            disabled={!mayWrite}
            data={[...new Set([0, 1, 3, 7, 14, 30, value.grace_days])]
              .sort((a, b) => a - b)
              .map(days => ({ value: String(days), label: t('access.policy.days', { count: days }) }))}
            value={String(value.grace_days)}
            onChange={days => days && setValue({ ...value, grace_days: Number(days) })}
          />
        )}
      </Form>
    </Panel>
  );
};

const Unprotected = ({ policy }: { policy: Policy }) => {
  const t = useTexts();
  if (policy.second_factor === 'nobody') return null;
  return (
    <Panel title={t('access.unprotected.title')} description={t('access.unprotected.description')}>
      {policy.unprotected.length === 0 ? (
        <p className={classes.dim}>{t('access.unprotected.nobody')}</p>
      ) : (
        <ul className={classes.sessions}>
          {policy.unprotected.map(one => (
            <li key={one.id} className={classes.session}>
              <Name>{one.name}</Name>
              <span className={classes.dim}>
                {new Date(one.due_at) > new Date()
                  ? t('access.unprotected.until', { time: formatTime(one.due_at, 'day') })
                  : t('access.unprotected.held')}
              </span>
            </li>
          ))}
        </ul>
      )}
      {policy.keys.length > 0 && (
        <Alert variant="light" color="gray" mt="md" title={t('access.unprotected.keys', { count: policy.keys.length })}>
          <ul className={classes.plainList}>
            {policy.keys.map(key => (
              <li key={key.id}>
                <Name>{key.name}</Name>{' '}
                <span className={classes.dim}>
                  {key.last_used_at ? <RelativeTime value={key.last_used_at} /> : t('access.keys.never_used')}
                </span>
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </Panel>
  );
};

const limitNames = [
  'refusals',
  'customer_pages',
  'list_pages',
  'export_rows_per_day',
  'silent_days',
  'day_begins_hour',
  'day_ends_hour',
] as const;

const LimitsPanel = ({ policy }: { policy: Policy }) => {
  const t = useTexts();
  const mayWrite = useMay('staff:write');
  const [limits, setLimits] = useState<Limits>(policy.limits);
  const save = useMutationOf('PATCH /api/security', {
    invalidates: ['/api/security'],
    onSuccess: () => notifyDone(t('access.limits.saved')),
  });
  const same = limitNames.every(name => limits[name] === policy.limits[name]);
  return (
    <Panel title={t('access.limits.title')} description={t('access.limits.description')}>
      <Form
        submit={t('access.limits.save')}
        busy={save.isPending}
        disabled={same || !mayWrite}
        error={save.error}
        shown={limitNames.map(name => `limits.${name}`)}
        onSubmit={() => save.mutate({ body: { version: policy.version, limits } })}
      >
        <div className={classes.scopes}>
          {limitNames.map(name => (
            <NumberInput
              key={name}
              label={t(`access.limits.${name}`)}
              description={t(`access.limits.${name}_hint`)}
              min={0}
              allowDecimal={false}
              allowNegative={false}
              thousandSeparator
              disabled={!mayWrite}
              value={limits[name]}
              onChange={given => setLimits({ ...limits, [name]: Number(given) || 0 })}
              error={faultAt(save.error, `limits.${name}`)}
            />
          ))}
        </div>
      </Form>
    </Panel>
  );
};

const Elsewhere = () => {
  const t = useTexts();
  return (
    <Panel title={t('access.elsewhere.title')}>
      <ul className={classes.plainList}>
        <li>
          <Link to="/settings/access-review">{t('access.review.title')}</Link>: {t('access.review.description')}
        </li>
        <li>
          <Link to="/settings/roles">{t('access.roles.title')}</Link>: {t('access.roles.description')}
        </li>
        <li>
          <Link to="/settings/audit">{t('access.audit.title')}</Link>: {t('access.audit.description')}
        </li>
      </ul>
    </Panel>
  );
};
