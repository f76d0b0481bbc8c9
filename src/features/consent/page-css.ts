/** How the public pages look: system fonts, one accent colour (the brand's), light and dark, from 320 px. */
export const pageCss = `
:root { color-scheme: light dark; --ink: #1a1d26; --quiet: #545b69; --back: #f5f6f9; --card: #ffffff; --line: #cfd4df; --field: #767e8e; --notice: #e6f1ea; --danger: #a3221f; --on-danger: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef3; --quiet: #b3bac8; --back: #14161c; --card: #1d2028; --line: #3a404d; --field: #8b93a3; --notice: #1d3327; --danger: #ff8a85; --on-danger: #14161c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere; }
header { background: var(--brand); color: var(--on-brand); padding: .9rem max(1rem, calc(50vw - 21rem)); display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; justify-content: space-between; }
header a { color: inherit; }
.brand { margin: 0; font-size: 1.15rem; font-weight: 650; }
.languages { display: flex; gap: .35rem; list-style: none; margin: 0; padding: 0; }
.languages a, .languages span { display: inline-block; min-height: 24px; padding: .1rem .4rem; }
.languages span { font-weight: 650; }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; }
h2 { font-size: 1.15rem; margin: 0 0 .35rem; }
form h2 { margin-top: 1.5rem; }
p { margin: 0 0 .75rem; }
.quiet { color: var(--quiet); font-size: .93rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.1rem 1.15rem; margin: 1rem 0; }
.notice { background: var(--notice); border-radius: .75rem; padding: .9rem 1.15rem; margin: 0 0 1rem; }
.notice p:last-child { margin: 0; }
.asking { border: 2px solid var(--danger); }
fieldset { border: 0; border-block-start: 1px solid var(--line); margin: 0; padding: .9rem 0 .5rem; min-width: 0; }
section form > fieldset:first-of-type { border: 0; padding-block-start: .3rem; }
legend { float: inline-start; width: 100%; font-weight: 600; padding: 0; }
legend + * { clear: both; }
.choice p { margin-bottom: .4rem; }
ul.plain { list-style: none; margin: 0 0 .5rem; padding: 0; }
ul.inline { display: flex; flex-wrap: wrap; gap: .15rem 1.5rem; }
label { cursor: pointer; }
.plain label { display: inline-flex; align-items: center; gap: .5rem; min-height: 2rem; }
.block { display: block; margin-bottom: .4rem; }
input[type=checkbox], input[type=radio] { width: 1.2rem; height: 1.2rem; margin: 0; accent-color: var(--brand); flex: none; }
input[type=email], textarea { display: block; width: 100%; max-width: 26rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--field); border-radius: .5rem; padding: .55rem .7rem; margin-block: .3rem .6rem; }
button { font: inherit; font-weight: 600; border: 1px solid transparent; border-radius: .55rem; padding: .6rem 1.05rem; min-height: 2.75rem; cursor: pointer; background: var(--brand); color: var(--on-brand); border-color: var(--field); }
button.plain { background: var(--card); color: var(--ink); border-color: var(--field); }
button.danger { background: var(--danger); color: var(--on-danger); }
a, button, input, textarea { outline-offset: 2px; }
:focus-visible { outline: 3px solid var(--ink); }
header :focus-visible { outline-color: currentcolor; }
.row { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
.row p { margin: 0; }
.fault { color: var(--danger); font-weight: 600; }
main a { color: inherit; }
@media print { header nav, button { display: none; } }
`;
