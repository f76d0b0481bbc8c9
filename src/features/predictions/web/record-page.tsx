import { Alert, Tooltip } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import {
  type AnswerOf,
  Calibration,
  EmptyState,
  Facts,
  formatNumber,
  formatPercent,
  formatTime,
  Loaded,
  PageHeader,
  Panel,
  Rows,
  SkeletonPanel,
  StatusBadge,
  type Tone,
  useAsOf,
  useQueryOf,
  useSession,
  useTexts,
} from '../../../ui/index.ts';
import classes from './record.module.css';

type Model = NonNullable<AnswerOf<'GET /api/predictions/models/:name'>['model']>;
type TrackRecord = NonNullable<Model['record']>;
const tones: Record<NonNullable<Model['verdict']>, Tone> = {
  proven: 'good',
  rule_is_better: 'warn',
  unproven: 'warn',
  too_few: 'quiet',
};

const RecordPage = () => {
  const t = useTexts();
  return (
    <>
      <PageHeader
        title={t('predictions.record.title')}
        description={t('predictions.record.description')}
        back={{ to: '/predictions', label: t('predictions.list.title') }}
      />
      <Rows>
        <ScoreModel name="rhythm" />
        <ScoreModel name="lapse" />
        <div className={classes.pair}>
          <FittedModel name="purchases" />
          <FittedModel name="spend" />
        </div>
      </Rows>
    </>
  );
};

const useModel = (name: Model['name']) =>
  useQueryOf('GET /api/predictions/models/:name', { params: { name }, query: { as_of: useAsOf() } }, { keep: true });

const ScoreModel = ({ name }: { name: 'lapse' | 'rhythm' }) => {
  const t = useTexts();
  const query = useModel(name);
  return (
    <Loaded query={query} skeleton={<SkeletonPanel height_px={420} />}>
      {({ model }) => (
        <Panel
          title={t(`predictions.record.${name}`)}
          description={t(`predictions.record.${name}_about`, { days: model?.horizon_days ?? 90 })}
          actions={
            model?.verdict && (
              <StatusBadge tone={tones[model.verdict]}>{t(`predictions.record.verdict.${model.verdict}`)}</StatusBadge>
            )
          }
        >
          {model === null ? (
            <EmptyState title={t('predictions.list.nothing_yet')} picture="chart" order={3}>
              {t('predictions.list.nothing_yet_about')}
            </EmptyState>
          ) : (
            <>
              <p className={classes.says}>
                {t(`predictions.record.says.${model.verdict}`, { people: formatNumber(model.record?.people ?? 0) })}
              </p>
              {model.record ? <Proof model={model} record={model.record} /> : <About model={model} />}
            </>
          )}
        </Panel>
      )}
    </Loaded>
  );
};

const Proof = ({ model, record }: { model: Model; record: TrackRecord }) => {
  const t = useTexts();
  const used = record.contenders.find(one => one.kind === model.kind) ?? record.contenders[0];
  return (
    <div className={classes.proof}>
      <div className={classes.plot}>
        <h3 className={classes.heading}>{t('predictions.record.calibration')}</h3>
        <Calibration
          label={t('predictions.record.calibration_label')}
          axes={{ predicted: t('predictions.record.predicted'), actual: t('predictions.record.happened') }}
          points={used.calibration.map(bin => ({
            predicted: bin.predicted,
            actual: bin.happened,
            count: bin.people,
            ...interval(bin.happened, bin.people),
          }))}
        />
        <About model={model} />
      </div>
      <div className={classes.tables}>
        <h3 className={classes.heading}>{t('predictions.record.comparison')}</h3>
        <Comparison model={model} record={record} />
        <h3 className={classes.heading}>{t('predictions.record.bins')}</h3>
        <Bins bins={used.calibration} />
      </div>
    </div>
  );
};

/** Wilson's interval (1927) at 95 %: where the true share of a group of this size may well lie. */
const interval = (share: number, people: number): { low: number; high: number } => {
  const z = 1.96;
  const middle = (share + (z * z) / (2 * people)) / (1 + (z * z) / people);
  const half = (z / (1 + (z * z) / people)) * Math.sqrt((share * (1 - share)) / people + (z * z) / (4 * people * people));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
};

const Explained = ({ title, about }: { title: string; about: string }) => (
  <Tooltip label={about} multiline maw={280}>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the explanation must be reachable by keyboard */}
    <span className={classes.explained} tabIndex={0}>
      {title}
    </span>
  </Tooltip>
);

