/** The public page: plain HTML that works without scripts, by keyboard, read aloud, at 320 px, light and dark. */
import type { Language } from './languages.ts';
import { languages, textsIn } from './languages.ts';
import type { Question } from './questions.ts';

export type PageInput = {
  key: string;
  organisation: string;
  language: Language;
  why: string | null;
  questions: readonly Question[];
  /** Asks for the address: nobody's own link. */
  asksEmail: boolean;
  state: 'asking' | 'thanks' | 'known' | 'ended' | 'closed' | 'too_many' | 'not_found';
  faults: ReadonlySet<string>;
  sent: ReadonlyMap<string, string>;
  embedded: boolean;
  preview: boolean;
  nonce: string;
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);

export const writePage = (input: PageInput): string => {
  const { text } = textsIn(input.language);
  const t = (key: string, values?: Record<string, string>) => escapeHtml(text(key, values));
  const title = input.state === 'asking' ? text('welcome.page.title') : text(`welcome.page.${input.state}`);
  return `<!doctype html>
<html lang="${input.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${escapeHtml(title)} · ${escapeHtml(input.organisation)}</title>
<style nonce="${input.nonce}">${styles}</style></head>
<body${input.embedded ? ' class="embedded"' : ''}><main aria-labelledby="title">
<p class="shop">${escapeHtml(input.organisation)}</p>
<h1 id="title">${escapeHtml(title)}</h1>
${input.state === 'asking' ? writeForm(input, t) : `<p>${t(`welcome.page.${input.state}_why`, { shop: input.organisation })}</p>`}
</main>
${input.embedded ? '' : writeLanguages(input, t)}
</body></html>
`;
};

type Say = (key: string, values?: Record<string, string>) => string;

const writeForm = (input: PageInput, t: Say): string => {
  const why = input.why ? escapeHtml(input.why) : t('welcome.page.why', { shop: input.organisation });
  const faulty = input.faults.size > 0 ? `<p class="fault" role="alert">${t('welcome.page.look_again')}</p>` : '';
  return `<p>${why}</p>
${faulty}<form method="post" action="/w/${encodeURIComponent(input.key)}?lang=${input.language}${input.embedded ? '&amp;embed=1' : ''}" novalidate>
${input.asksEmail ? writeEmail(input, t) : ''}
${input.questions.map(question => writeQuestion(question, input, t)).join('\n')}
<div class="trap" aria-hidden="true"><label>Website <input name="website" tabindex="-1" autocomplete="off"></label></div>
<button${input.preview ? ' disabled' : ''}>${t('welcome.page.send')}</button>
<p class="small">${t('welcome.page.no_consent')}</p>
</form>`;
};

const writeEmail = (input: PageInput, t: Say): string => {
  const bad = input.faults.has('email');
  return `<div class="field"><label for="email">${t('welcome.page.email')}</label>
<input id="email" name="email" type="email" autocomplete="email" required maxlength="254" value="${escapeHtml(input.sent.get('email') ?? '')}"${bad ? ' aria-invalid="true" aria-describedby="email-fault"' : ''}>
${bad ? `<p class="fault" id="email-fault">${t('welcome.page.bad_email')}</p>` : ''}</div>`;
};

