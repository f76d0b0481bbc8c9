/** The segments one customer is in; for any other, which condition fails. */
import { Pill, Select } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, Loaded, Name, Panel, SkeletonLines, useAsOf, useQueryOf, useTexts } from '../../../ui/index.ts';
import classes from './segments.module.css';
import { useVocabulary } from './vocabulary.ts';
import { isTurned, useWords } from './words.tsx';

const CustomerPanel = ({ customerId }: { customerId: string }) => {
  const t = useTexts();
  const [asked, setAsked] = useState<string | null>(null);
  const segments = useQueryOf('GET /api/customers/:id/segments', { params: { id: customerId } });
  const vocabulary = useVocabulary().data;
  return (
    <Panel title={t('segments.web.title')}>
      <Loaded query={segments} skeleton={<SkeletonLines lines={2} />}>
        {({ data }) => (
          <>
            {data.length === 0 && <p className={classes.hint}>{t('segments.web.in_none')}</p>}
            <Pill.Group>
              {data.map(segment => (
                <Pill key={segment.id} component={Link} {...{ to: `/segments/${segment.id}` }}>
                  <Name>{segment.name}</Name>
                </Pill>
              ))}
            </Pill.Group>
            {vocabulary && vocabulary.segments.length > 0 && (
              <Select
                mt="sm"
                size="sm"
                searchable
                clearable
                aria-label={t('segments.web.why')}
                placeholder={t('segments.web.why')}
                data={vocabulary.segments.map(segment => ({ value: segment.id, label: segment.name }))}
                value={asked}
                onChange={setAsked}
              />
            )}
            {asked && <Why segmentId={asked} customerId={customerId} />}
          </>
        )}
      </Loaded>
    </Panel>
  );
};

const Why = ({ segmentId, customerId }: { segmentId: string; customerId: string }) => {
  const t = useTexts();
  const as_of = useAsOf();
  const words = useWords(useVocabulary().data?.currency ?? 'EUR');
  const answer = useQueryOf('GET /api/segments/:id/explain/:customer', {
    params: { id: segmentId, customer: customerId },
    query: { as_of },
  });
  return (
    <Loaded query={answer} skeleton={<SkeletonLines lines={3} />}>
      {({ member, counts, conditions }) => (
        <div className={classes.whyBox}>
          <p className={classes.hint}>
            {t(counts ? (member ? 'segments.web.is_member' : 'segments.web.no_member') : 'segments.web.counts_not')}
          </p>
          <ul className={classes.why}>
            {conditions.map(condition => {
              const turned = isTurned(condition.path);
              const good = condition.holds !== turned;
              return (
                <li key={condition.path}>
                  {good ? (
                    <IconCheck size={16} className={classes.holds} aria-label={t('segments.web.holds')} />
                  ) : (
                    <IconX size={16} className={classes.fails} aria-label={t('segments.web.fails')} />
                  )}
                  <span>
                    {turned && <b className={classes.butNot}>{t('segments.web.but_not')} </b>}
                    <bdi>{words(condition.phrase)}</bdi>
                  </span>
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </Loaded>
  );
};

export default CustomerPanel;
