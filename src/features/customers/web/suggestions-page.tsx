/** Possible duplicates: the surest first, each with the reasons; compare and merge, keep apart for good, or merge all that is certain. */
import { Button, Group } from '@mantine/core';
import { IconGitMerge, IconSearch, IconX } from '@tabler/icons-react';
import {
  type AnswerOf,
  Cards,
  EmptyState,
  Facet,
  FilterBar,
  JobProgress,
  KeyFigure,
  Link,
  Loaded,
  NumberText,
  notifyDone,
  notifyError,
  oneOf,
  PageHeader,
  Panel,
  RelativeTime,
  Rows,
  StatusBadge,
  type Tone,
  text,
  useListOf,
  useLive,
  useMutationOf,
  useQueryOf,
  useRefresh,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { CustomersNav } from './customers-nav.tsx';
import { FactText } from './fact-text.tsx';
import { PersonLine } from './person.tsx';
import classes from './suggestions.module.css';
import { titleOf } from './title.ts';

type Pair = AnswerOf<'GET /api/merge-suggestions'>['data'][number];
const tones: Record<Pair['class'], Tone> = { certain: 'good', likely: 'info', possible: 'quiet' };

const SuggestionsPage = () => {
  const t = useTexts();
  const refresh = useRefresh();
  const [url, setUrl] = useUrl({ class: oneOf(['', 'certain', 'likely', 'possible'], ''), job: text(), what: text() });
  const count = useQueryOf('GET /api/merge-suggestions/count', {}, { keep: true });
  const list = useListOf('GET /api/merge-suggestions', { query: { class: url.class || undefined } });
  const again = () => void Promise.all([refresh('/api/merge-suggestions'), refresh('/api/customers')]);
  useLive('suggestions', again);
  const follow =
    (what: string) =>
    ({ job_id }: { job_id: string }) =>
      setUrl({ job: job_id, what });
  const failed = { onError: (error: unknown) => notifyError(error) };
  const find = useMutationOf('POST /api/merge-suggestions/find', { onSuccess: follow('finding'), ...failed });
  const accept = useMutationOf('POST /api/merge-suggestions/accept-certain', { onSuccess: follow('merging'), ...failed });
  const undo = useMutationOf('POST /api/merge-batches/:id/undo', { onSuccess: follow('undoing'), ...failed });
  const certain = count.data?.certain ?? 0;
  const batch = count.data?.last_batch;
  return (
    <>
      <PageHeader
        title={t('customers.suggestions.title')}
        description={t('customers.suggestions.about')}
        actions={
          <>
            <Button
              variant="default"
              leftSection={<IconSearch size={16} />}
              loading={find.isPending}
              onClick={() => find.mutate({ body: {} })}
            >
              {t('customers.suggestions.find')}
            </Button>
            {certain > 0 && (
              <Button
                leftSection={<IconGitMerge size={16} />}
                loading={accept.isPending}
                onClick={() => accept.mutate({ body: {} })}
              >
                {t('customers.suggestions.accept', { count: certain })}
              </Button>
            )}
          </>
        }
      />
      <CustomersNav />
      <Rows>
        {url.job && (
          <JobProgress key={url.job} id={url.job} title={t(`customers.suggestions.${url.what || 'finding'}`)} onOver={again} />
        )}
        {batch && (
          <div className={classes.batch}>
            <span>
              {t('customers.suggestions.batch', { count: batch.merges })} <RelativeTime value={batch.at} />
            </span>
            <Button
              size="compact-sm"
              variant="default"
              loading={undo.isPending}
              onClick={() => undo.mutate({ params: { id: batch.id }, body: {} })}
            >
              {t('customers.suggestions.undo_batch')}
            </Button>
          </div>
        )}
        <Loaded query={count}>
          {data => (
            <Cards min_px={170}>
              {(['certain', 'likely', 'possible'] as const).map(name => (
                <KeyFigure
                  key={name}
                  label={t(`customers.suggestions.class.${name}`)}
                  value={<NumberText value={data[name]} />}
                  note={t(`customers.suggestions.class.${name}_note`)}
                  to={`/customers/suggestions?class=${name}`}
                />
              ))}
            </Cards>
          )}
        </Loaded>
        <Panel
          title={t('customers.suggestions.pairs')}
          description={
            count.data?.looked_at ? (
              <>
                {t('customers.suggestions.looked_at')} <RelativeTime value={count.data.looked_at} />
              </>
            ) : undefined
          }
          actions={
            <FilterBar active={url.class !== ''} onClear={() => setUrl({ class: '' })}>
              <Facet
                label={t('customers.suggestions.how_sure')}
                single
                options={(['certain', 'likely', 'possible'] as const).map(value => ({
                  value,
                  label: t(`customers.suggestions.class.${value}`),
                }))}
                selected={url.class === '' ? [] : [url.class]}
                onChange={([value]) => setUrl({ class: (value ?? '') as typeof url.class })}
              />
            </FilterBar>
          }
        >
          {list.rows.length === 0 && !list.isLoading ? (
            <EmptyState title={t('customers.suggestions.none')} picture="done" order={3}>
              {t('customers.suggestions.none_why')}
            </EmptyState>
          ) : (
            <ul className={classes.pairs}>
              {list.rows.map(pair => (
                <PairRow key={`${pair.winner.id}-${pair.loser.id}`} pair={pair} onDone={again} />
              ))}
            </ul>
          )}
          {list.hasMore && (
            <Group justify="center" mt="md">
              <Button variant="default" loading={list.isLoadingMore} onClick={list.loadMore}>
                {t('ui.table.more')}
              </Button>
            </Group>
          )}
        </Panel>
      </Rows>
    </>
  );
};

const PairRow = ({ pair, onDone }: { pair: Pair; onDone: () => void }) => {
  const t = useTexts();
  const apart = useMutationOf('POST /api/customers/:id/keep-apart', {
    onSuccess: () => {
      notifyDone(t('customers.identity.kept_apart'));
      onDone();
    },
    onError: error => notifyError(error),
  });
  const names = { one: titleOf(pair.winner), two: titleOf(pair.loser) };
  return (
    <li className={classes.pair}>
      <div className={classes.people}>
        {[pair.winner, pair.loser].map(person => (
          <div key={person.id} className={classes.side}>
            <Link to={`/customers/${person.id}`}>
              <PersonLine person={person} />
            </Link>
            <p className={classes.more}>
              <bdi>{[person.phone, person.city, person.country].filter(Boolean).join(' · ')}</bdi>
              {person.facts['orders.count'] !== undefined && (
                <span>
                  {t('customers.suggestions.orders', { count: Number(person.facts['orders.count']) })}{' '}
                  {person.facts['orders.sales'] !== undefined && (
                    <FactText fact={{ type: 'money' }} value={person.facts['orders.sales']} />
                  )}
                </span>
              )}
            </p>
          </div>
        ))}
      </div>
      <div className={classes.why}>
        <StatusBadge tone={tones[pair.class]}>{t(`customers.suggestions.class.${pair.class}`)}</StatusBadge>
        <span>{pair.reasons.map(reason => t(`customers.suggestion.${reason}`, { value: '' }).trim()).join(', ')}</span>
      </div>
      <Group gap={8} className={classes.deeds}>
        <Button
          size="compact-sm"
          component={Link}
          to={`/customers/${pair.winner.id}?tab=identity&dialog=merge&other=${pair.loser.id}`}
          leftSection={<IconGitMerge size={14} />}
          aria-label={t('customers.suggestions.compare_named', names)}
        >
          {t('customers.merge.compare')}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconX size={14} />}
          loading={apart.isPending}
          aria-label={t('customers.suggestions.apart_named', names)}
          onClick={() => apart.mutate({ params: { id: pair.winner.id }, body: { other: pair.loser.id } })}
        >
          {t('customers.identity.dismiss')}
        </Button>
      </Group>
    </li>
  );
};

export default SuggestionsPage;
