/**
 * The page's script of the heat map. Past `manyNodes` the groups stay folded, each with a bar of how its nodes are filled, and are drawn once
 * opened. Texts of the input are set as text, never as markup.
 */
export const nodesScript = `
(() => {
const source = document.getElementById("nodes-data");
if (!source) return;
const data = JSON.parse(source.textContent), heat = document.getElementById("heat"), panel = document.getElementById("node");
const found = document.getElementById("found"), find = document.getElementById("find-pod"), metric = document.getElementById("metric"), slider = document.getElementById("moment");
const manyNodes = 1000, manyPods = 300, manyFound = 50;
let moment = data.moments.length - 1, chosen = -1, matches = new Set();
const make = (tag, text, className) => { const e = document.createElement(tag); if (text !== undefined) e.textContent = text; if (className) e.className = className; return e };
const percent = value => Math.round(value / 10) + " %";
const podsShare = at => at[3] > 0 ? Math.round(1000 * at[2] / at[3]) : 0;
const share = at => { const by = Number(metric.value); return by === 2 ? podsShare(at) : by < 2 ? at[by] : Math.max(at[0], at[1], podsShare(at)) };
const level = value => value >= 995 ? 5 : Math.min(4, Math.floor(value / 200));
const words = (node, at) => node[0] + (at ? ": CPU " + percent(at[0]) + ", memory " + percent(at[1]) + ", pods " + at[2] + "/" + at[3] : ": not there " + data.moments[moment]);
const podsOf = at => at ? at[4].flatMap(([prefix, ends]) => ends.split(" ").map(end => data.prefixes[prefix] + end)) : [];
const groups = data.groups.map(name => ({ name, members: [], cells: undefined }));
const placeOf = data.nodes.map((node, index) => { const group = groups[node[1]]; group.members.push(index); return [group, group.members.length - 1] });
const paint = (cell, index) => {
  const node = data.nodes[index], at = node[2][moment];
  const isNew = at && moment > 0 && !node[2][0];
  cell.className = "cell " + (at ? "l" + level(share(at)) : "gone") + (isNew ? " fresh" : "") + (matches.has(index) ? " hit" : "") + (index === chosen ? " chosen" : "");
  cell.textContent = at ? percent(share(at)) : "–";
  cell.title = words(node, at);
  cell.setAttribute("aria-label", cell.title);
};
const draw = group => {
  if (group.cells) return;
  const box = make("div", undefined, "cells");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", group.name);
  group.cells = group.members.map((index, place) => {
    const cell = make("button");
    cell.type = "button";
    cell.tabIndex = place === 0 ? 0 : -1;
    cell.addEventListener("click", () => choose(index));
    paint(cell, index);
    return cell;
  });
  box.append(...group.cells);
  // One stop of the tab key a group; the arrows go from node to node.
  box.addEventListener("keydown", event => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const from = group.cells.indexOf(event.target), to = event.key === "Home" ? 0 : event.key === "End" ? group.cells.length - 1 : from + step;
    const next = group.cells[to];
    if (from < 0 || !next) return;
    event.preventDefault();
    event.target.tabIndex = -1; next.tabIndex = 0; next.focus();
  });
  group.body.append(box);
};
const tell = group => {
  const there = group.members.map(index => data.nodes[index][2][moment]).filter(at => at);
  const counts = [0, 0, 0, 0, 0, 0];
  for (const at of there) counts[level(share(at))]++;
  group.title.textContent = group.name + " (" + there.length + ")";
  group.bar.textContent = "";
  group.bar.setAttribute("aria-label", counts.map((count, at) => count === 0 ? "" : count + (at === 5 ? " full" : " at " + 20 * at + " % and more")).filter(text => text).join(", "));
  group.bar.title = group.bar.getAttribute("aria-label");
  counts.forEach((count, at) => { if (count > 0) { const part = make("i", undefined, "l" + at); part.style.flexGrow = count; group.bar.append(part) } });
};
const isMany = data.nodes.length > manyNodes;
heat.textContent = "";
for (const group of groups) {
  const box = make("details", undefined, "group"), head = make("summary");
  group.title = make("b"); group.bar = make("span", undefined, "levels"); group.body = make("div");
  group.bar.setAttribute("role", "img");
  head.append(group.title);
  if (isMany) head.append(group.bar);
  box.append(head, group.body);
  group.box = box;
  box.addEventListener("toggle", () => { if (box.open) draw(group) });
  heat.append(box);
  tell(group);
  if (!isMany) { draw(group); box.open = true }
}
const repaint = () => { for (const group of groups) { tell(group); if (group.cells) group.cells.forEach((cell, place) => paint(cell, group.members[place])) } };
const cellOf = index => { const [group, place] = placeOf[index]; return group.cells && group.cells[place] };
const choose = index => {
  const before = chosen;
  chosen = index;
  if (before >= 0 && cellOf(before)) paint(cellOf(before), before);
  const [group] = placeOf[index];
  draw(group);
  group.box.open = true;
  paint(cellOf(index), index);
  describe();
};
const describe = () => {
  if (chosen < 0) return;
  const node = data.nodes[chosen], at = node[2][moment], pods = podsOf(at), text = find.value.toLowerCase();
  panel.textContent = "";
  panel.append(make("h3", node[0]), make("p", data.groups[node[1]], "dim"));
  const figures = make("ul");
  data.moments.forEach((name, number) => { const then = node[2][number]; figures.append(make("li", name + (then ? ": CPU " + percent(then[0]) + ", memory " + percent(then[1]) + ", pods " + then[2] + "/" + then[3] : ": not there"), number === moment ? "now" : "")) });
  panel.append(figures);
  const shown = text !== "" && pods.some(pod => pod.toLowerCase().includes(text)) ? pods.filter(pod => pod.toLowerCase().includes(text)) : pods;
  const list = make("ul", undefined, "pods");
  for (const pod of shown.slice(0, manyPods)) list.append(make("li", pod));
  panel.append(make("p", shown.length === 0 ? "No pods of the input " + data.moments[moment] + "." : shown.length + (shown.length < pods.length ? " of " + pods.length : "") + (pods.length === 1 ? " pod" : " pods") + " " + data.moments[moment], "dim"), list);
  if (shown.length > manyPods) panel.append(make("p", "and " + (shown.length - manyPods) + " more", "dim"));
};
const search = () => {
  const text = find.value.trim().toLowerCase(), hits = [];
  matches = new Set();
  found.textContent = "";
  if (text !== "") {
    const whole = data.prefixes.map(prefix => prefix.toLowerCase().includes(text)), starts = data.prefixes.map(prefix => prefix.toLowerCase());
    data.nodes.forEach((node, index) => {
      const at = node[2][moment];
      let count = 0;
      if (at) for (const [prefix, ends] of at[4]) {
        const all = ends.split(" ");
        count += whole[prefix] ? all.length : all.filter(end => (starts[prefix] + end.toLowerCase()).includes(text)).length;
      }
      if (count > 0 || node[0].toLowerCase().includes(text)) { matches.add(index); hits.push([index, count]) }
    });
    const pods = hits.reduce((sum, [, count]) => sum + count, 0);
    found.append(make("span", hits.length + (hits.length === 1 ? " node, " : " nodes, ") + pods + (pods === 1 ? " pod" : " pods") + " "));
    for (const [index, count] of hits.slice(0, manyFound)) {
      const go = make("button", data.nodes[index][0] + (count > 0 ? " (" + count + ")" : ""), "go");
      go.type = "button";
      go.addEventListener("click", () => { choose(index); panel.focus() });
      found.append(go, " ");
    }
    if (hits.length > manyFound) found.append("and " + (hits.length - manyFound) + " more");
  }
  repaint();
  describe();
};
let waiting;
find.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120) });
metric.addEventListener("change", repaint);
if (slider) slider.addEventListener("input", () => {
  moment = Number(slider.value);
  slider.setAttribute("aria-valuetext", data.moments[moment]);
  document.getElementById("moment-name").textContent = data.moments[moment];
  if (find.value.trim() === "") { repaint(); describe() } else search();
});
})();
`;
