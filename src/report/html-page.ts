/** The page's style: system fonts, contrast of 4.5 and more in both themes, one column on narrow screens. */
export const style = `
:root{color-scheme:light dark;--fg:#1a1a1a;--bg:#fff;--dim:#595959;--line:#c9c9c9;--card:#f6f6f6;--error:#b00020;--warning:#8a5300;--info:#0b57a4;--good:#1b6e2d;--used:#2563eb;--reserved:#93b4f5}
@media(prefers-color-scheme:dark){:root{--fg:#ececec;--bg:#161616;--dim:#a8a8a8;--line:#444;--card:#222;--error:#ff8a8a;--warning:#ffc266;--info:#8cc4ff;--good:#7fd795;--used:#6ea0ff;--reserved:#35508c}}
*{box-sizing:border-box}body{margin:0 auto;max-width:75rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);overflow-wrap:anywhere}
h1{font-size:1.4rem;margin:0}h2{font-size:1.15rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}h3{font-size:1rem;margin:.6rem 0 .2rem}
.verdict{padding:1rem;border-left:.5rem solid var(--info);background:var(--card)}.verdict.fails{border-color:var(--error)}.verdict.risks,.verdict.unknown{border-color:var(--warning)}.verdict.works{border-color:var(--good)}
.dim{color:var(--dim)}section{scroll-margin-top:3.5rem}nav{position:sticky;top:0;background:var(--bg);padding:.5rem 0;z-index:1}nav a{color:var(--info);margin-right:.6rem}
code{font:14px ui-monospace,monospace;overflow-wrap:anywhere}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid var(--line);vertical-align:top}
.bar{display:inline-flex;width:7rem;height:.7rem;background:var(--card);border:1px solid var(--line);vertical-align:middle}.bar i{display:block;height:100%}.used{background:var(--used)}.reserved{background:var(--reserved)}
.finding{background:var(--card);border-left:.3rem solid var(--info);padding:.5rem .8rem;margin:.6rem 0;overflow-wrap:anywhere}.finding.error{border-color:var(--error)}.finding.warning{border-color:var(--warning)}.finding.suppressed{opacity:.75}.finding p{margin:.2rem 0}
.badge{border:1px solid currentColor;border-radius:.3rem;padding:0 .4rem;font-size:.85rem}.error .badge,.worse{color:var(--error)}.warning .badge,.new{color:var(--warning)}.info .badge{color:var(--info)}.better{color:var(--good)}
.filter label{margin-right:1rem}input,select{font:inherit}
.cells{display:flex;flex-wrap:wrap;gap:3px}.cell{min-width:1.1rem;min-height:1.1rem;position:relative;background:var(--card);border:1px solid var(--line);font-size:.8rem}.cell summary{list-style:none;padding:.1rem .3rem;cursor:pointer}
.l1{box-shadow:inset 0 0 0 99px #2563eb22}.l2{box-shadow:inset 0 0 0 99px #2563eb44}.l3{box-shadow:inset 0 0 0 99px #2563eb66}.l4{box-shadow:inset 0 0 0 99px #d9770666}.l5{box-shadow:inset 0 0 0 99px #dc262666}
.pop{position:absolute;z-index:2;min-width:16rem;max-height:20rem;overflow:auto;background:var(--bg);border:1px solid var(--line);padding:.4rem;overflow-wrap:anywhere}
.topology{max-height:36rem;overflow:auto;border:1px solid var(--line);background:#fff}.topology g{cursor:pointer}.topology .faint{opacity:.15}.topology .hit rect{stroke:#dc2626;stroke-width:2}button{font:inherit}
.frame{overflow-x:auto;background:var(--bg);border:1px solid var(--line);padding:.4rem .6rem;margin:.4rem 0;font:14px/1.4 ui-monospace,monospace;overflow-wrap:normal}.frame .no{color:var(--dim);user-select:none}mark{background:#ffe08a;color:#1a1a1a}
figure{margin:.8rem 0}figcaption{font-weight:600}.map>svg{width:100%;height:2rem;border:1px solid var(--line)}.chart>svg{width:100%;max-width:50rem;font-size:12px}.chart text{fill:var(--fg)}.hover{fill:transparent}.moment:hover .hover{fill:var(--line);fill-opacity:.4}.map rect,.chart rect,.key rect{stroke:none}.map rect:hover{opacity:.75}
.legend{list-style:none;padding:0;margin:.3rem 0;display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.9rem}.key{width:.8rem;height:.8rem}
.part0{fill:#2563eb}.part1{fill:#0f9d8a}.part2{fill:#9a3fd1}.part3{fill:#c2570c}.part4{fill:#be185d}.part5{fill:#4d7c0f}.part6{fill:#a16207}.part7{fill:#334e9e}.part-other{fill:#6b7280}.part-reserved{fill:var(--reserved)}.part-free{fill:var(--card)}.edge-of-range{stroke:var(--error);stroke-width:4}
.m-before{fill:#8a8f98}.m-during{fill:#c2570c}.m-after{fill:#2563eb}
:focus-visible{outline:2px solid var(--info);outline-offset:2px}
@media print{nav,.filter{display:none}.finding{break-inside:avoid}body{max-width:none}#print{display:none}figure,tr{break-inside:avoid}*{print-color-adjust:exact}body.only-capacity>header,body.only-capacity main>section:not(#capacity){display:none}}
`;

