import { expect, test } from "@jest/globals";
import type { Node } from "../../../src/kubernetes/node.ts";
import type { Pod, PodSpec } from "../../../src/kubernetes/pod.ts";
import { createScheduler } from "../../../src/simulate/scheduler/scheduler.ts";

const node = (name: string, cpu: string, more: Partial<Node["spec"]> = {}): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "kubernetes.io/hostname": name } },
  spec: more,
  status: { allocatable: { cpu, memory: "8Gi", pods: "10" } },
});

const pod = (name: string, cpu: string, more: Partial<PodSpec> = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", labels: { app: "a" } },
  spec: { containers: [{ name: "main", resources: { requests: { cpu, memory: "1Gi" } } }], ...more },
});

const cluster = (...nodes: readonly Node[]) => {
  const scheduler = createScheduler();
  for (const each of nodes) scheduler.setNode(each);
  return scheduler;
};

test("a decision changes nothing until it is carried out", () => {
  const scheduler = cluster(node("n1", "1"));
  expect(scheduler.schedule(pod("p1", "600m")).node).toBe("n1");
  expect(scheduler.schedule(pod("p2", "600m")).node).toBe("n1");
  scheduler.bind(pod("p1", "600m"), "n1");
  expect(scheduler.nodeOf("default", "p1")).toBe("n1");
  expect(scheduler.message(scheduler.schedule(pod("p2", "600m")))).toContain(
    "0/1 nodes are available: 1 Insufficient cpu.",
  );
  scheduler.removePod("default", "p1");
  expect(scheduler.schedule(pod("p2", "600m")).node).toBe("n1");
});

test("pods of a node that is not known yet take their room when it comes", () => {
  const scheduler = cluster(node("n1", "1"));
  scheduler.setPod(pod("early", "800m", { nodeName: "n2" }));
  scheduler.setNode(node("n2", "1"));
  expect(scheduler.feasibleNodes(pod("p", "500m"))).toEqual(["n1"]);
  scheduler.removeNode("n2");
  scheduler.setNode(node("n2", "4"));
  expect(scheduler.feasibleNodes(pod("p", "3"))).toEqual(["n2"]);
  expect(scheduler.feasibleNodes(pod("p", "3500m"))).toEqual([]);
});

test("a what-if leaves no trace", () => {
  const scheduler = cluster(node("n1", "1"), node("n2", "1"));
  scheduler.setPod(pod("old", "800m", { nodeName: "n1" }));
  const before = scheduler.describe(pod("p", "500m"));
  scheduler.fork();
  scheduler.setNode(node("template", "4"));
  scheduler.setNode(node("n2", "1", { unschedulable: true }));
  scheduler.removePod("default", "old");
  scheduler.removeNode("n1");
  expect(scheduler.feasibleNodes(pod("p", "500m"))).toEqual(["template"]);
  scheduler.fork();
  scheduler.bind(pod("other", "3800m"), "template");
  expect(scheduler.feasibleNodes(pod("p", "500m"))).toEqual([]);
  scheduler.revert();
  expect(scheduler.feasibleNodes(pod("p", "500m"))).toEqual(["template"]);
  scheduler.revert();
  expect(scheduler.describe(pod("p", "500m"))).toEqual(before);
  expect(scheduler.nodeOf("default", "old")).toBe("n1");
});

test("what was done in a what-if can be kept", () => {
  const scheduler = cluster(node("n1", "1"));
  scheduler.fork();
  scheduler.bind(pod("p", "500m"), "n1");
  scheduler.commit();
  expect(scheduler.nodeOf("default", "p")).toBe("n1");
});

test("one node can be asked for all of its reasons", () => {
  const scheduler = cluster(node("n1", "1"), node("n2", "1", { taints: [{ key: "k", effect: "NoSchedule" }] }));
  expect(scheduler.check(pod("p", "500m"), "n1")).toBeUndefined();
  expect(scheduler.check(pod("p", "2"), "n1")).toEqual({
    plugin: "NodeResourcesFit",
    code: "UnschedulableAndUnresolvable",
    reasons: ["Insufficient cpu"],
  });
  const check = scheduler.prepareCheck(pod("p", "500m"));
  expect(check("n2")?.plugin).toBe("TaintToleration");
  expect(check("n9")?.reasons).toEqual(["no such node"]);
});

test("shortages say what is missing by how much", () => {
  const scheduler = cluster(node("n1", "1"), node("n2", "2"));
  scheduler.setPod(pod("old", "700m", { nodeName: "n1" }));
  expect(scheduler.shortages(pod("p", "500m"))).toEqual([
    { node: "n1", resource: "cpu", requested: 500, free: 300, allocatable: 1000 },
  ]);
});

test("room that is being made for a pod is respected by others of no higher priority", () => {
  const scheduler = cluster(node("n1", "1"));
  const waiting = { ...pod("first", "800m", { priority: 10 }), status: { nominatedNodeName: "n1" } };
  scheduler.setPod(waiting);
  expect(scheduler.schedule(pod("second", "500m", { priority: 5 })).result).toBe("unschedulable");
  expect(scheduler.schedule(pod("third", "500m", { priority: 20 })).node).toBe("n1");
  expect(scheduler.schedule(waiting)).toMatchObject({ node: "n1", viaNominated: true });
});

test("a heartbeat of a node and a new condition of a pod change no decision", () => {
  const scheduler = cluster(node("n1", "1"), node("n2", "1"));
  const running = pod("old", "300m", { nodeName: "n1" });
  scheduler.setPod(running);
  const before = scheduler.describe(pod("p", "500m"));
  scheduler.setNode({ ...node("n1", "1"), metadata: { ...node("n1", "1").metadata, resourceVersion: "2" } });
  scheduler.setPod({ ...running, status: { conditions: [{ type: "Ready", status: "True" }] } });
  expect(scheduler.describe(pod("p", "500m"))).toEqual(before);
});

test("many nodes that come and go leave nothing behind", () => {
  const scheduler = cluster();
  for (let i = 0; i < 400; i++) {
    scheduler.setNode(node(`n${i}`, "1"));
    scheduler.bind(pod(`p${i}`, "300m"), `n${i}`);
    if (i >= 2) {
      scheduler.removePod("default", `p${i - 2}`);
      scheduler.removeNode(`n${i - 2}`);
    }
  }
  expect(scheduler.feasibleNodes(pod("p", "700m"))).toEqual(["n398", "n399"]);
  expect(scheduler.schedule(pod("p", "700m"))).toMatchObject({ node: "n398", totalNodes: 2 });
});

test.each([
  ["gates", { schedulingGates: [{ name: "wait" }] }, "gated", "waiting for scheduling gates: [wait]"],
  ["another scheduler", { schedulerName: "mine" }, "ignored", "pod names another scheduler: mine"],
] as const)("a pod with %s is left alone", (_, more, result, message) => {
  const scheduler = cluster(node("n1", "1"));
  const decision = scheduler.schedule(pod("p", "100m", more));
  expect(decision.result).toBe(result);
  expect(scheduler.message(decision)).toBe(message);
});
