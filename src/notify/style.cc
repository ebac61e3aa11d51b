#include "notify/status_page.h"

namespace oki::notify {
namespace {

// Every colour has a contrast of at least 4.5:1 on the surface it stands on, in both themes.
constexpr ByteView style = R"css(:root {
  color-scheme: light dark;
  --ground: #f4f6f8;
  --surface: #fff;
  --edge: #dfe4ea;
  --ink: #18222d;
  --quiet: #566373;
  --link: #1f5aa6;
  --operational: #0b6b4c;
  --degraded: #8a5a00;
  --partial: #b04a00;
  --major: #b3202c;
  --unknown: #4d5866;
  --operational-tint: #e7f4ee;
  --degraded-tint: #fbf2dd;
  --partial-tint: #fcebdd;
  --major-tint: #fbe6e8;
  --unknown-tint: #e9edf1;
  --copy: #18222d;
  --work: #2f5fb3;
  --work-tint: #e6edf9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f151d;
    --surface: #161d27;
    --edge: #2a3442;
    --ink: #e8edf3;
    --quiet: #a3b0bf;
    --link: #9cc0ff;
    --operational: #6fdcb0;
    --degraded: #ffcf66;
    --partial: #ffab70;
    --major: #ff8b95;
    --unknown: #b9c4d1;
    --operational-tint: #14302a;
    --degraded-tint: #33290f;
    --partial-tint: #382214;
    --major-tint: #3a1b20;
    --unknown-tint: #222c38;
    --copy: #e8edf3;
    --work: #9cc0ff;
    --work-tint: #1a2a45;
  }
}
*, ::before, ::after { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.65 system-ui, "Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", sans-serif;
  overflow-wrap: break-word;
  font-variant-numeric: tabular-nums;
}
a { color: var(--link); text-underline-offset: .2em; }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
h1 { font-size: 1.5rem; line-height: 1.35; }
h2 { font-size: 1.0625rem; line-height: 1.4; }
h3 { font-size: .875rem; font-weight: 600; color: var(--quiet); margin: 1rem 0 .25rem; }
ul, ol { list-style: none; }
.column { width: min(100% - 2rem, 56rem); margin-inline: auto; }
.note { color: var(--quiet); font-size: .875rem; font-weight: 400; }
.below { display: block; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; background: var(--surface); padding: .5rem 1rem; z-index: 1; }

.masthead { background: var(--surface); border-bottom: 1px solid var(--edge); }
.masthead .column { display: flex; align-items: center; justify-content: space-between; gap: 1rem;
  min-height: 3.75rem; }
.brand { display: flex; align-items: center; gap: .625rem; color: var(--ink); font-weight: 650;
  text-decoration: none; }
.brand svg { width: 1.75rem; height: 1.75rem; flex: none; }
.mark { fill: var(--link); }
.mark-line { fill: none; stroke: var(--surface); stroke-width: 2; stroke-linecap: round;
  stroke-linejoin: round; }

main { display: grid; gap: 1rem; padding-block: 1.5rem; }
main > *, .groups > * { min-width: 0; }
.banner { display: flex; gap: 1.125rem; padding: 1.5rem; border-radius: 14px;
  background: var(--tint); border: 1px solid var(--tone); }
.banner h1 { color: var(--tone); }
.banner p { margin-top: .375rem; font-size: .9375rem; }
.banner .icon { width: 2.5rem; height: 2.5rem; flex: none; }
.banner .actions { margin-top: .875rem; align-items: baseline; }

.card { background: var(--surface); border: 1px solid var(--edge); border-radius: 14px;
  padding: 1.25rem 1.5rem; }
.current { border-left: 4px solid var(--major); }
.current dl { margin-block: .75rem; }
.groups { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); }
.rows { margin-top: .5rem; }
.rows li { display: flex; align-items: center; justify-content: space-between; gap: 1rem;
  padding-block: .625rem; border-top: 1px solid var(--edge); }
.rows li:first-child { border-top: 0; }
.rows li:last-child { padding-bottom: 0; }
.rows .name { font-weight: 500; min-width: 0; }
.rows + .note { margin-top: .625rem; }
.badge { display: inline-flex; align-items: center; gap: .4375rem; flex: none; color: var(--tone);
  font-size: .9375rem; font-weight: 500; }
.icon { width: 1.125rem; height: 1.125rem; fill: none; stroke: var(--tone); stroke-width: 1.5;
  stroke-linecap: round; stroke-linejoin: round; flex: none; }
