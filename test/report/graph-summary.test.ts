import { expect, test } from "@jest/globals";
import type { GraphNode, ResourceGraph } from "../../src/graph/resource-graph.ts";
import { summarized } from "../../src/report/graph-summary.ts";

const node = (id: string, kind: string, source: GraphNode["source"]): GraphNode => ({
  id,
  kind,
  source,
  range: undefined,
});

const graph: ResourceGraph = {
  nodes: [
    node('azurerm_subnet.x["a"]', "azurerm_subnet", "terraform"),
    node('azurerm_subnet.x["b"]', "azurerm_subnet", "terraform"),
    node("Deployment/shop/cart", "Deployment", "kubernetes"),
    node("Deployment/shop/web", "Deployment", "kubernetes"),
    node("Deployment/tools/web", "Deployment", "kubernetes"),
    node("Service/shop/web", "Service", "kubernetes"),
  ],
  edges: [
    { from: "Service/shop/web", to: "Deployment/shop/web", kind: "selects", range: undefined },
    { from: "Service/shop/web", to: "Deployment/shop/cart", kind: "selects", range: undefined },
    { from: "Deployment/shop/web", to: "Deployment/shop/cart", kind: "dependsOn", range: undefined },
  ],
};

const ids = (most: number): readonly string[] => summarized(graph, most).drawn.nodes.map(({ id }) => id);

test("a small graph is drawn as it is", () => {
  expect(summarized(graph, 6)).toEqual({ drawn: graph, boxOf: [0, 1, 2, 3, 4, 5] });
});

test("instances come together first, then names of a namespace, then namespaces", () => {
  expect(ids(5)).toEqual([
    "azurerm_subnet.x[*] ×2",
    "Deployment/shop/cart",
    "Deployment/shop/web",
    "Deployment/tools/web",
    "Service/shop/web",
  ]);
  expect(ids(4)).toEqual([
    "azurerm_subnet.x[*] ×2",
    "Deployment/shop/* ×2",
    "Deployment/tools/web",
    "Service/shop/web",
  ]);
  expect(ids(3)).toEqual(["azurerm_subnet.x[*] ×2", "Deployment/* ×3", "Service/shop/web"]);
  expect(ids(1)).toHaveLength(3);
});

test("edges between boxes are drawn once, within a box not at all", () => {
  const { drawn, boxOf } = summarized(graph, 4);
  expect(drawn.edges.map(({ from, to }) => `${from} ${to}`)).toEqual(["Service/shop/web Deployment/shop/* ×2"]);
  expect(boxOf).toEqual([0, 0, 1, 1, 2, 3]);
});
