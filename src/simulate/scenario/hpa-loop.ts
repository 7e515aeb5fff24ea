import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import type { PodSpec, PodTemplate } from "../../kubernetes/pod.ts";
import { quantityMilliValue } from "../../kubernetes/quantity.ts";
import { millis, seconds } from "../../model/quantity.ts";
import type { LoadCurve } from "../../model/scenario.ts";
import { createHpa, type HpaState, syncHpa } from "../autoscaling/hpa.ts";
import type { HpaPodGroup, MetricObservation } from "../autoscaling/hpa-replicas.ts";
import type { CompiledMetric } from "../autoscaling/hpa-spec.ts";
import { shareAt } from "./load-curve.ts";
import { isAwake, type KedaSettings, type MetricSource, type Scaler } from "./scalers.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldWorkload } from "./world-state.ts";

const SYNC_MS = 15_000;
const WINDOW = seconds(30);
/** Past the controller's five minutes for starting pods: older ready pods are all alike to it. */
const SETTLED_MS = 330_000;
const LONG_AGO = -86_400_000;

/** An HPA with the workload that it scales. */
export interface WorldHpa {
  /** Address of the HPA, or of the ScaledObject that KEDA makes it of. */
  readonly name: string;
  readonly scaler: Scaler;
  readonly workload: WorldWorkload;
  readonly curve: LoadCurve;
  /** Requests and limit of each metric, in thousandths; the request is undefined where a container has none. */
  readonly figures: readonly MetricFigures[];
  /** Share of what the declared replicas requested at the beginning from which on the controller asks for more. */
  readonly ceiling: number | undefined;
  state: HpaState;
  groups: readonly HpaPodGroup[];
  groupsVersion: number;
  groupsUntil: number;
  /** When a trigger was last active; KEDA counts its cooldown from there. */
  lastActive: number;
}

interface MetricFigures {
  readonly metric: CompiledMetric;
  readonly request: number | undefined;
  readonly limit: number;
  /** What a pod requested at the beginning: shares of load are shares of that, whatever is deployed later. */
  readonly loadRequest: number;
  readonly source: MetricSource | undefined;
}

interface Scalable extends KubeObject {
  readonly spec?: { readonly template?: PodTemplate };
}

/** What a pod of each workload requested at the beginning, by address and resource. */
export type LoadRequests = Map<string, number>;

/** The HPAs whose target is a workload of the world; one that was there before and has not changed keeps its state. */
export const worldHpas = (given: {
  readonly scalers: readonly Scaler[];
  readonly objects: readonly KubeObject[];
  readonly workloads: readonly WorldWorkload[];
  readonly curveOf: (address: string) => LoadCurve;
  readonly requests: LoadRequests;
  readonly before?: readonly WorldHpa[];
}): readonly WorldHpa[] => {
  const { objects, requests, before = [] } = given;
  const byAddress = new Map(given.workloads.map((workload) => [workload.address, workload]));
  const specs = new Map(objects.map((object) => [addressOf(object), (object as Scalable).spec?.template?.spec]));
  return given.scalers.flatMap((scaler): readonly WorldHpa[] => {
    const { hpa } = scaler;
    const { kind, name } = hpa.spec.scaleTargetRef;
    const address = addressOf({ ...hpa, kind, metadata: { ...hpa.metadata, name } });
    const workload = byAddress.get(address);
    const podSpec = specs.get(address);
    if (workload === undefined || podSpec === undefined || workload.isDeleted) return [];
    const known = before.find((each) => each.name === scaler.address && each.workload === workload);
    const isSame = known !== undefined && JSON.stringify(known.scaler.hpa.spec) === JSON.stringify(hpa.spec);
    const state = isSame ? known.state : createHpa(hpa.spec);
    const figures = state.hpa.metrics.map((metric) =>
      figuresOf(
        metric,
        podSpec,
        `${address} ${metric.name} ${metric.container}`,
        requests,
        scaler.sources.get(metric.name),
      ),
    );
    return [
      {
        name: scaler.address,
        scaler,
        workload,
        curve: given.curveOf(address),
        figures,
        ceiling: ceilingOf(figures, state.hpa.highest),
        state,
        groups: [],
        groupsVersion: -1,
        groupsUntil: 0,
        lastActive: known?.lastActive ?? Number.NEGATIVE_INFINITY,
      },
    ];
  });
};

/** Runs the HPA controller every 15 seconds (kube-controller-manager's `--horizontal-pod-autoscaler-sync-period`), and KEDA at its own pace. */
export const startHpas = (
  world: ScenarioWorld,
  hpas: () => readonly WorldHpa[],
  start: number,
  looked: () => void,
): void => {
  const sync = (): void => {
    world.after(SYNC_MS, "hpa sync", sync, 40);
    if (world.isStopped) return;
    for (const hpa of hpas()) if (isInCharge(hpa)) syncOne(world, hpa, start);
    looked();
  };
  world.after(SYNC_MS, "hpa sync", sync, 40);
};

/** KEDA's own part: it wakes a workload from its rest, and puts it there once nothing has been active for the cooldown. */
export const startKeda = (
  world: ScenarioWorld,
  { name }: WorldHpa,
  hpas: () => readonly WorldHpa[],
  ended: () => void,
): void => {
  const poll = (): void => {
    const hpa = hpas().find((each) => each.name === name);
    const keda = hpa?.scaler.keda;
    if (hpa === undefined || keda === undefined) {
      ended();
      return;
    }
    world.after(keda.pollMs, "keda poll", poll, 38);
    if (!world.isStopped) pollOne(world, hpa, keda);
  };
  world.after(0, "keda poll", poll, 38);
};

