import type { AksCluster } from "../../azure/platform.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import type { AutoscalerProfile } from "./autoscaler-profile.ts";

/** azurerm's names where they are not the ARM name with underscores. Source: azurerm provider 4.x, `auto_scaler_profile`. */
const armNames: Readonly<Record<string, string>> = {
  daemonset_eviction_for_empty_nodes_enabled: "daemonset-eviction-for-empty-nodes",
  daemonset_eviction_for_occupied_nodes_enabled: "daemonset-eviction-for-occupied-nodes",
  ignore_daemonsets_utilization_enabled: "ignore-daemonsets-utilization",
  empty_bulk_delete_max: "max-empty-bulk-delete",
  max_node_provisioning_time: "max-node-provision-time",
  max_unready_nodes: "ok-total-unready-count",
  max_unready_percentage: "max-total-unready-percentage",
  scale_down_unneeded: "scale-down-unneeded-time",
  scale_down_unready: "scale-down-unready-time",
};

/** A cluster's autoscaler profile by ARM names, for `autoscalerOptions`; settings that are not known before apply are named and left at their default. */
export const clusterProfile = ({
  autoscalerProfile,
}: Pick<AksCluster, "autoscalerProfile">): {
  readonly profile: AutoscalerProfile;
  readonly unknown: readonly string[];
} => {
  const profile: Record<string, string> = {};
  const unknown: string[] = [];
  for (const [name, fact] of Object.entries(autoscalerProfile)) {
    const value = known(fact);
    const arm = armNames[name] ?? name.replaceAll("_", "-");
    if (isUnknown(fact)) unknown.push(arm);
    else if (value !== undefined && value !== null && value !== "") profile[arm] = String(value);
  }
  return { profile, unknown };
};
