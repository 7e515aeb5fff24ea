import type { Labels } from "../../kubernetes/selectors.ts";
import { type Millis, seconds } from "../../model/quantity.ts";
import type { HpaObservation, SelectorState } from "./hpa.ts";
import type { HpaPodGroup, MetricObservation, MetricProblem } from "./hpa-replicas.ts";
import { type CompiledHpa, type CompiledMetric, type HpaFeatureGates, type HpaSpec, wrappedMilli } from "./hpa-spec.ts";
import { metricSelectorProblem, parseSelectorText } from "./selector-text.ts";

/** `input` of a recorded case. Times in seconds. */
export interface HpaCaseInput {
  readonly hpa: { readonly spec: HpaSpec };
  readonly mode?: string;
  readonly controller?: {
    readonly syncPeriodSeconds?: number;
    readonly downscaleStabilizationSeconds?: number;
    readonly tolerance?: number;
    readonly cpuInitializationPeriodSeconds?: number;
    readonly initialReadinessDelaySeconds?: number;
  };
  readonly featureGates?: HpaFeatureGates;
  readonly target?: { readonly replicas?: number; readonly selector?: string; readonly missing?: boolean };
  readonly containers?: readonly CaseContainer[];
  readonly startup?: {
    readonly pendingSeconds?: number;
    readonly readyAfterSeconds?: number;
    readonly metricsAfterSeconds?: number;
  };
  readonly steps: readonly CaseStep[];
}

interface CaseContainer {
  readonly name: string;
  readonly requests?: Readonly<Record<string, string>>;
  readonly sidecar?: boolean;
}

type Usage = Readonly<Record<string, string>>;

interface CaseStep {
  readonly repeat?: number;
  readonly metrics?: CaseMetrics;
  readonly pods?: readonly CasePod[];
  readonly targetReplicas?: number;
  readonly statusReplicas?: number;
  readonly hpaSpec?: Readonly<Record<string, unknown>>;
  readonly scaleError?: string;
}

interface CaseMetrics {
  readonly cpuPerPod?: string;
  readonly memoryPerPod?: string;
  readonly cpuTotal?: string;
  readonly memoryTotal?: string;
  readonly perContainer?: Readonly<Record<string, Usage>>;
  readonly perPod?: Readonly<Record<string, Usage | null>>;
  readonly podsMetric?: Readonly<
    Record<string, { readonly perPod?: string; readonly total?: string; readonly byPod?: Usage }>
  >;
  readonly object?: Usage;
  readonly external?: Readonly<Record<string, readonly string[]>>;
  readonly apiErrors?: Usage;
  readonly ageSeconds?: number;
  readonly windowSeconds?: number;
}

interface CasePod {
  readonly name: string;
  readonly phase?: string;
  readonly ready?: boolean;
  readonly startedSecondsAgo?: number;
  readonly readyChangedAgo?: number;
  readonly deleting?: boolean;
  readonly noReadyCondition?: boolean;
  readonly containers?: readonly CaseContainer[];
  readonly labels?: Labels;
}

interface WorldPod extends HpaPodGroup {
  readonly name: string;
  readonly labels: Labels;
  readonly containers: readonly CaseContainer[];
  readonly created: number;
}

/** The pods, the scale and the samples of a recorded case. */
export interface HpaWorld {
  readonly apply: (step: CaseStep, now: Millis) => void;
  readonly advance: (now: Millis) => void;
  readonly counts: () => { readonly specReplicas: number; readonly pods: number; readonly readyPods: number };
  readonly observe: (hpa: CompiledHpa, now: Millis) => HpaObservation;
  readonly scaled: (to: number | undefined, now: Millis) => void;
}

