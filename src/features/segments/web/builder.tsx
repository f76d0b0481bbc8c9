/** The tree of blocks: all / any / BUT NOT, nested as deep as wanted. Everything by keyboard: each control is a real one. */
import { ActionIcon, Button, SegmentedControl, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTexts } from '../../../ui/index.ts';
import { addTo, type Block, changeBlock, duplicate, type GroupBlock, isGroupBlock, newCondition, newGroup } from './blocks.ts';
import { ConditionRow } from './condition-row.tsx';
import classes from './segments.module.css';

export type Insight = { alone: Map<string, number>; faults: Map<string, string>; loosen: string | null };
type BuilderProps = { root: GroupBlock; onChange: (root: GroupBlock) => void; insight: Insight };

const deepest = 9;

export const Builder = ({ root, onChange, insight }: BuilderProps) => (
  <Group group={root} root={root} depth={0} onChange={onChange} insight={insight} />
);

const Group = ({ group, root, depth, onChange, insight }: BuilderProps & { group: GroupBlock; depth: number }) => {
  const t = useTexts();
  const box = useRef<HTMLDivElement>(null);
  const add = (block: Block) => {
    onChange(addTo(root, group.id, block));
    // The new row's first field, where one goes on.
    requestAnimationFrame(() => {
      const fields = box.current?.querySelectorAll<HTMLInputElement>(`[data-topic]`);
      fields?.[fields.length - 1]?.focus();
    });
  };
  const remove = () => {
    onChange(changeBlock(root, group.id, () => null));
  };
  const label = t(group.not ? 'segments.web.but_not_group' : depth === 0 ? 'segments.web.root_group' : 'segments.web.group');
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset does not lay out as a column everywhere
    <div
      ref={box}
      className={classes.group}
      data-kind={group.not ? 'not' : depth === 0 ? 'root' : 'inner'}
      role="group"
      aria-label={label}
    >
      <div className={classes.groupHead}>
        <span className={group.not ? classes.butNot : classes.word}>
          {t(group.not ? 'segments.web.but_not' : 'segments.web.match')}
        </span>
        <SegmentedControl
          size="xs"
          aria-label={t('segments.web.match')}
          value={group.word}
          data={[
            { value: 'all', label: t('segments.web.all') },
            { value: 'any', label: t('segments.web.any') },
          ]}
          onChange={word =>
            onChange(changeBlock(root, group.id, block => ({ ...(block as GroupBlock), word: word as 'all' | 'any' })))
          }
        />
        <span className={classes.word}>{t('segments.web.of_following')}</span>
        {depth > 0 && (
          <Tooltip label={t('segments.web.remove_group')}>
            <ActionIcon
              className={classes.removeGroup}
              variant="subtle"
              color="gray"
              aria-label={t('segments.web.remove_group')}
              onClick={remove}
            >
              <IconTrash size={17} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      {group.children.map(child =>
        isGroupBlock(child) ? (
          <Group key={child.id} group={child} root={root} depth={depth + 1} onChange={onChange} insight={insight} />
        ) : (
          <ConditionRow
            key={child.id}
            block={child}
            onChange={condition => onChange(changeBlock(root, child.id, block => ({ ...block, condition })))}
            onRemove={() => onChange(changeBlock(root, child.id, () => null))}
            onDuplicate={() => onChange(duplicate(root, child.id))}
            fault={insight.faults.get(child.id) ?? null}
            alone={insight.alone.get(child.id) ?? null}
            loosen={insight.loosen === child.id}
          />
        ),
      )}
      {group.children.length === 0 && (
        <p className={classes.hint}>{t(depth === 0 ? 'segments.web.empty_root' : 'segments.web.empty_group')}</p>
      )}
      <div className={classes.adds}>
        <Button size="xs" variant="light" leftSection={<IconPlus size={14} />} onClick={() => add(newCondition())}>
          {t('segments.web.condition')}
        </Button>
        {depth < deepest && (
          <>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} />}
              onClick={() => add(newGroup(false, [newCondition()]))}
            >
              {t('segments.web.add_group')}
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} />}
              onClick={() => add(newGroup(true, [newCondition()]))}
            >
              {t('segments.web.but_not')}
            </Button>
          </>
        )}
      </div>
    </div>
  );
};
