/** Colours by name: light, dark. Every pair of ink and ground is at least 4.5 to 1, in both. */
const COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  ground: ['#ffffff', '#11181a'],
  raised: ['#f4f7f7', '#182124'],
  ink: ['#152022', '#e3ecec'],
  soft: ['#526164', '#9fb1b3'],
  edge: ['#d7dfe0', '#2b383b'],
  accent: ['#0b6b60', '#58cdb9'],
  select: ['#dcefec', '#17383a'],
  up: ['#8a4600', '#f0b370'],
  down: ['#0a5fa3', '#84c1f7'],
  good: ['#d2efdd', '#164531'],
  'good-ink': ['#0e5a35', '#8fe3b6'],
  busy: ['#d8e8fa', '#17395a'],
  'busy-ink': ['#0c4f8c', '#9accfb'],
  warn: ['#fbe6c4', '#4a3410'],
  'warn-ink': ['#7a4300', '#f5c277'],
  bad: ['#fadcda', '#521f20'],
  'bad-ink': ['#96201f', '#ffa9a2'],
  calm: ['#e6eaeb', '#2a3639'],
  'calm-ink': ['#46555a', '#b4c4c6'],
}

const declare = (value: (light: string, dark: string, name: string) => string): string =>
  Object.entries(COLOURS)
    .map(([name, [light, dark]]) => `--${name}:${value(light, dark, name)};`)
    .join('')
const given = (colour: string, name: string): string => `var(--inspector-${name},${colour})`

