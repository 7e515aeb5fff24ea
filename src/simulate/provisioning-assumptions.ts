import { skuLabels } from "./autoscaling/karpenter-labels.ts";
import type { Provisioning } from "./predict-provisioning.ts";
import type { Assumption, NodeProvisioningPrediction } from "./prediction.ts";

/** What a prediction with node auto-provisioning rests on. */
export const provisioningAssumptions = (
  provisioning: Provisioning,
  prediction: NodeProvisioningPrediction | undefined,
): readonly Assumption[] => {
  if (prediction === undefined || provisioning === undefined) return [];
  const open = prediction.unserved.filter(({ certain }) => !certain).reduce((sum, { pods }) => sum + pods, 0);
  const pods = `${open} pod${open === 1 ? "" : "s"}`;
  if ("unknown" in provisioning)
    return [
      {
        key: "nodeAutoProvisioning",
        text: `Node auto-provisioning is on (${prediction.model}); ${provisioning.unknown}, so its sizes and zones are not reckoned${open === 0 ? "" : `: ${pods} that no pool takes are left to it, and its nodes and their addresses are not counted`}.`,
        override: "location in the configuration",
        certainty: "uncertain",
      },
    ];
  const nodes = prediction.nodes.reduce((sum, row) => sum + row.nodes, 0);
  const found: Assumption[] = [
    {
      key: "nodeAutoProvisioning",
      text: `Node auto-provisioning is on (${prediction.model}): ${
        nodes === 0 ? "no node of its making is needed" : `${nodes} node${nodes === 1 ? "" : "s"} of its making`
      }${open === 0 ? "" : `; whether it serves ${pods} is not known, because the sizes or classes that they need are not`}. All pods that wait are taken as one batch; zones are drawn by Karpenter and spread here.`,
      override: "node pools in the configuration",
      certainty: "uncertain",
    },
  ];
  if (nodes === 0 && open === 0) return found;
  const assumed = prediction.nodes.filter(({ basis }) => basis === "assumed");
  if (assumed.length > 0)
    found.push({
      key: "nodeProvisioningPrices",
      text: `Which sizes Karpenter launches is unknown, because ${prediction.priced ? "the price file has no price of any that fits" : "no prices were given"}: it takes the cheapest that fits; the smallest that fits stands in (${[...new Set(assumed.map(({ size }) => size))].join(", ")}).`,
      override: "prices in aks-twin.yaml (answers of the Azure Retail Prices API)",
      certainty: "uncertain",
    });
  const doubts = [...new Set(prediction.nodes.flatMap((row) => row.doubts))];
  if (doubts.length > 0)
    found.push({
      key: "nodeProvisioningDoubts",
      text: `The cheapest size may be another one: ${doubts.join("; ")}.`,
      override: "skus in aks-twin.yaml (az vm list-skus -o json)",
      certainty: "uncertain",
    });
  if (!provisioning.isSizeListComplete)
    found.push({
      key: "nodeProvisioningSizes",
      text: `Every size of the table is taken to be offered in ${prediction.region}, in all zones of the region; sizes that the table lacks are not reckoned with.`,
      override: "skus in aks-twin.yaml (az vm list-skus -o json)",
      certainty: "uncertain",
    });
  const hosts = provisioning.pools.filter(({ nodeClass }) => nodeClass.encryptionAtHost || nodeClass.trustedLaunch);
  if (hosts.length > 0)
    found.push({
      key: "nodeProvisioningSecurity",
      text: `AKSNodeClass ${[...new Set(hosts.map(({ nodeClass }) => `"${nodeClass.name}"`))].join(", ")} asks for encryption at host or trusted launch; which sizes can do that is not in the table, all are taken to.`,
      override: `${skuLabels.name} in the NodePool`,
      certainty: "likely",
    });
  return found;
};
