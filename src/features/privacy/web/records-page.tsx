/** Records of processing: what the installation does by itself, and beside it what only people know. Prints as it stands. */
import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { IconDownload, IconPlus, IconPrinter } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  Facts,
  Form,
  formatNumber,
  hasText,
  Loaded,
  Name,
  notifyDone,
  PageHeader,
  Panel,
  Rows,
  StatusBadge,
  TimeText,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import classes from './privacy.module.css';

type Records = AnswerOf<'GET /api/privacy/records'>;
type Activity = Records['activities'][number];
type Written = Records['controller'];

const controllerFields = ['name', 'address', 'contact', 'representative', 'protection_officer', 'security'] as const;
const activityFields = ['purpose', 'legal_basis', 'subjects', 'recipients', 'transfers', 'note'] as const;

const RecordsPage = () => {
  const t = useTexts();
  const mayManage = useMay('privacy:manage');
  const records = useQueryOf('GET /api/privacy/records');
  const [adding, setAdding] = useState(false);
  return (
    <>
      <PageHeader
        title={t('privacy.records.title')}
        description={t('privacy.records.description')}
        actions={
          <Group gap="xs" className={classes.noPrint}>
            <Button variant="default" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()}>
              {t('privacy.records.print')}
            </Button>
            <Button
              variant="default"
              component="a"
              href="/api/privacy/records.csv"
              leftSection={<IconDownload size={16} aria-hidden />}
            >
              {t('privacy.records.csv')}
            </Button>
            {mayManage && (
              <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
                {t('privacy.records.add')}
              </Button>
            )}
          </Group>
        }
      />
      <Loaded query={records}>
        {data => (
          <Rows>
            <Controller records={data} />
            <Panel title={t('privacy.records.activities')} description={t('privacy.records.activities_why')}>
              <ul className={classes.rules}>
                {[...data.activities, ...data.own].map(activity => (
                  <ActivityCard key={activity.code} activity={activity} />
                ))}
              </ul>
            </Panel>
            <Outside records={data} />
            <Access records={data} />
          </Rows>
        )}
      </Loaded>
      {adding && (
        <WriteDialog
          title={t('privacy.records.add')}
          code={null}
          fields={['title', ...activityFields]}
          before={{ fields: {}, version: 0, changed_at: null, changed_by: null }}
          onClose={() => setAdding(false)}
        />
      )}
    </>
  );
};
export default RecordsPage;

const Changed = ({ written }: { written: Written }) => {
  const t = useTexts();
  if (!written.changed_at) return null;
  return (
    <span className={classes.quiet}>
      {t('privacy.records.changed')} <TimeText value={written.changed_at} /> · <bdi>{written.changed_by}</bdi>
    </span>
  );
};

const Text = ({ value }: { value: string | undefined }) => {
  const t = useTexts();
  return value ? (
    <span className={classes.written}>{value}</span>
  ) : (
    <span className={classes.quiet}>{t('privacy.records.not_written')}</span>
  );
};

const Controller = ({ records }: { records: Records }) => {
  const t = useTexts();
  const mayManage = useMay('privacy:manage');
  const [open, setOpen] = useState(false);
  const { fields } = records.controller;
  return (
    <Panel
      title={t('privacy.records.controller')}
      description={t('privacy.records.controller_why')}
      actions={
        mayManage && (
          <Button variant="default" className={classes.noPrint} onClick={() => setOpen(true)}>
            {t('privacy.records.write')}
          </Button>
        )
      }
    >
      <Facts
        items={controllerFields.map(field => ({
          label: t(`privacy.field.${field}`),
          value: <Text value={fields[field] ?? (field === 'name' ? records.organisation : undefined)} />,
        }))}
      />
      <Changed written={records.controller} />
      {open && (
        <WriteDialog
          title={t('privacy.records.controller')}
          code="controller"
          fields={controllerFields}
          before={records.controller}
          onClose={() => setOpen(false)}
        />
      )}
    </Panel>
  );
};

const ActivityCard = ({ activity }: { activity: Activity }) => {
  const t = useTexts();
  const mayManage = useMay('privacy:manage');
  const [open, setOpen] = useState(false);
  const remove = useMutationOf('DELETE /api/privacy/records/:code', { invalidates: ['/api/privacy/records'] });
  const known = `privacy.activity.${activity.code}`;
  const title = activity.fields.title ?? (hasText(known) ? t(known) : activity.code);
  const purpose = activity.fields.purpose ?? (hasText(`${known}_purpose`) ? t(`${known}_purpose`) : undefined);
  return (
    <li className={classes.rule}>
      <div className={classes.head}>
        <h3>
          <Name>{title}</Name> {activity.own && <StatusBadge>{t('privacy.records.own')}</StatusBadge>}
        </h3>
        {mayManage && (
          <Group gap={4} className={classes.noPrint}>
            <Button
              variant="subtle"
              size="compact-sm"
              aria-label={t('privacy.records.write_named', { name: title })}
              onClick={() => setOpen(true)}
            >
              {t('privacy.records.write')}
            </Button>
            {activity.own && (
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                aria-label={t('privacy.records.remove_named', { name: title })}
                onClick={() => remove.mutate({ params: { code: activity.code } })}
              >
                {t('privacy.records.remove')}
              </Button>
            )}
          </Group>
        )}
      </div>
      <Facts
        items={[
          { label: t('privacy.field.purpose'), value: <Text value={purpose} /> },
          ...(['legal_basis', 'subjects', 'recipients', 'transfers', 'note'] as const).map(field => ({
            label: t(`privacy.field.${field}`),
            value: <Text value={activity.fields[field]} />,
          })),
          ...(activity.retention.length > 0
            ? [
                {
                  label: t('privacy.records.kept'),
                  value: (
                    <ul className={classes.plain}>
                      {activity.retention.map(line => (
                        <li key={line.label}>
                          {t(line.label)}:{' '}
                          {line.on && line.days !== null ? t('privacy.kept.days', { count: line.days }) : t('privacy.kept.good')}
                        </li>
                      ))}
                    </ul>
                  ),
                },
              ]
            : []),
        ]}
      />
      {activity.data.length > 0 && <Data activity={activity} />}
      <Changed written={activity} />
      {open && (
        <WriteDialog
          title={title}
          code={activity.code}
          fields={activity.own ? ['title', ...activityFields] : activityFields}
          before={activity}
          onClose={() => setOpen(false)}
        />
      )}
    </li>
  );
};

