import { Button } from '@mantine/core';
import {
  EmptyState,
  formatNumber,
  JobProgress,
  Loaded,
  notifyDone,
  notifyError,
  PageHeader,
  Panel,
  useMutationOf,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';

const DemoPage = () => {
  const t = useTexts();
  const refresh = useRefresh();
  const demo = useQueryOf('GET /api/demo');
  const again = { invalidates: ['/api/demo'], onError: (error: Error) => notifyError(error) };
  const load = useMutationOf('POST /api/demo', again);
  const remove = useMutationOf('DELETE /api/demo', again);
  return (
    <>
      <PageHeader title={t('demo.page.title')} description={t('demo.page.description')} />
      <Loaded query={demo}>
        {data => (
          <Panel>
            {data.state === 'none' && (
              <EmptyState
                picture="people"
                title={t('demo.none.title')}
                action={
                  <Button loading={load.isPending} onClick={() => load.mutate({})}>
                    {t('demo.load')}
                  </Button>
                }
              >
                {t('demo.none.text')}
              </EmptyState>
            )}
            {data.job_id && (
              <JobProgress
                id={data.job_id}
                title={t(data.state === 'removing' ? 'demo.removing' : 'demo.loading')}
                cancellable={false}
                onOver={job => {
                  void refresh('/api');
                  if (job.state === 'done' && data.state === 'removing') notifyDone(t('demo.removed'));
                }}
              />
            )}
            {data.state === 'loaded' && (
              <EmptyState
                picture="done"
                title={t('demo.loaded.title')}
                action={
                  <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate({})}>
                    {t('demo.remove')}
                  </Button>
                }
              >
                {t('demo.loaded.text', { customers: formatNumber(data.customers), orders: formatNumber(data.orders) })}
              </EmptyState>
            )}
          </Panel>
        )}
      </Loaded>
    </>
  );
};
export default DemoPage;
