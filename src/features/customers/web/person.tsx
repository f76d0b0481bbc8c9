import { Avatar } from '../../../ui/index.ts';
import classes from './customers.module.css';
import { titleOf } from './title.ts';

type Person = {
  id: string;
  name: string | null;
  email: string | null;
  outside_id: string | null;
  known: boolean;
  matched?: string | null;
};

/** Initials, what they are called, and one line below. */
export const PersonLine = ({ person }: { person: Person }) => {
  const title = titleOf(person);
  const below = person.matched ? `#${person.matched}` : title === person.email ? null : person.email;
  return (
    <span className={classes.person}>
      <Avatar name={person.name ?? person.email ?? '#'} size_px={30} />
      <span className={classes.who}>
        <span className={classes.name}>
          <bdi>{title}</bdi>
        </span>
        {below && (
          <span className={classes.below}>
            <bdi>{below}</bdi>
          </span>
        )}
      </span>
    </span>
  );
};