const Comparison = ({ model, record }: { model: Model; record: TrackRecord }) => {
  const t = useTexts();
  const best = Math.min(...record.contenders.map(one => one.brier));
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t('predictions.record.contender')}</th>
          <th scope="col" className={classes.number}>
            <Explained title={t('predictions.record.brier')} about={t('predictions.record.brier_about')} />
          </th>
          <th scope="col" className={classes.number}>
            <Explained title={t('predictions.record.auc')} about={t('predictions.record.auc_about')} />
          </th>
          <th scope="col" className={classes.number}>
            <Explained title={t('predictions.record.lift')} about={t('predictions.record.lift_about')} />
          </th>
        </tr>
      </thead>
      <tbody>
        {record.contenders.map(one => (
          <tr key={one.kind} data-used={one.kind === model.kind || undefined}>
            <th scope="row">
              {t(`predictions.record.kind.${one.kind}`)}{' '}
              {one.kind === model.kind && <StatusBadge tone="info">{t('predictions.record.used')}</StatusBadge>}
            </th>
            <td className={classes.number} data-best={one.brier === best || undefined}>
              {formatNumber(one.brier, 4)}
            </td>
            <td className={classes.number}>{one.auc === null ? '–' : formatPercent(one.auc, 1)}</td>
            <td className={classes.number}>{one.top_decile_lift === null ? '–' : `${formatNumber(one.top_decile_lift, 2)}×`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const Bins = ({ bins }: { bins: TrackRecord['contenders'][number]['calibration'] }) => {
  const t = useTexts();
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t('predictions.record.bins_said')}</th>
          <th scope="col" className={classes.number}>
            {t('predictions.record.bins_people')}
          </th>
          <th scope="col" className={classes.number}>
            {t('predictions.record.bins_happened')}
          </th>
        </tr>
      </thead>
      <tbody>
        {bins.map(bin => (
          <tr key={bin.from}>
            <th scope="row">
              {formatPercent(bin.from, 0)} – {formatPercent(bin.to, 0)}
            </th>
            <td className={classes.number}>{formatNumber(bin.people)}</td>
            <td className={classes.number}>{formatPercent(bin.happened, 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const About = ({ model }: { model: Model }) => {
  const t = useTexts();
  const zone = useSession()?.organisation?.zone;
  const { record } = model;
  const items = [
    ...(record
      ? [
          {
            label: t('predictions.record.people'),
            value: t('predictions.record.people_value', {
              people: formatNumber(record.people),
              origins: formatNumber(record.origins.length),
            }),
          },
          { label: t('predictions.record.lapsed'), value: formatPercent(record.lapsed / Math.max(1, record.people), 0) },
          {
            label: t('predictions.record.totals'),
            value: t('predictions.record.totals_value', {
              predicted: formatNumber(record.purchase_days.predicted),
              actual: formatNumber(record.purchase_days.actual),
            }),
          },
        ]
      : []),
    {
      label: t('predictions.record.learnt_from'),
      value: t('predictions.list.people', { count: model.people, people: formatNumber(model.people) }),
    },
    {
      label: t('predictions.record.fitted'),
      value: t('predictions.record.took', {
        when: formatTime(model.finished_at, 'time', zone),
        seconds: formatNumber(model.took_ms / 1000, 1),
      }),
    },
  ];
  return (
    <div className={classes.about}>
      <Facts items={items} />
    </div>
  );
};

const FittedModel = ({ name }: { name: 'purchases' | 'spend' }) => {
  const t = useTexts();
  const query = useModel(name);
  return (
    <Loaded query={query}>
      {({ model }) =>
        model && (
          <Panel title={t(`predictions.record.${name}`)} description={t(`predictions.record.${name}_about`)}>
            {model.fit?.boundary && (
              <Alert icon={<IconInfoCircle size={18} />} mb="md">
                {t(`predictions.record.boundary.${model.fit.boundary}`)}
              </Alert>
            )}
            <Facts
              items={[
                {
                  label: t('predictions.record.model'),
                  value: t(
                    `predictions.record.kind.${name === 'purchases' && model.kind === 'mbg-nbd' ? 'mbg-nbd-purchases' : model.kind}`,
                  ),
                },
                ...(model.fit
                  ? [
                      { label: t('predictions.record.parameters'), value: <Parameters values={model.fit.parameters} /> },
                      { label: t('predictions.record.likelihood'), value: formatNumber(model.fit.log_likelihood, 1) },
                    ]
                  : [{ label: t('predictions.record.parameters'), value: t('predictions.record.hidden') }]),
                {
                  label: t('predictions.record.learnt_from'),
                  value: t('predictions.list.people', { count: model.people, people: formatNumber(model.people) }),
                },
              ]}
            />
          </Panel>
        )
      }
    </Loaded>
  );
};

const Parameters = ({ values }: { values: Record<string, number> }) => (
  <bdi className="figure">
    {Object.entries(values)
      .map(([name, value]) => `${name} ${formatNumber(value, value < 10 ? 3 : 1)}`)
      .join(' · ')}
  </bdi>
);

export default RecordPage;
