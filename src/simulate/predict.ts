import { autoscalerProfile } from "../azure/autoscaler-keys.ts";
import type { AksCluster, Platform } from "../azure/platform.ts";
import type { VmPrices } from "../azure/retail-prices.ts";
import type { VmSizeOverrides } from "../azure/vm-sizes.ts";
import type { Service } from "../kubernetes/networking.ts";
import type { KubeObject } from "../kubernetes/object.ts";
import type { PersistentVolumeClaim } from "../kubernetes/storage.ts";
import type { Diagnostic, Outcome } from "../model/diagnostic.ts";
import { autoscalerOptions } from "./autoscaling/autoscaler-profile.ts";
import { provisionNodes } from "./autoscaling/node-provisioning.ts";
import { provisioningSetup } from "./autoscaling/node-provisioning-setup.ts";
import { claimed, defaultStorageClass } from "./claims.ts";
import { predictLoadBalancers } from "./cloud/predict-load-balancers.ts";
import { type ClusterUse, predictSubnets } from "./cloud/subnets.ts";
import { refusedClaims, volumesOfPods } from "./cloud/volumes-of-pods.ts";
import { ephemeralClaims } from "./controllers/ephemeral-volume.ts";
import { nodeAssumptions } from "./nodes/node-assumptions.ts";
import { withDevices } from "./predict-devices.ts";
import { clusterObjects } from "./predict-objects.ts";
import { pendingPods, withoutUnknowable, withoutVirtualNode } from "./predict-pending.ts";
import { type PredictedPool, predictedPools } from "./predict-pools.ts";
import { summarizePods } from "./predict-pools-summary.ts";
import { type Provisioning, predictProvisioning } from "./predict-provisioning.ts";
import { refusedObjects } from "./predict-refusals.ts";
import { type LoadSettings, type PredictedReplicas, predictedReplicas } from "./predict-replicas.ts";
import { type Settled, type SettleInput, settle } from "./predict-settle.ts";
import type { Assumption, AutoscalingPrediction, Prediction, Refusal } from "./prediction.ts";
import { provisioningAssumptions } from "./provisioning-assumptions.ts";

export interface PredictInput {
  readonly platform: Platform;
  readonly cluster: AksCluster;
  /** The user's objects; AKS's own are added. */
  readonly objects: readonly KubeObject[];
  /** Addresses of those that are wholly known, and so can be held against the API server's rules; none where left out. */
  readonly complete?: ReadonlySet<string> | undefined;
  readonly load: LoadSettings;
  /** Sizes of the user's `az vm list-skus`. */
  readonly sizes?: VmSizeOverrides | undefined;
  /** Other clusters of the configuration, whose nodes may stand in the same subnets. */
  readonly others?: readonly ClusterUse[];
  /** Of the Azure Retail Prices API: what node auto-provisioning chooses by. */
  readonly prices?: VmPrices | undefined;
}

/** Runs one cluster to its steady state at the lowest and the highest load, and says what it will be. */
export const predict = (input: PredictInput): PredictOutcome => predictFrom(input, prepare(input));

/** The prediction, and the nodes and frontends that its addresses were counted from, for other clusters in the same subnets. */
export interface PredictOutcome extends Outcome<Prediction> {
  readonly use: ClusterUse;
}

/** A cluster made ready to be run at any load. */
export interface Prepared {
  readonly pools: readonly PredictedPool[];
  /** Names of pools whose VM size is not known. */
  readonly leftOut: readonly string[];
  /** AKS's own and the user's. */
  readonly objects: readonly KubeObject[];
  /** Objects that the API server refuses; they are not among `objects`. */
  readonly refused: readonly Refusal[];
  readonly provisioning: Provisioning;
  readonly replicas: PredictedReplicas;
  readonly assumptions: readonly Assumption[];
  readonly diagnostics: readonly Diagnostic[];
  /** What every run is given beside pools and replicas. */
  readonly base: Omit<SettleInput, "pools" | "replicas">;
  readonly run: (replicas: ReadonlyMap<string, number>, pools?: readonly PredictedPool[]) => Settled;
}

/** Reads pools, objects and loads of a cluster; nothing runs yet. */
export const prepare = (input: PredictInput): Prepared => {
  const { cluster } = input;
  const { pools: bare, leftOut, assumptions, diagnostics } = predictedPools(cluster, input.sizes);
  const sizes = input.sizes === undefined ? {} : { sizes: input.sizes };
  const { taken: objects, refused } = refusedObjects(
    clusterObjects(cluster, input.objects, sizes),
    input.complete ?? new Set(),
  );
  const pools = withDevices(bare, objects, input.platform);
  const provisioning = provisioningSetup({ cluster, objects, sizes: input.sizes, prices: input.prices });
  const provision: SettleInput["provision"] =
    provisioning === undefined || "unknown" in provisioning
      ? undefined
      : (filled, pending, daemonPods) => provisionNodes(provisioning, filled, pending, daemonPods);
  const base = {
    objects,
    provision,
    autoscaler: autoscalerOptions(autoscalerProfile(cluster)),
    refused: (claims: readonly PersistentVolumeClaim[]) => refusedClaims({ cluster, claims, objects, ...sizes }),
  };
  return {
    pools,
    leftOut,
    objects,
    refused,
    provisioning,
    replicas: predictedReplicas(objects, input.load),
    assumptions,
    diagnostics,
    base,
    run: (replicas, given = pools) => settle({ ...base, pools: given, replicas }),
  };
};

