/**
 * /regulars.js. Loaded by the snippet, which has queued calls since the page began, or by a plain script tag with data-write-key. Loaded
 * twice, it starts once.
 */
import { type LoadOptions, openTracker, type Tracker, version } from './tracker.ts';

type Call = [name: string, ...words: unknown[]];
type Loaded = Tracker & { version: string; load: (writeKey: string, options?: LoadOptions) => void };

const methods = ['identify', 'track', 'page', 'reset', 'consent', 'privacy', 'ready'] as const;

const begin = (): void => {
  const page = window as unknown as { regulars?: (Call[] & Partial<Loaded>) | Loaded };
  if (page.regulars && 'version' in page.regulars) return;
  const script = document.currentScript as HTMLScriptElement | null;
  const home = (script?.src ?? '').replace(/\/regulars\.js.*$/, '');
  const early: Call[] = Array.isArray(page.regulars) ? [...page.regulars] : [];
  let tracker: Tracker | null = null;
  const loaded: Record<string, unknown> = { version };
  for (const name of methods)
    loaded[name] = (...words: unknown[]) => {
      if (tracker) return (tracker[name] as (...words: unknown[]) => unknown)(...words);
      early.push([name, ...words]);
      return undefined;
    };
  const load = (writeKey: string, options: LoadOptions = {}): void => {
    if (tracker) return;
    tracker = openTracker(writeKey, (options.host ?? home).replace(/\/$/, ''), options);
    for (const [name, ...words] of early.splice(0))
      if (name !== 'load') (loaded[name] as (...words: unknown[]) => void)?.(...words);
  };
  loaded.load = load;
  page.regulars = loaded as Loaded;
  const call = early.find(([name]) => name === 'load');
  const writeKey = script?.dataset.writeKey;
  if (call) load(call[1] as string, call[2] as LoadOptions);
  else if (writeKey) {
    early.unshift(['page']);
    load(writeKey);
  }
};

begin();
