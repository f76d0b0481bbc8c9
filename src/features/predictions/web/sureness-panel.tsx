import { Anchor } from '@mantine/core';
import {
  formatNumber,
  formatPercent,
  Link,
  Panel,
  SkeletonPanel,
  StatusBadge,
  useAsOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';

/** Beside Today's list: what became of those whom the same model called likely before. */
const SurenessPanel = () => {
  const t = useTexts();
  const query = useQueryOf(
    'GET /api/predictions/models/:name',
    { params: { name: 'rhythm' }, query: { as_of: useAsOf() } },
    { keep: true },
  );
  if (query.isPending) return <SkeletonPanel />;
  const model = query.data?.model;
  if (!model?.verdict) return null;
  const used = model.record?.contenders.find(one => one.kind === model.kind);
  // The group nearest to "likely" that is large enough to mean something.
  const bin = used?.calibration.filter(one => one.people >= 20).at(-1);
  return (
    <Panel
      title={t('predictions.today.title')}
      actions={
        <Anchor component={Link} to="/predictions/record" size="sm">
          {t('predictions.today.link')}
        </Anchor>
      }
    >
      <StatusBadge tone={model.verdict === 'proven' ? 'good' : 'warn'}>
        {t(`predictions.record.verdict.${model.verdict}`)}
      </StatusBadge>
      <p style={{ margin: '10px 0 0', fontSize: '0.875rem', color: 'var(--dim)' }}>
        {model.record && bin
          ? t('predictions.today.checked', {
              people: formatNumber(model.record.people),
              from: formatPercent(bin.from, 0),
              to: formatPercent(bin.to, 0),
              happened: formatPercent(bin.happened, 0),
            })
          : t('predictions.today.unproven')}
      </p>
    </Panel>
  );
};

export default SurenessPanel;
