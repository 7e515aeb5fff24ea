import type { AzureResource, Platform, RoleAssignment } from "../azure/platform.ts";
import { isUnknown, known } from "../model/unknown.ts";
import { identityNode, principalNode } from "./principals.ts";
import { allResources, nameOfId, resolve, resourceGroupOfId, withoutKey } from "./resolve.ts";

/** One role held by one principal over one scope, and the line that gives it. */
export interface Grant {
  /** A node of the graph, see `principalNode`; `undefined` where it is not known. */
  readonly principal: string | undefined;
  /** Name of the role, or its definition's id where only that is known; `undefined` where neither is. */
  readonly role: string | undefined;
  /** Address of the resource that is the scope; `undefined` for a subscription, a management group, or what is not in the input. */
  readonly scope: string | undefined;
  /** The ARM id of the scope, where it is known as text. */
  readonly scopeId: string | undefined;
  /** `undefined` for what AKS itself grants. */
  readonly assignment: RoleAssignment | undefined;
}

export interface EffectiveRoles {
  readonly grants: readonly Grant[];
  /** The grants that hold on a resource: its own, its network's, its resource group's, its subscription's. */
  readonly on: (resource: AzureResource) => readonly Grant[];
  /** The grants of a principal on a resource; `unsure` are those whose principal or role is not known before apply. */
  readonly held: (
    principal: string,
    resource: AzureResource,
  ) => { readonly sure: readonly Grant[]; readonly unsure: readonly Grant[] };
}

const cache = new WeakMap<Platform, EffectiveRoles>();

/** Who may do what where. Roles are inherited from subscription to resource group to resource to child resource. */
export const effectiveRoles = (platform: Platform): EffectiveRoles => {
  const cached = cache.get(platform);
  if (cached !== undefined) return cached;
  const resources = allResources(platform);
  const grants = [
    ...platform.roleAssignments.map((assignment) => grantOf(platform, resources, assignment)),
    ...platform.clusters.map(
      (cluster): Grant => ({
        principal: identityNode(platform, cluster, "identity"),
        role: "Contributor",
        scope: undefined,
        scopeId: `node resource group of ${cluster.address}`,
        assignment: undefined,
      }),
    ),
  ];
  const on = (resource: AzureResource): readonly Grant[] => {
    const parents = ancestors(platform, resource);
    return grants.filter((grant) => reaches(grant, resource, parents));
  };
  const result: EffectiveRoles = {
    grants,
    on,
    held: (principal, resource) => {
      const all = on(resource);
      return {
        sure: all.filter((grant) => grant.principal === principal && grant.role !== undefined),
        unsure: all.filter(
          (grant) =>
            grant.principal === undefined ||
            isGroup(grant.principal) ||
            (grant.principal === principal && grant.role === undefined),
        ),
      };
    },
  };
  cache.set(platform, result);
  return result;
};

const grantOf = (platform: Platform, resources: readonly AzureResource[], assignment: RoleAssignment): Grant => ({
  principal: principalNode(platform, assignment.principal),
  role: roleOf(platform, assignment),
  scope:
    resolve(resources, assignment.scope)?.address ??
    (assignment.scope.address !== undefined && isSubscription(assignment.scope.address)
      ? assignment.scope.address
      : undefined),
  scopeId: known(assignment.scope.id),
  assignment,
});

const roleOf = (platform: Platform, assignment: RoleAssignment): string | undefined => {
  const name = known(assignment.roleName);
  if (name !== undefined) return name;
  const id = known(assignment.roleDefinitionId);
  if (id !== undefined) return nameOfId(id);
  // Dependencies reach further than the argument, so only a single definition among them is the one that is meant.
  const [definition, ...others] = platform.roleDefinitions.filter((candidate) =>
    assignment.dependsOn.includes(withoutKey(candidate.address)),
  );
  if (definition === undefined || others.length > 0) return undefined;
  return definition.isData ? known(definition.name) : definition.address;
};

/** The addresses of what a resource lies in, and the names of its resource group. */
interface Ancestors {
  readonly addresses: ReadonlySet<string>;
  readonly group: string | undefined;
}

const ancestors = (platform: Platform, resource: AzureResource): Ancestors => {
  const addresses = new Set<string>();
  const subnet = platform.subnets.find((candidate) => candidate.address === resource.address);
  const network = subnet === undefined ? undefined : resolve(platform.virtualNetworks, subnet.virtualNetwork);
  if (network !== undefined) addresses.add(network.address);
  // A subnet whose network is not known may lie in any.
  else if (subnet !== undefined) for (const { address } of platform.virtualNetworks) addresses.add(address);
  const group = known(resource.resourceGroup)?.toLowerCase();
  for (const candidate of platform.resourceGroups) {
    const named = group !== undefined && known(candidate.name)?.toLowerCase() === group;
    const referred =
      group === undefined && [...resource.dependsOn, ...(network?.dependsOn ?? [])].includes(candidate.address);
    if (named || referred) addresses.add(candidate.address);
  }
  return { addresses, group };
};

const reaches = (grant: Grant, resource: AzureResource, parents: Ancestors): boolean => {
  if (grant.scope !== undefined) {
    return grant.scope === resource.address || parents.addresses.has(grant.scope) || isSubscription(grant.scope);
  }
  if (grant.assignment !== undefined && isUnknown(grant.assignment.scope.id)) {
    // A scope that is not known before apply may be anything.
    return true;
  }
  const id = grant.scopeId?.toLowerCase();
  if (id === undefined) return grant.assignment !== undefined;
  if (/^\/subscriptions\/[^/]+\/?$/.test(id) || id.startsWith("/providers/microsoft.management/")) return true;
  const group = resourceGroupOfId(id);
  if (group === undefined) return false;
  if (parents.group !== undefined && group !== parents.group) return false;
  if (/\/resourcegroups\/[^/]+\/?$/.test(id)) return true;
  return nameOfId(id) === known(resource.name)?.toLowerCase();
};

/** Who is in a group is not looked at, so a group may hold anyone. */
const isGroup = (principal: string): boolean => /(^|\.)azuread_group\./.test(principal);

/** A subscription or a management group: everything lies in it, as far as the configuration can tell. */
const isSubscription = (address: string): boolean => /(^|\.)azurerm_(subscription|management_group)\./.test(address);
