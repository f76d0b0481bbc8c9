/** How many possible duplicates wait; nothing at zero. */
import { NumberText, useQueryOf } from '../../../ui/index.ts';
import classes from './customers-nav.module.css';

export const SuggestionsCount = () => {
  const count = useQueryOf('GET /api/merge-suggestions/count', {}, { staleTime_ms: 60_000 }).data;
  const open = count ? count.certain + count.likely + count.possible : 0;
  return open > 0 ? (
    <span className={classes.count}>
      <NumberText value={open} />
    </span>
  ) : null;
};