const Data = ({ activity }: { activity: Activity }) => {
  const t = useTexts();
  return (
    <div className={classes.scroll}>
      <table className={classes.lines}>
        <thead>
          <tr>
            <th scope="col">{t('privacy.records.data')}</th>
            <th scope="col">{t('privacy.records.rows')}</th>
            <th scope="col">{t('privacy.records.on_erasure')}</th>
          </tr>
        </thead>
        <tbody>
          {activity.data.map(one => (
            <tr key={one.table}>
              <td>{t(one.label)}</td>
              <td>{formatNumber(one.rows)}</td>
              <td>{t(`privacy.records.${one.erased}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

const Outside = ({ records }: { records: Records }) => {
  const t = useTexts();
  return (
    <Panel title={t('privacy.records.recipients')} description={t('privacy.records.recipients_why')}>
      {records.recipients.length === 0 ? (
        <p>{t('privacy.records.no_recipients')}</p>
      ) : (
        <ul className={classes.plain}>
          {records.recipients.map(one => (
            <li key={one.name}>
              <Name>{one.name}</Name>: {one.what} {one.country && <>({one.country})</>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
};

const Access = ({ records }: { records: Records }) => {
  const t = useTexts();
  return (
    <Panel
      title={t('privacy.records.access')}
      description={t('privacy.records.exports', { count: records.exports.count, days: records.exports.days })}
    >
      <div className={classes.scroll}>
        <table className={classes.lines}>
          <thead>
            <tr>
              <th scope="col">{t('privacy.records.role')}</th>
              <th scope="col">{t('privacy.records.people')}</th>
              <th scope="col">{t('privacy.records.sees')}</th>
            </tr>
          </thead>
          <tbody>
            {records.access.map(one => (
              <tr key={one.role}>
                <td>
                  <bdi>{one.built_in && hasText(`access.role.${one.role}`) ? t(`access.role.${one.role}`) : one.role}</bdi>
                </td>
                <td>{formatNumber(one.people)}</td>
                <td>{one.fields.map(group => t(`access.field.${group}`)).join(', ') || t('privacy.records.nothing')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
};

type WriteDialogProps = { title: string; code: string | null; fields: readonly string[]; before: Written; onClose: () => void };
const WriteDialog = ({ title, code, fields, before, onClose }: WriteDialogProps) => {
  const t = useTexts();
  const [value, setValue] = useState<Record<string, string>>(before.fields);
  const settled = {
    invalidates: ['/api/privacy/records'],
    onSuccess: () => {
      notifyDone(t('privacy.deed.saved'));
      onClose();
    },
  };
  const change = useMutationOf('PATCH /api/privacy/records/:code', settled);
  const add = useMutationOf('POST /api/privacy/records', settled);
  const save = () =>
    code === null
      ? add.mutate({ body: { fields: value } })
      : change.mutate({ params: { code }, body: { version: before.version, fields: value } });
  return (
    <Modal opened onClose={onClose} size="lg" title={title} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Form
        submit={t('privacy.records.save')}
        busy={change.isPending || add.isPending}
        disabled={code === null && !value.title?.trim()}
        error={change.error ?? add.error}
        onCancel={onClose}
        onSubmit={save}
      >
        <Stack gap="md">
          {fields.map(field => {
            const common = {
              key: field,
              label: t(`privacy.field.${field}`),
              description: hasText(`privacy.field.${field}_hint`) ? t(`privacy.field.${field}_hint`) : undefined,
              value: value[field] ?? '',
              maxLength: 2000,
            };
            const { key, ...props } = common;
            return field === 'name' || field === 'title' || field === 'legal_basis' ? (
              <TextInput key={key} {...props} onChange={event => setValue({ ...value, [field]: event.currentTarget.value })} />
            ) : (
              <Textarea
                key={key}
                {...props}
                autosize
                minRows={2}
                onChange={event => setValue({ ...value, [field]: event.currentTarget.value })}
              />
            );
          })}
        </Stack>
      </Form>
    </Modal>
  );
};
