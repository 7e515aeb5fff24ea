import type { ResourceGraph } from "../graph/resource-graph.ts";

/** Where each node stands: its column, and its row within it. */
export interface Layout {
  readonly columns: readonly (readonly string[])[];
}

/**
 * A layered layout after Sugiyama: edges that close a cycle are set aside, each node stands one column right of the farthest
 * that leads to it, and each column is ordered by the mean row of its neighbours, four sweeps to and fro.
 */
export const layered = (graph: ResourceGraph): Layout => {
  const forward = withoutCycles(graph);
  const columns = columnsOf(graph, forward);
  for (let sweep = 0; sweep < 4; sweep++) order(columns, forward, sweep % 2 === 0);
  return { columns };
};

type Links = ReadonlyMap<string, readonly string[]>;

/** The edges without those that lead back to a node on the way from the root; walked without recursion. */
const withoutCycles = (graph: ResourceGraph): Links => {
  const targets = new Map<string, string[]>(graph.nodes.map((node) => [node.id, []]));
  for (const edge of graph.edges) targets.get(edge.from)?.push(edge.to);
  const kept = new Map<string, string[]>(graph.nodes.map((node) => [node.id, []]));
  const state = new Map<string, "open" | "done">();
  for (const root of graph.nodes) {
    if (state.has(root.id)) continue;
    const stack = [{ id: root.id, next: 0 }];
    state.set(root.id, "open");
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top === undefined) break;
      const to = targets.get(top.id)?.[top.next++];
      if (to === undefined) {
        state.set(top.id, "done");
        stack.pop();
      } else if (state.get(to) !== "open") {
        kept.get(top.id)?.push(to);
        if (!state.has(to)) {
          state.set(to, "open");
          stack.push({ id: to, next: 0 });
        }
      }
    }
  }
  return kept;
};

const columnsOf = (graph: ResourceGraph, forward: Links): string[][] => {
  const waiting = new Map<string, number>(graph.nodes.map((node) => [node.id, 0]));
  for (const targets of forward.values()) for (const to of targets) waiting.set(to, (waiting.get(to) ?? 0) + 1);
  const column = new Map<string, number>();
  const ready = graph.nodes.filter((node) => waiting.get(node.id) === 0).map((node) => node.id);
  for (const id of ready) column.set(id, 0);
  for (let at = 0; at < ready.length; at++) {
    const id = ready[at] ?? "";
    for (const to of forward.get(id) ?? []) {
      column.set(to, Math.max(column.get(to) ?? 0, (column.get(id) ?? 0) + 1));
      const left = (waiting.get(to) ?? 1) - 1;
      waiting.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  const columns: string[][] = [];
  for (const node of graph.nodes) {
    const index = column.get(node.id) ?? 0;
    while (columns.length <= index) columns.push([]);
    columns[index]?.push(node.id);
  }
  return columns;
};

const order = (columns: string[][], forward: Links, rightwards: boolean): void => {
  const neighbours = rightwards ? reversed(forward) : forward;
  const row = new Map<string, number>();
  for (const column of columns) for (const [index, id] of column.entries()) row.set(id, index);
  const sequence = rightwards ? columns : [...columns].reverse();
  for (const column of sequence) {
    const mean = new Map(column.map((id) => [id, meanRow(neighbours.get(id) ?? [], row, row.get(id) ?? 0)]));
    column.sort((a, b) => (mean.get(a) ?? 0) - (mean.get(b) ?? 0) || (a < b ? -1 : 1));
    for (const [index, id] of column.entries()) row.set(id, index);
  }
};

const meanRow = (neighbours: readonly string[], row: ReadonlyMap<string, number>, own: number): number =>
  neighbours.length === 0
    ? own
    : neighbours.reduce((sum, neighbour) => sum + (row.get(neighbour) ?? 0), 0) / neighbours.length;

const reversed = (links: Links): Links => {
  const back = new Map<string, string[]>();
  for (const [from, targets] of links) {
    for (const to of targets) back.set(to, [...(back.get(to) ?? []), from]);
  }
  return back;
};
