import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTexts } from '../../../ui/index.ts';
import classes from './tracking.module.css';

/** Code ready to paste; scrolls in its own box. */
export const CodeBox = ({ label, code }: { label: string; code: string }) => {
  const t = useTexts();
  return (
    <div className={classes.snippet}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className={classes.code} tabIndex={0} aria-label={label}>
        <pre className={classes.pre}>{code}</pre>
      </section>
      <CopyButton value={code} timeout={2500}>
        {({ copied, copy }) => (
          <Button
            className={classes.copy}
            size="compact-sm"
            variant="default"
            onClick={copy}
            leftSection={copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
          >
            <span aria-live="polite">{copied ? t('ui.copied') : t('ui.copy')}</span>
          </Button>
        )}
      </CopyButton>
    </div>
  );
};