/** The world of a case at its start: the HPA's creation is time 0. */
export const createHpaWorld = (input: HpaCaseInput): HpaWorld => {
  const follows = input.mode === "follow";
  const startup = {
    pending: seconds(input.startup?.pendingSeconds ?? 0),
    ready: seconds(input.startup?.readyAfterSeconds ?? 0),
    samples: seconds(input.startup?.metricsAfterSeconds ?? 0),
  };
  const containers = input.containers ?? [];
  let metrics: CaseMetrics = {};
  let scaleError = "";
  let specReplicas = input.target?.replicas ?? 0;
  let statusReplicas = specReplicas;
  let pods: WorldPod[] = [];

  const newPod = (index: number, created: number, old: boolean): WorldPod => {
    const base = { name: `web-${index}`, labels: { app: "web" }, containers, created, count: 1, deleting: false };
    return old || startup.pending === 0
      ? { ...base, phase: "Running", startTime: created, ready: old || startup.ready === 0, readySince: created }
      : { ...base, phase: "Pending", startTime: undefined, ready: undefined, readySince: 0 };
  };
  const follow = (now: number): void => {
    if (!follows) return;
    if (pods.length > specReplicas) pods = pods.slice(0, Math.max(specReplicas, 0));
    while (pods.length < specReplicas) pods.push(newPod(pods.length, now, false));
    statusReplicas = specReplicas;
  };
  const hasSample = (pod: WorldPod, now: number): boolean => {
    if (pod.phase !== "Running" || pod.deleting) return false;
    if (metrics.perPod?.[pod.name] === null) return false;
    return !follows || pod.created < 0 || now >= pod.created + startup.pending + startup.samples;
  };

  if (follows) for (let index = 0; index < specReplicas; index += 1) pods.push(newPod(index, -3_600_000, true));

  return {
    apply: (step, now) => {
      if (step.metrics !== undefined && step.metrics !== null) metrics = step.metrics;
      scaleError = step.scaleError ?? "";
      if (step.targetReplicas !== undefined) {
        specReplicas = step.targetReplicas;
        if (follows) follow(now - 1000);
        else statusReplicas = specReplicas;
      }
      if (step.statusReplicas !== undefined) statusReplicas = step.statusReplicas;
      if (step.pods !== undefined && step.pods !== null) {
        pods = step.pods.map((pod) => staticPod(pod, containers, now));
        const counted = !follows && step.statusReplicas === undefined && step.targetReplicas === undefined;
        if (counted) statusReplicas = pods.length;
      }
    },
    advance: (now) => {
      if (!follows) return;
      pods = pods.map((pod) => {
        const start = pod.created + startup.pending;
        if (pod.created < 0 || now < start) return pod;
        const ready = now >= start + startup.ready;
        return { ...pod, phase: "Running", startTime: start, ready, readySince: ready ? start + startup.ready : start };
      });
    },
    counts: () => ({
      specReplicas,
      pods: pods.length,
      readyPods: pods.filter(({ phase, ready }) => phase === "Running" && ready === true).length,
    }),
    observe: (hpa, now) => {
      const targetError = targetProblem(input, hpa.spec);
      if (targetError !== undefined) return { now, scale: { error: targetError }, pods: [], metric: neverAsked };
      const parsed = selectorOf(input.target?.selector);
      const selected = pods.filter(({ labels }) => parsed.matches(labels));
      const samples = { metrics, pods: selected, sampled: selected.map((pod) => hasSample(pod, now)), now };
      const sharers = pods.filter((pod) => pod.ready === true && hasSample(pod, now)).length;
      return {
        now,
        scale: { specReplicas, statusReplicas, selector: parsed.state },
        pods: selected,
        metric: (index) => sample(hpa.metrics[index], { ...samples, sharers }),
        ...(scaleError === "" ? {} : { writeError: scaleError }),
      };
    },
    scaled: (to, now) => {
      if (to !== undefined) specReplicas = to;
      follow(now);
    },
  };
};

const neverAsked = (): MetricObservation => ({ kind: "problem", problem: { code: "empty" } });