/** Follows the page's `color-scheme`; where a browser cannot, what its user prefers. */
export const STYLE: string = `
:host{${declare((light, _, name) => given(light, name))}
  display:flex;flex-direction:column;gap:12px;box-sizing:border-box;container-type:inline-size;
  block-size:640px;max-block-size:100%;min-block-size:320px;padding:12px;overflow:auto;
  background:var(--ground);color:var(--ink);border:1px solid var(--edge);border-radius:12px;
  font:13px/1.4 var(--inspector-font,system-ui,sans-serif);text-align:start}
:host([hidden]){display:none}
@media (prefers-color-scheme:dark){:host{${declare((_, dark, name) => given(dark, name))}}}
@supports (color:light-dark(#000,#fff)){:host{${declare((light, dark, name) => given(`light-dark(${light},${dark})`, name))}}}
*,::before,::after{box-sizing:border-box}
h3,p,dl,dd,ol,pre{margin:0;padding:0}
ol{list-style:none}
h3{font-size:12px;font-weight:650;letter-spacing:.02em}
[hidden]{display:none!important}
.unseen{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
button,select,input{font:inherit;color:var(--ink);background:var(--ground);border:1px solid var(--edge);border-radius:7px;
  min-block-size:30px;padding:2px 10px}
select{padding-inline:6px;max-inline-size:150px}
button{cursor:pointer;font-weight:550}
button:hover:not(:disabled){background:var(--raised);border-color:var(--soft)}
button:disabled{opacity:.5;cursor:default}
button[aria-pressed=true]{background:var(--warn);color:var(--warn-ink);border-color:transparent}
.icon{border:0;padding:0;inline-size:28px;min-block-size:28px;background:none}
input::placeholder{color:var(--soft);opacity:1}
:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.summary{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:center}
.state{padding:4px 12px 4px 10px;border-radius:99px;font-weight:650;white-space:nowrap}
.state::before{content:'';display:inline-block;inline-size:8px;block-size:8px;margin-inline-end:7px;border-radius:50%;background:currentColor}
.summary dl{display:flex;flex-wrap:wrap;gap:4px 20px}
.summary dl div{display:flex;flex-direction:column-reverse;min-inline-size:58px}
dt{color:var(--soft);font-size:11px}
.summary dd{font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}
[data-tone=open]{background:var(--good);color:var(--good-ink)}
[data-tone=connecting]{background:var(--busy);color:var(--busy-ink)}
[data-tone=waiting]{background:var(--warn);color:var(--warn-ink)}
[data-tone=closed]{background:var(--bad);color:var(--bad-ink)}
[data-tone=idle],[data-tone=paused]{background:var(--calm);color:var(--calm-ink)}
.overview{display:grid;gap:12px;flex:none}
section>header{display:flex;justify-content:space-between;align-items:center;gap:8px;min-block-size:30px}
.timeline,.carriers{background:var(--raised);border-radius:10px;padding:6px 12px 10px;min-inline-size:0}
.timeline select{background:none;min-block-size:26px;border-color:transparent;color:var(--soft)}
.lane{display:grid;grid-template-columns:72px minmax(0,1fr) 52px;align-items:center;gap:8px;margin-block-start:5px}
.label,.value{font-size:11px;color:var(--soft);white-space:nowrap}
.value{text-align:end;font-variant-numeric:tabular-nums;color:var(--ink);font-weight:600}
.strip{position:relative;block-size:20px;border-radius:5px;overflow:hidden;background:var(--ground)}
.strip li{container-type:inline-size;position:absolute;inset-block:0;min-inline-size:2px;overflow:hidden;white-space:nowrap;font-size:11px;font-weight:600;line-height:20px;
  border-inline-start:1px solid var(--ground)}
.strip span{display:block;padding-inline:6px;overflow:hidden;text-overflow:ellipsis}
@container (max-width:36px){.strip span{display:none}}
svg{inline-size:100%;block-size:34px;background:var(--ground);border-radius:5px}
.line{fill:none;stroke-width:1.5px;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.area{opacity:.16;stroke:none}
.latency.line{stroke:var(--accent)}.latency.area{fill:var(--accent)}
.unacknowledged.line{stroke:var(--down)}.unacknowledged.area{fill:var(--down)}
.queued.line{stroke:var(--up)}.queued.area{fill:var(--up)}
.ticks{display:flex;justify-content:space-between;color:var(--soft);font-size:11px;font-variant-numeric:tabular-nums}
.carriers{display:flex;flex-direction:column}
.carriers ol{flex:1 1 0;min-block-size:130px;overflow:auto;margin-inline:-4px;padding-inline:4px}
.carriers li{background:none;padding-block:6px;color:var(--ink)}
.carriers li+li{border-block-start:1px solid var(--edge)}
.carriers li div{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 8px}
.carriers .fate{padding:0 7px;border-radius:99px;font-size:11px;font-weight:600;white-space:nowrap}
.carriers [data-tone=open] .fate{background:var(--good);color:var(--good-ink)}
.carriers [data-tone=connecting] .fate{background:var(--busy);color:var(--busy-ink)}
.carriers [data-tone=waiting] .fate{background:var(--warn);color:var(--warn-ink)}
.carriers [data-tone=idle] .fate{background:var(--calm);color:var(--calm-ink)}
.carriers time{margin-inline-start:auto;color:var(--soft);font-size:11px;font-variant-numeric:tabular-nums}
.carriers p{color:var(--soft);font-size:12px;overflow-wrap:anywhere}
.carriers p:empty{display:none}
.toolbar{display:flex;flex-wrap:wrap;gap:6px;align-items:center}
.toolbar input[type=search]{flex:1 1 140px;min-inline-size:0}
.count{color:var(--soft);font-size:12px;font-variant-numeric:tabular-nums;min-inline-size:84px}
.actions{display:flex;flex-wrap:wrap;gap:6px;margin-inline-start:auto}
.notices:not(:has(.banner:not([hidden]),.complaint:not(:empty))){display:none}
.notices{display:grid;gap:8px}
.banner,.complaint:not(:empty){display:flex;flex-wrap:wrap;gap:8px;align-items:center;justify-content:space-between;padding:6px 12px;border-radius:8px}
.banner{background:var(--busy);color:var(--busy-ink);font-weight:600}
.complaint:not(:empty){background:var(--bad);color:var(--bad-ink)}
.main{display:grid;gap:12px;flex:1 0 280px;min-block-size:0;grid-template-rows:minmax(200px,1fr)}
.frames{position:relative;min-block-size:0;min-inline-size:0;border:1px solid var(--edge);border-radius:10px;overflow:hidden}
.grid{contain:layout paint style;position:absolute;inset:0;overflow:auto;overscroll-behavior:contain}
.grid:focus-visible{outline-offset:-2px;border-radius:10px}
.row{display:grid;grid-template-columns:88px 16px 84px minmax(0,1fr) 56px 62px 68px;align-items:center;gap:8px;block-size:26px;padding-inline:10px;white-space:nowrap}
.row>span{overflow:hidden;text-overflow:ellipsis}
.body{position:relative;overflow:hidden}
.rows{position:absolute;inset-inline:0;inset-block-start:0}
.rows .row{contain:layout paint style;position:absolute;inset-inline:0;inset-block-start:0;cursor:default}
.rows .row:hover{background:var(--raised)}
.rows .row[aria-selected=true]{background:var(--select)}
.head{position:sticky;inset-block-start:0;z-index:1}
.head .row{background:var(--raised);color:var(--soft);font-size:11px;font-weight:600;border-block-end:1px solid var(--edge)}
.time,.number,.size,.age{font-variant-numeric:tabular-nums;font-size:12px}
.rows .time,.rows .size{color:var(--soft)}
.number,.size,.age{text-align:end}
[data-way=up] .way{color:var(--up)}[data-way=down] .way{color:var(--down)}
.way{font-weight:700}
.badge{padding:1px 7px;border-radius:5px;font-size:11px;font-weight:600;background:var(--calm);color:var(--calm-ink)}
.badge:is([data-kind=event],[data-kind=volatile]){background:var(--good);color:var(--good-ink)}
.badge:is([data-kind=request],[data-kind=reply],[data-kind=item]){background:var(--busy);color:var(--busy-ink)}
.badge:is([data-kind=laden],[data-kind=piece],[data-kind=discard]){background:var(--warn);color:var(--warn-ink)}
.badge:is([data-kind=failure],[data-kind=malformed],[data-kind=bye]){background:var(--bad);color:var(--bad-ink)}
.data{color:var(--soft);font:12px ui-monospace,monospace}
[data-repeated] .number{color:var(--warn-ink);font-weight:700}
.empty{position:absolute;inset:26px 0 0;display:grid;place-items:center;color:var(--soft);pointer-events:none}
.newest{position:absolute;inset-block-end:10px;inset-inline-end:16px;background:var(--ground);box-shadow:0 2px 10px rgb(0 0 0/18%);border-radius:99px}
.details{display:flex;flex-direction:column;gap:8px;min-block-size:0;min-inline-size:0;border:1px solid var(--edge);border-radius:10px;padding:6px 12px 12px}
.details h3{font-size:13px;overflow-wrap:anywhere}
.details dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(130px,1fr));gap:6px 12px}
.details dd{font-weight:550;overflow-wrap:anywhere}
.details pre{flex:1;min-block-size:80px;overflow:auto;padding:8px 10px;border-radius:8px;background:var(--raised);font:12px/1.45 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
@container (min-width:760px){
  .overview{grid-template-columns:minmax(0,5fr) minmax(0,3fr)}
  .main:has(.details:not([hidden])){grid-template-columns:minmax(0,1fr) minmax(260px,34%)}
}
@container (max-width:759px){
  .main{flex:none;grid-template-rows:auto}
  .frames{block-size:320px}
  .details{max-block-size:420px}
  .lane{grid-template-columns:66px minmax(0,1fr) 46px}
}
@container (max-width:559px){
  .row{grid-template-columns:14px 70px minmax(0,1fr) 44px 60px;gap:6px}
  .row .time,.row .size{display:none}
}
@media (prefers-reduced-motion:no-preference){button,.rows .row{transition:background-color .12s}}
`
