import { expect, test } from "@jest/globals";
import type { ResourceGraph } from "../../src/graph/resource-graph.ts";
import { graphFormats } from "../../src/report/graph-formats.ts";
import { layered } from "../../src/report/graph-layout.ts";

const node = (id: string, source: "terraform" | "kubernetes" = "terraform") => ({
  id,
  kind: "x",
  source,
  range: undefined,
});
const edge = (from: string, to: string) => ({ from, to, kind: "dependsOn" as const, range: undefined });

const hostile = '</title><script>alert(1)</script> "]; end `x` \u202e %%';
const graph: ResourceGraph = {
  nodes: [node("a"), node("b"), node("c", "kubernetes"), node(hostile)],
  edges: [edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("a", hostile)],
};

const render = async (name: string): Promise<string> => (await graphFormats[name]?.())?.(graph) ?? "";

test("JSON has the promised form", async () => {
  const parsed = JSON.parse(await render("json"));
  expect(parsed.nodes[0]).toEqual({ id: "a", kind: "x", source: "terraform", range: null });
  expect(parsed.edges[0]).toEqual({ from: "a", to: "b", kind: "dependsOn", range: null });
});

test("DOT quotes every name", async () => {
  const dot = await render("dot");
  expect(dot).toContain('"a" -> "b" [label="dependsOn"];');
  expect(dot).toContain('\\"]; end');
});

test("Mermaid numbers its nodes and holds no markup of the input", async () => {
  const mermaid = await render("mermaid");
  expect(mermaid).toContain("n0 -->|dependsOn| n1");
  expect(mermaid).not.toMatch(/[<`]script|<\/title/);
});

test("SVG holds no markup of the input and a box for every node", async () => {
  const svg = await render("svg");
  expect(svg).not.toContain("<script");
  expect(svg).not.toContain("\u202e");
  expect(svg.match(/<g>/g)).toHaveLength(4);
});

test("a cycle is laid out like any other graph", () => {
  expect(layered(graph).columns.map((column) => [...column].sort())).toEqual([["a"], [hostile, "b"].sort(), ["c"]]);
});
