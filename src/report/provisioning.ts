import type { ProvisionedNodesPrediction, ProvisionedPoolPrediction, UnservedPods } from "../simulate/prediction.ts";
import { clusterLabels, clusterPrefix } from "./cluster-labels.ts";
import type { WorldReport } from "./report.ts";
import { plural } from "./verdict.ts";

type Provisioning = NonNullable<WorldReport["nodeProvisioning"]>[number];

/** One cluster's node auto-provisioning in words; the title says that it is a first model. */
export interface ProvisioningText {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What every format for people shows of node auto-provisioning; nothing where no cluster has it. */
export const provisioningTexts = (world: WorldReport): readonly ProvisioningText[] => {
  const labels = clusterLabels(world);
  return (world.nodeProvisioning ?? []).map((each) => ({
    title: `${clusterPrefix(labels, each.cluster)}Node auto-provisioning (${each.model})`,
    lines: [
      ...each.nodes.map((row) => nodesLine(row, each)),
      ...each.nodePools.flatMap((pool) => poolLine(pool)),
      ...each.unserved.map(unservedLine),
      ...(each.nodes.length === 0 && each.unserved.length === 0 ? ["no pod waits for a node of its making"] : []),
    ],
  }));
};

const nodesLine = (row: ProvisionedNodesPrediction, { priced }: Provisioning): string => {
  const price = row.pricePerHour === undefined ? "" : `, ${row.pricePerHour} ${row.currency} an hour each`;
  const { sizes, smallest, largest } = row.fitting;
  const range = sizes === 1 ? "the only size that fits" : `${sizes} sizes fit, ${smallest} to ${largest}`;
  const size =
    row.basis === "price"
      ? `${row.size}, ${row.doubts.length === 0 ? "the cheapest" : "perhaps the cheapest"} by the prices given${price} (${range})`
      : sizes === 1
        ? `${row.size}, ${range}`
        : `size unknown, because ${priced ? "the price file has none of those that fit" : "no prices were given"}: ${row.size} stands in (${range})`;
  return `NodePool "${row.nodePool}": ${plural(row.nodes, "node")} with ${plural(row.pods, "pod")}, ${row.capacityType}, ${zonesText(row.zones)}; ${size}`;
};

const zonesText = (zones: readonly string[]): string => {
  if (zones.length === 1) return zones[0] === "0" ? "in no zone" : `zone ${zones[0]}`;
  return `any of zones ${zones.join(", ")}`;
};

const poolLine = (pool: ProvisionedPoolPrediction): readonly string[] => {
  if (pool.unusable !== "") return [`NodePool "${pool.name}" takes no part: ${pool.unusable}`];
  const { low, high } = pool.nodes;
  return low === high
    ? []
    : [`NodePool "${pool.name}": ${low} to ${plural(high, "node")} between the lowest and the highest load`];
};

const unservedLine = ({ owner, pods, certain, reasons }: UnservedPods): string => {
  const why = reasons.map(({ nodePool, text }) => (nodePool === "" ? text : `NodePool "${nodePool}": ${text}`));
  const shown = why.length > 4 ? [...why.slice(0, 4), `and ${why.length - 4} more`] : why;
  return `${owner}: ${plural(pods, "pod")} ${certain ? "not served" : "perhaps not served"}${shown.length === 0 ? "" : `: ${shown.join("; ")}`}`;
};