.icon .solid { fill: var(--tone); }

dl > div { display: grid; grid-template-columns: 9rem 1fr; gap: .125rem 1rem;
  padding-block: .3125rem; }
dt { color: var(--quiet); font-size: .9375rem; }
.heading { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
.phase { flex: none; font-size: .8125rem; font-weight: 600; padding: .125rem .625rem;
  border-radius: 99px; color: var(--tone); background: var(--tint); }
.updates li, .timeline li { border-left: 2px solid var(--tone); padding: .125rem 0 .125rem 1rem; }
.updates { margin-top: .75rem; display: grid; gap: 1rem; }
.timeline { display: grid; gap: .5rem; }
.timeline li { display: flex; gap: 1rem; }
.timeline time { color: var(--quiet); flex: none; }
.timeline + .note { margin-top: 1rem; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; }
fieldset { border: 1px solid var(--edge); border-radius: 10px; padding: .75rem 1rem 1rem;
  margin: 1rem 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
fieldset .note { flex-basis: 100%; }
legend { font-weight: 600; padding-inline: .375rem; }
.choice { display: inline-flex; align-items: center; gap: .5rem; min-height: 2.75rem; }
.choice input { width: 1.25rem; height: 1.25rem; accent-color: var(--link); }
.field { display: block; font-weight: 600; margin: 1rem 0 .25rem; }
input[type="email"] { font: inherit; width: 100%; max-width: 28rem; min-height: 2.75rem;
  padding: .5rem .75rem; color: var(--ink); background: var(--ground);
  border: 1px solid var(--quiet); border-radius: 8px; }
.button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.25rem; border: 0;
  border-radius: 8px; color: var(--surface); background: var(--link); cursor: pointer; }
input:focus-visible, .button:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.card form { margin-top: .75rem; }
.card form + h2 { margin-top: 2rem; }
.address { font-weight: 600; overflow-wrap: anywhere; }
.stale { border-left: 4px solid var(--major); font-weight: 600; }
.error { color: var(--major); font-weight: 600; }
footer { color: var(--quiet); font-size: .875rem; padding-bottom: 3rem; display: grid;
  gap: .375rem; }

.told { border-left: 4px solid var(--tone); }
.told p { margin-top: .5rem; }
.told dl { margin-block: .75rem; }
.updates p { margin-top: .25rem; }
.bars { display: block; width: 100%; height: 2.25rem; margin-top: .75rem; }
.bars + p { margin-top: .375rem; }
.actions + .note { margin-top: .5rem; }
.bar { fill: var(--tone); }
.bar-good { fill: var(--operational); opacity: .7; }
.bar-none { fill: var(--edge); }
.ends { display: flex; justify-content: space-between; }

.state-copy { --tone: var(--copy); --tint: var(--unknown-tint); }
.phase-identified { --tone: var(--partial); --tint: var(--partial-tint); }
.phase-postmortem, .phase-cancelled { --tone: var(--unknown); --tint: var(--unknown-tint); }
.phase-ahead, .phase-under_way { --tone: var(--work); --tint: var(--work-tint); }
.state-operational, .phase-resolved { --tone: var(--operational); --tint: var(--operational-tint); }
.state-degraded_performance { --tone: var(--degraded); --tint: var(--degraded-tint); }
.phase-monitoring { --tone: var(--degraded); --tint: var(--degraded-tint); }
.state-partial_outage { --tone: var(--partial); --tint: var(--partial-tint); }
.state-major_outage, .phase-investigating { --tone: var(--major); --tint: var(--major-tint); }
.state-unknown { --tone: var(--unknown); --tint: var(--unknown-tint); }

@media (max-width: 34rem) {
  .banner { padding: 1.125rem; gap: .875rem; }
  .banner .icon { width: 2rem; height: 2rem; }
  h1 { font-size: 1.25rem; }
  .card { padding: 1rem 1.125rem; }
  dl > div { grid-template-columns: 1fr; }
}
@media print { .actions, .language, .skip { display: none; } }
)css";

constexpr ByteView icon = R"svg(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<path fill="#1f5aa6" d="M16 4 30 16H25V27H7V16H2Z"/>
<path fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"
 d="M10 21h3l2-5 3 8 2-3h3"/>
</svg>
)svg";

}  // namespace

ByteView style_sheet() { return style; }
ByteView icon_svg() { return icon; }

}  // namespace oki::notify
