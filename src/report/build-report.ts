import type { Changes } from "../findings/changes.ts";
import type { Finding } from "../findings/finding.ts";
import type { MonitoringPicture } from "../findings/monitoring/picture.ts";
import type { Assumption, NodePrediction, PoolPrediction, Prediction } from "../simulate/prediction.ts";
import type { Amounts, NodeReport, PoolReport, Report, ReportedAssumption, WorldReport } from "./report.ts";
import { verdictOf } from "./verdict.ts";

export interface ReportInput {
  readonly version: string;
  readonly root: string;
  readonly after: readonly Prediction[];
  readonly before?: readonly Prediction[] | undefined;
  readonly during?: readonly Prediction[] | undefined;
  /** Sorted, as `runRules` and `withInput` leave them. */
  readonly findings: readonly Finding[];
  readonly changes?: Changes | undefined;
  /** Beside those of the predictions, such as what the reading of the input assumed. */
  readonly assumptions?: readonly Assumption[] | undefined;
  readonly monitoring?: readonly MonitoringPicture[] | undefined;
}

/** Puts predictions, findings and changes into the one form that every format reads. */
export const buildReport = (input: ReportInput): Report => {
  const after = worldReport(input.after);
  return {
    tool: { name: "aks-twin", version: input.version },
    root: input.root,
    verdict: verdictOf(input.findings, after, input.changes),
    worlds: {
      before: input.before === undefined ? undefined : worldReport(input.before),
      during: input.during === undefined ? undefined : worldReport(input.during),
      after,
    },
    findings: input.findings,
    assumptions: distinctAssumptions([
      ...(input.assumptions ?? []),
      ...input.after.flatMap((prediction) => prediction.assumptions),
    ]),
    ...(input.monitoring === undefined || input.monitoring.length === 0 ? {} : { monitoring: input.monitoring }),
    changes: input.changes,
  };
};

/** The clusters of one world side by side; a subnet that several clusters share is one row. */
export const worldReport = (predictions: readonly Prediction[]): WorldReport => ({
  clusters: predictions.map((prediction) => prediction.cluster),
  pools: predictions.flatMap((prediction) => prediction.pools.map((pool) => poolReport(prediction.cluster, pool))),
  nodes: predictions.flatMap(nodeReports),
  subnets: distinctBy(
    predictions.flatMap((prediction) => prediction.subnets),
    (subnet) => subnet.address,
  ),
  loadBalancers: predictions.flatMap((prediction) =>
    prediction.loadBalancers.map((loadBalancer) => ({ ...loadBalancer, cluster: prediction.cluster })),
  ),
  publicIps: distinctBy(
    predictions.flatMap((prediction) => prediction.publicIps),
    (ip) => `${ip.name}|${ip.owner}`,
  ),
  volumes: predictions.flatMap((prediction) => prediction.volumes),
  pending: ofClusters(predictions, ({ pending }) => pending),
  autoscaling: ofClusters(predictions, ({ autoscaling }) => autoscaling),
  ...provisioningReport(predictions),
  events: predictions.flatMap((prediction) =>
    prediction.events.map(({ subject, reason, message }) => ({ subject, reason, message })),
  ),
});

/** Items of every cluster, each with its cluster's address where there are several. */
const ofClusters = <T extends object>(
  predictions: readonly Prediction[],
  itemsOf: (prediction: Prediction) => readonly T[],
): readonly (T & { readonly cluster?: string })[] =>
  predictions.length < 2
    ? predictions.flatMap((prediction) => itemsOf(prediction))
    : predictions.flatMap((prediction) =>
        itemsOf(prediction).map((item) => ({ ...item, cluster: prediction.cluster })),
      );

const provisioningReport = (predictions: readonly Prediction[]): Pick<WorldReport, "nodeProvisioning"> => {
  const found = predictions.flatMap(({ cluster, nodeProvisioning }) =>
    nodeProvisioning === undefined ? [] : [{ ...nodeProvisioning, cluster }],
  );
  return found.length === 0 ? {} : { nodeProvisioning: found };
};

const poolReport = (cluster: string, pool: PoolPrediction): PoolReport => ({
  cluster,
  name: pool.name,
  address: pool.address,
  mode: pool.mode,
  vmSize: pool.vmSize,
  zones: pool.zones,
  nodes: pool.nodes.predicted.high,
  initialNodes: pool.nodes.initial,
  predictedNodes: pool.nodes.predicted,
  min: pool.min,
  max: pool.max,
  autoscaling: pool.autoscaling,
  allocatable: amounts(pool.allocatable),
  requested: amounts(pool.requested),
  pods: pool.pods,
  systemPods: pool.systemPods,
});

const amounts = (from: PoolPrediction["allocatable"]): Amounts => ({
  milliCpu: from.milliCpu,
  memoryBytes: from.memory,
  pods: from.pods,
  disks: from.disks,
});

const nodeReports = (prediction: Prediction): readonly NodeReport[] => {
  const placed = new Map<string, string[]>();
  for (const placement of prediction.placements) {
    const pods = placed.get(placement.node);
    if (pods === undefined) placed.set(placement.node, [placement.pod]);
    else pods.push(placement.pod);
  }
  return prediction.nodes.map((node) => ({
    cluster: prediction.cluster,
    name: node.name,
    pool: node.pool,
    zone: node.zone,
    ip: node.ip,
    allocatable: nodeAmounts(node.allocatable),
    requested: nodeAmounts(node.requested),
    placed: placed.get(node.name) ?? [],
  }));
};

const nodeAmounts = (from: NodePrediction["allocatable"]): NodeReport["allocatable"] => ({
  milliCpu: from.milliCpu,
  memoryBytes: from.memory,
  pods: from.pods,
});

const distinctAssumptions = (assumptions: readonly Assumption[]): readonly ReportedAssumption[] =>
  distinctBy(assumptions, (assumption) => `${assumption.key}|${assumption.text}`).map((assumption) => ({
    key: assumption.key,
    text: assumption.text,
    override: assumption.override,
    certainty: assumption.certainty,
  }));

const distinctBy = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] => {
  const byKey = new Map<string, T>();
  for (const item of items) if (!byKey.has(keyOf(item))) byKey.set(keyOf(item), item);
  return [...byKey.values()];
};
