import { known } from "../model/unknown.ts";
import type { AksCluster } from "./platform.ts";

/** Whether the cluster's nodes are made by node auto-provisioning: mode Auto, or AKS Automatic, where it is preconfigured. */
export const usesNodeProvisioning = (cluster: AksCluster): boolean => {
  const mode = known(cluster.nodeProvisioningMode)?.toLowerCase();
  return mode === "auto" || (mode === undefined && known(cluster.skuName)?.toLowerCase() === "automatic");
};

/** Whether AKS makes its own NodePools: `default_node_pools` is Auto unless it says None. */
export const hasDefaultNodePools = (cluster: AksCluster): boolean =>
  usesNodeProvisioning(cluster) && known(cluster.nodeProvisioningDefaultPools)?.toLowerCase() !== "none";
