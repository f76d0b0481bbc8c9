/** The snippet's heart: what each call of the API does, behind the gate. Knows the browser, not how it was loaded. */
import { type Answer, fateOf, type Mode, type Privacy, parseAnswer, readGate, writeAnswer } from './gate.ts';
import { readCampaign, readPage, readZone, withoutSecrets } from './page-info.ts';
import { openQueue } from './queue.ts';
import { openStore } from './storage.ts';
import { openStopwatch, type Stopwatch } from './time-on-page.ts';
import { openTransport, postTo } from './transport.ts';
import { newId, openKept } from './visitor.ts';

export const version = '1.0.0';

export type Settings = {
  consent: Mode;
  /** Events before the answer of a shop that asks: forgotten, or kept in memory until it comes. */
  before: 'drop' | 'hold';
  /** Changes of the address without a new page count as pages. */
  spa: boolean;
  /** "Page Left" with the seconds that the page was looked at. */
  time: boolean;
};
export type LoadOptions = Partial<Settings> & {
  /** Address of Regulars; default: where the script came from. */
  host?: string;
};
type Values = Record<string, unknown>;
export type CallOptions = { timestamp?: Date | string; context?: Values; signature?: string };

const mostHeld = 200;
const idName = 'regulars_id';
const answerName = 'regulars_consent';
const userName = 'regulars.user';
const settingsName = 'regulars.settings';

const warn = (sentence: string): void => console.warn(`Regulars: ${sentence}`);
const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null;

