/** Help for forms: errors beside the field they belong to, the rest in one sentence; drafts that save themselves. */
import { Alert, Button, Group } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from '../api.ts';
import { useTexts } from '../texts.ts';
import classes from './form.module.css';
import { sentenceOf } from './states.tsx';

/** The reason for one field: `error={faultAt(save.error, 'email')}`. Paths are those of the request's body. */
export const faultAt = (error: unknown, path: string): string | undefined =>
  error instanceof ApiError
    ? error.errors.find(fault => fault.path === path || fault.path.startsWith(`${path}.`))?.reason
    : undefined;

/** The refusal as a whole; says nothing twice when every fault stands beside a field named in `shown`. */
export const FormError = ({ error, shown = [] }: { error: unknown; shown?: readonly string[] }) => {
  if (!error) return null;
  const others =
    error instanceof ApiError
      ? error.errors.filter(fault => !shown.some(path => fault.path === path || fault.path.startsWith(`${path}.`)))
      : [];
  const allShown = error instanceof ApiError && error.errors.length > 0 && others.length === 0;
  if (allShown) return null;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} role="alert" mb="md" className={classes.alert}>
      {sentenceOf(error)}
      {others.length > 1 && (
        <ul className={classes.faults}>
          {others.map(fault => (
            <li key={fault.path + fault.reason}>
              <bdi>{fault.path}</bdi>: {fault.reason}
            </li>
          ))}
        </ul>
      )}
    </Alert>
  );
};

type FormProps = {
  onSubmit: () => void;
  children: ReactNode;
  /** Text on the button: the deed ("Create segment"). */
  submit: string;
  busy?: boolean;
  disabled?: boolean;
  error?: unknown;
  /** Paths whose faults are shown beside their fields. */
  shown?: readonly string[];
  onCancel?: () => void;
  /** Beside the buttons, e.g. `<DraftSaved at={draft.savedAt} />`. */
  footer?: ReactNode;
};
/** Fields, the refusal if any, and the buttons. Puts the focus on the first faulty field after a refusal. */
export const Form = ({ onSubmit, children, submit, busy, disabled, error, shown, onCancel, footer }: FormProps) => {
  const t = useTexts();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-error="true"] input')?.focus();
  }, [error]);
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (!busy) onSubmit();
      }}
    >
      <div className={classes.fields}>{children}</div>
      <FormError error={error} shown={shown} />
      <Group gap="xs" justify="flex-end" className={classes.buttons}>
        {footer && <div className={classes.footer}>{footer}</div>}
        {onCancel && (
          <Button variant="default" onClick={onCancel}>
            {t('ui.cancel')}
          </Button>
        )}
        <Button type="submit" loading={busy} disabled={disabled}>
          {submit}
        </Button>
      </Group>
    </form>
  );
};

const prefix = 'regulars.draft.';

const storedDraft = <T,>(name: string): { value: T; at: string } | null => {
  try {
    return JSON.parse(localStorage.getItem(prefix + name) ?? 'null') as { value: T; at: string } | null;
  } catch {
    return null;
  }
};

/**
 * State of a form that survives reload, logout and a lost connection: kept in this browser under `name` until `clear()`.
 * `restored` says that an earlier draft was found.
 */
export const useDraft = <T extends object>(name: string, initial: T) => {
  const [found] = useState(() => storedDraft<T>(name));
  const [value, setValue] = useState<T>(() => (found ? { ...initial, ...found.value } : initial));
  const [savedAt, setSavedAt] = useState<string | null>(found?.at ?? null);
  const touched = useRef(false);
  const change = useCallback((part: Partial<T>) => {
    touched.current = true;
    setValue(before => ({ ...before, ...part }));
  }, []);
  useEffect(() => {
    if (!touched.current) return;
    const timer = setTimeout(() => {
      const at = new Date().toISOString();
      try {
        localStorage.setItem(prefix + name, JSON.stringify({ value, at }));
        setSavedAt(at);
      } catch {
        // storage full or off: the form itself still works
      }
    }, 400);
    return () => clearTimeout(timer);
  }, [name, value]);
  const clear = useCallback(() => {
    touched.current = false;
    localStorage.removeItem(prefix + name);
    setSavedAt(null);
  }, [name]);
  const reset = useCallback(() => {
    clear();
    setValue(initial);
  }, [clear, initial]);
  return { value, change, clear, reset, savedAt, restored: found !== null };
};

export const DraftSaved = ({ at }: { at: string | null }) => {
  const t = useTexts();
  return <span aria-live="polite">{at ? t('ui.draft.saved') : ''}</span>;
};
