import { IconCheck } from '@tabler/icons-react';
import { useTexts } from '../texts.ts';
import classes from './steps.module.css';

type StepsProps<K extends string> = {
  label: string;
  steps: readonly { key: K; title: string }[];
  current: K;
  /** Where one may go back to; steps after the current one are not open yet. */
  onGo?: (key: K) => void;
};
/** Where one stands in a wizard. Each step is an address of its own (`useUrl({ step: oneOf(...) })`). */
export const Steps = <K extends string>({ label, steps, current, onGo }: StepsProps<K>) => {
  const t = useTexts();
  const at = steps.findIndex(step => step.key === current);
  return (
    <nav aria-label={label}>
      <ol className={classes.steps}>
        {steps.map((step, index) => {
          const state = index < at ? 'done' : index === at ? 'current' : 'ahead';
          const inside = (
            <>
              <span className={classes.mark} aria-hidden="true">
                {state === 'done' ? <IconCheck size={15} stroke={2.5} /> : index + 1}
              </span>
              <span className={classes.title}>{step.title}</span>
            </>
          );
          return (
            <li
              key={step.key}
              className={classes.step}
              data-state={state}
              aria-current={state === 'current' ? 'step' : undefined}
            >
              {state === 'done' && onGo ? (
                <button
                  type="button"
                  className={classes.button}
                  onClick={() => onGo(step.key)}
                  aria-label={t('ui.steps.back', { step: step.title })}
                >
                  {inside}
                </button>
              ) : (
                <span className={classes.button}>{inside}</span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
};
