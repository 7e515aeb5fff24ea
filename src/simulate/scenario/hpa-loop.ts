import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import type { PodSpec, PodTemplate } from "../../kubernetes/pod.ts";
import { quantityMilliValue } from "../../kubernetes/quantity.ts";
import type { HorizontalPodAutoscaler } from "../../kubernetes/workloads.ts";
import { millis, seconds } from "../../model/quantity.ts";
import type { LoadCurve } from "../../model/scenario.ts";
import { createHpa, type HpaState, syncHpa } from "../autoscaling/hpa.ts";
import type { HpaPodGroup, MetricObservation } from "../autoscaling/hpa-replicas.ts";
import type { CompiledMetric } from "../autoscaling/hpa-spec.ts";
import { shareAt } from "./load-curve.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldWorkload } from "./world-state.ts";

const SYNC_MS = 15_000;
const WINDOW = seconds(30);
/** Past the controller's five minutes for starting pods: older ready pods are all alike to it. */
const SETTLED_MS = 330_000;
const LONG_AGO = -86_400_000;

/** An HPA with the workload that it scales. */
export interface WorldHpa {
  readonly name: string;
  readonly workload: WorldWorkload;
  readonly curve: LoadCurve;
  /** Requests and limit of each metric, in thousandths; the request is undefined where a container has none. */
  readonly figures: readonly MetricFigures[];
  /** Share of the requests from which on the controller asks for more. */
  readonly ceiling: number | undefined;
  state: HpaState;
  groups: readonly HpaPodGroup[];
  groupsVersion: number;
  groupsUntil: number;
}

interface MetricFigures {
  readonly metric: CompiledMetric;
  readonly request: number | undefined;
  readonly limit: number;
}

interface Scalable extends KubeObject {
  readonly spec?: { readonly template?: PodTemplate };
}

/** The HPAs of the objects whose target is a workload of the world. */
export const worldHpas = (
  objects: readonly KubeObject[],
  workloads: readonly WorldWorkload[],
  curveOf: (address: string) => LoadCurve,
): readonly WorldHpa[] => {
  const byAddress = new Map(workloads.map((workload) => [workload.address, workload]));
  const specs = new Map(objects.map((object) => [addressOf(object), (object as Scalable).spec?.template?.spec]));
  return objects.flatMap((object): readonly WorldHpa[] => {
    if (object.kind !== "HorizontalPodAutoscaler") return [];
    const hpa = object as HorizontalPodAutoscaler;
    const { kind, name } = hpa.spec.scaleTargetRef;
    const address = addressOf({ ...hpa, kind, metadata: { ...hpa.metadata, name } });
    const workload = byAddress.get(address);
    const podSpec = specs.get(address);
    if (workload === undefined || podSpec === undefined) return [];
    const state = createHpa(hpa.spec);
    const figures = state.hpa.metrics.map((metric) => figuresOf(metric, podSpec));
    return [
      {
        name: addressOf(hpa),
        workload,
        curve: curveOf(address),
        figures,
        ceiling: ceilingOf(figures, state.hpa.highest),
        state,
        groups: [],
        groupsVersion: -1,
        groupsUntil: 0,
      },
    ];
  });
};

/** Runs the HPA controller every 15 seconds (kube-controller-manager's `--horizontal-pod-autoscaler-sync-period`). */
export const startHpas = (world: ScenarioWorld, hpas: readonly WorldHpa[], start: number, looked: () => void): void => {
  if (hpas.length === 0) return;
  const sync = (): void => {
    world.after(SYNC_MS, "hpa sync", sync, 40);
    if (world.isStopped) return;
    for (const hpa of hpas) syncOne(world, hpa, start);
    looked();
  };
  world.after(SYNC_MS, "hpa sync", sync, 40);
};

const syncOne = (world: ScenarioWorld, hpa: WorldHpa, start: number): void => {
  const { workload, state } = hpa;
  const { now } = world;
  const share = shareAt(hpa.curve, now, start, workload.declared);
  const groups = groupsOf(hpa, now);
  const { state: next, decision } = syncHpa(state, {
    now: millis(now),
    scale: { specReplicas: workload.wanted, statusReplicas: workload.active.size, selector: "valid" },
    pods: groups,
    metric: (index) => observe(hpa.figures[index], groups, share, workload, now),
  });
  hpa.state = next;
  if (decision.scaledTo === undefined) return;
  world.tell("hpa", workload.address, `${workload.wanted} → ${decision.scaledTo} replicas`);
  world.scale(workload, decision.scaledTo);
};

