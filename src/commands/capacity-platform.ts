import type { VmPrices } from "../azure/retail-prices.ts";
import type { Diagnostic, Outcome } from "../model/diagnostic.ts";
import { type ReadPlatform, vcpuQuotas, vmSizes } from "../read-platform.ts";
import { analyzeCapacity } from "../simulate/capacity-analysis.ts";
import type { ClusterCapacity } from "../simulate/capacity-model.ts";

/** The capacity of each cluster of a platform; the manifests run on the first, as in a review. */
export const platformCapacity = (
  read: ReadPlatform,
  options: {
    readonly workloads?: readonly string[] | undefined;
    readonly prices?: VmPrices | undefined;
    readonly onPart?: (part: number, of: number) => void;
  } = {},
): Outcome<readonly ClusterCapacity[]> => {
  const { configuration, platform, objects } = read;
  const diagnostics: Diagnostic[] = [...read.diagnostics];
  const sizes = vmSizes(read, diagnostics);
  const quotas = vcpuQuotas(read, diagnostics);
  const clusters = platform.clusters.filter((cluster) => !cluster.isData);
  const value = clusters.map((cluster, index): ClusterCapacity => {
    const outcome = analyzeCapacity({
      platform,
      cluster,
      objects: index === 0 ? objects.map(({ object }) => object) : [],
      load: configuration.load,
      sizes,
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
