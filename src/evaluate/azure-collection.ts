import type { CollectionRule, MonitoringResources } from "../azure/platform.ts";
import type { Value } from "../model/value.ts";
import { knownTexts, rawText, textFact, textsFact } from "./azure-facts.ts";
import { monitoredAt } from "./azure-monitored.ts";
import { azureResource, enabledFact, type Mapping, orNothing } from "./azure-resource.ts";
import { blocksAt, itemsOf, partAt, type ResourceView, settingAt } from "./azure-view.ts";
import { plainJsonToValue } from "./values-json.ts";

type Collection = Omit<MonitoringResources, "alerts" | "actionGroups" | "processingRules">;

/** Types that say what agents collect and where it goes. */
export const collectionTypes = [
  "azurerm_dashboard_grafana",
  "azurerm_log_analytics_solution",
  "azurerm_monitor_data_collection_endpoint",
  "azurerm_monitor_data_collection_rule",
  "azurerm_monitor_data_collection_rule_association",
  "azurerm_monitor_private_link_scope",
  "azurerm_monitor_private_link_scoped_service",
  "azurerm_monitor_workspace",
] as const;

export const mapCollection = (mapping: Mapping): Collection => {
  const { resolver } = mapping;
  return {
    collectionRules: mapping.of("azurerm_monitor_data_collection_rule").map((view) => collectionRule(mapping, view)),
    collectionEndpoints: mapping.of("azurerm_monitor_data_collection_endpoint").map((view) => ({
      ...azureResource(view),
      publicNetworkAccess: enabledFact(view, "public_network_access_enabled", "public_network_access"),
    })),
    associations: mapping.of("azurerm_monitor_data_collection_rule_association").map((view) => ({
      ...azureResource(view),
      target: monitoredAt(mapping, view, "target_resource_id"),
      rule: resolver.at(view, "data_collection_rule_id"),
      endpoint: resolver.at(view, "data_collection_endpoint_id"),
    })),
    metricWorkspaces: mapping.of("azurerm_monitor_workspace").map(azureResource),
    grafanas: mapping.of("azurerm_dashboard_grafana").map((view) => ({
      ...azureResource(view),
      identityType: textFact(settingAt(view, "identity.type")),
      metricWorkspaces: blocksAt(view, "azure_monitor_workspace_integrations").map((block) =>
        orNothing(resolver.refOf(partAt(block, "resource_id"))),
      ),
    })),
    privateLinkScopes: mapping.of("azurerm_monitor_private_link_scope").map(azureResource),
    scopedServices: mapping.of("azurerm_monitor_private_link_scoped_service").map((view) => ({
      ...azureResource(view),
      scope: orNothing(resolver.at(view, "scope_name", "private_link_scope_id")),
      linked: monitoredAt(mapping, view, "linked_resource_id"),
    })),
    logSolutions: mapping.of("azurerm_log_analytics_solution").map((view) => ({
      ...azureResource(view),
      solution: textFact(settingAt(view, "solution_name")),
      workspace: orNothing(resolver.at(view, "workspace_resource_id")),
    })),
  };
};

const collectionRule = (mapping: Mapping, view: ResourceView): CollectionRule => {
  const sources = blocksIn(settingAt(view, "data_sources"));
  const destinations = blocksIn(settingAt(view, "destinations"));
  const flows = settingAt(view, "data_flow");
  return {
    ...azureResource(view),
    endpoint: mapping.resolver.at(view, "data_collection_endpoint_id"),
    sources: sources.blocks.map(({ kind, value }) => ({
      kind,
      extension: textFact(partAt(value, "extension_name")),
      streams: knownTexts(partAt(value, "streams")),
      ...namespacesOf(value),
    })),
    destinations: destinations.blocks.map(({ kind, value }) => ({
      kind,
      name: textFact(partAt(value, "name")),
      target: orNothing(
        mapping.resolver.refOf(partAt(value, "workspace_resource_id") ?? partAt(value, "monitor_account_id")),
      ),
    })),
    flows: (flows === undefined ? [] : itemsOf(flows)).map((flow) => ({
      streams: knownTexts(partAt(flow, "streams")),
      destinations: textsFact(partAt(flow, "destinations")),
    })),
    isWhole:
      sources.isWhole &&
      destinations.isWhole &&
      flows?.kind !== "unknown" &&
      [...sources.blocks.map(({ value }) => value), ...(flows === undefined ? [] : itemsOf(flows))].every(
        (block) => textsOfBlock(block) !== "unknown",
      ),
  };
};

/** The filter in an extension's settings, JSON text in azurerm and an object in azapi ("Configure log collection in Container insights"). */
const namespacesOf = (source: Value): Pick<CollectionRule["sources"][number], "namespaces"> => {
  const text = rawText(partAt(source, "extension_json"));
  const settings = text === undefined ? partAt(source, "extension_settings") : parsed(text);
  const own = settings === undefined ? undefined : partAt(settings, "dataCollectionSettings");
  const mode = own === undefined ? undefined : rawText(partAt(own, "namespaceFilteringMode"))?.toLowerCase();
  if (own === undefined || (mode !== "include" && mode !== "exclude")) return {};
  return { namespaces: { mode, names: knownTexts(partAt(own, "namespaces")) } };
};

const parsed = (text: string): Value | undefined => {
  try {
    return plainJsonToValue(JSON.parse(text));
  } catch {
    return undefined;
  }
};

/** Whether a block's streams are known, each of them. */
const textsOfBlock = (block: Value): "known" | "unknown" => {
  const streams = textsFact(partAt(block, "streams"));
  return block.kind === "unknown" || (typeof streams === "object" && "because" in streams) ? "unknown" : "known";
};

interface NamedBlocks {
  readonly blocks: readonly { readonly kind: string; readonly value: Value }[];
  readonly isWhole: boolean;
}

/** The blocks within the one block `value`, each with its name, in the order of their names. */
const blocksIn = (value: Value | undefined): NamedBlocks => {
  if (value?.kind === "unknown") return { blocks: [], isWhole: false };
  const parts = (value === undefined ? [] : itemsOf(value)).flatMap((block) =>
    block.kind === "object" || block.kind === "map" ? [...block.fields] : [],
  );
  return {
    blocks: parts.flatMap(([kind, part]) => itemsOf(part).map((item) => ({ kind, value: item }))),
    isWhole: parts.every(([, part]) => part.kind !== "unknown"),
  };
};
