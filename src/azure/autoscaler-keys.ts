import { isUnknown } from "../model/unknown.ts";
import type { AksCluster } from "./platform.ts";

/** Names of azurerm's `auto_scaler_profile` that are not just the service's own with underscores (azurerm documentation, `kubernetes_cluster`). */
const renamed: Readonly<Record<string, string>> = {
  max_node_provisioning_time: "max-node-provision-time",
  max_unready_nodes: "ok-total-unready-count",
  max_unready_percentage: "max-total-unready-percentage",
  scale_down_unneeded: "scale-down-unneeded-time",
  scale_down_unready: "scale-down-unready-time",
  empty_bulk_delete_max: "max-empty-bulk-delete",
  daemonset_eviction_for_empty_nodes_enabled: "daemonset-eviction-for-empty-nodes",
  daemonset_eviction_for_occupied_nodes_enabled: "daemonset-eviction-for-occupied-nodes",
  ignore_daemonsets_utilization_enabled: "ignore-daemonsets-utilization",
};

/** The cluster's autoscaler profile by the service's own keys, as text; what is unknown or left out keeps the service's default. */
export const autoscalerProfile = (cluster: AksCluster): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(cluster.autoscalerProfile).flatMap(([name, fact]) =>
      fact === undefined || isUnknown(fact) ? [] : [[renamed[name] ?? name.replaceAll("_", "-"), String(fact)]],
    ),
  );
