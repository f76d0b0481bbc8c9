/** The definition being edited: blocks with undo and redo, mirrored in the address so that a reload keeps it. */
import { useCallback, useMemo, useRef, useState } from 'react';
import { text, useUrl } from '../../../ui/index.ts';
import { canonicalJson, type Definition } from '../definition.ts';
import { type GroupBlock, newCondition, newGroup, toBlocks, writeDefinition } from './blocks.ts';

type History = { past: GroupBlock[]; now: GroupBlock; future: GroupBlock[] };
const most = 100;

const readUrl = (written: string): Definition | null => {
  if (written === '') return null;
  try {
    const parsed = JSON.parse(written) as unknown;
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Definition) : null;
  } catch {
    // A mangled address begins anew.
    return null;
  }
};

export const useDraftDefinition = (saved: Definition | null) => {
  const [url, setUrl] = useUrl({ definition: text() });
  const start = useRef<GroupBlock>(null);
  start.current ??= toBlocksOrBlank(readUrl(url.definition) ?? saved);
  const [history, setHistory] = useState<History>({ past: [], now: start.current, future: [] });
  const written = useMemo(() => writeDefinition(history.now), [history.now]);
  // As the blocks write it: a program may have saved the same meaning in another form.
  const savedText = useMemo(() => (saved === null ? null : canonicalJson(writeDefinition(toBlocks(saved)).definition)), [saved]);
  const show = useCallback(
    (next: History) => {
      setHistory(next);
      const definition = canonicalJson(writeDefinition(next.now).definition);
      setUrl({ definition: definition === savedText || definition === '{"all":[]}' ? '' : definition });
    },
    [setUrl, savedText],
  );
  return {
    root: history.now,
    definition: written.definition,
    ids: written.ids,
    isChanged: canonicalJson(written.definition) !== (savedText ?? '{"all":[]}'),
    change: (now: GroupBlock) => show({ past: [...history.past.slice(-most), history.now], now, future: [] }),
    replace: (definition: Definition) =>
      show({ past: [...history.past.slice(-most), history.now], now: toBlocksOrBlank(definition), future: [] }),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    undo: () => {
      const before = history.past.at(-1);
      if (before) show({ past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future] });
    },
    redo: () => {
      const [after, ...future] = history.future;
      if (after) show({ past: [...history.past, history.now], now: after, future });
    },
  };
};

const toBlocksOrBlank = (definition: Definition | null): GroupBlock => {
  const root = definition === null ? newGroup() : toBlocks(definition);
  return definition === null && root.children.length === 0 ? { ...root, children: [newCondition()] } : root;
};
