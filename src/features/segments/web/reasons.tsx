/** Why somebody entered or left: the conditions that made the difference, else what set it off. */
import { type AnswerOf, useTexts } from '../../../ui/index.ts';
import classes from './segments.module.css';
import { useVocabulary } from './vocabulary.ts';
import { useWords } from './words.tsx';

type Move = AnswerOf<'GET /api/segments/:id/moves'>['data'][number];

export const Reasons = ({ cause, reasons }: Pick<Move, 'cause' | 'reasons'>) => {
  const t = useTexts();
  const words = useWords(useVocabulary().data?.currency ?? 'EUR');
  if (cause === 'definition') return <span className={classes.dim}>{t('segments.cause.definition')}</span>;
  if (reasons === null || reasons.length === 0)
    return <span className={classes.dim}>{t(cause === 'time' ? 'segments.cause.time' : 'segments.cause.unknown')}</span>;
  return (
    <ul className={classes.reasons}>
      {reasons.map(one => (
        <li key={words(one.phrase)}>
          {one.turned && <b className={classes.butNot}>{t('segments.web.but_not')} </b>}
          <bdi>{words(one.phrase)}</bdi>
        </li>
      ))}
    </ul>
  );
};
