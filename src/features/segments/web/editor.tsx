/** Builder and result side by side: used for a new segment and for changing one. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import { ApiError, FormError, NumberText, Split, useShortcuts, useTexts } from '../../../ui/index.ts';
import { countBlocks } from './blocks.ts';
import { Builder, type Insight } from './builder.tsx';
import { ResultPanel } from './result-panel.tsx';
import classes from './segments.module.css';
import type { useDraftDefinition } from './use-draft-definition.ts';
import { type PreviewState, usePreview } from './use-preview.ts';
import { useVocabulary } from './vocabulary.ts';
import { Sentence } from './words.tsx';

type EditorProps = {
  draft: ReturnType<typeof useDraftDefinition>;
  id?: string;
  /** Name, folder and the like, above the blocks. */
  head: ReactNode;
  /** Buttons beside undo and redo. */
  actions: (preview: PreviewState) => ReactNode;
  /** Below the blocks. */
  foot?: ReactNode;
};

export const Editor = ({ draft, id, head, actions, foot }: EditorProps) => {
  const t = useTexts();
  const preview = usePreview(draft.definition, id);
  const currency = useVocabulary().data?.currency ?? 'EUR';
  const insight = useMemo(() => insightOf(preview, draft.ids), [preview, draft.ids]);
  useShortcuts([
    { keys: 'mod+z', title: t('segments.web.undo'), run: draft.undo },
    { keys: 'mod+y', title: t('segments.web.redo'), run: draft.redo },
  ]);
  const { open } = countBlocks(draft.root);
  const elsewhere = preview.error && !(preview.error instanceof ApiError && insight.faults.size > 0) ? preview.error : null;
  return (
    <div className={classes.stack}>
      <Split sticky aside={<ResultPanel preview={preview} />}>
        {head}
        <p className={classes.sentence} aria-live="polite">
          {preview.data ? <Sentence phrase={preview.data.phrase} currency={currency} /> : ' '}
        </p>
        <div className={classes.bar}>
          <Tooltip label={t('segments.web.undo')}>
            <ActionIcon
              variant="default"
              size={36}
              aria-label={t('segments.web.undo')}
              disabled={!draft.canUndo}
              onClick={draft.undo}
            >
              <IconArrowBackUp size={18} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t('segments.web.redo')}>
            <ActionIcon
              variant="default"
              size={36}
              aria-label={t('segments.web.redo')}
              disabled={!draft.canRedo}
              onClick={draft.redo}
            >
              <IconArrowForwardUp size={18} />
            </ActionIcon>
          </Tooltip>
          {actions(preview)}
          {preview.data && (
            <span className={classes.countInline} aria-hidden="true">
              <NumberText value={preview.data.count} /> {t('segments.web.people', { count: preview.data.count })}
            </span>
          )}
          {open > 0 && <span className={classes.dim}>{t('segments.web.open', { count: open })}</span>}
        </div>
        <FormError error={elsewhere} />
        <Builder root={draft.root} onChange={draft.change} insight={insight} />
      </Split>
      {foot}
    </div>
  );
};

/** What the count says about each block: how many it matches, what is wrong with it, and which to loosen when nobody is left. */
const insightOf = ({ data, error }: PreviewState, ids: ReadonlyMap<string, string>): Insight => {
  const faults = new Map<string, string>();
  if (error instanceof ApiError) {
    for (const fault of error.errors) {
      const path = fault.path.replace(/^definition\.?/, '');
      const id = longestMatch(path, ids);
      if (id) faults.set(id, fault.reason);
    }
  }
  const alone = new Map(
    (data?.conditions ?? []).flatMap(one => (ids.has(one.path) ? [[ids.get(one.path) as string, one.alone] as const] : [])),
  );
  const best = data?.count === 0 ? [...data.conditions].sort((a, b) => (b.without ?? 0) - (a.without ?? 0))[0] : undefined;
  const loosen = best && (best.without ?? 0) > 0 ? (ids.get(best.path) ?? null) : null;
  return { alone, faults, loosen };
};

/** A fault may lie inside a condition: "all.0.within.days" belongs to the block at "all.0". */
const longestMatch = (path: string, ids: ReadonlyMap<string, string>): string | null => {
  for (let parts = path.split('.'); ; parts = parts.slice(0, -1)) {
    const id = ids.get(parts.join('.'));
    if (id) return id;
    if (parts.length === 0 || parts[0] === '') return null;
  }
};
