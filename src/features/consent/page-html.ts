/** The public pages as HTML: pure, no scripts, no inline styles, nothing loaded from elsewhere. Every value is escaped. */
import type { Texts } from '../../platform/texts.ts';
import { type Channel, channels } from './consent.ts';
import { pageLanguages, textsIn } from './languages.ts';
import type { Choice, PageLook, PageWords, Worded } from './page-words.ts';
import { type ChangeKind, keyOf, leaveReasons, type Person } from './preferences.ts';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => entities[character]);
const e = escapeHtml;

type Frame = { language: string; look: Pick<PageLook, 'brandId' | 'brand'>; title: string; path: string; body: string };

/** `path` is this page's own address without its query; the language switch keeps to it. */
export const frame = ({ language, look, title, path, body }: Frame): string => {
  const { text } = textsIn(language);
  const languages = pageLanguages
    .map(({ code, name }) =>
      code === language
        ? `<li><span lang="${code}" aria-current="true">${e(name)}</span></li>`
        : `<li><a lang="${code}" hreflang="${code}" rel="nofollow" href="${e(path)}?lang=${code}">${e(name)}</a></li>`,
    )
    .join('');
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex, nofollow">
<title>${e(title)}</title><link rel="stylesheet" href="/p/page.css"><link rel="stylesheet" href="/p/look/${look.brandId}.css"></head>
<body><header><p class="brand"><bdi>${e(look.brand)}</bdi></p><nav aria-label="${e(text('consent.page.languages'))}"><ul class="languages">${languages}</ul></nav></header>
<main>${body}</main>
</body></html>
`;
};

const button = (label: string, kind = ''): string =>
  `<button type="submit"${kind ? ` class="${kind}"` : ''}>${e(label)}</button>`;
const hidden = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${e(value)}">`)
    .join('');
const form = (action: string, fields: Record<string, string>, inner: string, label?: string): string =>
  `<form method="post" action="${e(action)}"${label ? ` aria-label="${e(label)}"` : ''}>${hidden(fields)}${inner}</form>`;

/** a•••@lantern.example: enough to recognise, too little to copy. */
export const maskEmail = (email: string): string => {
  const [name, domain] = email.split('@');
  return `${[...name][0] ?? ''}•••@${domain ?? ''}`;
};

export type PreferencePage = {
  path: string;
  worded: Worded & { look: PageLook };
  person: Person;
  /** Today's formats: a moment as a day in the reader's language. */
  day: (at: Date) => string;
  change: { id: string; kind: ChangeKind; undone: boolean; told: boolean; canUndo: boolean } | null;
  notice: 'undone' | 'asked_access' | 'asked_erasure' | 'thanks' | 'too_late' | null;
  /** What can be asked for here; empty when nobody would carry it out. */
  requests: readonly ('access' | 'erasure')[];
  /** The question before an erasure is asked for. */
  asking: 'erasure' | null;
  gpc: boolean;
};

export const preferencePage = (page: PreferencePage): string => {
  const { worded, person, path } = page;
  const { language, look, words } = worded;
  const { text } = textsIn(language);
  const action = `${path}?lang=${language}`;
  const body = [
    `<h1>${e(words.title)}</h1>`,
    notices(page, text, action),
    `<p class="intro">${e(words.intro)}</p>`,
    person.email ? `<p class="quiet">${e(text('consent.page.about', { address: maskEmail(person.email) }))}</p>` : '',
    page.asking === 'erasure' ? askErasure(text, action, path, language) : '',
    choiceForm(page, text, action),
    `<section aria-labelledby="stop"><h2 id="stop">${e(text('consent.page.stop_title'))}</h2><p>${e(text('consent.page.stop_text', { brand: look.brand }))}</p>${form(action, { do: 'stop', version: worded.version }, button(text('consent.page.stop'), 'danger'))}</section>`,
    pauseSection(page, text, action),
    dataSection(page, text, action),
    words.contact
      ? `<section aria-labelledby="contact"><h2 id="contact">${e(text('consent.page.contact'))}</h2><p>${e(words.contact)}</p></section>`
      : '',
    `<p class="quiet">${e(text('consent.page.change_email', { brand: look.brand }))}</p>`,
  ];
  return frame({ language, look, title: words.title, path, body: body.filter(Boolean).join('\n') });
};

