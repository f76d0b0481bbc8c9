/**
 * A slot is a typed place, exported by the feature that owns the noun, where later features put what they add.
 * Filling is plain data in `Feature.fills`; `server.ts` gathers it once at start. No side effect on import.
 */
export type Slot<T> = { readonly name: string; readonly key: (value: T) => string };
export type Fill = { readonly slot: string; readonly key: string; readonly value: unknown };

/** `key` names a filling uniquely inside the slot; two fillings of one key stop the start. */
export const defineSlot = <T>(name: string, key: (value: T) => string): Slot<T> => ({ name, key });

export const fill = <T>(slot: Slot<T>, ...values: T[]): Fill[] =>
  values.map(value => ({ slot: slot.name, key: slot.key(value), value }));

/** What was put into the slots, in feature order. */
export class Slots {
  private readonly byName = new Map<string, Map<string, unknown>>();

  constructor(fills: readonly Fill[]) {
    for (const one of fills) {
      const inSlot = this.byName.get(one.slot) ?? new Map<string, unknown>();
      if (inSlot.has(one.key)) throw new Error(`The slot ${one.slot} is filled twice with "${one.key}": rename one of the two.`);
      inSlot.set(one.key, one.value);
      this.byName.set(one.slot, inSlot);
    }
  }

  all<T>(slot: Slot<T>): readonly T[] {
    return [...(this.byName.get(slot.name)?.values() ?? [])] as T[];
  }

  get<T>(slot: Slot<T>, key: string): T | undefined {
    return this.byName.get(slot.name)?.get(key) as T | undefined;
  }
}
