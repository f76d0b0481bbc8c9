/** Texts by name in localStorage, or in memory where the browser keeps nothing: private mode, blocked storage, a full disk. */

export type Store = {
  get: (name: string) => string | null;
  /** False when it could not be kept on the device; it is then kept in memory, until the page goes. */
  set: (name: string, value: string) => boolean;
  remove: (name: string) => void;
  /** All names, of the device and of memory. */
  names: () => string[];
};

/** `device` may throw on any use, even on being asked for: that is what blocked storage does. */
export const openStore = (device: () => Storage): Store => {
  const memory = new Map<string, string>();
  const attempt = <T>(work: (storage: Storage) => T, otherwise: T): T => {
    try {
      return work(device());
    } catch {
      return otherwise;
    }
  };
  return {
    get: name => memory.get(name) ?? attempt(storage => storage.getItem(name), null),
    set: (name, value) => {
      const kept = attempt(storage => {
        storage.setItem(name, value);
        return storage.getItem(name) === value;
      }, false);
      if (kept) memory.delete(name);
      else memory.set(name, value);
      return kept;
    },
    remove: name => {
      memory.delete(name);
      attempt(storage => storage.removeItem(name), undefined);
    },
    names: () => [
      ...new Set([
        ...attempt(storage => Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? ''), [] as string[]),
        ...memory.keys(),
      ]),
    ],
  };
};
