import type { ResourceGraph } from "../graph/resource-graph.ts";
import { html } from "./escape.ts";
import { layered } from "./graph-layout.ts";

const boxWidth = 240;
const boxHeight = 26;
const columnGap = 110;
const rowGap = 10;
const margin = 20;
const labelLength = 38;

const fill = { terraform: "#dbeafe", kubernetes: "#dcfce7", derived: "#f3f4f6" } as const;

/** The graph as an SVG picture: columns of boxes from left to right; names and kinds as tooltips; no script, no link. */
export const graphSvg = (graph: ResourceGraph): string => {
  const { columns } = layered(graph);
  const place = new Map<string, { x: number; y: number }>();
  for (const [column, ids] of columns.entries()) {
    for (const [row, id] of ids.entries()) {
      place.set(id, { x: margin + column * (boxWidth + columnGap), y: margin + row * (boxHeight + rowGap) });
    }
  }
  const width = 2 * margin + columns.length * (boxWidth + columnGap);
  const height = 2 * margin + Math.max(1, ...columns.map((ids) => ids.length)) * (boxHeight + rowGap);
  const edges = graph.edges.map((edge) => {
    const from = place.get(edge.from) ?? { x: 0, y: 0 };
    const to = place.get(edge.to) ?? { x: 0, y: 0 };
    const back = to.x <= from.x;
    const [x1, y1] = [from.x + boxWidth, from.y + boxHeight / 2];
    const [x2, y2] = [back ? to.x + boxWidth : to.x, to.y + boxHeight / 2];
    const bend = columnGap * 0.8;
    const title = html(`${edge.from} ${edge.kind} ${edge.to}${edge.label === undefined ? "" : `: ${edge.label}`}`);
    return `<path class="edge${edge.change === undefined ? "" : ` ${edge.change}`}" d="M${x1} ${y1}C${x1 + bend} ${y1} ${back ? x2 + bend : x2 - bend} ${y2} ${x2} ${y2}"><title>${title}</title></path>`;
  });
  const nodes = graph.nodes.map((node) => {
    const { x, y } = place.get(node.id) ?? { x: 0, y: 0 };
    return `<g><title>${html(`${node.id} (${node.kind})`)}</title><rect x="${x}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="${node.source === "kubernetes" ? 12 : 3}" fill="${fill[node.source]}"/><text x="${x + 8}" y="${y + 17}">${html(shortened(node.id))}</text></g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Dependency graph">
<style>text{font:11px sans-serif;fill:#111827}rect{stroke:#374151}.edge{fill:none;stroke:#6b7280;stroke-width:1;marker-end:url(#arrow)}.opened{stroke:#15803d}.closed{stroke:#b91c1c;stroke-dasharray:4 3}.changed{stroke:#b45309}</style>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#6b7280"/></marker></defs>
<rect width="100%" height="100%" fill="#ffffff" stroke="none"/>
${edges.join("\n")}
${nodes.join("\n")}
</svg>
`;
};

/** The end of a name says most. */
const shortened = (text: string): string => {
  const characters = [...text];
  return characters.length <= labelLength ? text : `…${characters.slice(1 - labelLength).join("")}`;
};
