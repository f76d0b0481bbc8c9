/**
 * How a feature adds screens: one value, `screens = defineScreens({...})`, in its `web/index.tsx`; `src/screens.ts` lists them.
 * Pages are loaded when first opened, so an entry here costs the shell a few bytes only.
 */
import type { ComponentType } from 'react';

/** A `texts/<language>.ts` exports its record under the language's name: `export const en = {...}`. */
export type TextsModule = Record<string, Record<string, string>>;
type Icon = ComponentType<{ size?: number | string; stroke?: number | string; className?: string }>;
// Pages take their parameters from the URL; panels take props of their slot.
// biome-ignore lint/suspicious/noExplicitAny: a lazily loaded component may have any props
type Lazy = () => Promise<{ default: ComponentType<any> }>;

/** An entry of the main navigation. `title` is a text key; hidden when the reader lacks `needs`. */
export type NavItem = { to: string; title: string; icon: Icon; order: number; needs?: string };

/** A page under an address; `:id` marks a parameter. */
export type Screen = {
  path: string;
  /** Text key: name of the browser tab and of the page for screen readers. */
  title: string;
  load: Lazy;
  needs?: string;
  /** "full": no padding, the page fills the window (canvas, inbox). "bare": without shell (login). */
  frame?: 'page' | 'full' | 'bare';
};

/** A page of the settings: `group` is a text key under which the settings menu lists it. */
export type SettingsItem = {
  to: string;
  title: string;
  description: string;
  icon: Icon;
  group: string;
  order: number;
  needs?: string;
};

/** An entry of the command palette (Ctrl K). `run` gets a function to go somewhere. */
export type CommandAction = {
  key: string;
  title: string;
  icon: Icon;
  needs?: string;
  to?: string;
  run?: (go: (to: string) => void) => void;
};
export type CommandHit = { key: string; title: string; detail?: string; to: string; icon: Icon };
/** Finds records as the reader types in the command palette; answers the best few. */
export type CommandSearch = {
  key: string;
  title: string;
  needs?: string;
  find: (query: string, signal: AbortSignal) => Promise<CommandHit[]>;
};

/** A typed place on the web side, exported by the feature that owns the noun; same idea as platform/slot.ts. */
export type WebSlot<T> = { readonly name: string; readonly order?: (value: T) => number };
export type WebFill = { readonly slot: string; readonly value: unknown };

export const defineWebSlot = <T>(name: string, order?: (value: T) => number): WebSlot<T> => ({ name, order });
export const fillWeb = <T>(slot: WebSlot<T>, ...values: T[]): WebFill[] => values.map(value => ({ slot: slot.name, value }));

export type Screens = {
  name: string;
  /** Language -> file of texts: `{ en: () => import('../texts/en.ts') }`. */
  texts: { en: () => Promise<TextsModule> } & Record<string, () => Promise<TextsModule>>;
  /** Its sentences stand on its own pages and seldom elsewhere: other pages do not wait for them (read by vite.config.ts too). */
  lateTexts?: true;
  nav: readonly NavItem[];
  routes: readonly Screen[];
  settings: readonly SettingsItem[];
  actions: readonly CommandAction[];
  searches: readonly CommandSearch[];
  fills: readonly WebFill[];
};

const empty = { nav: [], routes: [], settings: [], actions: [], searches: [], fills: [] };

/** A feature says what it has; what it leaves out is empty. */
export const defineScreens = (screens: Partial<Screens> & Pick<Screens, 'name' | 'texts'>): Screens => ({ ...empty, ...screens });

// ---- what was put into the house, gathered once at start --------------------------------------------------------

let gathered: readonly Screens[] = [];

export const gatherScreens = (all: readonly Screens[]): void => {
  gathered = all;
};

const byOrder = <T extends { order: number }>(items: T[]): T[] => items.sort((one, other) => one.order - other.order);

export const allNav = (): NavItem[] => byOrder(gathered.flatMap(one => one.nav));
export const allSettings = (): SettingsItem[] => byOrder(gathered.flatMap(one => one.settings));
export const allActions = (): CommandAction[] => gathered.flatMap(one => one.actions);
export const allSearches = (): CommandSearch[] => gathered.flatMap(one => one.searches);

/** Everything that features put into a slot. */
export const slotValues = <T>(slot: WebSlot<T>): T[] => {
  const values = gathered.flatMap(one => one.fills.filter(fill => fill.slot === slot.name).map(fill => fill.value as T));
  const { order } = slot;
  return order ? values.sort((one, other) => order(one) - order(other)) : values;
};
