/**
 * Events that are not yet known to have arrived: one entry of the store each, so that two tabs never overwrite each other's. What
 * grows beyond the caps loses its oldest, and the losses are counted.
 */
import type { Store } from './storage.ts';

const prefix = 'regulars.e.';
const lostName = 'regulars.lost';

export type Limits = { events: number; characters: number; event_bytes: number; batch_bytes: number };
/** An event of at most 32 kB, a batch of at most 500 kB (less what the envelope takes), as the door says. */
export const usualLimits: Limits = { events: 1000, characters: 1_000_000, event_bytes: 32_000, batch_bytes: 480_000 };

export type Batch = { names: string[]; events: string[]; bytes: number };
export type Queue = {
  /** Takes an event as JSON; returns its name, or null when it is too large to be sent at all. */
  add: (json: string) => string | null;
  /** The oldest events that fit into one delivery, of all tabs or, with `only`, of these names. */
  batch: (most_bytes?: number, only?: ReadonlySet<string>) => Batch;
  remove: (names: readonly string[]) => void;
  clear: () => void;
  /** How many were lost since the last time anybody asked and `forgive`d. */
  lost: () => number;
  forgive: (count: number) => void;
};

const encoder = new TextEncoder();
export const bytesOf = (text: string): number => encoder.encode(text).length;

export const openQueue = (store: Store, now: () => number, limits: Limits = usualLimits): Queue => {
  let count = 0;
  const tail = Math.random().toString(36).slice(2, 8);
  const names = (): string[] =>
    store
      .names()
      .filter(name => name.startsWith(prefix))
      .sort();
  const lost = (): number => Number(store.get(lostName)) || 0;
  const lose = (some: readonly string[], also = 0): void => {
    for (const name of some) store.remove(name);
    if (some.length + also > 0) store.set(lostName, String(lost() + some.length + also));
  };
  const keepCaps = (): void => {
    const all = names();
    let characters = 0;
    let first = all.length;
    while (first > 0 && all.length - first < limits.events) {
      characters += store.get(all[first - 1])?.length ?? 0;
      if (characters > limits.characters) break;
      first -= 1;
    }
    lose(all.slice(0, first));
  };
  return {
    add: json => {
      if (bytesOf(json) > limits.event_bytes) {
        lose([], 1);
        return null;
      }
      const name = `${prefix}${now()}.${String(count++).padStart(6, '0')}.${tail}`;
      // A full device makes room by its oldest event; one that takes nothing at all leaves it in memory.
      if (!store.set(name, json)) {
        const oldest = names()[0];
        if (oldest !== name) {
          lose([oldest]);
          store.set(name, json);
        }
      }
      keepCaps();
      return name;
    },
    batch: (most_bytes = limits.batch_bytes, only) => {
      const found: Batch = { names: [], events: [], bytes: 0 };
      for (const name of names()) {
        const json = only && !only.has(name) ? null : store.get(name);
        if (json === null) continue;
        const bytes = bytesOf(json) + 1;
        if (found.bytes + bytes > most_bytes) break;
        found.names.push(name);
        found.events.push(json);
        found.bytes += bytes;
      }
      return found;
    },
    remove: some => {
      for (const name of some) store.remove(name);
    },
    clear: () => {
      for (const name of [...names(), lostName]) store.remove(name);
    },
    lost,
    forgive: forgiven => {
      const rest = lost() - forgiven;
      if (rest > 0) store.set(lostName, String(rest));
      else store.remove(lostName);
    },
  };
};
