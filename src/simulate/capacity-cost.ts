import type { VmPrices } from "../azure/retail-prices.ts";
import type { PredictedPool } from "./predict-pools.ts";

/** Price an hour of the nodes; nothing where one of them has no price in the file. Disks, addresses and traffic are not counted. */
export const costPerHour = (
  prices: VmPrices,
  pools: readonly PredictedPool[],
  counts: ReadonlyMap<string, number>,
): number | undefined => {
  let sum = 0;
  for (const { name, template, spot } of pools) {
    const count = counts.get(name) ?? 0;
    if (count === 0) continue;
    const price = prices.perHour(template.vmSize, template.location, { spot, windows: template.windows });
    if (price === undefined) return undefined;
    sum += count * price;
  }
  return Math.round(sum * 10_000) / 10_000;
};