const staticPod = (pod: CasePod, containers: readonly CaseContainer[], now: number): WorldPod => {
  const ago = pod.startedSecondsAgo ?? 3600;
  const bare = pod.noReadyCondition === true;
  return {
    name: pod.name,
    labels: pod.labels ?? { app: "web" },
    containers: pod.containers ?? containers,
    created: now - ago * 1000,
    count: 1,
    phase: (pod.phase ?? "") === "" ? "Running" : (pod.phase ?? "Running"),
    deleting: pod.deleting === true,
    ready: bare ? undefined : pod.ready !== false,
    readySince: now - (pod.readyChangedAgo ?? ago) * 1000,
    startTime: bare ? undefined : now - ago * 1000,
  };
};

const targetProblem = (input: HpaCaseInput, { scaleTargetRef }: HpaSpec): string | undefined => {
  const { apiVersion = "", kind } = scaleTargetRef;
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  if (group !== "apps") return `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`;
  if (kind !== "Deployment" && kind !== "StatefulSet") {
    return `no matches for ${group}/, Resource=${kind}`;
  }
  return input.target?.missing === true ? 'deployments.apps "web" not found' : undefined;
};

const selectorOf = (
  given: string | undefined,
): { readonly state: SelectorState; readonly matches: (labels: Labels) => boolean } => {
  if (given === "-") return { state: "missing", matches: () => true };
  const parsed = parseSelectorText(given === undefined || given === "" ? "app=web" : given);
  if (typeof parsed === "string") {
    const message = `couldn't convert selector into a corresponding internal selector object: ${parsed}`;
    return { state: { reason: "InvalidSelector", message }, matches: () => false };
  }
  return { state: "valid", matches: parsed };
};

interface Samples {
  readonly metrics: CaseMetrics;
  readonly pods: readonly WorldPod[];
  readonly sampled: readonly boolean[];
  readonly sharers: number;
  readonly now: number;
}

const problem = (of: MetricProblem): MetricObservation => ({ kind: "problem", problem: of });

const sample = (metric: CompiledMetric | undefined, samples: Samples): MetricObservation => {
  if (metric === undefined) return problem({ code: "empty" });
  if (metric.selector !== undefined && metric.selector !== null) {
    const message = metricSelectorProblem(metric.selector);
    if (message !== undefined) return problem({ code: "selector", message });
  }
  const { apiErrors = {} } = samples.metrics;
  const api = metric.type === "External" ? "external" : isResource(metric) ? "resource" : "custom";
  const error = apiErrors[api] ?? "";
  if (error !== "") return problem({ code: "api", message: error });
  switch (metric.type) {
    case "Resource":
    case "ContainerResource":
      return resourceSample(metric, samples);
    case "Pods":
      return podsSample(metric.name, samples);
    case "Object":
      return objectSample(metric, samples.metrics);
    case "External": {
      const series = samples.metrics.external?.[metric.name] ?? [];
      return series.length === 0 ? problem({ code: "empty" }) : { kind: "series", values: series.map(wrappedMilli) };
    }
  }
};

const isResource = ({ type }: CompiledMetric): boolean => type === "Resource" || type === "ContainerResource";

const objectSample = ({ name, describedObject }: CompiledMetric, { object = {} }: CaseMetrics): MetricObservation => {
  const { apiVersion, kind } = describedObject;
  const asked = kind === "Namespace" && !apiVersion.includes("/") ? "default" : describedObject.name;
  const value = object[name];
  return value === undefined
    ? problem({ code: "api", message: `the server could not find the metric ${name} for ${asked}` })
    : { kind: "value", value: wrappedMilli(value) };
};

/** A total is divided among the ready pods that have samples, in thousandths, rounded down. */
const share = (total: string, pod: WorldPod, sharers: number): number =>
  sharers === 0 || pod.ready !== true ? 0 : Math.trunc(wrappedMilli(total) / sharers);

const DEFAULT_CUSTOM_WINDOW = seconds(60);

