/** One rule: what it costs, how it went, its records with what they say and should say; put right one by one or all, or left alone. */
import { Button, Group, Modal, Stack, Tabs, TextInput } from '@mantine/core';
import { IconCheck, IconEyeOff, IconPencil, IconWand } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  api,
  Cards,
  DataTable,
  EmptyState,
  FormError,
  formatNumber,
  JobProgress,
  KeyFigure,
  Loaded,
  Name,
  NumberText,
  notifyError,
  notifyUndo,
  oneOf,
  PageHeader,
  Panel,
  Rows,
  Sparkline,
  text,
  useListOf,
  useMay,
  useMutationOf,
  usePathParam,
  useQueryOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import classes from './quality.module.css';

type Rule = AnswerOf<'GET /api/data-quality'>['rules'][number];
type Finding = AnswerOf<'GET /api/data-quality/rules/:code'>['data'][number];

const RulePage = () => {
  const code = usePathParam('code');
  const t = useTexts();
  const quality = useQueryOf('GET /api/data-quality', {}, { keep: true });
  return (
    <Loaded query={quality}>
      {({ rules }) => {
        const rule = rules.find(one => one.code === code);
        return rule ? (
          <Shown rule={rule} />
        ) : (
          <>
            <PageHeader title={t('data-quality.title')} back={{ to: '/data-quality', label: t('data-quality.title') }} />
            <Panel>
              <EmptyState title={t('data-quality.nothing_here')} picture="search">
                {t('data-quality.nothing_here_why')}
              </EmptyState>
            </Panel>
          </>
        );
      }}
    </Loaded>
  );
};

const Shown = ({ rule }: { rule: Rule }) => {
  const t = useTexts();
  const refresh = useRefresh();
  const mayWrite = useMay('data-quality:write');
  const [url, setUrl] = useUrl({ state: oneOf(['open', 'ignored'], 'open'), job: text() });
  const [previewing, setPreviewing] = useState(false);
  const again = () => Promise.all([refresh('/api/data-quality'), refresh('/api/customers')]);
  return (
    <>
      <PageHeader
        title={t(`${rule.texts}.title`)}
        description={t(`${rule.texts}.about`)}
        back={{ to: '/data-quality', label: t('data-quality.title') }}
        actions={
          mayWrite && rule.may_look && rule.fixable > 0 ? (
            <Button leftSection={<IconWand size={16} />} onClick={() => setPreviewing(true)}>
              {t('data-quality.mend_all', { count: rule.fixable })}
            </Button>
          ) : undefined
        }
      />
      <Rows>
        {url.job && <JobProgress key={url.job} id={url.job} title={t('data-quality.mending')} onOver={() => void again()} />}
        <Cards min_px={200}>
          <KeyFigure
            label={t('data-quality.records_column')}
            value={<NumberText value={rule.wrong} />}
            note={t('data-quality.of', { total: formatNumber(rule.looked_at ?? 0) })}
          />
          <KeyFigure
            label={t('data-quality.score_column')}
            value={rule.score === null ? '–' : `${formatNumber(rule.score, 1)} %`}
          />
          <KeyFigure
            label={t('data-quality.trend_column')}
            value={
              rule.trend.length > 1 ? <Sparkline values={rule.trend.map(point => point.wrong)} width={150} height={34} /> : '–'
            }
            note={t('data-quality.left_alone_count', { count: rule.ignored })}
          />
        </Cards>
        <Panel title={t('data-quality.costs')}>
          <p className={classes.costs}>{t(`${rule.texts}.cost`, { count: rule.wrong ?? 0 })}</p>
        </Panel>
        <Panel>
          {rule.may_look ? (
            <Tabs value={url.state} onChange={state => setUrl({ state: state as 'open' })} keepMounted={false}>
              <Tabs.List mb="md">
                <Tabs.Tab value="open">{t('data-quality.open')}</Tabs.Tab>
                <Tabs.Tab value="ignored">{t('data-quality.left_alone')}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="open">
                <Findings rule={rule} state="open" onChanged={again} />
              </Tabs.Panel>
              <Tabs.Panel value="ignored">
                <Findings rule={rule} state="ignored" onChanged={again} />
              </Tabs.Panel>
            </Tabs>
          ) : (
            <p className={classes.quiet}>{t('data-quality.hidden')}</p>
          )}
        </Panel>
      </Rows>
      {previewing && (
        <PreviewAll
          rule={rule}
          onClose={() => setPreviewing(false)}
          onStarted={job => {
            setPreviewing(false);
            setUrl({ job });
          }}
        />
      )}
    </>
  );
};

