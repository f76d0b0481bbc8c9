import classes from './tracking.module.css';

/** An event as text, in a box that scrolls. */
export const JsonBox = ({ label, text }: { label: string; text: string }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
  <section className={`${classes.code} ${classes.body}`} tabIndex={0} aria-label={label}>
    <pre className={classes.pre}>{text}</pre>
  </section>
);
