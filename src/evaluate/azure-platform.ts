import type { Platform } from "../azure/platform.ts";
import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import { armTypeOf, azapiView } from "./azure-azapi.ts";
import { clusterTypes, mapClusters } from "./azure-cluster.ts";
import { dnsTypes, mapDns } from "./azure-dns.ts";
import { rawText, textFact } from "./azure-facts.ts";
import { identityTypes, mapIdentities } from "./azure-identity.ts";
import { mapMonitoring, monitoringTypes } from "./azure-monitoring.ts";
import { mapNetworks, networkTypes } from "./azure-network.ts";
import { mapPrivateLink, privateLinkTypes } from "./azure-private-link.ts";
import { resolverOf } from "./azure-references.ts";
import { azureResource, type Mapping } from "./azure-resource.ts";
import { mapSecurity, securityTypes } from "./azure-security.ts";
import { mapStores, storeTypes } from "./azure-stores.ts";
import { azurermView, grouped, overlaid, type ResourceView, resultAt, settingAt } from "./azure-view.ts";
import type { ResourceInstance } from "./resource-instance.ts";

export interface PlatformContext {
  /** From the provider's configuration or the environment, where it is known. */
  readonly subscriptionId?: string;
}

/** Which families know a type; every other resource is carried in `others`. */
const mappedTypes: ReadonlySet<string> = new Set([
  "azurerm_resource_group",
  ...clusterTypes,
  ...dnsTypes,
  ...identityTypes,
  ...monitoringTypes,
  ...networkTypes,
  ...privateLinkTypes,
  ...securityTypes,
  ...storeTypes,
]);

/** The resources of a configuration as one typed model of Azure, whichever provider and version they were written for. */
export const buildPlatform = (
  instances: readonly ResourceInstance[],
  context: PlatformContext = {},
): Outcome<Platform> => {
  const azure = instances.filter(({ type }) => /^(?:azurerm|azapi|azuread)_/.test(type));
  const { views, aliases } = withoutRepeats(withUpdates(viewsOf(azure)));
  const byType = grouped(views, (view) => view.type);
  const mapping: Mapping = { resolver: resolverOf(views, aliases), of: (type) => byType.get(type) ?? [] };
  const value: Platform = {
    subscriptionId: context.subscriptionId ?? subscriptionOf(mapping),
    resourceGroups: mapping.of("azurerm_resource_group").map((view) => {
      const resource = azureResource(view);
      const managedBy = rawText(settingAt(view, "managed_by"));
      return { ...resource, resourceGroup: resource.name, ...(managedBy === undefined ? {} : { managedBy }) };
    }),
    ...mapNetworks(mapping),
    ...mapSecurity(mapping),
    ...mapPrivateLink(mapping),
    ...mapDns(mapping),
    ...mapClusters(mapping),
    ...mapStores(mapping),
    ...mapIdentities(mapping),
    ...mapMonitoring(mapping),
    others: views.filter((view) => !mappedTypes.has(view.type)).map(azureResource),
    ...(aliases.size === 0 ? {} : { aliases }),
  };
  return { value, diagnostics: versionProblems(azure) };
};

const viewsOf = (instances: readonly ResourceInstance[]): readonly ResourceView[] => {
  const byAddress = new Map(instances.map((instance) => [instance.address, instance]));
  const parentOf = (instance: ResourceInstance): ResourceInstance | undefined => {
    const parent = instance.values.fields.get("parent_id");
    return parent?.kind === "unknown" ? byAddress.get(parent.origin?.address ?? "") : undefined;
  };
  return instances.map((instance) => {
    const armType = armTypeOf(instance);
    const view = azapiView(instance, parentOf) ?? azurermView(instance);
    return armType === undefined ? view : { ...view, shownType: armType };
  });
};

/** What an `azapi_update_resource` sets is laid over the resource that it updates. */
const withUpdates = (views: readonly ResourceView[]): readonly ResourceView[] => {
  const isUpdate = (view: ResourceView): boolean => view.instance.type === "azapi_update_resource";
  const updates = views.filter(isUpdate);
  if (updates.length === 0) return views;
  const resolver = resolverOf(views.filter((view) => !isUpdate(view)));
  const byTarget = grouped(updates, (update) => resolver.at(update, "resource_id")?.address ?? "");
  return views.map((view) => {
    if (isUpdate(view)) return { ...view, type: view.instance.type };
    const over = byTarget.get(view.instance.address) ?? [];
    return { ...view, values: over.reduce((under, update) => overlaid(under, update.values), view.values) };
  });
};

/** A data source that reads what the same configuration makes is that resource, and not a second one. */
const withoutRepeats = (views: readonly ResourceView[]) => {
  const made = new Map<string, string>();
  for (const view of views) {
    const key = view.instance.mode === "managed" ? identityOf(view) : undefined;
    if (key !== undefined) made.set(key, view.instance.address);
  }
  const managed = grouped(
    views.filter((view) => view.instance.mode === "managed"),
    (view) => `${view.type} ${withoutKey(view.instance.address)}`,
  );
  const aliases = new Map<string, string>();
  const kept = views.filter((view) => {
    if (view.instance.mode !== "data") return true;
    const key = identityOf(view);
    const own = key === undefined ? onlySource(view, managed) : made.get(key);
    if (own !== undefined) aliases.set(view.instance.address, own);
    return own === undefined;
  });
  return { views: kept, aliases };
};

/** A data source whose name is taken from the one resource of its type that it depends on reads that resource. */
const onlySource = (view: ResourceView, managed: ReadonlyMap<string, readonly ResourceView[]>): string | undefined => {
  if (settingAt(view, "name")?.kind !== "unknown") return undefined;
  const sources = view.instance.dependsOn.flatMap(
    (address) => managed.get(`${view.type} ${withoutKey(address)}`) ?? [],
  );
  return sources.length === 1 ? sources[0]?.instance.address : undefined;
};

const withoutKey = (address: string): string => address.replace(/\[[^\]]*\]$/, "");

const identityOf = (view: ResourceView): string | undefined => {
  const name = rawText(settingAt(view, "name"));
  const group = rawText(settingAt(view, "resource_group_name"));
  const network = rawText(settingAt(view, "virtual_network_name"));
  if (name === undefined || (group === undefined && view.type !== "azurerm_resource_group")) return undefined;
  return [view.type, group, network, name].join("|").toLowerCase();
};

const subscriptionOf = (mapping: Mapping): Platform["subscriptionId"] => {
  for (const type of ["azurerm_client_config", "azurerm_subscription", "azapi_client_config"]) {
    for (const view of mapping.of(type)) {
      const id = textFact(resultAt(view, "subscription_id"));
      if (typeof id === "string") return id;
    }
  }
  return undefined;
};

/** azurerm 3.x and 4.x are read exactly; others with the nearest names that are known. */
const versionProblems = (instances: readonly ResourceInstance[]): readonly Diagnostic[] => {
  const majors = new Set(
    instances.flatMap(({ type, providerMajor }) =>
      type.startsWith("azurerm_") && providerMajor !== undefined ? [providerMajor] : [],
    ),
  );
  return [...majors]
    .filter((major) => major < 3 || major > 4)
    .sort((a, b) => a - b)
    .map((major) =>
      diagnostic({
        code: "AKS9041",
        severity: "info",
        summary: "Provider version read with another's schema",
        detail: `azurerm ${major}.x is read with the names of ${major < 3 ? 3 : 4}.x where its own are not known. Arguments that were renamed may be missed.`,
        evidence: { providerMajor: major },
      }),
    );
};
