import { expect, test } from "@jest/globals";
import type { JsonObject } from "../../../src/model/json.ts";
import { playSteps } from "../../../src/simulate/steps/play-steps.ts";

const node = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "node-a" },
  status: {
    allocatable: { cpu: "4", memory: "16Gi", pods: "110" },
    capacity: { cpu: "4", memory: "16Gi", pods: "110" },
  },
};

const deployment = (replicas: number): JsonObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "api", namespace: "default" },
  spec: {
    replicas,
    selector: { matchLabels: { app: "api" } },
    template: {
      metadata: { labels: { app: "api" } },
      spec: { containers: [{ name: "app", image: "registry.example.com/app:1" }] },
    },
  },
});

const kubectl = (line: string) => ({ name: line, commands: [line.split(" ")] });

const countsAfter = (...steps: Parameters<typeof playSteps>[0]["steps"]) => {
  const result = playSteps({ nodes: [node], steps, settings: { quiet: 3, limit: 60 }, text: "" });
  return (result["steps"] as readonly JsonObject[]).map((step) => {
    const after = step["after"] as { readonly pods: readonly unknown[]; readonly replicasets?: JsonObject };
    return { pods: after.pods.length, sets: Object.keys(after.replicasets ?? {}).length };
  });
};

test("a new Deployment takes over the ReplicaSet that an old one left behind", () => {
  expect(
    countsAfter(
      { name: "first", manifests: [deployment(2)] },
      kubectl("delete deployment api --cascade=orphan"),
      { name: "second", manifests: [deployment(3)] },
      kubectl("delete deployment api"),
    ),
  ).toEqual([
    { pods: 2, sets: 1 },
    { pods: 2, sets: 1 },
    { pods: 3, sets: 1 },
    { pods: 0, sets: 0 },
  ]);
});

test("pods whose labels no longer match are let go, and others take their place", () => {
  expect(
    countsAfter(
      { name: "first", manifests: [deployment(2)] },
      kubectl("label pods -l app=api app=other --overwrite"),
      kubectl("delete deployment api"),
    ),
  ).toEqual([
    { pods: 2, sets: 1 },
    { pods: 4, sets: 1 },
    { pods: 2, sets: 0 },
  ]);
});