/** Ready pods share the load; the others have no sample. A pod uses no more than its limit. */
const observe = (
  figures: MetricFigures | undefined,
  groups: readonly HpaPodGroup[],
  share: number,
  workload: WorldWorkload,
  now: number,
): MetricObservation => {
  if (figures === undefined) return { kind: "problem", problem: { code: "empty" } };
  const { metric, request, limit } = figures;
  const isResource = metric.type === "Resource" || metric.type === "ContainerResource";
  const ready = Math.max(1, workload.ready);
  if (!isResource) {
    // Not known before it runs: taken as just met.
    if (metric.type === "Pods")
      return {
        kind: "perPod",
        values: groups.map(() => metric.target),
        timestamp: now,
        window: WINDOW,
        requests: undefined,
      };
    return {
      kind: "series",
      values: [metric.targetKind === "averageValue" ? metric.target * workload.wanted : metric.target],
    };
  }
  if (request === undefined)
    return { kind: "problem", problem: { code: "missingRequest", container: metric.container, pod: "" } };
  const value = Math.floor(Math.min(limit, (share * request * workload.declared) / ready));
  return {
    kind: "perPod",
    values: groups.map(({ ready: isReady }) => (isReady === true ? value : Number.NaN)),
    timestamp: now,
    window: WINDOW,
    requests: groups.map(() => request),
  };
};

/** Pods in equal state together; made anew only when a pod changed or one has come of age. */
const groupsOf = (hpa: WorldHpa, now: number): readonly HpaPodGroup[] => {
  const { workload } = hpa;
  if (hpa.groupsVersion === workload.version && now < hpa.groupsUntil) return hpa.groups;
  const groups = new Map<string, { -readonly [Key in keyof HpaPodGroup]: HpaPodGroup[Key] }>();
  let until = Number.POSITIVE_INFINITY;
  for (const pod of workload.active) {
    const isReady = pod.phase === "ready";
    const isPending = pod.phase === "pending";
    const isOld = isReady && now - pod.boundAt >= SETTLED_MS && now - pod.readyAt >= SETTLED_MS;
    if (isReady && !isOld) until = Math.min(until, Math.max(pod.boundAt, pod.readyAt) + SETTLED_MS);
    const startTime = isPending ? undefined : isOld ? LONG_AGO : pod.boundAt;
    const readySince = isOld ? LONG_AGO : isReady ? pod.readyAt : isPending ? pod.createdAt : pod.boundAt;
    const key = `${pod.phase} ${startTime} ${readySince}`;
    const group = groups.get(key);
    if (group !== undefined) group.count += 1;
    else
      groups.set(key, {
        count: 1,
        phase: isPending ? "Pending" : "Running",
        deleting: false,
        ready: isPending ? undefined : isReady,
        readySince,
        startTime,
      });
  }
  hpa.groups = [...groups.values()];
  hpa.groupsVersion = workload.version;
  hpa.groupsUntil = until;
  return hpa.groups;
};

const figuresOf = (metric: CompiledMetric, { containers, initContainers = [] }: PodSpec): MetricFigures => {
  const all = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")];
  const counted = metric.type === "ContainerResource" ? all.filter(({ name }) => name === metric.container) : all;
  let request: number | undefined = 0;
  let limit = 0;
  for (const { resources } of counted) {
    const ceiling = quantityMilliValue(resources?.limits?.[metric.name] ?? "");
    const asked = quantityMilliValue(resources?.requests?.[metric.name] ?? resources?.limits?.[metric.name] ?? "");
    limit += ceiling ?? Number.POSITIVE_INFINITY;
    request = asked === undefined || request === undefined ? undefined : request + asked;
  }
  return { metric, request: counted.length === 0 ? undefined : request, limit };
};

/** The lowest of the targets and its tolerance, as a share of the requests. */
const ceilingOf = (figures: readonly MetricFigures[], highest: number): number | undefined => {
  const shares = figures.flatMap(({ metric, request }) => {
    if (metric.type !== "Resource" && metric.type !== "ContainerResource") return [];
    // The controller counts whole percent, rounded down: with a target of 70 and a tolerance of 10 % it acts from 78 on.
    if (metric.targetKind === "utilization") return [(Math.floor(metric.target * highest + 1e-9) + 1) / 100];
    return request === undefined || request === 0 ? [] : [(metric.target * highest) / request];
  });
  return shares.length === 0 ? undefined : Math.min(...shares);
};
