import type { ClusterAddons, ResourceRef } from "../azure/platform.ts";
import type { Fact } from "../model/unknown.ts";
import { boolFact, rawText, textFact } from "./azure-facts.ts";
import type { Mapping } from "./azure-resource.ts";
import { blocksAt, hasBlock, partAt, type ResourceView, settingAt } from "./azure-view.ts";

/** The add-ons of a cluster. azurerm 2.x had them in `addon_profile`, each with a switch; azapi has switches as well. */
export const clusterAddons = (mapping: Mapping, view: ResourceView): ClusterAddons => {
  const { resolver } = mapping;
  const bool = (...paths: readonly string[]): Fact<boolean> => boolFact(settingAt(view, ...paths));
  const isOn = (block: string, older = block): boolean => isEnabled(view, block, older);
  const ref = (isThere: boolean, ...paths: readonly string[]): ResourceRef | undefined =>
    isThere ? (resolver.at(view, ...paths) ?? { address: undefined, id: undefined }) : undefined;
  const gateway = "ingress_application_gateway";
  return {
    omsAgent: ref(
      isOn("oms_agent"),
      "oms_agent.log_analytics_workspace_id",
      "addon_profile.oms_agent.log_analytics_workspace_id",
    ),
    omsAgentMsiAuth: bool("oms_agent.msi_auth_for_monitoring_enabled"),
    monitorMetrics: hasBlock(view, "monitor_metrics"),
    unsureAddons: ["oms_agent", "monitor_metrics"].filter((block) => isUnsure(view, block)),
    azurePolicy: bool("azure_policy_enabled", "addon_profile.azure_policy.enabled"),
    keyVaultSecretsProvider: isOn("key_vault_secrets_provider", "azure_keyvault_secrets_provider")
      ? {
          rotation: bool(
            "key_vault_secrets_provider.secret_rotation_enabled",
            "addon_profile.azure_keyvault_secrets_provider.secret_rotation_enabled",
          ),
        }
      : undefined,
    webAppRouting: isOn("web_app_routing")
      ? {
          dnsZones: mapping.resolver.listAt(view, "web_app_routing.dns_zone_ids", "web_app_routing.dns_zone_id"),
          defaultNginxController: textFact(settingAt(view, "web_app_routing.default_nginx_controller")),
        }
      : undefined,
    applicationGateway: isOn(gateway)
      ? {
          gateway: resolver.at(view, `${gateway}.gateway_id`, `addon_profile.${gateway}.gateway_id`),
          subnet: resolver.at(view, `${gateway}.subnet_id`, `addon_profile.${gateway}.subnet_id`),
        }
      : undefined,
    httpApplicationRouting: bool("http_application_routing_enabled", "addon_profile.http_application_routing.enabled"),
    openServiceMesh: bool("open_service_mesh_enabled", "addon_profile.open_service_mesh.enabled"),
    serviceMesh: serviceMesh(view),
    keda: bool("workload_autoscaler_profile.keda_enabled"),
    vpa: bool("workload_autoscaler_profile.vertical_pod_autoscaler_enabled"),
    defender: ref(isOn("microsoft_defender"), "microsoft_defender.log_analytics_workspace_id"),
    imageCleaner: bool("image_cleaner_enabled"),
    virtualNode: isOn("aci_connector_linux")
      ? {
          subnetName: textFact(
            settingAt(view, "aci_connector_linux.subnet_name", "addon_profile.aci_connector_linux.subnet_name"),
          ),
        }
      : undefined,
    costAnalysis: bool("cost_analysis_enabled"),
  };
};

/** Whether a block may be there or not: it is unknown, or the configuration ignores changes of it. */
const isUnsure = (view: ResourceView, block: string): boolean => {
  const { ignoreChanges } = view.instance;
  return (
    ignoreChanges === "all" ||
    ignoreChanges.some((path) => path.replace(/\[.*$/, "").split(".")[0] === block) ||
    [block, `${block}_enabled`].some((path) => settingAt(view, path)?.kind === "unknown") ||
    (block === "oms_agent" && settingAt(view, "container_insights_enabled") !== undefined)
  );
};

/** A switch where there is one, otherwise the block itself. */
const isEnabled = (view: ResourceView, block: string, older: string): boolean => {
  const own = boolFact(settingAt(view, `${block}_enabled`, `addon_profile.${older}.enabled`));
  if (typeof own === "boolean") return own;
  return hasBlock(view, block) || hasBlock(view, `addon_profile.${older}`);
};

const serviceMesh = (view: ResourceView): ClusterAddons["serviceMesh"] => {
  if (!hasBlock(view, "service_mesh_profile")) return undefined;
  const mode = textFact(settingAt(view, "service_mesh_profile.mode"));
  if (typeof mode === "string" && mode.toLowerCase() === "disabled") return undefined;
  const gateways = blocksAt(view, "service_mesh_gateways").filter(
    (gateway) => boolFact(partAt(gateway, "enabled")) === true,
  );
  const has = (path: string, armMode: string): boolean =>
    boolFact(settingAt(view, `service_mesh_profile.${path}`)) === true ||
    gateways.some((gateway) => rawText(partAt(gateway, "mode")) === armMode);
  return {
    mode: typeof mode === "string" ? mode : "Istio",
    internalGateway: has("internal_ingress_gateway_enabled", "Internal"),
    externalGateway: has("external_ingress_gateway_enabled", "External"),
  };
};