const pollOne = (world: ScenarioWorld, hpa: WorldHpa, keda: KedaSettings): void => {
  const { workload } = hpa;
  const to = (replicas: number, why: string): void => {
    if (workload.wanted === replicas) return;
    world.tell("keda", workload.address, `${workload.wanted} → ${replicas} replicas: ${why}`);
    world.scale(workload, replicas);
  };
  if (keda.paused !== undefined) {
    to(keda.paused, "paused");
    return;
  }
  if (keda.resting === undefined) return;
  if (isAwake(hpa.scaler, world.now)) {
    hpa.lastActive = world.now;
    if (workload.wanted === 0 || workload.wanted === keda.resting)
      to(Math.max(keda.waking, workload.wanted), "a trigger is active");
    return;
  }
  if (hpa.lastActive === Number.NEGATIVE_INFINITY) hpa.lastActive = world.now;
  if (world.now - hpa.lastActive >= keda.cooldownMs) to(keda.resting, "no trigger is active");
};

/** At rest and while paused KEDA's HPA does nothing; no HPA acts on a workload with 0 replicas (ScalingDisabled). */
const isInCharge = ({ scaler: { keda }, workload }: WorldHpa): boolean =>
  !workload.isDeleted &&
  workload.wanted > 0 &&
  (keda === undefined ||
    (keda.paused === undefined &&
      (keda.resting === undefined || keda.resting === 0 || workload.wanted > keda.resting)));

/** How short of pods a workload is: its use by metric, as a share of the requests or of the target, against where the controller acts. */
export const pressureOn = (
  hpa: WorldHpa,
  now: number,
  start: number,
): { readonly isShort: boolean; readonly percent: number; readonly metric: string | undefined } => {
  const { ceiling, workload, figures, state } = hpa;
  const ready = Math.max(1, workload.ready);
  const perPod =
    ceiling === undefined ? 0 : (shareAt(hpa.curve, now, start, workload.declared) * workload.declared) / ready;
  let isShort = ceiling !== undefined && (perPod >= ceiling || workload.ready === 0);
  let percent = perPod * 100;
  let metric: string | undefined;
  for (const { metric: each, source } of figures) {
    if (source === undefined || each.target === 0 || each.type === "Resource" || each.type === "ContainerResource")
      continue;
    const share = (source.valueAt(now) * 1000) / (each.target * (each.targetKind === "averageValue" ? ready : 1));
    if (!(share > state.hpa.highest || (workload.ready === 0 && share > 0))) continue;
    if (isShort && share * 100 <= percent) continue;
    isShort = true;
    percent = share * 100;
    metric = each.name;
  }
  return { isShort, percent, metric };
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
  const { metric, request, limit, loadRequest, source } = figures;
  const isResource = metric.type === "Resource" || metric.type === "ContainerResource";
  const ready = Math.max(1, workload.ready);
  if (!isResource && source !== undefined) {
    const value = Math.floor(source.valueAt(now) * 1000);
    if (metric.type === "Pods")
      return {
        kind: "perPod",
        values: groups.map(({ ready: isReady }) => (isReady === true ? Math.floor(value / ready) : Number.NaN)),
        timestamp: now,
        window: WINDOW,
        requests: undefined,
      };
    return metric.type === "Object" ? { kind: "value", value } : { kind: "series", values: [value] };
  }
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
  const value = Math.floor(Math.min(limit, (share * loadRequest * workload.declared) / ready));
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

const figuresOf = (
  metric: CompiledMetric,
  { containers, initContainers = [] }: PodSpec,
  key: string,
  requests: LoadRequests,
  source: MetricSource | undefined,
): MetricFigures => {
  const all = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")];
  const counted = metric.type === "ContainerResource" ? all.filter(({ name }) => name === metric.container) : all;
  let request: number | undefined = 0;
  let limit = 0;
  for (const { resources } of counted) {
    const ceiling = quantityMilliValue(resources?.limits?.[metric.name] ?? "");
    const wanted = quantityMilliValue(resources?.requests?.[metric.name] ?? resources?.limits?.[metric.name] ?? "");
    limit += ceiling ?? Number.POSITIVE_INFINITY;
    request = wanted === undefined || request === undefined ? undefined : request + wanted;
  }
  const asked = counted.length === 0 ? undefined : request;
  if (asked !== undefined && !requests.has(key)) requests.set(key, asked);
  return { metric, request: asked, limit, loadRequest: requests.get(key) ?? 0, source };
};

/** The lowest of the targets and its tolerance, as a share of the requests at the beginning. */
const ceilingOf = (figures: readonly MetricFigures[], highest: number): number | undefined => {
  const shares = figures.flatMap(({ metric, request, loadRequest }) => {
    if (metric.type !== "Resource" && metric.type !== "ContainerResource") return [];
    if (request === undefined || request === 0 || loadRequest === 0) return [];
    // The controller counts whole percent, rounded down: with a target of 70 and a tolerance of 10 % it acts from 78 on.
    if (metric.targetKind === "utilization")
      return [((Math.floor(metric.target * highest + 1e-9) + 1) / 100) * (request / loadRequest)];
    return [(metric.target * highest) / loadRequest];
  });
  return shares.length === 0 ? undefined : Math.min(...shares);
};
