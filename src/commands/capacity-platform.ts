import type { VmPrices } from "../azure/retail-prices.ts";
import { completeObjects, readableOn } from "../graph/object-clusters.ts";
import type { Diagnostic, Outcome } from "../model/diagnostic.ts";
import { type ReadPlatform, vcpuQuotas, vmSizes } from "../read-platform.ts";
import { analyzeCapacity } from "../simulate/capacity-analysis.ts";
import type { ClusterCapacity } from "../simulate/capacity-model.ts";
import { type PredictInput, predict } from "../simulate/predict.ts";

/** The capacity of each cluster of a platform; each with the objects that run on it, as in a review. */
export const platformCapacity = (
  read: ReadPlatform,
  options: {
    readonly workloads?: readonly string[] | undefined;
    readonly prices?: VmPrices | undefined;
    readonly onPart?: (part: number, of: number) => void;
  } = {},
): Outcome<readonly ClusterCapacity[]> => {
  const { configuration, platform } = read;
  const diagnostics: Diagnostic[] = [...read.diagnostics];
  const sizes = vmSizes(read, diagnostics);
  const quotas = vcpuQuotas(read, diagnostics);
  const clusters = platform.clusters.filter((cluster) => !cluster.isData);
  const inputs = clusters.map((cluster): PredictInput => {
    const own = readableOn(read, cluster.address);
    const objects = own.map(({ object }) => object);
    return { platform, cluster, objects, complete: completeObjects(own), load: configuration.load, sizes };
  });
  const uses = inputs.length < 2 ? [] : inputs.map((input) => predict(input).use);
  const value = inputs.map((input, index): ClusterCapacity => {
    const outcome = analyzeCapacity({
      ...input,
      others: uses.filter((_, other) => other !== index),
      quotas,
      prices: options.prices,
      onPart: options.onPart,
      ...(options.workloads === undefined ? {} : { workloads: options.workloads }),
    });
    diagnostics.push(...outcome.diagnostics);
    return outcome.value;
  });
  return { value, diagnostics };
};