export const openTracker = (writeKey: string, host: string, options: LoadOptions) => {
  const store = openStore(() => localStorage);
  const kept = openKept(document, location, store);
  const queue = openQueue(store, () => Date.now());
  const transport = openTransport(writeKey, queue, postTo(`${host}/v1/batch`));
  const gpc = (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true;
  const own = new Set<string>();
  let held: Values[] = [];
  let answer: Answer | null = parseAnswer(kept.get(answerName));
  let settings: Partial<Settings> = { ...readSettings(), ...options };
  let referrer = document.referrer;
  let page: { info: ReturnType<typeof readPage>; watch: Stopwatch; part: number } | null = null;
  let waiting: (() => void)[] | null = settings.consent ? null : [];

  function readSettings(): Partial<Settings> {
    try {
      return JSON.parse(store.get(settingsName) ?? '{}');
    } catch {
      return {};
    }
  }
  const privacy = (): Privacy => readGate(settings.consent ?? null, answer, gpc);

  // ---- who it is -------------------------------------------------------------------------------------------------

  /** Writing both copies every time is what heals a lost one. */
  const visitorId = (): string => {
    const known = kept.get(idName);
    const id = known && /^[\w-]{8,100}$/.test(known) ? known : newId();
    kept.set(idName, id);
    if (answer) kept.set(answerName, writeAnswer(answer));
    return id;
  };

  const forget = (): void => {
    held = [];
    queue.clear();
    own.clear();
    for (const name of [idName, answerName]) kept.forget(name);
    for (const name of [userName, settingsName]) store.remove(name);
  };

  // ---- events ----------------------------------------------------------------------------------------------------

  /** An event as Segment's API takes it, but for who it is about: that is known only once it may be known. */
  const build = (type: string, content: Values, { timestamp, context, signature }: CallOptions = {}): Values => {
    const campaign = readCampaign(location.search);
    return {
      type,
      messageId: `rg-${newId()}`,
      timestamp: (timestamp ? new Date(timestamp) : new Date()).toISOString(),
      ...content,
      context: {
        library: { name: 'regulars.js', version },
        page: readPage(referrer),
        userAgent: navigator.userAgent,
        locale: navigator.language,
        timezone: readZone(),
        ...(campaign && { campaign }),
        ...(gpc && { gpc }),
        ...context,
        ...(signature && { signature }),
      },
    };
  };

  /** Through the gate: into the queue (its name there), into memory, or nowhere. */
  const pass = (event: Values, fate = fateOf(privacy(), settings.before ?? 'hold')): string | null => {
    if (fate === 'hold') held = [...held, event].slice(-mostHeld);
    if (fate !== 'send') return null;
    if (event.type === 'identify' && event.userId) store.set(userName, event.userId as string);
    const { analytics, marketing } = privacy();
    const user = store.get(userName);
    const whole = {
      ...event,
      anonymousId: visitorId(),
      ...(user && { userId: user }),
      context: { ...(event.context as Values), consent: { categoryPreferences: { analytics, marketing } } },
    };
    const name = queue.add(JSON.stringify(whole));
    if (name === null) {
      warn('an event is larger than 32 kB and was not sent.');
      return null;
    }
    own.add(name);
    transport.flush();
    return name;
  };
  const say = (type: string, content: Values, more?: CallOptions): string | null => pass(build(type, content, more));

  /** After an answer or the settings: what was held goes its way. */
  const release = (): void => {
    for (const event of held.splice(0)) pass(event);
    if (!privacy().analytics || !settings.consent) return;
    visitorId();
    store.set(settingsName, JSON.stringify(settings));
  };

  // ---- time on page ----------------------------------------------------------------------------------------------

  /** "Page Left" for the time since the page was last left; null when it was hardly seen. */
  const leave = (): string | null => {
    const seconds = page?.watch.take() ?? 0;
    if (!page || !seconds || settings.time === false) return null;
    page.part += 1;
    const { info, part } = page;
    return say('track', { event: 'Page Left', properties: { seconds, part, path: info.path, title: info.title, url: info.url } });
  };

  const enter = (): void => {
    page = { info: readPage(referrer), watch: openStopwatch(() => performance.now()), part: 0 };
    if (document.visibilityState === 'visible') page.watch.start();
  };

  const farewell = (): void => {
    page?.watch.pause();
    transport.farewell(own, leave());
  };

  // ---- the API ---------------------------------------------------------------------------------------------------

  const api = {
    track: (event: string, properties?: Values, more?: CallOptions): void => {
      if (typeof event === 'string' && event) say('track', { event, properties: properties ?? {} }, more);
      else warn('track() needs the name of the event.');
    },
    /** page(), page(properties), page(name, properties), page(category, name, properties) */
    page: (...words: unknown[]): void => {
      const names = words.filter(word => typeof word === 'string');
      const properties = words.find(isValues);
      leave();
      enter();
      say('page', {
        ...(names.length > 0 && { name: names.at(-1) }),
        ...(names.length > 1 && { category: names[0] }),
        properties: { ...readPage(referrer), ...properties },
      });
    },
    /** identify(userId, traits, { signature }), identify(traits), identify({ userId, traits, signature }) */
    identify: (first?: unknown, second?: unknown, third?: CallOptions): void => {
      const whole = isValues(first) && ('userId' in first || 'signature' in first) ? first : null;
      const given = whole ? whole.userId : isValues(first) ? undefined : first;
      const traits = (whole ? whole.traits : isValues(first) ? first : second) ?? {};
      const more = whole ? (whole as CallOptions) : third;
      const userId = given === undefined || given === null || given === '' ? null : String(given);
      say('identify', { traits, ...(userId !== null && { userId }) }, more);
    },
    /** A person signs out, or hands the device on: the next visitor is somebody new. */
    reset: (): void => {
      store.remove(userName);
      held = [];
      kept.forget(idName);
      if (privacy().analytics) visitorId();
    },
    /** What the person answered. `remember` also keeps a no, without an id, where the shop asks first. */
    consent: (said: { analytics?: boolean; marketing?: boolean }, more?: { remember?: boolean }): void => {
      const before = privacy();
      answer = { analytics: said.analytics === true, marketing: said.marketing === true && said.analytics === true, gpc };
      const after = privacy();
      const changed = (['analytics', 'marketing'] as const).filter(purpose => before[purpose] !== after[purpose]);
      // Nobody who was never recorded has anything to take back.
      const told = before.analytics || after.analytics ? changed.map(purpose => sayConsent(purpose, after[purpose])) : [];
      if (answer.analytics) {
        release();
        return;
      }
      // The withdrawal itself still goes out, for the visitor who is then forgotten.
      transport.farewell(new Set(told as string[]), null);
      forget();
      if (more?.remember || settings.consent === 'allow') kept.set(answerName, writeAnswer(answer));
    },
    privacy: (): Privacy & { visitorId: string | null } => ({
      ...privacy(),
      visitorId: privacy().analytics ? visitorId() : null,
    }),
    /** Calls back once the settings are there, at once where they are. */
    ready: (callback: () => void): void => {
      if (waiting) waiting.push(callback);
      else callback();
    },
  };

  /** Goes past the gate, which may just have closed: for the visitor who was allowed until now. */
  const sayConsent = (purpose: string, allowed: boolean): string | null => {
    const properties = { channel: 'web', purpose, state: allowed ? 'subscribed' : 'unsubscribed', ...(gpc && { gpc }) };
    return pass(build('track', { event: 'Consent Changed', properties }), 'send');
  };

  // ---- the page comes and goes -----------------------------------------------------------------------------------

  const onAddress = (): void => {
    const url = withoutSecrets(location.href.split('#')[0]);
    if (!page || settings.spa === false || url === page.info.url) return;
    leave();
    referrer = page.info.url;
    page = null;
    // The new page writes its title after it has changed the address, and may say page() itself.
    setTimeout(() => page ?? api.page(), 0);
  };

  const start = (): void => {
    for (const name of ['pushState', 'replaceState'] as const) {
      const original = history[name];
      history[name] = function (this: History, ...words: Parameters<History['pushState']>) {
        original.apply(this, words);
        onAddress();
      };
    }
    addEventListener('popstate', onAddress);
    addEventListener('pagehide', farewell);
    addEventListener('online', () => transport.flush(true));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') farewell();
      else page?.watch.start();
    });
    // Taken out of the back-forward cache: the same page, seen again.
    addEventListener('pageshow', event => {
      if (event.persisted && page) api.page();
    });
    if (privacy().analytics) {
      visitorId();
      transport.flush();
    }
    void fetchSettings();
  };

  const fetchSettings = async (failures = 0): Promise<void> => {
    try {
      const answered = await fetch(`${host}/v1/projects/${encodeURIComponent(writeKey)}/settings`, { credentials: 'omit' });
      const fresh = ((await answered.json()) as { regulars?: Settings }).regulars;
      if (answered.ok && fresh) {
        settings = { ...fresh, ...options };
        release();
        const callbacks = waiting ?? [];
        waiting = null;
        for (const callback of callbacks) callback();
        return;
      }
      if (answered.status === 401) {
        warn('this write key is not known or was revoked.');
        return transport.stop();
      }
    } catch {
      // No network: tried again below.
    }
    setTimeout(() => void fetchSettings(failures + 1), Math.min(300_000, 2_000 * 2 ** failures));
  };

  start();
  return api;
};
export type Tracker = ReturnType<typeof openTracker>;
