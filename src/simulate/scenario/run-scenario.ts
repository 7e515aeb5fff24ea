import { autoscalerProfile } from "../../azure/autoscaler-keys.ts";
import type { AksCluster, Platform } from "../../azure/platform.ts";
import type { VmSizeOverrides } from "../../azure/vm-sizes.ts";
import type { Service } from "../../kubernetes/networking.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { addressOf } from "../../kubernetes/object.ts";
import type { HorizontalPodAutoscaler } from "../../kubernetes/workloads.ts";
import type { Diagnostic, Outcome } from "../../model/diagnostic.ts";
import { millis } from "../../model/quantity.ts";
import type { LoadCurve, Scenario } from "../../model/scenario.ts";
import { autoscalerOptions } from "../autoscaling/autoscaler-profile.ts";
import { boundAtOnce, claimsOf, storageClassOf, volumesAmong } from "../claims.ts";
import { predictLoadBalancers } from "../cloud/predict-load-balancers.ts";
import { refusedClaims } from "../cloud/volumes-of-pods.ts";
import { defaultTimings, pullTime } from "../nodes/timings.ts";
import { PredictCluster } from "../predict-cluster.ts";
import { withDevices } from "../predict-devices.ts";
import { clusterObjects } from "../predict-objects.ts";
import { type PredictedPool, predictedPools } from "../predict-pools.ts";
import { assumedLoad, type LoadSettings } from "../predict-replicas.ts";
import { requestsOf } from "../predict-requests.ts";
import { schedulerKinds } from "../predict-settle.ts";
import { admissionClasses, workloadPods } from "../predict-workloads.ts";
import { startActions } from "./actions.ts";
import { type AutoscalerRecord, startAutoscaler } from "./autoscaler-loop.ts";
import { startHpas, type WorldHpa, worldHpas } from "./hpa-loop.ts";
import { bendsOf, shareAt } from "./load-curve.ts";
import { randomStream } from "./random-stream.ts";
import { Recorder, ShortfallWatch } from "./recorder.ts";
import type { ScenarioResult } from "./result.ts";
import { scenarioAssumptions } from "./scenario-assumptions.ts";
import { UpgradeLog } from "./upgrade-log.ts";
import { WorkloadWatch } from "./workload-watch.ts";
import { ScenarioWorld } from "./world.ts";
import { WorldPools } from "./world-pools.ts";
import type { WorldPod, WorldTimings } from "./world-state.ts";

export interface ScenarioInput {
  readonly platform: Platform;
  readonly cluster: AksCluster;
  /** The user's objects; AKS's own are added. */
  readonly objects: readonly KubeObject[];
  readonly scenario: Scenario;
  /** The loads of `aks-twin.yaml`, for workloads without a curve: they rest halfway. */
  readonly load: LoadSettings;
  readonly sizes?: VmSizeOverrides | undefined;
  /** Draws what Azure and the autoscaler leave to chance; without it each takes its usual time and the first of equals. */
  readonly chance?: { readonly seed: number; readonly run: number };
  /** Called after each event, for those who want to see everything. */
  readonly probe?: (world: ScenarioWorld, pools: WorldPools) => void;
  readonly evicted?: (world: ScenarioWorld, pod: WorldPod, wasReady: boolean) => void;
}

/** Plays the scenario on the cluster from its beginning to its end. */
export const runScenario = (input: ScenarioInput): Outcome<ScenarioResult> => {
  const { cluster, platform, scenario, chance } = input;
  const sizes = input.sizes === undefined ? {} : { sizes: input.sizes };
  const { pools: bare, leftOut, assumptions, diagnostics } = predictedPools(cluster, input.sizes);
  const objects = clusterObjects(cluster, input.objects, sizes);
  const predicted = withDevices(bare, objects, platform);
  const timings = worldTimings(scenario);
  const world = new ScenarioWorld({
    cluster: emptyCluster(objects, input),
    objects,
    classes: admissionClasses(objects),
    timings,
  });
  const stream = (purpose: string) =>
    chance === undefined ? undefined : randomStream(chance.seed, chance.run, purpose);
  const pools = new WorldPools(
    world,
    predicted,
    { platform, cluster, frontends: frontendsOf(input, objects, predicted) },
    stream("provisioning"),
  );
  pools.begin();
  world.fill();

  const curveOf = curves(scenario, input.load);
  const hpas = worldHpas(objects, world.workloads, curveOf);
  const shortfalls = new ShortfallWatch(world, hpas, scenario.start);
  const workloads = new WorkloadWatch(world);
  const upgrades = new UpgradeLog(world);
  const recorder = new Recorder(world, pools, useIn(world, hpas, curveOf, scenario.start));
  let evictions = 0;
  world.listener = {
    workloadChanged: (workload) => {
      shortfalls.look(workload);
      workloads.look(workload);
      upgrades.look(workload);
    },
    podMoved: (pod, from, to) => upgrades.moved(pod, from, to),
    bound: (pod) => workloads.bound(pod),
    evicted: (pod, wasReady) => {
      evictions += 1;
      input.evicted?.(world, pod, wasReady);
    },
  };
  const options = autoscalerOptions(autoscalerProfile(cluster));
  const record = startAutoscaler(world, pools, objects, options, stream("expander"));
  startHpas(world, hpas, scenario.start, () => shortfalls.lookAtAll());
  for (const { curve } of hpas)
    for (const at of bendsOf(curve)) world.after(at, "load bends", () => shortfalls.lookAtAll(), 5);
  const notSupported = startActions(world, pools, upgrades, scenario.events);
  startSamples(world, recorder, scenario);
  play(world, pools, scenario, input.probe);

  return {
    value: {
      cluster: cluster.address,
      start: scenario.start,
      until: scenario.until,
      samples: recorder.samples,
      workloads: workloads.finish(),
      shortfalls: shortfalls.finish(),
      upgrades: upgrades.finish(),
      events: world.events,
      evictions,
      ties: [...record.ties.values()],
      pending: pendingAtEnd(world, record),
      assumptions: [
        ...scenarioAssumptions({ scenario, objects, chance: chance !== undefined, leftOut, hpas, load: input.load }),
        ...assumptions,
      ],
      notSupported,
    },
    diagnostics: diagnostics as readonly Diagnostic[],
  };
};

