import classes from './avatar.module.css';

/** First letters of the first and last word; of an e-mail address its first letter. */
export const initialsOf = (name: string): string => {
  const words = name
    .trim()
    .split(/[\s._-]+/)
    .filter(Boolean);
  if (words.length === 0) return '?';
  if (name.includes('@') || words.length === 1) return [...words[0]][0].toUpperCase();
  return ([...words[0]][0] + [...words[words.length - 1]][0]).toUpperCase();
};

/** Initials in a circle: decoration beside a name that is written out. */
export const Avatar = ({ name, size_px = 32 }: { name: string; size_px?: number }) => (
  <span
    className={classes.avatar}
    aria-hidden="true"
    style={{ inlineSize: size_px, blockSize: size_px, fontSize: Math.max(10, size_px * 0.38) }}
  >
    {initialsOf(name)}
  </span>
);
