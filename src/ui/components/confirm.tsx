import { Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTexts } from '../texts.ts';
import { FormError } from './form.tsx';

type ConfirmDangerProps = {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What will be gone, what stays and why. */
  children: ReactNode;
  /** Text on the red button: the deed itself ("Erase this person"). */
  confirm: string;
  /** A word that must be typed first, for what can never be undone. */
  typed?: string;
  onConfirm: () => void;
  busy?: boolean;
  error?: unknown;
};
/** Only for what cannot be undone: erasure, sends, refunds. Everything else is done at once and offers undo. */
export const ConfirmDanger = ({
  opened,
  onClose,
  title,
  children,
  confirm,
  typed,
  onConfirm,
  busy,
  error,
}: ConfirmDangerProps) => {
  const t = useTexts();
  const [word, setWord] = useState('');
  const ready = typed === undefined || word.trim() === typed;
  const close = () => {
    setWord('');
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <form
        onSubmit={event => {
          event.preventDefault();
          if (ready) onConfirm();
        }}
      >
        <Text component="div" size="sm" mb="md">
          {children}
        </Text>
        {typed !== undefined && (
          <TextInput
            label={t('ui.confirm.type', { word: typed })}
            value={word}
            onChange={event => setWord(event.currentTarget.value)}
            autoComplete="off"
            mb="md"
            data-autofocus
          />
        )}
        {error !== undefined && error !== null && <FormError error={error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t('ui.cancel')}
          </Button>
          <Button type="submit" color="red.8" disabled={!ready} loading={busy}>
            {confirm}
          </Button>
        </Group>
      </form>
    </Modal>
  );
};
