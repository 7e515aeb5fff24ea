import { openSourceTree } from "../src/load/source-tree.ts";
import { readPlatform } from "../src/read-platform.ts";
import { analyzeCapacity } from "../src/simulate/capacity-analysis.ts";
import { combinations, type SweepAxis, sweep } from "../src/simulate/capacity-sweep.ts";

/** The whole capacity of the sample, and a sweep of 1,000 settings of it, in one process: shards halve it. */
export const run = (args: readonly string[]): void => {
  const tree = openSourceTree(".");
  if (tree === undefined) throw new Error("the repository cannot be read");
  const read = readPlatform({
    tree,
    directory: "samples/online-shop",
    variables: [],
    environment: new Map(),
    mocks: {},
    state: undefined,
    plan: undefined,
    manifests: [],
    clusterDump: undefined,
    allowExec: false,
  });
  const cluster = read.platform.clusters[0];
  if (cluster === undefined) throw new Error("the sample has no cluster");
  const objects = read.objects.map(({ object }) => object);
  const input = { platform: read.platform, cluster, objects, load: read.configuration.load };

  let start = performance.now();
  const { value } = analyzeCapacity(input);
  tell(`capacity of the sample, ${value.workloads.length} workloads`, performance.now() - start);

  const count = Number(args[0] ?? 1000);
  const axes: readonly SweepAxis[] = [
    { key: "pools/user/max", values: upTo(10, 4) },
    { key: "replicas/Deployment/shop/search", values: upTo(10, 2) },
    { key: "pools/system/max", values: upTo(Math.ceil(count / 100), 3) },
  ];
  start = performance.now();
  let pending = 0;
  for (const outcome of sweep(input, axes)) pending += outcome.pending.high;
  const ms = performance.now() - start;
  const total = combinations(axes);
  tell(`sweep of ${total} settings (${(ms / total).toFixed(1)} ms each, ${pending} pods Pending in all)`, ms);
};

const upTo = (count: number, first: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => first + index);

const tell = (what: string, ms: number): void => {
  process.stdout.write(`capacity: ${what}: ${ms.toFixed(0)} ms\n`);
};
