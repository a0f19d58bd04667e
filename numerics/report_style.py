"""The style sheet of a report: light and dark, narrow and wide, on screen and on paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --ink: #1b1f24; --faint: #8b949e; --paper: #ffffff; --soft: #f4f6f8; --rule: #d5dbe1;
  --note: #fff6e0; --note-rule: #c77700; --link: #0b5cad;
  --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #b5578f; --c4: #c98a00; --c5: #3d9bd4;
  --c6: #1b1f24;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4e8ec; --faint: #87919c; --paper: #14171b; --soft: #1d2127; --rule: #39414a;
    --note: #2d2513; --note-rule: #e0a030; --link: #7db8f0;
    --c0: #4fb0ea; --c1: #ff8a3d; --c2: #35c99b; --c3: #e39ac6; --c4: #f0b93a; --c5: #8accf5;
    --c6: #e4e8ec;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 60rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: break-word;
}
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 {
  font-size: 1.2rem; margin: 2.6rem 0 .8rem; padding-bottom: .25rem;
  border-bottom: 1px solid var(--rule);
}
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p, ul, ol, dl { margin: .6rem 0; }
li + li { margin-top: .35rem; }
a { color: var(--link); }
.subtitle { color: var(--faint); margin: 0; }
.status { list-style: none; padding: 0; margin: 1.2rem 0; }
.status li {
  padding: .55rem .8rem; border-left: 4px solid var(--rule); background: var(--soft);
}
.status li.good { border-left-color: var(--c2); }
.status li.warning { border-left-color: var(--note-rule); background: var(--note); }
figure { margin: 1rem 0; }
figure svg {
  display: block; width: 100%; height: auto; margin: 0 auto;
  max-width: calc(var(--width) * 1.85px);
}
figcaption {
  color: var(--faint); font-size: .875rem; max-width: 44rem; margin: .4rem auto 0;
  text-align: center;
}
.grid {
  display: grid; gap: .5rem 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr));
}
.grid figure { margin: .4rem 0; }
.grid svg { max-width: calc(var(--width) * 1.6px); }
.scroll { overflow-x: auto; }
.formula svg {
  min-width: calc(var(--width) * 1px); max-width: calc(var(--width) * 1.4px); margin: 0;
}
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .6rem 0; }
caption { text-align: left; color: var(--faint); font-size: .875rem; padding-bottom: .3rem; }
th, td { padding: .35rem .8rem .35rem 0; text-align: left; vertical-align: baseline; }
thead th { border-bottom: 1px solid var(--ink); font-weight: 600; }
tbody tr + tr > * { border-top: 1px solid var(--rule); }
tbody th { font-weight: 400; white-space: nowrap; }
td.number { white-space: nowrap; }
td.correlation { text-align: center; padding: .35rem .6rem; white-space: nowrap; }
.correlations th { padding-right: .6rem; }
.lost { color: var(--note-rule); }
.symbol { font-family: "STIX Two Text", "Times New Roman", Times, serif; font-size: 1.08em; }
sub, sup { font-size: .72em; line-height: 0; }
code, pre { font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre {
  background: var(--soft); border: 1px solid var(--rule); border-radius: 4px;
  padding: .7rem .9rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere;
}
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; }
dl.facts dt { color: var(--faint); }
dl.facts dd ol { margin: 0; padding-left: 1.2rem; }
dl.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
details > summary { cursor: pointer; color: var(--link); }
@media (max-width: 34rem) {
  body { padding: 1.2rem .9rem 3rem; }
  h1 { font-size: 1.4rem; }
  dl.facts { grid-template-columns: 1fr; gap: .1rem; }
  dl.facts dd ol { margin: 0; padding-left: 1.2rem; }
dl.facts dd { margin-bottom: .5rem; }
}
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  figure, table, .status li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; }
  .formula svg { min-width: 0; }
}
"""
