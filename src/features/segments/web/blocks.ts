/** The builder's own picture of a definition: blocks with ids, so that editing keeps focus and undo is a list of pictures. Pure. */
import { type Condition, type Definition, isAll, isAny, isNot, joinPath } from '../definition.ts';

export type GroupBlock = { id: string; word: 'all' | 'any'; not: boolean; children: Block[] };
export type ConditionBlock = { id: string; condition: Condition };
export type Block = GroupBlock | ConditionBlock;

export const isGroupBlock = (block: Block): block is GroupBlock => 'children' in block;

let made = 0;
const newId = (): string => {
  made += 1;
  return `b${made}`;
};
export const newGroup = (not = false, children: Block[] = []): GroupBlock => ({
  id: newId(),
  word: not ? 'any' : 'all',
  not,
  children,
});
export const newCondition = (condition: Condition = {}): ConditionBlock => ({ id: newId(), condition });

const toBlock = (node: Definition): Block => {
  if (isAll(node)) return { id: newId(), word: 'all', not: false, children: node.all.map(toBlock) };
  if (isAny(node)) return { id: newId(), word: 'any', not: false, children: node.any.map(toBlock) };
  if (!isNot(node)) return newCondition(node);
  const inner = toBlock(node.not);
  return isGroupBlock(inner) && !inner.not ? { ...inner, not: true } : { id: newId(), word: 'any', not: true, children: [inner] };
};

/** The root is always a group that is not turned round. */
export const toBlocks = (definition: Definition): GroupBlock => {
  const block = toBlock(definition);
  return isGroupBlock(block) && !block.not ? block : { id: newId(), word: 'all', not: false, children: [block] };
};

/** Whether a condition says enough to be counted; its values are the server's to judge. */
export const isComplete = (condition: Condition): boolean => {
  const values = Object.values(condition);
  return (
    values.length > 0 &&
    values.every(value => value !== '' && value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0))
  );
};

export type Written = { definition: Definition /** Path in the definition -> id of the block. */; ids: Map<string, string> };

/** The definition of what is complete so far. Groups without anything in them are left out. */
export const writeDefinition = (root: GroupBlock): Written => {
  const ids = new Map<string, string>();
  const write = (block: Block, path: string): Definition | null => {
    if (!isGroupBlock(block)) {
      if (!isComplete(block.condition)) return null;
      ids.set(path, block.id);
      return block.condition;
    }
    const kept = block.children.filter(hasSomething);
    if (block.not) {
      const inner = joinPath(path, 'not');
      if (kept.length === 1) {
        const only = write(kept[0] as Block, inner);
        return only && { not: only };
      }
      return kept.length === 0 ? null : { not: list(kept, block.word, inner) };
    }
    return kept.length === 0 ? null : list(kept, block.word, path);
  };
  const list = (children: Block[], word: 'all' | 'any', path: string): Definition => {
    const written = children.map((child, i) => write(child, joinPath(path, word, i))).filter(child => child !== null);
    return word === 'all' ? { all: written } : { any: written };
  };
  return { definition: write(root, '') ?? { all: [] }, ids };
};

const hasSomething = (block: Block): boolean =>
  isGroupBlock(block) ? block.children.some(hasSomething) : isComplete(block.condition);

export const countBlocks = (root: GroupBlock): { conditions: number; open: number } => {
  let conditions = 0;
  let open = 0;
  const visit = (block: Block): void => {
    if (isGroupBlock(block)) block.children.forEach(visit);
    else {
      conditions += 1;
      if (!isComplete(block.condition)) open += 1;
    }
  };
  visit(root);
  return { conditions, open };
};

const map = (block: Block, id: string, change: (block: Block) => Block | null): Block | null => {
  if (block.id === id) return change(block);
  if (!isGroupBlock(block)) return block;
  return { ...block, children: block.children.map(child => map(child, id, change)).filter(child => child !== null) };
};

/** The tree with one block changed, or taken out when `change` gives null. */
export const changeBlock = (root: GroupBlock, id: string, change: (block: Block) => Block | null): GroupBlock =>
  (map(root, id, change) as GroupBlock | null) ?? root;

export const addTo = (root: GroupBlock, groupId: string, block: Block): GroupBlock =>
  changeBlock(root, groupId, group => (isGroupBlock(group) ? { ...group, children: [...group.children, block] } : group));

const copyOf = (block: Block): Block =>
  isGroupBlock(block) ? { ...block, id: newId(), children: block.children.map(copyOf) } : { ...block, id: newId() };

/** The tree with a copy of one block right behind it. */
export const duplicate = (root: GroupBlock, id: string): GroupBlock => {
  const inside = (group: GroupBlock): GroupBlock => ({
    ...group,
    children: group.children.flatMap(child => {
      const same = isGroupBlock(child) ? inside(child) : child;
      return child.id === id ? [same, copyOf(child)] : [same];
    }),
  });
  return inside(root);
};
