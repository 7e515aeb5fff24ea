/** The page's style: system fonts, contrast of 4.5 and more in both themes, one column on narrow screens. */
export const style = `
:root{color-scheme:light dark;--fg:#1a1a1a;--bg:#fff;--dim:#595959;--line:#c9c9c9;--card:#f6f6f6;--error:#b00020;--warning:#8a5300;--info:#0b57a4;--good:#1b6e2d;--used:#2563eb;--reserved:#93b4f5;--l1:#dce6fb;--l2:#b9cdf7;--l3:#96b4f3;--l4:#f3c08a;--l5:#f2a3a3}
@media(prefers-color-scheme:dark){:root{--fg:#ececec;--bg:#161616;--dim:#a8a8a8;--line:#444;--card:#222;--error:#ff8a8a;--warning:#ffc266;--info:#8cc4ff;--good:#7fd795;--used:#6ea0ff;--reserved:#35508c;--l1:#1c2a47;--l2:#223a6e;--l3:#274a94;--l4:#7a4a12;--l5:#8a2626}}
*{box-sizing:border-box}body{margin:0 auto;max-width:75rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);overflow-wrap:anywhere}
h1{font-size:1.4rem;margin:0}h2{font-size:1.15rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}h3{font-size:1rem;margin:.6rem 0 .2rem}
.verdict{padding:1rem;border-left:.5rem solid var(--info);background:var(--card)}.verdict.fails{border-color:var(--error)}.verdict.risks,.verdict.unknown{border-color:var(--warning)}.verdict.works{border-color:var(--good)}
.dim{color:var(--dim)}section{scroll-margin-top:3.5rem}nav{position:sticky;top:0;background:var(--bg);padding:.5rem 0;z-index:1}nav a{color:var(--info);margin-right:.6rem}
code{font:14px ui-monospace,monospace;overflow-wrap:anywhere}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:break-word}
.bar{display:inline-flex;width:7rem;height:.7rem;background:var(--card);border:1px solid var(--line);vertical-align:middle}.bar i{display:block;height:100%}.used{background:var(--used)}.reserved{background:var(--reserved)}
.finding{background:var(--card);border-left:.3rem solid var(--info);padding:.5rem .8rem;margin:.6rem 0;overflow-wrap:anywhere}.finding.error{border-color:var(--error)}.finding.warning{border-color:var(--warning)}.finding.suppressed{opacity:.75}.finding p{margin:.2rem 0}
.badge{border:1px solid currentColor;border-radius:.3rem;padding:0 .4rem;font-size:.85rem}.error .badge,.worse{color:var(--error)}.warning .badge,.new{color:var(--warning)}.info .badge{color:var(--info)}.better{color:var(--good)}
.filter label{margin-right:1rem}input,select{font:inherit}
.controls{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center;margin:.6rem 0}.controls input[type=search]{max-width:14rem}
.cells{display:grid;grid-template-columns:repeat(auto-fill,minmax(3.4rem,1fr));gap:3px;margin:.3rem 0}.cell{min-height:1.6rem;padding:0 .2rem;background:var(--card);border:1px solid var(--line);border-radius:2px;color:var(--fg);font-size:.8rem;cursor:pointer}
.cell.gone{border-style:dashed;color:var(--dim)}.cell.fresh{border:2px solid var(--good)}.cell.hit{outline:2px solid var(--error);outline-offset:-1px}.cell.chosen{outline:3px solid var(--fg);outline-offset:-1px}
.l0{background-color:var(--card)}.l1{background-color:var(--l1)}.l2{background-color:var(--l2)}.l3{background-color:var(--l3)}.l4{background-color:var(--l4)}.l5{background-color:var(--l5)}
.group{border:1px solid var(--line);padding:.2rem .5rem;margin:.3rem 0}.group summary{cursor:pointer}.levels{display:flex;height:.6rem;margin:.2rem 0;border:1px solid var(--line)}.levels i{display:block;min-width:1px}span.key{display:inline-block;border:1px solid var(--line)}
.panel{border-left:.3rem solid var(--line);padding:.2rem .8rem;margin:.6rem 0;max-height:24rem;overflow:auto}.panel h3,.panel h4{margin:.3rem 0}.panel .now{font-weight:600}.pods{columns:18rem;font:14px ui-monospace,monospace}
.go{border:1px solid var(--line);border-radius:.3rem;background:var(--card);color:var(--info);cursor:pointer;overflow-wrap:anywhere;text-align:left}
.topology{max-height:36rem;overflow:auto;border:1px solid var(--line);background:var(--bg);cursor:grab}.topology.dragged{cursor:grabbing;user-select:none}.topology svg{display:block}.topology svg>rect{fill:var(--bg)}.topology g{cursor:pointer}.topology text{font:11px sans-serif;fill:var(--fg)}.topology g rect{stroke:var(--dim)}.edge{fill:none;stroke:var(--dim);stroke-width:1;marker-end:url(#arrow)}
.topology .faint{opacity:.12}.topology .hit rect{stroke:var(--error);stroke-width:2}.topology .chosen rect{stroke:var(--fg);stroke-width:3}.topology g:focus-visible{outline:none}.topology g:focus-visible rect{stroke:var(--info);stroke-width:3}button{font:inherit}
@media(prefers-color-scheme:dark){.topology g rect[fill="#dbeafe"]{fill:#1e3a5f}.topology g rect[fill="#dcfce7"]{fill:#14402a}.topology g rect[fill="#f3f4f6"]{fill:#2b2f36}}
.frame{overflow-x:auto;background:var(--bg);border:1px solid var(--line);padding:.4rem .6rem;margin:.4rem 0;font:14px/1.4 ui-monospace,monospace;overflow-wrap:normal}.frame .no{color:var(--dim);user-select:none}mark{background:#ffe08a;color:#1a1a1a}
figure{margin:.8rem 0}figcaption{font-weight:600}.map>svg{width:100%;height:2rem;border:1px solid var(--line)}.chart>svg{width:100%;max-width:50rem;font-size:12px}.chart text{fill:var(--fg)}.hover{fill:transparent}.moment:hover .hover{fill:var(--line);fill-opacity:.4}.map rect,.chart rect,.key rect{stroke:none}.map rect:hover{opacity:.75}
.legend{list-style:none;padding:0;margin:.3rem 0;display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.9rem}.key{width:.8rem;height:.8rem}
.part0{fill:#2563eb}.part1{fill:#0f9d8a}.part2{fill:#9a3fd1}.part3{fill:#c2570c}.part4{fill:#be185d}.part5{fill:#4d7c0f}.part6{fill:#a16207}.part7{fill:#334e9e}.part-other{fill:#6b7280}.part-reserved{fill:var(--reserved)}.part-free{fill:var(--card)}.edge-of-range{stroke:var(--error);stroke-width:4}
.m-before{fill:#8a8f98}.m-during{fill:#c2570c}.m-after{fill:#2563eb}
@media(max-width:40rem){nav{white-space:nowrap;overflow-x:auto}.chart{overflow-x:auto}.chart>svg{min-width:38rem}}
@media screen{.many .finding,.many .group{content-visibility:auto;contain-intrinsic-size:auto 6rem}}
:focus-visible{outline:2px solid var(--info);outline-offset:2px}
@media print{nav,.filter{display:none}.finding{break-inside:avoid}body{max-width:none}#print{display:none}figure,tr{break-inside:avoid}*{print-color-adjust:exact}body.only-capacity>header,body.only-capacity main>section:not(#capacity){display:none}}
`;

/** Search and filter of the findings, and printing; the page reads the same without it. */
export const script = `
const cards=[...document.querySelectorAll(".finding")],search=document.getElementById("search"),boxes=[...document.querySelectorAll("input[data-severity]")],shown=document.getElementById("shown");
const filter=()=>{const text=search.value.toLowerCase(),on=new Set(boxes.filter(b=>b.checked).map(b=>b.dataset.severity));let count=0;
for(const card of cards){const hit=on.has(card.dataset.severity)&&card.textContent.toLowerCase().includes(text);card.hidden=!hit;if(hit)count++}
shown.textContent=count+" of "+cards.length+" findings"};
if(search){search.addEventListener("input",filter);for(const b of boxes)b.addEventListener("change",filter);search.form.addEventListener("submit",e=>e.preventDefault());filter()}
const printer=document.getElementById("print");
if(printer){printer.addEventListener("click",()=>{document.body.classList.add("only-capacity");window.print()});window.addEventListener("afterprint",()=>document.body.classList.remove("only-capacity"))}
`;