/** The cluster at rest at its lowest and highest load. */
export const settleBoth = ({ replicas, run }: Prepared): { readonly low: Settled; readonly high: Settled } => {
  const high = run(replicas.high);
  return { high, low: sameCounts(replicas.low, replicas.high) ? high : run(replicas.low) };
};

/** The prediction of what has been prepared; `both` where it has been run already. */
export const predictFrom = (
  input: PredictInput,
  prepared: Prepared,
  both: { readonly low: Settled; readonly high: Settled } = settleBoth(prepared),
): PredictOutcome => {
  const { cluster, platform } = input;
  const { objects, replicas } = prepared;
  const diagnostics: Diagnostic[] = [...prepared.diagnostics];
  const sizes = input.sizes === undefined ? {} : { sizes: input.sizes };
  const { low, high } = both;
  const refusals = [...prepared.refused, ...high.refusals];
  const volumes = volumesOfPods({
    cluster,
    claims: [...high.claims, ...claimsOfPods(high, objects)],
    objects,
    nodes: high.cluster.nodes,
    placed: high.cluster.placed.values(),
    pending: high.pending,
    ...sizes,
  });
  const disks = new Set(volumes.filter(({ kind }) => kind === "disk").map(({ claim }) => claim));
  const summary = summarizePods(low, high, disks);
  const real = withoutVirtualNode(pendingPods(low, high), high, cluster.addons.virtualNode !== undefined);
  const sized = withoutUnknowable(real.pending, prepared.leftOut);
  const provisioned = predictProvisioning(prepared.provisioning, {
    objects: input.objects,
    low,
    high,
    pending: sized.pending,
  });
  const nodesByPool = new Map([
    ...high.pools.map(({ pool, count }) => [pool.name, count] as const),
    ...provisioned.pools.map(({ pool, predicted }) => [pool.address, predicted] as const),
  ]);
  const balancers = predictLoadBalancers({
    platform,
    cluster,
    services: objects.filter((object) => object.kind === "Service") as Service[],
    nodes: [...nodesByPool.values()].reduce((sum, count) => sum + count, 0),
    nodesByPool,
    namespaces: objects.filter((object) => object.kind === "Namespace"),
  });
  const use: ClusterUse = {
    cluster,
    pools: [
      ...high.pools.map(({ pool, count }) => ({
        pool: pool.pool,
        now: pool.initial,
        predicted: count,
        max: pool.max,
        surge: pool.surge,
        podsPerNode: summary.podsPerNode.get(pool.name) ?? 0,
      })),
      ...provisioned.pools,
    ],
    internalFrontends: balancers.internalFrontends,
  };
  const subnets = predictSubnets({ platform, ...use, others: input.others ?? [] });
  diagnostics.push(...subnets.diagnostics);
  return {
    value: {
      cluster: cluster.address,
      pools: summary.pools,
      nodes: [...summary.nodes, ...provisioned.nodes],
      subnets: subnets.value,
      loadBalancers: balancers.loadBalancers,
      publicIps: balancers.publicIps,
      services: balancers.services,
      volumes,
      pending: provisioned.pending,
      ...(refusals.length === 0 ? {} : { refusals }),
      placements: summary.placements.map((placement) => {
        const pool = provisioned.poolOfNode.get(placement.node);
        return pool === undefined ? placement : { ...placement, pool };
      }),
      autoscaling: [...replicas.autoscaling, ...poolAutoscaling(low, high)],
      ...(provisioned.prediction === undefined ? {} : { nodeProvisioning: provisioned.prediction }),
      assumptions: [
        ...nodeAssumptions(cluster, sizes),
        ...prepared.assumptions,
        ...replicas.assumptions,
        ...real.assumptions,
        ...sized.assumptions,
        ...provisioningAssumptions(prepared.provisioning, provisioned.prediction),
        ...expanderAssumptions(low, high),
      ],
      events: high.cluster.events,
    },
    diagnostics,
    use,
  };
};

/** The claims of generic ephemeral volumes. */
const claimsOfPods = (high: Settled, objects: readonly KubeObject[]): readonly PersistentVolumeClaim[] => {
  const defaultClass = defaultStorageClass(objects);
  return [...high.cluster.placed.values(), ...high.pending]
    .flatMap(({ pod }) => ephemeralClaims(pod))
    .map((claim) => claimed(claim, defaultClass));
};

const sameCounts = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  [...a].every(([key, count]) => b.get(key) === count);

const poolAutoscaling = (low: Settled, high: Settled): readonly AutoscalingPrediction[] =>
  high.pools.flatMap(({ pool, count }) => {
    const size = high.autoscaler.sizes.get(pool.name);
    if (size === undefined) return [];
    const atLow = low.pools.find((each) => each.pool.name === pool.name)?.count ?? count;
    return [
      {
        subject: pool.pool.address,
        kind: "clusterAutoscaler" as const,
        from: pool.initial,
        to: { low: Math.min(atLow, count), high: Math.max(atLow, count) },
        min: pool.min,
        max: pool.max,
        limited: size.limited,
        reason: size.reason,
      },
    ];
  });

/** Where the autoscaler had several pools that were equally good, the prediction is one of several. */
const expanderAssumptions = (low: Settled, high: Settled): readonly Assumption[] => {
  const ties = new Set([...low.autoscaler.ties, ...high.autoscaler.ties].map((tie) => tie.join('", "')));
  return [...ties].map((tie) => ({
    key: "expander",
    text: `Pools "${tie}" would help the waiting pods equally; the autoscaler takes any of them, here the first. The others may grow in its place.`,
    override: "auto_scaler_profile.expander (least-waste, priority)",
    certainty: "documented",
  }));
};