type Say = Texts['text'];

const notices = ({ change, notice, person, gpc, day, worded }: PreferencePage, text: Say, action: string): string => {
  const lines: string[] = [];
  if (notice) lines.push(`<p>${e(text(`consent.page.notice.${notice}`, { brand: worded.look.brand }))}</p>`);
  if (change && !change.undone && !notice) {
    lines.push(`<p>${e(text(`consent.page.saved.${change.kind}`, { brand: worded.look.brand }))}</p>`);
    if (change.canUndo) lines.push(form(action, { do: 'undo', change: change.id }, button(text('consent.page.undo'), 'plain')));
  }
  if (person.pausedUntil) lines.push(`<p>${e(text('consent.page.paused_until', { day: day(person.pausedUntil) }))}</p>`);
  if (person.suppressed.includes('email')) lines.push(`<p>${e(text('consent.page.suppressed'))}</p>`);
  if (gpc) lines.push(`<p>${e(text('consent.page.gpc'))}</p>`);
  const told = lines.length === 0 ? '' : `<div class="notice" role="status">${lines.join('')}</div>`;
  const left = change && !change.undone && !change.told && !notice && (change.kind === 'stop_all' || change.kind === 'one_click');
  return told + (left ? reasonForm(change.id, text, action) : '');
};

const reasonForm = (change: string, text: Say, action: string): string => {
  const reasons = leaveReasons
    .map(
      reason =>
        `<li><label><input type="radio" name="reason" value="${reason}" required> ${e(text(`consent.page.reason.${reason}`))}</label></li>`,
    )
    .join('');
  return `<section aria-labelledby="why">${form(
    action,
    { do: 'reason', change },
    `<fieldset><legend id="why">${e(text('consent.page.reason_title'))}</legend><ul class="plain">${reasons}</ul>
<label class="block">${e(text('consent.page.reason_words'))}<textarea name="words" maxlength="500" rows="2"></textarea></label></fieldset>${button(text('consent.page.reason_send'), 'plain')}`,
  )}</section>`;
};

const choiceForm = ({ worded, person }: PreferencePage, text: Say, action: string): string => {
  const { words } = worded;
  const fields = (choice: Choice): string => {
    const rows = choice.channels.filter(channel => person.reach.has(channel));
    if (rows.length === 0) return '';
    const { name, description, frequency } = choice.words;
    const id = `c-${choice.purpose}-${choice.topic}`;
    const boxes = rows
      .map(channel => {
        const key = keyOf(choice.purpose, channel, choice.topic);
        const label = channel === 'web' ? text('consent.page.allow') : text(`consent.page.channel.${channel}`);
        return `<li><label><input type="checkbox" name="on" value="${e(key)}"${person.on.has(key) ? ' checked' : ''} aria-describedby="${id}"> ${e(label)}</label><input type="hidden" name="shown" value="${e(key)}"></li>`;
      })
      .join('');
    return `<fieldset class="choice"><legend>${e(name)}</legend><p id="${id}">${e(description)}${frequency ? ` <span class="quiet">${e(frequency)}</span>` : ''}</p><ul class="plain inline">${boxes}</ul></fieldset>`;
  };
  const uses = words.uses.map(fields).join('\n');
  return `<section aria-labelledby="choices"><h2 id="choices">${e(text('consent.page.choices'))}</h2>
${form(
  action,
  { do: 'save', version: worded.version },
  `${words.choices.map(fields).join('\n')}${uses ? `<h2>${e(text('consent.page.uses'))}</h2>${uses}` : ''}
<p>${button(text('consent.page.save'))}</p>`,
)}</section>`;
};

