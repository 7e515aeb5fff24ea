import type { EvaluateCel } from "../../cluster/cel.ts";
import { textAt } from "../../kubernetes/fields.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { validateObject } from "../../kubernetes/validation/validate.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { millis, seconds } from "../../model/quantity.ts";
import { createControllers } from "../controllers/controllers.ts";
import { createFakeKubelet } from "../controllers/fake-kubelet.ts";
import { annotatedUsage, createHpaController } from "../controllers/horizontal-pod-autoscaler.ts";
import { createEngine, type Engine } from "../engine.ts";
import { createScheduler } from "../scheduler/scheduler.ts";
import { createApplier } from "./apply.ts";
import { runKubectl } from "./kubectl.ts";
import { createNodeStart } from "./node-start.ts";
import type { TimelineEntry } from "./timeline.ts";

const startTime = "2026-01-01T00:00:00Z";
const samples = 120;

/** Kinds that others need to be there first. */
const first = [
  "Namespace",
  "CustomResourceDefinition",
  "PriorityClass",
  "RuntimeClass",
  "StorageClass",
  "IngressClass",
  "Node",
  "ServiceAccount",
  "LimitRange",
  "ResourceQuota",
  "PersistentVolume",
];

/**
 * Applies manifests to a fresh cluster and plays it, to quiet or for a time, with commands on the way. The result holds the objects
 * at the end, the events with their times, and a series of counts.
 */
export const playObjects = (
  manifests: readonly JsonObject[],
  timeline: readonly TimelineEntry[],
  untilMs: number | undefined,
  cel?: EvaluateCel,
): JsonObject => {
  const engine = createEngine({
    controllers: [
      ...createControllers(),
      createNodeStart(),
      createFakeKubelet(),
      createHpaController({ period: seconds(15), usage: annotatedUsage }),
    ],
    scheduler: createScheduler(),
    startTime,
    api: { validate: validateObject, ...(cel === undefined ? {} : { cel }) },
  });
  const refused: Json[] = [];
  const sorted = [...manifests].sort((a, b) => rank(a) - rank(b));
  const nodes = sorted.filter(({ kind }) => kind === "Node");
  const applier = createApplier(engine, millis(0));
  refused.push(...applier.apply(nodes));
  engine.settle(seconds(1), seconds(60));
  refused.push(...applier.apply(sorted.filter(({ kind }) => kind !== "Node")));
  const series: Json[] = [];
  const sample = (): void => void series.push(countsOf(engine));
  const start = engine.queue.now;
  for (const { at, words } of timeline) {
    runTo(engine, start + at, untilMs, sample);
    const result = runKubectl(words, engine);
    refused.push(...result.errors);
  }
  if (untilMs === undefined) {
    engine.settle(seconds(30), seconds(24 * 3600));
    sample();
  } else runTo(engine, start + untilMs, untilMs, sample);
  return {
    at: engine.context.time,
    refused,
    objects: engine.api.store
      .kinds()
      .flatMap((kind) => engine.api.store.list(kind) as unknown as readonly JsonObject[]),
    events: engine.events.map(({ at, type, reason, kind, namespace, name, message, from, count }) => ({
      at: at / 1000,
      type,
      reason,
      kind,
      namespace: namespace ?? null,
      name,
      message,
      from,
      count,
    })),
    series,
  };
};

const rank = (manifest: JsonObject): number => {
  const place = first.indexOf(textAt(manifest, "kind"));
  return place === -1 ? first.length : place;
};

const runTo = (engine: Engine, end: number, totalMs: number | undefined, sample: () => void): void => {
  const step = Math.max(1000, Math.round((totalMs ?? end) / samples));
  while (engine.queue.now < end) {
    engine.queue.runUntil(millis(Math.min(end, engine.queue.now + step)));
    sample();
  }
};

const countsOf = (engine: Engine): JsonObject => {
  const counts: Record<string, number> = {};
  for (const pod of engine.api.store.list<Pod>("Pod")) {
    const phase = pod.status?.phase ?? "Pending";
    counts[phase] = (counts[phase] ?? 0) + 1;
  }
  return { at: engine.queue.now / 1000, nodes: engine.api.store.list("Node").length, pods: counts };
};
