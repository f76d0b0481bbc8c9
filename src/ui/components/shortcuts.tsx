/**
 * Keyboard shortcuts: `useShortcuts([{ keys: 'j', title: t('...'), run }])`. Letters never fire while one types and can be turned off;
 * `?` lists those of the page.
 */
import { Kbd } from '@mantine/core';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import classes from './shortcuts.module.css';

/** `keys`: one character, or with a modifier "mod+s", "alt+1"; "mod" is Ctrl, on a Mac Cmd. */
export type Shortcut = { keys: string; title: string; run: () => void };

const active = new Set<readonly Shortcut[]>();
const listeners = new Set<() => void>();
let version = 0;
const changed = () => {
  version += 1;
  for (const listener of listeners) listener();
};
const storageKey = 'regulars.shortcuts';
export const lettersOn = () => localStorage.getItem(storageKey) !== 'off';
export const setLettersOn = (on: boolean) => localStorage.setItem(storageKey, on ? 'on' : 'off');

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('[role="textbox"]') !== null);

const matches = (shortcut: Shortcut, event: KeyboardEvent): boolean => {
  const parts = shortcut.keys.split('+');
  const key = parts.pop() ?? '';
  const mod = parts.includes('mod');
  const alt = parts.includes('alt');
  if (mod !== (event.ctrlKey || event.metaKey) || alt !== event.altKey) return false;
  return alt && /^\d$/.test(key) ? event.code === `Digit${key}` : event.key.toLowerCase() === key.toLowerCase();
};

const onKey = (event: KeyboardEvent) => {
  if (event.defaultPrevented || event.isComposing) return;
  for (const group of [...active].reverse()) {
    for (const shortcut of group) {
      if (!matches(shortcut, event)) continue;
      const plain = !shortcut.keys.includes('+');
      if (plain && (isTyping(event.target) || !lettersOn() || document.querySelector('[role="dialog"]'))) continue;
      event.preventDefault();
      shortcut.run();
      return;
    }
  }
};

/** In force while the component is shown; an inner page wins over the shell. */
export const useShortcuts = (shortcuts: readonly Shortcut[]): void => {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  const names = shortcuts.map(one => `${one.keys} ${one.title}`).join('\n');
  useEffect(() => {
    const group = latest.current.map((one, index) => ({
      keys: one.keys,
      title: one.title,
      run: () => latest.current[index]?.run(),
    }));
    if (active.size === 0) document.addEventListener('keydown', onKey);
    active.add(group);
    changed();
    return () => {
      active.delete(group);
      if (active.size === 0) document.removeEventListener('keydown', onKey);
      changed();
    };
  }, [names]);
};

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const names: Record<string, string> = { mod: isMac ? '⌘' : 'Ctrl', alt: isMac ? '⌥' : 'Alt', escape: 'Esc', ' ': '␣' };
export const Keys = ({ keys }: { keys: string }) => (
  <span className={classes.keys}>
    {keys.split('+').map(key => (
      <Kbd key={key}>{names[key] ?? key.toUpperCase()}</Kbd>
    ))}
  </span>
);

/** Everything in force now, the page's own first. */
export const useActiveShortcuts = (): Shortcut[] => {
  useSyncExternalStore(
    listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => version,
  );
  return [...active].reverse().flat();
};
