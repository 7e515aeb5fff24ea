import type { AzureResource, Platform, ResourceRef } from "../azure/platform.ts";
import { known } from "../model/unknown.ts";

/** The resource that a reference means: by its Terraform address, else by its ARM id, else by its bare name. */
export const resolve = <T extends AzureResource>(
  resources: readonly T[],
  reference: ResourceRef | undefined,
): T | undefined => {
  if (reference === undefined) return undefined;
  if (reference.address !== undefined) return byAddress(resources, reference.address);
  const id = known(reference.id);
  return id === undefined ? undefined : resources.find((resource) => isNamed(resource, id));
};

/** All resources of the platform but clusters' pools, in order of address. */
export const allResources = (platform: Platform): readonly AzureResource[] => {
  const lists: readonly AzureResource[] = [
    ...platform.resourceGroups,
    ...platform.virtualNetworks,
    ...platform.subnets,
    ...platform.peerings,
    ...platform.securityGroups,
    ...platform.routeTables,
    ...platform.natGateways,
    ...platform.publicIps,
    ...platform.publicIpPrefixes,
    ...platform.privateEndpoints,
    ...platform.privateDnsZones,
    ...(platform.dnsZones ?? []),
    ...(platform.dnsRecords ?? []),
    ...platform.clusters,
    ...platform.registries,
    ...platform.keyVaults,
    ...platform.storageAccounts,
    ...platform.disks,
    ...platform.identities,
    ...platform.federatedCredentials,
    ...platform.roleAssignments,
    ...platform.roleDefinitions,
    ...platform.logWorkspaces,
    ...platform.diagnosticSettings,
    ...platform.extensions,
    ...Object.values<readonly AzureResource[]>({ ...platform.monitoring }).flat(),
    ...platform.others,
  ];
  return [...lists].sort((a, b) => compareText(a.address, b.address));
};

/** Order of code units: the same on every machine. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The last part of an ARM id, or the text itself where it is a bare name. */
export const nameOfId = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

/** The resource group in an ARM id. */
export const resourceGroupOfId = (id: string): string | undefined => /\/resourcegroups\/([^/]+)/i.exec(id)?.[1];

/** An address without the keys of its last part: `module.a["x"].azurerm_subnet.nodes`. */
export const withoutKey = (address: string): string => address.replace(/\[[^[\]]*\]$/, "");

const indexes = new WeakMap<readonly AzureResource[], ReadonlyMap<string, AzureResource>>();

const byAddress = <T extends AzureResource>(resources: readonly T[], address: string): T | undefined => {
  let index = indexes.get(resources);
  if (index === undefined) {
    index = indexOf(resources);
    indexes.set(resources, index);
  }
  // The index holds the very items of `resources`.
  return index.get(address) as T | undefined;
};

/** Also finds the only instance of a resource by its address without a key. */
const indexOf = (resources: readonly AzureResource[]): ReadonlyMap<string, AzureResource> => {
  const index = new Map<string, AzureResource>();
  const instances = new Map<string, AzureResource[]>();
  for (const resource of resources) {
    index.set(resource.address, resource);
    const bare = withoutKey(resource.address);
    instances.set(bare, [...(instances.get(bare) ?? []), resource]);
  }
  for (const [bare, [only, ...others]] of instances) {
    if (only !== undefined && others.length === 0 && !index.has(bare)) index.set(bare, only);
  }
  return index;
};

const isNamed = (resource: AzureResource, id: string): boolean => {
  const name = known(resource.name);
  if (name === undefined || name.toLowerCase() !== nameOfId(id).toLowerCase()) return false;
  const group = resourceGroupOfId(id);
  const own = known(resource.resourceGroup);
  return group === undefined || own === undefined || group.toLowerCase() === own.toLowerCase();
};