const podsSample = (name: string, { metrics, pods, sampled, sharers, now }: Samples): MetricObservation => {
  const given = metrics.podsMetric?.[name];
  if (given === undefined) {
    return problem({ code: "api", message: `the server could not find the metric ${name} for pods` });
  }
  const values = pods.map((pod, index) => {
    if (sampled[index] !== true) return NaN;
    if (given.byPod !== undefined)
      return given.byPod[pod.name] === undefined ? NaN : wrappedMilli(given.byPod[pod.name]);
    return (given.total ?? "") !== "" ? share(given.total ?? "0", pod, sharers) : wrappedMilli(given.perPod);
  });
  if (values.every(Number.isNaN)) return problem({ code: "empty" });
  return { kind: "perPod", values, timestamp: now, window: DEFAULT_CUSTOM_WINDOW, requests: undefined };
};

const resourceSample = (metric: CompiledMetric, samples: Samples): MetricObservation => {
  const { metrics, pods, sampled, now } = samples;
  const given = [metrics.cpuPerPod, metrics.memoryPerPod, metrics.cpuTotal, metrics.memoryTotal];
  const served = given.some((text) => (text ?? "") !== "") || metrics.perContainer != null || metrics.perPod != null;
  if (!served || !sampled.includes(true)) return problem({ code: "empty" });
  return {
    kind: "perPod",
    values: pods.map((pod, index) => (sampled[index] === true ? usageOf(metric, pod, samples) : NaN)),
    timestamp: now - (metrics.ageSeconds ?? 0) * 1000,
    window: seconds(metrics.windowSeconds || 30),
    requests: metric.targetKind === "utilization" ? requestsOf(metric, pods) : undefined,
  };
};

/** Containers first, then sidecars: the order in which upstream walks them. */
const orderedContainers = ({ containers }: WorldPod): readonly CaseContainer[] => [
  ...containers.filter(({ sidecar }) => sidecar !== true),
  ...containers.filter(({ sidecar }) => sidecar === true),
];

const usageOf = (metric: CompiledMetric, pod: WorldPod, { metrics, sharers }: Samples): number => {
  const usages = orderedContainers(pod).flatMap((container, index) => {
    if (metrics.perContainer != null) {
      const usage = metrics.perContainer[container.name];
      if (usage === undefined) return [];
      return [
        { name: container.name, value: usage[metric.name] === undefined ? NaN : wrappedMilli(usage[metric.name]) },
      ];
    }
    const first = firstUsage(metric.name, pod, metrics, sharers);
    return [{ name: container.name, value: index === 0 || Number.isNaN(first) ? first : 0 }];
  });
  if (metric.type === "ContainerResource") {
    return usages.find(({ name }) => name === metric.container)?.value ?? NaN;
  }
  return usages.length === 0 ? NaN : usages.reduce((sum, { value }) => sum + value, 0);
};

/** Usage of the first container; NaN when the sample does not have the resource. */
const firstUsage = (resource: string, pod: WorldPod, metrics: CaseMetrics, sharers: number): number => {
  const own = metrics.perPod?.[pod.name]?.[resource];
  if (own !== undefined) return wrappedMilli(own);
  const isCpu = resource === "cpu";
  if (!isCpu && resource !== "memory") return NaN;
  const total = (isCpu ? metrics.cpuTotal : metrics.memoryTotal) ?? "";
  if (total !== "") return share(total, pod, sharers);
  const each = (isCpu ? metrics.cpuPerPod : metrics.memoryPerPod) ?? "";
  return each === "" ? NaN : wrappedMilli(each);
};

const requestsOf = (metric: CompiledMetric, pods: readonly WorldPod[]): readonly number[] | MetricProblem => {
  const requests: number[] = [];
  for (const pod of pods) {
    const wanted = metric.type === "ContainerResource" ? metric.container : "";
    const asked = orderedContainers(pod).filter(({ name }) => wanted === "" || name === wanted);
    if (wanted !== "" && asked.length === 0) return { code: "containerNotFound", container: wanted, pod: pod.name };
    let sum = 0;
    for (const container of wanted === "" ? asked : asked.slice(0, 1)) {
      const request = container.requests?.[metric.name];
      if (request === undefined) return { code: "missingRequest", container: container.name, pod: pod.name };
      sum += wrappedMilli(request);
    }
    requests.push(sum);
  }
  return requests;
};
