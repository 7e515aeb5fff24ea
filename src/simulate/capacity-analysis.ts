import type { VmPrices } from "../azure/retail-prices.ts";
import type { VcpuQuota } from "../azure/sku-dump.ts";
import { addressOf } from "../kubernetes/object.ts";
import type { Diagnostic, Outcome } from "../model/diagnostic.ts";
import { provisioningModel } from "./autoscaling/node-provisioning-setup.ts";
import { nodeBudget } from "./capacity-budget.ts";
import { costPerHour } from "./capacity-cost.ts";
import { capacityLimits } from "./capacity-limits.ts";
import type { CapacityCost, ClusterCapacity, MomentName } from "./capacity-model.ts";
import { type MomentRun, momentRuns } from "./capacity-moments.ts";
import { smallestNodeCounts } from "./capacity-node-counts.ts";
import { roomFor, scalableWorkloads } from "./capacity-room.ts";
import { type PredictInput, type Prepared, predictFrom, prepare, settleBoth } from "./predict.ts";
import type { Assumption } from "./prediction.ts";

export interface CapacityInput extends PredictInput {
  /** Of the user's `az vm list-usage`. */
  readonly quotas?: ReadonlyMap<string, VcpuQuota> | undefined;
  readonly prices?: VmPrices | undefined;
  /** Addresses of workloads, such as `Deployment/shop/web`; all of the user's where left out. */
  readonly workloads?: readonly string[];
  /** Told before each long part, and how many parts there are: for a progress line. */
  readonly onPart?: ((part: number, of: number) => void) | undefined;
}

/** How far the cluster goes: limits at each moment, room for each workload at the busiest hour, smallest node counts. */
export const analyzeCapacity = (input: CapacityInput): Outcome<ClusterCapacity> => {
  const prepared = prepare(input);
  const both = settleBoth(prepared);
  const { value: prediction, diagnostics } = predictFrom(input, prepared, both);
  const disks = new Set(prediction.volumes.filter(({ kind }) => kind === "disk").map(({ claim }) => claim));
  const runs = momentRuns(prepared, both, disks);
  const limitsInput = { ...input, prepared, prediction, runs };
  const budget = nodeBudget(limitsInput);
  const asked = input.workloads;
  const workloads = (asked === undefined ? scalableWorkloads(prepared.objects) : prepared.objects).filter(
    (object) => asked === undefined || asked.includes(addressOf(object)),
  );
  const parts = workloads.length + 1;
  const room = { prepared, settled: both.high, replicas: prepared.replicas.high, budget };
  const counts = (name: string): ReadonlyMap<string, number> =>
    nodesAt(runs.find(({ moment }) => moment.name === name));
  const nodeCounts = () => {
    input.onPart?.(workloads.length, parts);
    return smallestNodeCounts(prepared, { low: counts("low"), high: counts("high"), hpaMax: counts("hpaMax") });
  };
  return {
    value: {
      cluster: input.cluster.address,
      moments: runs.map(({ moment }) => moment),
      limits: capacityLimits(limitsInput),
      workloads: workloads.map((workload, part) => {
        input.onPart?.(part, parts);
        return roomFor(workload, room);
      }),
      nodeCounts: nodeCounts(),
      ...(input.prices === undefined ? {} : { cost: costOf(input.prices, prepared, runs) }),
      assumptions: [...prediction.assumptions, ...capacityAssumptions(input, prepared, runs)],
    },
    diagnostics: withoutTwins(diagnostics),
  };
};

const costOf = (prices: VmPrices, prepared: Prepared, runs: readonly MomentRun[]): CapacityCost => {
  const perHour: Partial<Record<MomentName, number>> = {};
  for (const run of runs) {
    const cost = costPerHour(prices, prepared.pools, nodesAt(run));
    if (cost !== undefined) perHour[run.moment.name] = cost;
  }
  return { currency: prices.currency, perHour };
};

const nodesAt = (run: MomentRun | undefined): ReadonlyMap<string, number> =>
  new Map(run?.settled.pools.map(({ pool, count }) => [pool.name, count]));

const withoutTwins = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] => [
  ...new Map(diagnostics.map((each) => [`${each.code}|${each.subject ?? ""}|${each.detail}`, each])).values(),
];

const capacityAssumptions = (
  input: CapacityInput,
  { provisioning }: Prepared,
  runs: readonly MomentRun[],
): readonly Assumption[] => [
  ...(provisioning === undefined
    ? []
    : [
        {
          key: "capacityNodeProvisioning",
          text: `Node auto-provisioning (${provisioningModel}) adds no nodes for further replicas here: what still fits is what its nodes of now and the pools hold. Its nodes are not in the cost.`,
          override: "scenarios (simulate --scenario), which play it",
          certainty: "uncertain" as const,
        },
      ]),
  ...(input.quotas === undefined
    ? []
    : [
        {
          key: "usage",
          text: "The vCPUs that the usage dump says are in use are taken to be those of others: nodes of this cluster that run already are counted twice.",
          override: "usage in aks-twin.yaml, with a dump less this cluster's nodes",
          certainty: "uncertain" as const,
        },
      ]),
  ...(runs.some(({ moment }) => moment.name === "zoneLost")
    ? [
        {
          key: "zoneLost",
          text: "When a zone is lost its nodes leave the count of their pool, and Azure gives new nodes in the zones that are left, up to max_count.",
          override: "",
          certainty: "likely" as const,
        },
      ]
    : []),
];