type FindingsProps = { rule: Rule; state: 'open' | 'ignored'; onChanged: () => Promise<unknown> };
const Findings = ({ rule, state, onChanged }: FindingsProps) => {
  const t = useTexts();
  const mayWrite = useMay('data-quality:write');
  const [typing, setTyping] = useState<Finding | null>(null);
  const list = useListOf('GET /api/data-quality/rules/:code', { params: { code: rule.code }, query: { state } });
  const deeds = useDeeds(rule, onChanged);
  const nameOf = (finding: Finding) => finding.label ?? finding.value;
  return (
    <>
      <DataTable
        name="quality-findings"
        label={t(`${rule.texts}.title`)}
        plain
        list={list}
        rowKey={finding => finding.subject}
        rowLink={finding => finding.link ?? '/data-quality'}
        columns={[
          {
            key: 'record',
            title: t('data-quality.record'),
            card: 'title',
            render: finding => <Name>{finding.label ?? `#${finding.customer_id ?? ''}`}</Name>,
          },
          {
            key: 'value',
            title: t('data-quality.value'),
            render: finding => <bdi className={classes.value}>{finding.value || '–'}</bdi>,
          },
          ...(rule.mends
            ? [
                {
                  key: 'proposal',
                  title: t('data-quality.proposal'),
                  render: (finding: Finding) => <Proposal proposal={finding.proposal} />,
                },
              ]
            : []),
          {
            key: 'deeds',
            title: t('data-quality.deeds'),
            align: 'end' as const,
            render: finding =>
              mayWrite && (
                <Group gap={6} className={classes.deeds}>
                  {state === 'open' && rule.mends && finding.proposal !== null && (
                    <Button
                      size="compact-sm"
                      leftSection={<IconCheck size={14} />}
                      aria-label={t('data-quality.mend_named', { name: nameOf(finding) })}
                      onClick={() => deeds.mend(finding)}
                    >
                      {t('data-quality.mend')}
                    </Button>
                  )}
                  {state === 'open' && rule.mends && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      leftSection={<IconPencil size={14} />}
                      aria-label={t('data-quality.type_named', { name: nameOf(finding) })}
                      onClick={() => setTyping(finding)}
                    >
                      {t('data-quality.type')}
                    </Button>
                  )}
                  {state === 'open' ? (
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      leftSection={<IconEyeOff size={14} />}
                      aria-label={t('data-quality.leave_named', { name: nameOf(finding) })}
                      onClick={() => deeds.leave(finding)}
                    >
                      {t('data-quality.leave')}
                    </Button>
                  ) : (
                    <Button size="compact-sm" variant="default" onClick={() => deeds.lookAgain(finding)}>
                      {t('data-quality.look_again')}
                    </Button>
                  )}
                </Group>
              ),
          },
        ]}
        empty={
          <EmptyState
            title={t(state === 'open' ? 'data-quality.nothing_here' : 'data-quality.nothing_left')}
            picture="done"
            order={3}
          >
            {t(state === 'open' ? 'data-quality.nothing_here_why' : 'data-quality.nothing_left_why')}
          </EmptyState>
        }
      />
      {typing && <TypeIt rule={rule} finding={typing} onClose={() => setTyping(null)} onChanged={onChanged} />}
    </>
  );
};

const Proposal = ({ proposal }: { proposal: string | null }) => {
  const t = useTexts();
  if (proposal === null) return <span className={classes.quiet}>{t('data-quality.unknown')}</span>;
  return proposal === '' ? <i>{t('data-quality.empty_it')}</i> : <bdi className={classes.proposal}>{proposal}</bdi>;
};

