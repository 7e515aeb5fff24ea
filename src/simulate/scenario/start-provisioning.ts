import type { VmPrices } from "../../azure/retail-prices.ts";
import type { VmSizeOverrides } from "../../azure/vm-sizes.ts";
import {
  type ProvisioningSetup,
  provisioningModel,
  provisioningSetup,
} from "../autoscaling/node-provisioning-setup.ts";
import type { Assumption } from "../prediction.ts";
import type { ScenarioClock } from "./clock.ts";
import { ConsolidationLoop } from "./consolidation-loop.ts";
import { ProvisioningLoop } from "./provisioning-loop.ts";
import type { ScenarioSide } from "./scenario-setup.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldPools } from "./world-pools.ts";

/** Node auto-provisioning as it runs; where a cluster has none, it does nothing. */
export interface RunningProvisioning {
  /** Makes the nodes that are there before the beginning. */
  readonly begin: () => void;
  /** Why no NodePool helps a pod that waits, as far as it was said. */
  readonly refused: (pod: string) => readonly string[];
  readonly assumptions: () => readonly Assumption[];
}

interface Given {
  readonly world: ScenarioWorld;
  readonly pools: WorldPools;
  readonly side: ScenarioSide;
  readonly sizes: VmSizeOverrides | undefined;
  readonly prices: VmPrices | undefined;
  readonly clock: ScenarioClock;
  /** The change is applied in the course of the scenario. */
  readonly applies: boolean;
}

const nothing: RunningProvisioning = { begin: () => {}, refused: () => [], assumptions: () => [] };

/** Runs node auto-provisioning where the cluster has it. */
export const startProvisioning = ({
  world,
  pools,
  side: { cluster, objects },
  sizes,
  prices,
  clock,
  applies,
}: Given): RunningProvisioning => {
  const setup = provisioningSetup({ cluster, objects, sizes, prices });
  if (setup === undefined) return nothing;
  if ("unknown" in setup) {
    const text = `Node auto-provisioning is on (${provisioningModel}); ${setup.unknown}, so that it makes no nodes here.`;
    return {
      ...nothing,
      assumptions: () => [uncertain("nodeAutoProvisioning", text, "location in the configuration")],
    };
  }
  const loop = new ProvisioningLoop(world, pools, setup);
  const consolidation = new ConsolidationLoop({ world, pools, setup, loop, clock });
  return {
    begin: () => {
      loop.begin();
      if (loop.machines.size > 0) consolidation.start();
    },
    refused: (pod) => loop.refused.get(pod) ?? [],
    assumptions: () => assumptionsOf(setup, loop, applies),
  };
};

const assumptionsOf = (setup: ProvisioningSetup, loop: ProvisioningLoop, applies: boolean): readonly Assumption[] => {
  const found = [
    uncertain(
      "nodeAutoProvisioning",
      `Node auto-provisioning is on (${provisioningModel}): its machines take as long as those of a pool. Not played: cheaper nodes in place of others, drift, expiry, spot evictions, upgrades of its nodes${applies ? ", and changes of NodePools with the apply" : ""}.`,
      "timings.nodeReady in the scenario",
    ),
  ];
  if (loop.assumedSizes.size > 0)
    found.push(
      uncertain(
        "nodeProvisioningPrices",
        `Which sizes Karpenter launches is unknown, because ${setup.market.prices === undefined ? "no prices were given" : "the price file has no price of any that fits"}: it takes the cheapest that fits; the smallest that fits stands in (${[...loop.assumedSizes].sort().join(", ")}).`,
        "prices in aks-twin.yaml (answers of the Azure Retail Prices API)",
      ),
    );
  return found;
};

const uncertain = (key: string, text: string, override: string): Assumption => ({
  key,
  text,
  override,
  certainty: "uncertain",
  source: "kubernetes-sigs/karpenter v1.14.0, Azure/karpenter-provider-azure v1.14.2",
});