const play = (world: ScenarioWorld, pools: WorldPools, { until }: Scenario, probe: ScenarioInput["probe"]): void => {
  const { queue } = world;
  while (probe !== undefined && queue.next !== undefined && queue.next <= until) {
    queue.step();
    probe(world, pools);
  }
  queue.runUntil(until);
};

/** Frontends of internal load balancers: they are made once and stay. */
const frontendsOf = (
  { platform, cluster }: ScenarioInput,
  objects: readonly KubeObject[],
  pools: readonly PredictedPool[],
) =>
  predictLoadBalancers({
    platform,
    cluster,
    services: objects.filter(({ kind }) => kind === "Service") as Service[],
    nodes: pools.reduce((sum, { initial }) => sum + initial, 0),
    nodesByPool: new Map(pools.map(({ name, initial }) => [name, initial])),
  }).internalFrontends;

/** A cluster without nodes that knows the objects, with room for the claims of the most replicas that an HPA may ask for. */
const emptyCluster = (objects: readonly KubeObject[], input: ScenarioInput): PredictCluster => {
  const most = new Map<string, number>();
  for (const object of objects) {
    if (object.kind !== "HorizontalPodAutoscaler") continue;
    const { spec, metadata } = object as HorizontalPodAutoscaler;
    const { kind, name } = spec.scaleTargetRef;
    if (kind === "StatefulSet")
      most.set(addressOf({ ...object, kind, metadata: { ...metadata, name } }), spec.maxReplicas);
  }
  const work = workloadPods(objects, most, admissionClasses(objects));
  const claims = claimsOf(objects, work.claims);
  const sizes = input.sizes === undefined ? {} : { sizes: input.sizes };
  const refused = refusedClaims({ cluster: input.cluster, claims, objects, ...sizes });
  return new PredictCluster([
    ...objects.filter(({ kind }) => schedulerKinds.has(kind)),
    ...work.replicaSets,
    ...boundAtOnce(claims, storageClassOf(objects), refused, volumesAmong(objects)),
  ]);
};

const worldTimings = ({ timings }: Scenario): WorldTimings => ({
  nodeReady: timings.nodeReady ?? defaultTimings.nodeReady,
  windowsNodeReady: timings.nodeReady ?? defaultTimings.windowsNodeReady,
  nodeDelete: timings.nodeDelete ?? defaultTimings.nodeDelete,
  imagePull: timings.imagePull ?? pullTime(defaultTimings, undefined),
  podStart: defaultTimings.sandbox + defaultTimings.containerStart,
  podReady: timings.podReady ?? 5_000,
  podStop: timings.podStop ?? 10_000,
});

/** The scenario's curve of a workload; without one, halfway between the loads of the configuration. */
const curves = (scenario: Scenario, load: LoadSettings): ((address: string) => LoadCurve) => {
  const middle = ({ low, high }: { readonly low: number; readonly high: number }): LoadCurve => ({
    kind: "constant",
    share: (low + high) / 2,
  });
  return (address) => {
    const own = scenario.load.workloads.get(address);
    const given = load.workloads.get(address);
    if (own !== undefined) return own;
    if (scenario.load.default !== undefined) return scenario.load.default;
    return middle(given ?? load.default ?? assumedLoad);
  };
};

/** CPU that all workloads use together; no pod uses more than its ready pods can within their limits. */
const useIn = (
  world: ScenarioWorld,
  hpas: readonly WorldHpa[],
  curveOf: (address: string) => LoadCurve,
  start: number,
): ((at: number) => { readonly milliCpu: number }) => {
  const own = new Map(hpas.map((hpa) => [hpa.workload, hpa.curve]));
  const each = world.workloads.map((workload) => ({
    workload,
    curve: own.get(workload) ?? curveOf(workload.address),
    request: workload.revisions[0] === undefined ? 0 : requestsOf(workload.revisions[0].template).milliCpu,
  }));
  return (at) => {
    let milliCpu = 0;
    for (const { workload, curve, request } of each)
      if (workload.ready > 0) milliCpu += shareAt(curve, at, start, workload.declared) * request * workload.declared;
    return { milliCpu };
  };
};

const startSamples = (world: ScenarioWorld, recorder: Recorder, { until, sample }: Scenario): void => {
  const every = sample ?? usualStep(until);
  const take = (): void => {
    recorder.sample();
    if (world.now + every <= until) world.after(millis(every), "sample", take, 100);
  };
  world.after(0, "sample", take, 100);
};

/** Whole minutes that give at most about 300 points. */
const usualStep = (until: number): number => Math.max(1, Math.ceil(until / 300 / 60_000)) * 60_000;

const pendingAtEnd = (world: ScenarioWorld, record: AutoscalerRecord): ScenarioResult["pending"] =>
  [...world.pods.values()]
    .filter(({ phase }) => phase === "pending")
    .map(({ key }) => ({ pod: key, reasons: record.unhelped.get(key) ?? [] }))
    .sort((a, b) => (a.pod < b.pod ? -1 : 1));