const writeQuestion = ({ code, choices }: Question, input: PageInput, t: Say): string => {
  const bad = input.faults.has(code);
  const fault = bad
    ? `<p class="fault" id="${code}-fault">${t(code === 'birthday' ? 'welcome.page.bad_day' : 'welcome.page.bad_choice')}</p>`
    : '';
  const describes = bad ? ` aria-describedby="${code}-fault"` : '';
  const sent = input.sent.get(code) ?? '';
  if (choices === null)
    return `<div class="field"><label for="${code}">${t(`welcome.question.${code}`)} <span class="small">${t('welcome.page.optional')}</span></label>
<input id="${code}" name="${code}" type="date" autocomplete="bday" value="${escapeHtml(sent)}"${bad ? ' aria-invalid="true"' : ''}${describes}>${fault}</div>`;
  const label = (choice: string) => (code === 'category_interest' ? escapeHtml(choice) : t(`welcome.${code}.${choice}`));
  const hint = (choice: string) =>
    code === 'main_concern' ? ` <span class="small">${t(`welcome.main_concern.${choice}.hint`)}</span>` : '';
  return `<fieldset${describes}><legend>${t(`welcome.question.${code}`)}${code === 'main_concern' ? '' : ` <span class="small">${t('welcome.page.optional')}</span>`}</legend>
${choices
  .map(
    choice =>
      `<label class="choice"><input type="radio" name="${code}" value="${escapeHtml(choice)}"${sent === choice ? ' checked' : ''}><span>${label(choice)}${hint(choice)}</span></label>`,
  )
  .join('\n')}${fault}</fieldset>`;
};

const writeLanguages = (input: PageInput, t: Say): string => `<nav aria-label="${t('welcome.page.language')}"><ul>
${languages
  .map(
    language =>
      `<li><a lang="${language}" hreflang="${language}" href="/w/${encodeURIComponent(input.key)}?lang=${language}"${language === input.language ? ' aria-current="true"' : ''}>${escapeHtml(textsIn(language).text('welcome.page.this_language'))}</a></li>`,
  )
  .join('')}</ul></nav>`;

const styles = `
:root { color-scheme: light dark; --ink: #1a1d26; --dim: #555c6b; --line: #c9ced9; --ground: #f6f7fa; --surface: #fff; --accent: #3b4cca; --on: #fff; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef4; --dim: #a9b0bf; --line: #454c5c; --ground: #14161c; --surface: #1c1f28; --accent: #a3b1ff; --on: #14161c; --bad: #ff9d94; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 24px 16px; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
body.embedded { padding: 8px; background: transparent; }
main { max-width: 34rem; margin: 0 auto; padding: 28px 24px; background: var(--surface); border: 1px solid var(--line); border-radius: 14px; }
.shop { margin: 0; color: var(--dim); font-weight: 600; }
h1 { margin: 4px 0 8px; font-size: 1.6rem; line-height: 1.25; }
p { margin: 0 0 16px; overflow-wrap: anywhere; }
.small { color: var(--dim); font-size: .875rem; font-weight: 400; }
fieldset { margin: 20px 0; padding: 0; border: 0; min-inline-size: 0; }
legend, .field > label { display: block; padding: 0; margin-block-end: 8px; font-weight: 600; }
.choice { display: flex; gap: 12px; align-items: flex-start; padding: 12px 14px; margin-block-end: 8px; border: 1px solid var(--line); border-radius: 10px; cursor: pointer; }
.choice:has(:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.choice input { inline-size: 20px; block-size: 20px; margin: 2px 0 0; flex: none; accent-color: var(--accent); }
.choice .small { display: block; }
.field { margin: 20px 0; }
.field input { inline-size: 100%; min-block-size: 44px; padding: 8px 12px; border: 1px solid var(--dim); border-radius: 10px; background: var(--surface); color: var(--ink); font: inherit; }
button { inline-size: 100%; min-block-size: 48px; margin: 4px 0 14px; border: 0; border-radius: 10px; background: var(--accent); color: var(--on); font: inherit; font-weight: 600; cursor: pointer; }
button:disabled { cursor: default; opacity: 1; background: var(--dim); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.fault { color: var(--bad); font-weight: 600; margin-block: 8px; }
.trap { position: absolute; inset-inline-start: -10000px; }
nav ul { display: flex; flex-wrap: wrap; gap: 16px; justify-content: center; list-style: none; margin: 20px 0 0; padding: 0; }
nav a { display: inline-block; padding: 6px; color: var(--dim); }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
@media (max-width: 400px) { body { padding: 12px 8px; } main { padding: 20px 16px; } }
`;