const pauseSection = ({ worded, person }: PreferencePage, text: Say, action: string): string => {
  const one = (fields: Record<string, string>, label: string) =>
    form(action, { ...fields, version: worded.version }, button(label, 'plain'));
  const going = person.pausedUntil || person.gapDays !== null;
  return `<section aria-labelledby="pause"><h2 id="pause">${e(text('consent.page.pause_title'))}</h2><p>${e(text('consent.page.pause_text'))}</p>
${person.gapDays === null ? '' : `<p>${e(text('consent.page.gap_now', { count: person.gapDays }))}</p>`}
<div class="row">${one({ do: 'pause', days: '30' }, text('consent.page.pause_days', { count: 30 }))}${one({ do: 'pause', days: '90' }, text('consent.page.pause_days', { count: 90 }))}
${one({ do: 'gap', days: '7' }, text('consent.page.gap_week'))}${one({ do: 'gap', days: '30' }, text('consent.page.gap_month'))}
${going ? one({ do: 'resume' }, text('consent.page.resume')) : ''}</div></section>`;
};

const dataSection = ({ requests, path, worded }: PreferencePage, text: Say, action: string): string => {
  if (requests.length === 0) return '';
  const access = requests.includes('access')
    ? form(action, { do: 'ask', kind: 'access' }, button(text('consent.page.ask_access'), 'plain'))
    : '';
  const erasure = requests.includes('erasure')
    ? `<form method="get" action="${e(path)}">${hidden({ ask: 'erasure', lang: worded.language })}${button(text('consent.page.ask_erasure'), 'plain')}</form>`
    : '';
  return `<section aria-labelledby="data"><h2 id="data">${e(text('consent.page.data_title'))}</h2><p>${e(text('consent.page.data_text', { brand: worded.look.brand }))}</p><div class="row">${access}${erasure}</div></section>`;
};

const askErasure = (text: Say, action: string, path: string, language: string): string =>
  `<section class="asking" aria-labelledby="asking"><h2 id="asking">${e(text('consent.page.erasure_title'))}</h2><p>${e(text('consent.page.erasure_text'))}</p>
<div class="row">${form(action, { do: 'ask', kind: 'erasure' }, button(text('consent.page.erasure_yes'), 'danger'))}<p><a href="${e(path)}?lang=${language}">${e(text('consent.page.erasure_no'))}</a></p></div></section>`;

// ---- smaller pages --------------------------------------------------------------------------------------------------------

type Small = { path: string; language: string; look: Pick<PageLook, 'brandId' | 'brand'> };

/** One message, and perhaps a form to press. */
export const smallPage = (at: Small, title: string, lines: readonly string[], inner = ''): string =>
  frame({ ...at, title, body: `<h1>${e(title)}</h1>${lines.map(line => `<p>${e(line)}</p>`).join('')}${inner}` });

/** The front door: an address, and the same answer whoever asks. */
export const entryForm = (text: Say, language: string, email = '', fault = ''): string =>
  form(
    `/p?lang=${language}`,
    {},
    `<label class="block" for="email">${e(text('consent.page.entry_email'))}</label>
<input id="email" name="email" type="email" autocomplete="email" required maxlength="254" value="${e(email)}"${fault ? ' aria-invalid="true" aria-describedby="email-fault"' : ''}>
${fault ? `<p id="email-fault" class="fault">${e(fault)}</p>` : ''}<p>${button(text('consent.page.entry_send'))}</p>`,
  );

export const pressForm = (action: string, fields: Record<string, string>, label: string, kind = ''): string =>
  form(action, fields, `<p>${button(label, kind)}</p>`);

export const isChannel = (text: unknown): text is Channel => (channels as readonly unknown[]).includes(text);

/** What a topic is called on this page, for a sentence about one choice. */
export const choiceName = (words: PageWords, purpose: string, topic: string): string | null =>
  words.choices.find(choice => choice.purpose === purpose && choice.topic === topic)?.words.name ?? null;

/** Black or white, whichever reads better on this colour (WCAG relative luminance). */
export const inkOn = (colour: string): '#000000' | '#ffffff' => {
  const channel = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? '#ffffff' : '#000000';
};
