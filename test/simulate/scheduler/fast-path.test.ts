import { expect, test } from "@jest/globals";
import type { Pod } from "../../../src/kubernetes/pod.ts";
import type { Scheduler } from "../../../src/simulate/scheduler/api.ts";
import type { Decision } from "../../../src/simulate/scheduler/decision.ts";
import { createScheduler } from "../../../src/simulate/scheduler/scheduler.ts";
import { Dice, podOf, randomNode, randomOthers, randomTemplate } from "./random-cluster.ts";

/** What both paths must agree on. */
const comparable = (scheduler: Scheduler, decision: Decision) => ({
  result: decision.result,
  node: decision.node,
  feasible: decision.feasible,
  message: scheduler.message(decision),
  preemption: decision.preemption,
});

/** Lets a cluster live for a while, every decision made on both paths; returns how often each result came up. */
const liveBothWays = (seed: number, steps: number): ReadonlyMap<string, number> => {
  const dice = new Dice(seed);
  const fast = createScheduler();
  const plain = createScheduler({ mode: "reference" });
  const both = (act: (scheduler: Scheduler) => void) => [fast, plain].forEach(act);
  const results = new Map<string, number>();
  const placed: Pod[] = [];
  const nodes = 4 + dice.below(12);
  for (const object of randomOthers(dice)) both((scheduler) => scheduler.setObject(object));
  for (let i = 0; i < nodes; i++) {
    const node = randomNode(dice, i);
    both((scheduler) => scheduler.setNode(node));
  }
  const templates = Array.from({ length: 6 }, (_, i) => randomTemplate(dice, i));
  const decide = (pod: Pod, attempt: number): void => {
    const ours = fast.schedule(pod);
    expect(comparable(fast, ours)).toEqual(comparable(plain, plain.schedule(pod)));
    results.set(ours.result, (results.get(ours.result) ?? 0) + 1);
    if (ours.node !== undefined) {
      const { node } = ours;
      both((scheduler) => scheduler.bind(pod, node, 1_000_000 + placed.length));
      placed.push(pod);
    } else if (ours.preemption !== undefined && attempt < 3) {
      for (const key of ours.preemption.victims) {
        both((scheduler) => scheduler.removePod("default", key.slice("default/".length)));
      }
      const nominated = { ...pod, status: { nominatedNodeName: ours.preemption.nominatedNode } };
      both((scheduler) => scheduler.setPod(nominated));
      // Sometimes others come first and must respect the nomination.
      if (dice.chance(50)) decide(nominated, attempt + 1);
    }
  };
  for (let step = 0; step < steps; step++) {
    const roll = dice.below(100);
    if (roll < 80) {
      decide(podOf(`p${step}`, dice.pick(templates)), 0);
    } else if (roll < 84 && placed.length > 0) {
      const leaving = dice.pick(placed);
      const nodeName = fast.nodeOf("default", leaving.metadata.name);
      const metadata = { ...leaving.metadata, deletionTimestamp: "2024-01-01T00:00:00Z" };
      if (nodeName !== undefined) {
        both((scheduler) => scheduler.setPod({ ...leaving, metadata, spec: { ...leaving.spec, nodeName } }));
      }
    } else if (roll < 92 && placed.length > 0) {
      const gone = dice.pick(placed);
      both((scheduler) => scheduler.removePod("default", gone.metadata.name));
    } else if (roll < 96) {
      const node = randomNode(dice, dice.below(nodes + 2));
      both((scheduler) => scheduler.setNode(node));
    } else if (roll < 98) {
      const name = `n${dice.below(nodes)}`;
      both((scheduler) => scheduler.removeNode(name));
    } else {
      both((scheduler) => scheduler.fork());
      const node = randomNode(dice, 100);
      both((scheduler) => scheduler.setNode(node));
      for (let i = 0; i < 3; i++) decide(podOf(`f${step}-${i}`, dice.pick(templates)), 3);
      const gone = placed.length > 0 ? dice.pick(placed).metadata.name : "";
      both((scheduler) => scheduler.removePod("default", gone));
      both((scheduler) => scheduler.removeNode(`n${dice.below(nodes)}`));
      both((scheduler) => scheduler.revert());
    }
  }
  return results;
};

test("the fast path decides as the plain path does", () => {
  const totals = new Map<string, number>();
  for (let seed = 1; seed <= 60; seed++) {
    for (const [result, count] of liveBothWays(seed, 80)) totals.set(result, (totals.get(result) ?? 0) + count);
  }
  for (const result of ["scheduled", "unschedulable", "preempting"]) expect(totals.get(result)).toBeGreaterThan(50);
});
