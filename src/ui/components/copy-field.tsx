import { ActionIcon, Button, CopyButton, TextInput, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTexts } from '../texts.ts';

/** A link or secret that is shown once, ready to copy. */
export const CopyField = ({ label, value, description }: { label: string; value: string; description?: string }) => {
  const t = useTexts();
  return (
    <CopyButton value={value} timeout={2500}>
      {({ copied, copy }) => (
        <TextInput
          label={label}
          description={description}
          value={value}
          readOnly
          onFocus={event => event.currentTarget.select()}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          rightSectionWidth={104}
          rightSection={
            <Button
              size="compact-sm"
              variant="light"
              onClick={copy}
              leftSection={copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
            >
              <span aria-live="polite">{copied ? t('ui.copied') : t('ui.copy')}</span>
            </Button>
          }
        />
      )}
    </CopyButton>
  );
};

/** A small copy button beside a value on a page. */
export const CopyIcon = ({ value, label }: { value: string; label: string }) => {
  const t = useTexts();
  return (
    <CopyButton value={value} timeout={2500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('ui.copied') : label}>
          <ActionIcon size="sm" onClick={copy} aria-label={copied ? t('ui.copied') : label}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
};
