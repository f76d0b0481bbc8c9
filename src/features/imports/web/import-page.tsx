import {
  Loaded,
  Name,
  oneOf,
  PageHeader,
  SkeletonPage,
  Steps,
  useLive,
  usePathParam,
  useQueryOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import type { ImportAnswer } from '../contract.ts';
import { CountStep } from './count-step.tsx';
import { MappingStep } from './mapping-step.tsx';
import { ResultStep } from './result-step.tsx';
import { RunningStep } from './running-step.tsx';
import { StateBadge } from './state-badge.tsx';

const steps = ['columns', 'count', 'import', 'result'] as const;
type Step = (typeof steps)[number];

/** Where the import stands decides the step; before the start a person may go to and fro. */
const stepOf = (one: ImportAnswer, wanted: 'columns' | 'count'): Step => {
  if (one.state === 'running' || one.state === 'undoing') return 'import';
  if (one.state === 'checking') return 'count';
  if (one.state === 'mapping') return wanted === 'count' && one.dry_run ? 'count' : 'columns';
  return one.state === 'failed' && one.progress.rows === 0 ? 'columns' : 'result';
};

const ImportPage = () => {
  const t = useTexts();
  const id = usePathParam('id');
  const refresh = useRefresh();
  const query = useQueryOf('GET /api/imports/:id', { params: { id } });
  const isMoving = ['checking', 'running', 'undoing'].includes(query.data?.state ?? '');
  // Told live; asked as well, in case a message is missed.
  useQueryOf('GET /api/imports/:id', { params: { id } }, { refetchEvery_ms: isMoving ? 1500 : false });
  useLive('imports', payload => {
    if (payload.id === id) void refresh('/api/imports/:id');
  });
  const [url, setUrl] = useUrl({ step: oneOf(['columns', 'count'], 'columns') });
  return (
    <Loaded query={query} skeleton={<SkeletonPage />}>
      {one => {
        const step = stepOf(one, url.step);
        return (
          <>
            <PageHeader
              title={
                <span style={{ overflowWrap: 'anywhere' }}>
                  <Name>{one.file_name}</Name>
                </span>
              }
              back={{ to: '/imports', label: t('imports.list.title') }}
              badge={<StateBadge state={one.state} />}
            />
            <div style={{ marginBlockEnd: 20 }}>
              <Steps
                label={t('imports.steps')}
                steps={steps.map(key => ({ key, title: t(`imports.step.${key}`) }))}
                current={step}
                onGo={
                  one.state === 'mapping'
                    ? key => setUrl({ step: key === 'count' ? 'count' : 'columns' }, { push: true })
                    : undefined
                }
              />
            </div>
            {step === 'columns' && (
              <MappingStep key={`${one.kind}`} one={one} onCounting={() => setUrl({ step: 'count' }, { push: true })} />
            )}
            {step === 'count' && <CountStep one={one} onBack={() => setUrl({ step: 'columns' }, { push: true })} />}
            {step === 'import' && <RunningStep one={one} />}
            {step === 'result' && <ResultStep one={one} />}
          </>
        );
      }}
    </Loaded>
  );
};

export default ImportPage;
