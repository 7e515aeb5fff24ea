/** The page's script of the topology: move, zoom, find, and what a box holds. Texts of the input are set as text, never as markup. */
export const topologyScript = `
(() => {
const source = document.getElementById("topology-data"), view = document.querySelector(".topology"), drawing = document.querySelector(".topology svg");
if (!source || !drawing) return;
const data = JSON.parse(source.textContent), find = document.getElementById("find"), chosen = document.getElementById("chosen"), hits = document.getElementById("hits");
const boxes = [...drawing.querySelectorAll("g")], lines = [...drawing.querySelectorAll(".edge")], most = 200, mostFound = 40;
const make = (tag, text, className) => { const e = document.createElement(tag); if (text !== undefined) e.textContent = text; if (className) e.className = className; return e };
const base = { w: drawing.width.baseVal.value, h: drawing.height.baseVal.value };
let scale = 1;
const zoom = (to, x, y) => {
  const next = Math.min(4, Math.max(0.05, to)), ratio = next / scale;
  const left = (view.scrollLeft + x) * ratio - x, top = (view.scrollTop + y) * ratio - y;
  scale = next;
  drawing.setAttribute("width", base.w * scale);
  drawing.setAttribute("height", base.h * scale);
  view.scrollLeft = left;
  view.scrollTop = top;
};
for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => {
  if (button.dataset.zoom === "fit") zoom(Math.min(view.clientWidth / base.w, view.clientHeight / base.h), 0, 0);
  else zoom(scale * Number(button.dataset.zoom), view.clientWidth / 2, view.clientHeight / 2);
});
view.addEventListener("wheel", event => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const at = view.getBoundingClientRect();
  zoom(scale * Math.exp(-event.deltaY / 400), event.clientX - at.left, event.clientY - at.top);
}, { passive: false });
// A finger moves the view as it is; the mouse drags it.
let drag;
view.addEventListener("pointerdown", event => { if (event.pointerType === "mouse" && event.button === 0) drag = { x: event.clientX, y: event.clientY, left: view.scrollLeft, top: view.scrollTop, moved: false } });
view.addEventListener("pointermove", event => {
  if (!drag) return;
  if (Math.abs(event.clientX - drag.x) + Math.abs(event.clientY - drag.y) > 4 && !drag.moved) { drag.moved = true; view.setPointerCapture(event.pointerId); view.classList.add("dragged") }
  if (drag.moved) { view.scrollLeft = drag.left - (event.clientX - drag.x); view.scrollTop = drag.top - (event.clientY - drag.y) }
});
const drop = () => { drag = undefined; view.classList.remove("dragged") };
view.addEventListener("pointerup", drop);
view.addEventListener("pointercancel", drop);
const members = boxes.map(() => []), out = data.nodes.map(() => []), into = data.nodes.map(() => []);
data.nodes.forEach((node, index) => members[node[3]].push(index));
for (const [from, to, kind] of data.edges) { out[from].push([to, kind]); into[to].push([from, kind]) }
const mark = box => {
  lines.forEach((line, index) => line.classList.toggle("faint", data.lines[index][0] !== box && data.lines[index][1] !== box));
  boxes.forEach((each, index) => each.classList.toggle("chosen", index === box));
};
const link = index => { const go = make("button", data.nodes[index][0], "go"); go.type = "button"; go.addEventListener("click", () => { tellNode(index); reveal(data.nodes[index][3]); chosen.focus() }); return go };
const reveal = box => {
  const at = boxes[box].getBoundingClientRect(), frame = view.getBoundingClientRect();
  view.scrollLeft += at.left - frame.left - (view.clientWidth - at.width) / 2;
  view.scrollTop += at.top - frame.top - (view.clientHeight - at.height) / 2;
};
const listOf = (title, edges) => {
  if (edges.length === 0) return;
  const ul = make("ul");
  for (const [other, kind] of edges.slice(0, most)) { const li = make("li"); li.append(data.kinds[kind] + " ", link(other)); ul.append(li) }
  chosen.append(make("h4", title + " (" + edges.length + ")"), ul);
  if (edges.length > most) chosen.append(make("p", "and " + (edges.length - most) + " more", "dim"));
};
const tellNode = index => {
  const [id, kind, place, box] = data.nodes[index];
  mark(box);
  chosen.textContent = "";
  chosen.append(make("h3", id), make("p", kind, "dim"));
  if (place !== "") { const p = make("p", "written at "); p.append(make("code", place)); chosen.append(p) }
  const told = [...document.querySelectorAll("article.finding")].filter(card => card.dataset.subject === id);
  if (told.length > 0) { const ul = make("ul"); for (const card of told) { const a = make("a", card.querySelector("h3").textContent.trim()); a.href = "#" + card.id; const li = make("li"); li.append(a); ul.append(li) } chosen.append(make("h4", "Findings"), ul) }
  listOf("Leans on", out[index]);
  listOf("Is leaned on by", into[index]);
};
const tellBox = box => {
  if (members[box].length === 1) return tellNode(members[box][0]);
  mark(box);
  const text = find.value.trim().toLowerCase(), fit = members[box].filter(index => data.nodes[index][0].toLowerCase().includes(text)), shown = fit.length > 0 ? fit : members[box];
  chosen.textContent = "";
  chosen.append(make("h3", data.boxes[box]));
  const ul = make("ul");
  for (const index of shown.slice(0, most)) { const li = make("li"); li.append(link(index), " ", make("code", data.nodes[index][2])); ul.append(li) }
  chosen.append(ul);
  if (shown.length > most) chosen.append(make("p", "and " + (shown.length - most) + " more; find a name above to see fewer", "dim"));
};
const corner = boxes.map(box => { const rect = box.querySelector("rect"); return [Number(rect.getAttribute("x")), Number(rect.getAttribute("y"))] });
const nearest = (from, key) => {
  const [x, y] = corner[from], sideways = key === "ArrowLeft" || key === "ArrowRight", way = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  let best = -1, least = Infinity;
  corner.forEach(([cx, cy], index) => {
    if (sideways ? (cx - x) * way <= 0 : cx !== x || (cy - y) * way <= 0) return;
    const far = sideways ? Math.abs(cx - x) * 100 + Math.abs(cy - y) : Math.abs(cy - y);
    if (far < least) { least = far; best = index }
  });
  return best;
};
// One stop of the tab key; the arrows go from box to box.
boxes.forEach((box, index) => {
  box.setAttribute("tabindex", index === 0 ? "0" : "-1");
  box.setAttribute("role", "button");
  box.setAttribute("aria-label", box.querySelector("title").textContent);
  box.addEventListener("click", () => tellBox(index));
  box.addEventListener("keydown", event => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); tellBox(index) }
    else if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      const next = nearest(index, event.key);
      if (next < 0) return;
      box.setAttribute("tabindex", "-1");
      boxes[next].setAttribute("tabindex", "0");
      boxes[next].focus({ preventScroll: true });
      reveal(next);
    }
  });
});
const names = data.nodes.map(node => node[0].toLowerCase());
const search = () => {
  const text = find.value.trim().toLowerCase(), fit = [];
  if (text !== "") names.forEach((name, index) => { if (name.includes(text)) fit.push(index) });
  const own = new Set(fit.map(index => data.nodes[index][3]));
  boxes.forEach((box, index) => box.classList.toggle("hit", own.has(index)));
  hits.textContent = "";
  if (text === "") return;
  hits.append(fit.length + " found ");
  for (const index of fit.slice(0, mostFound)) hits.append(link(index), " ");
  if (fit.length > mostFound) hits.append("and " + (fit.length - mostFound) + " more");
  if (fit.length > 0) reveal(data.nodes[fit[0]][3]);
};
let waiting;
find.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 80) });
find.addEventListener("keydown", event => { if (event.key === "Enter") { clearTimeout(waiting); search(); const go = hits.querySelector("button"); if (go) go.click() } });
})();
`;
