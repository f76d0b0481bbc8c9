/** What changed from one definition to the next, in words. Pure. */
import { kindOf } from './conditions.ts';
import { type Condition, canonicalJson, conditionsOf, type Definition } from './definition.ts';
import type { Phrase } from './phrase.ts';
import type { Vocabulary } from './vocabulary.ts';
import { isTurned } from './why-changed.ts';

export type DefinitionChange =
  | { kind: 'first' | 'same' | 'grouping' }
  | { kind: 'added' | 'removed'; turned: boolean; phrase: Phrase }
  | { kind: 'changed'; turned: boolean; from: Phrase; phrase: Phrase };

type Leaf = { key: string; topic: string; turned: boolean; condition: Condition };

const leavesOf = (definition: Definition): Leaf[] =>
  conditionsOf(definition).map(({ path, condition }) => {
    const turned = isTurned(path);
    const word = Object.keys(condition)[0] ?? '';
    const topic = `${turned}/${word}/${typeof condition[word] === 'string' ? condition[word] : ''}`;
    return { key: `${turned}/${canonicalJson(condition)}`, topic, turned, condition };
  });

/** `before` null: the first version. A condition on the same thing with other arguments is one change, not a removal and an addition. */
export const describeChange = (before: Definition | null, after: Definition, vocabulary: Vocabulary): DefinitionChange[] => {
  if (before === null) return [{ kind: 'first' }];
  if (canonicalJson(before) === canonicalJson(after)) return [{ kind: 'same' }];
  const gone = leavesOf(before);
  const added = leavesOf(after).filter(leaf => !takeOut(gone, other => other.key === leaf.key));
  const words = (leaf: Leaf): Phrase => kindOf(leaf.condition).sentence(leaf.condition, vocabulary);
  const changes = added.map((leaf): DefinitionChange => {
    const was = takeOut(gone, other => other.topic === leaf.topic);
    const now = { turned: leaf.turned, phrase: words(leaf) };
    return was ? { kind: 'changed', ...now, from: words(was) } : { kind: 'added', ...now };
  });
  changes.push(...gone.map((leaf): DefinitionChange => ({ kind: 'removed', turned: leaf.turned, phrase: words(leaf) })));
  return changes.length === 0 ? [{ kind: 'grouping' }] : changes;
};

const takeOut = (leaves: Leaf[], wanted: (leaf: Leaf) => boolean): Leaf | undefined => {
  const at = leaves.findIndex(wanted);
  return at === -1 ? undefined : leaves.splice(at, 1)[0];
};