/** At once, and taken back at once. */
const useDeeds = (rule: Rule, onChanged: () => Promise<unknown>) => {
  const t = useTexts();
  const params = { code: rule.code };
  const guard = (work: () => Promise<void>) => void work().catch(error => notifyError(error));
  return {
    mend: (finding: Finding) =>
      guard(async () => {
        const { fix_id, mended } = await api('POST /api/data-quality/rules/:code/mend', {
          params,
          body: { items: [{ subject: finding.subject }] },
        });
        await onChanged();
        notifyUndo(t('data-quality.mended', { count: mended }), async () => {
          await api('POST /api/data-quality/fixes/:id/undo', { params: { id: fix_id }, body: {} });
          await onChanged();
        });
      }),
    leave: (finding: Finding) =>
      guard(async () => {
        await api('POST /api/data-quality/rules/:code/ignore', { params, body: { subjects: [finding.subject] } });
        await onChanged();
        notifyUndo(t('data-quality.was_left', { count: 1 }), async () => {
          await api('POST /api/data-quality/rules/:code/look-again', { params, body: { subjects: [finding.subject] } });
          await onChanged();
        });
      }),
    lookAgain: (finding: Finding) =>
      guard(async () => {
        await api('POST /api/data-quality/rules/:code/look-again', { params, body: { subjects: [finding.subject] } });
        await onChanged();
      }),
  };
};

type TypeItProps = { rule: Rule; finding: Finding; onClose: () => void; onChanged: () => Promise<unknown> };
const TypeIt = ({ rule, finding, onClose, onChanged }: TypeItProps) => {
  const t = useTexts();
  const [value, setValue] = useState(finding.proposal ?? finding.value);
  const mend = useMutationOf('POST /api/data-quality/rules/:code/mend', {
    onSuccess: async ({ fix_id, mended }) => {
      onClose();
      await onChanged();
      notifyUndo(t('data-quality.mended', { count: mended }), async () => {
        await api('POST /api/data-quality/fixes/:id/undo', { params: { id: fix_id }, body: {} });
        await onChanged();
      });
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('data-quality.type_title')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={event => {
          event.preventDefault();
          mend.mutate({ params: { code: rule.code }, body: { items: [{ subject: finding.subject, value }] } });
        }}
      >
        <Stack gap="sm">
          <p className={classes.quiet}>
            <bdi>
              {finding.label} · {finding.value}
            </bdi>
          </p>
          <TextInput
            data-autofocus
            label={t('data-quality.type_label')}
            description={t('data-quality.type_empty')}
            value={value}
            maxLength={300}
            onChange={event => setValue(event.currentTarget.value)}
          />
          <FormError error={mend.error} />
          <Group justify="flex-end">
            <Button type="submit" loading={mend.isPending}>
              {t('data-quality.mend')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};

const PreviewAll = ({ rule, onClose, onStarted }: { rule: Rule; onClose: () => void; onStarted: (job: string) => void }) => {
  const t = useTexts();
  const list = useListOf('GET /api/data-quality/rules/:code', {
    params: { code: rule.code },
    query: { state: 'open', limit: 50 },
  });
  const start = useMutationOf('POST /api/data-quality/rules/:code/mend-all', { onSuccess: ({ job_id }) => onStarted(job_id) });
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('data-quality.mend_all', { count: rule.fixable })}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <Stack gap="sm">
        <p className={classes.quiet}>{t('data-quality.mend_all_about')}</p>
        <DataTable
          name="quality-preview"
          label={t('data-quality.proposal')}
          plain
          list={{ rows: list.rows.filter(finding => finding.proposal !== null).slice(0, 10) }}
          rowKey={finding => finding.subject}
          columns={[
            { key: 'record', title: t('data-quality.record'), render: finding => <Name>{finding.label}</Name> },
            {
              key: 'value',
              title: t('data-quality.value'),
              render: finding => <bdi className={classes.value}>{finding.value || '–'}</bdi>,
            },
            { key: 'proposal', title: t('data-quality.proposal'), render: finding => <Proposal proposal={finding.proposal} /> },
          ]}
          empty={null}
        />
        <FormError error={start.error} />
        <Group justify="flex-end">
          <Button
            leftSection={<IconWand size={16} />}
            loading={start.isPending}
            onClick={() => start.mutate({ params: { code: rule.code }, body: {} })}
          >
            {t('data-quality.mend_all', { count: rule.fixable })}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
};

export default RulePage;
