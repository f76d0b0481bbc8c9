/** Short messages at the corner: done (with undo), failed. They wait while hovered or focused, and are read out once. */
import { Button } from '@mantine/core';
import { hideNotification, showNotification } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { say } from '../texts.ts';
import classes from './notices.module.css';
import { sentenceOf } from './states.tsx';

/** "Note saved" */
export const notifyDone = (message: string): void => {
  showNotification({
    message,
    color: 'teal',
    icon: <IconCheck size={18} />,
    autoClose: 4000,
    withBorder: true,
    closeButtonProps: { 'aria-label': say('ui.close') },
  });
};

/** What the server refused, in words. */
export const notifyError = (error: unknown, title = say('ui.error.title')): void => {
  showNotification({
    title,
    message: sentenceOf(error),
    color: 'red',
    icon: <IconAlertTriangle size={18} />,
    autoClose: 12_000,
    withBorder: true,
    closeButtonProps: { 'aria-label': say('ui.close') },
  });
};

/** Done, and for ten seconds one press away from not done: instead of "are you sure?". */
export const notifyUndo = (message: string, undo: () => Promise<unknown> | unknown): void => {
  const id = `undo-${Date.now()}`;
  const run = async () => {
    hideNotification(id);
    try {
      await undo();
      notifyDone(say('ui.undone'));
    } catch (error) {
      notifyError(error);
    }
  };
  showNotification({
    id,
    autoClose: 10_000,
    withBorder: true,
    closeButtonProps: { 'aria-label': say('ui.close') },
    color: 'teal',
    icon: <IconCheck size={18} />,
    message: (
      <span className={classes.row}>
        <span>{message}</span>
        <Button size="compact-sm" variant="light" onClick={() => void run()}>
          {say('ui.undo')}
        </Button>
      </span>
    ),
  });
};