/** Search and filter of the findings, and the choice between before and after; the page reads the same without it. */
export const script = `
const cards=[...document.querySelectorAll(".finding")],search=document.getElementById("search"),boxes=[...document.querySelectorAll("input[data-severity]")],shown=document.getElementById("shown");
const filter=()=>{const text=search.value.toLowerCase(),on=new Set(boxes.filter(b=>b.checked).map(b=>b.dataset.severity));let count=0;
for(const card of cards){const hit=on.has(card.dataset.severity)&&card.textContent.toLowerCase().includes(text);card.hidden=!hit;if(hit)count++}
shown.textContent=count+" of "+cards.length+" findings"};
if(search){search.addEventListener("input",filter);for(const b of boxes)b.addEventListener("change",filter);search.form.addEventListener("submit",e=>e.preventDefault());filter()}
const drawing=document.querySelector(".topology svg");
if(drawing){const find=document.getElementById("find"),chosen=document.getElementById("chosen"),boxesOf=[...drawing.querySelectorAll("g")],lines=[...drawing.querySelectorAll(".edge")],titleOf=e=>e.querySelector("title").textContent;
const base={w:drawing.width.baseVal.value,h:drawing.height.baseVal.value};let scale=1;
for(const button of document.querySelectorAll("[data-zoom]"))button.addEventListener("click",()=>{scale*=Number(button.dataset.zoom);drawing.setAttribute("width",base.w*scale);drawing.setAttribute("height",base.h*scale)});
find.addEventListener("input",()=>{const text=find.value.toLowerCase();let first;for(const box of boxesOf){const hit=text!==""&&titleOf(box).toLowerCase().includes(text);box.classList.toggle("hit",hit);if(hit&&!first)first=box}if(first)first.scrollIntoView({block:"center",inline:"center"})});
for(const box of boxesOf){box.setAttribute("tabindex","0");box.setAttribute("role","button");const choose=()=>{const name=titleOf(box).replace(/ \\([^()]*\\)$/,"");const own=lines.filter(l=>{const t=titleOf(l);return t.startsWith(name+" ")||t.endsWith(" "+name)});
for(const line of lines)line.classList.toggle("faint",!own.includes(line));chosen.textContent="";const head=document.createElement("b");head.textContent=titleOf(box);const ul=document.createElement("ul");for(const line of own.slice(0,200)){const li=document.createElement("li");li.textContent=titleOf(line);ul.append(li)}chosen.append(head,ul)};
box.addEventListener("click",choose);box.addEventListener("keydown",e=>{if(e.key==="Enter"||e.key===" "){e.preventDefault();choose()}})}}
const printer=document.getElementById("print");
if(printer){printer.addEventListener("click",()=>{document.body.classList.add("only-capacity");window.print()});window.addEventListener("afterprint",()=>document.body.classList.remove("only-capacity"))}
const world=document.getElementById("world");
if(world)world.addEventListener("change",()=>{for(const part of document.querySelectorAll("[data-world]"))part.hidden=part.dataset.world!==world.value});
`;
