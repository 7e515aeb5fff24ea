import type { AksCluster, Platform } from "../../azure/platform.ts";
import type { VmSizeOverrides } from "../../azure/vm-sizes.ts";
import type { Service } from "../../kubernetes/networking.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { addressOf } from "../../kubernetes/object.ts";
import type { PersistentVolumeClaim } from "../../kubernetes/storage.ts";
import type { HorizontalPodAutoscaler } from "../../kubernetes/workloads.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { LoadCurve, Scenario } from "../../model/scenario.ts";
import { boundAtOnce, claimsOf, storageClassOf, volumesAmong } from "../claims.ts";
import { predictLoadBalancers } from "../cloud/predict-load-balancers.ts";
import { refusedClaims } from "../cloud/volumes-of-pods.ts";
import { defaultTimings, pullTime } from "../nodes/timings.ts";
import { PredictCluster } from "../predict-cluster.ts";
import { withDevices } from "../predict-devices.ts";
import { clusterObjects } from "../predict-objects.ts";
import { type PredictedPool, predictedPools } from "../predict-pools.ts";
import { assumedLoad, type LoadSettings } from "../predict-replicas.ts";
import { schedulerKinds } from "../predict-settle.ts";
import { admissionClasses, workloadPods } from "../predict-workloads.ts";
import type { Assumption } from "../prediction.ts";
import type { WorldTimings } from "./world-state.ts";

/** A cluster as a configuration makes it: before the change, or after it. */
export interface SideInput {
  readonly platform: Platform;
  readonly cluster: AksCluster;
  /** The user's objects; AKS's own are added. */
  readonly objects: readonly KubeObject[];
}

/** The same, with what the world is made of. */
export interface ScenarioSide {
  readonly platform: Platform;
  readonly cluster: AksCluster;
  /** As the user wrote them: what is left out there stays as it is in a running cluster. */
  readonly raw: ReadonlyMap<string, KubeObject>;
  readonly objects: readonly KubeObject[];
  readonly pools: readonly PredictedPool[];
  readonly leftOut: readonly string[];
  readonly assumptions: readonly Assumption[];
  readonly diagnostics: readonly Diagnostic[];
  /** Frontends of internal load balancers: they are made once and stay. */
  readonly frontends: readonly { readonly service: string; readonly subnet: string | undefined }[];
}

/** Reads one side. */
export const scenarioSide = (
  { platform, cluster, objects: given }: SideInput,
  sizes: VmSizeOverrides | undefined,
): ScenarioSide => {
  const { pools: bare, leftOut, assumptions, diagnostics } = predictedPools(cluster, sizes);
  const objects = clusterObjects(cluster, given, sizes === undefined ? {} : { sizes });
  const pools = withDevices(bare, objects, platform);
  const { internalFrontends: frontends } = predictLoadBalancers({
    platform,
    cluster,
    services: objects.filter(({ kind }) => kind === "Service") as Service[],
    nodes: pools.reduce((sum, { initial }) => sum + initial, 0),
    nodesByPool: new Map(pools.map(({ name, initial }) => [name, initial])),
  });
  const raw = new Map(given.map((object) => [addressOf(inDefault(object)), object]));
  return { platform, cluster, raw, objects, pools, leftOut, assumptions, diagnostics, frontends };
};

const inDefault = (object: KubeObject): KubeObject =>
  object.metadata.namespace === undefined
    ? { ...object, metadata: { ...object.metadata, namespace: "default" } }
    : object;

/** What the scheduler knows beside nodes and pods, with room for the claims of the most replicas that an HPA may ask for. */
export const schedulerObjects = (
  { cluster, objects }: ScenarioSide,
  sizes: VmSizeOverrides | undefined,
): readonly KubeObject[] => {
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
  const refused = refusedClaims({ cluster, claims, objects, ...(sizes === undefined ? {} : { sizes }) });
  return [
    ...objects.filter(({ kind }) => schedulerKinds.has(kind)),
    ...work.replicaSets,
    ...boundAtOnce(claims, storageClassOf(objects), refused, volumesAmong(objects)),
  ];
};

/** A cluster without nodes that knows the objects. */
export const emptyCluster = (side: ScenarioSide, sizes: VmSizeOverrides | undefined): PredictCluster =>
  new PredictCluster(schedulerObjects(side, sizes));

/** Claims among the objects of a scheduler, by address. */
export const claimsAmong = (objects: readonly KubeObject[]): readonly PersistentVolumeClaim[] =>
  objects.filter(({ kind }) => kind === "PersistentVolumeClaim") as PersistentVolumeClaim[];

export const worldTimings = ({ timings }: Scenario): WorldTimings => ({
  nodeReady: timings.nodeReady ?? defaultTimings.nodeReady,
  windowsNodeReady: timings.nodeReady ?? defaultTimings.windowsNodeReady,
  nodeDelete: timings.nodeDelete ?? defaultTimings.nodeDelete,
  imagePull: timings.imagePull ?? pullTime(defaultTimings, undefined),
  podStart: defaultTimings.sandbox + defaultTimings.containerStart,
  podReady: timings.podReady ?? 5_000,
  podStop: timings.podStop ?? 10_000,
});

/** The scenario's curve of a workload; without one, halfway between the loads of the configuration. */
export const curvesOf = (scenario: Scenario, load: LoadSettings): ((address: string) => LoadCurve) => {
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
