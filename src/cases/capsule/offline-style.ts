/** Style of the page that a capsule is read with: everything it needs, because nothing may be fetched. */
export const offlineStyle = `
:root{color-scheme:light dark;--text:#1b2430;--quiet:#55606e;--paper:#fff;--ground:#f3f5f7;--line:#d5dbe1;--accent:#0b5c8f;--glass:#e9ecef}
@media (prefers-color-scheme:dark){:root{--text:#e6ebf0;--quiet:#a3afbb;--paper:#1a2027;--ground:#11161b;--line:#35404b;--accent:#7cc4f2;--glass:#0a0d10}}
*{box-sizing:border-box}
html{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--ground);scroll-padding-top:1rem}
body{margin:0}
main,header,footer{max-width:72rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.75rem}
h1{font-size:1.65rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.15rem;margin:2.25rem 0 .75rem}
h3{font-size:1rem;margin:0 0 .25rem}
p{margin:0 0 .75rem}
a{color:var(--accent)}
.quiet{color:var(--quiet)}
.said{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}
.card{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:1rem 1.15rem;margin:0 0 .85rem}
.tags{display:flex;flex-wrap:wrap;gap:.4rem;margin:.6rem 0 0;padding:0;list-style:none}
.tags li{border:1px solid var(--line);border-radius:99px;padding:.1rem .65rem;font-size:.875rem;background:var(--paper)}
.tags .urgent{background:#a3160d;border-color:#a3160d;color:#fff}
dl{display:grid;grid-template-columns:minmax(8rem,11rem) 1fr;gap:.5rem 1.25rem;margin:0}
dt{color:var(--quiet)}
dd{margin:0;min-width:0}
ul.plain{list-style:none;margin:0;padding:0}
ul.plain>li+li{border-top:1px solid var(--line);margin-top:.6rem;padding-top:.6rem}
.glass{position:relative;height:min(70vh,44rem);min-height:18rem;overflow:hidden;border-radius:8px;background:var(--glass);touch-action:none;cursor:grab;margin-top:.6rem}
.glass:focus-visible,button:focus-visible,a:focus-visible,summary:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.glass:active{cursor:grabbing}
.sheet{position:absolute;left:0;top:0;transform-origin:0 0;background:#fff}
.sheet img{position:absolute;inset:0;width:100%;height:100%;user-select:none;-webkit-user-drag:none}
.bar{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin-top:.6rem}
button{font:inherit;color:var(--text);background:var(--paper);border:1px solid var(--line);border-radius:7px;padding:.4rem .8rem;min-height:2.5rem;cursor:pointer}
button:hover{border-color:var(--accent)}
button[aria-pressed=true]{border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
details summary{cursor:pointer;padding:.25rem 0}
.diagnosis{font-size:1.1rem;font-weight:600;margin-bottom:.6rem}
.mono{font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere}
footer{padding-top:1.5rem;padding-bottom:3rem;color:var(--quiet);font-size:.9rem}
@media (max-width:640px){main,header,footer{padding-left:.85rem;padding-right:.85rem}dl{grid-template-columns:1fr;gap:.1rem}dd.said,dd{margin-bottom:.7rem}.glass{height:60vh}}
@media print{.bar,.glass button{display:none}}
`;
