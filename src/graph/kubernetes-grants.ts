import { allowsKubernetes, type KubernetesRequest, kubernetesDataAction } from "../azure/kubernetes-access.ts";
import type { AksCluster, Platform, RoleAssignment } from "../azure/platform.ts";
import { permits, type ScopedRole } from "../azure/role-check.ts";
import { isUnknown, known } from "../model/unknown.ts";
import { effectiveRoles, type Grant } from "./effective-roles.ts";
import { permissionsOf } from "./permissions.ts";
import { principalNode } from "./principals.ts";

/** A role assignment that lets its principal do something inside a cluster with Azure RBAC. */
export interface KubernetesGrant {
  /** A node of the graph, see `principalNode`; `undefined` where it is not known before apply. */
  readonly principal: string | undefined;
  readonly role: string;
  /** Address or id of the scope. */
  readonly scope: string;
  /** Where the scope is a namespace of the cluster. */
  readonly namespace: string | undefined;
  /** Address of the role assignment. */
  readonly assignment: string;
  /** Why it may not hold after all; empty where it does. */
  readonly doubt: string;
}

export interface KubernetesAnswer {
  readonly allowed: "yes" | "no" | "unsure";
  readonly by: KubernetesGrant | undefined;
  /** The data action that the request needs. */
  readonly action: string;
}

/** The grants that allow a request to a cluster, those without doubt first ("Use Microsoft Entra ID authorization for the Kubernetes API"). */
export const kubernetesGrants = (
  platform: Platform,
  cluster: AksCluster,
  request: KubernetesRequest,
): readonly KubernetesGrant[] => {
  const all = effectiveRoles(platform).on(cluster);
  const found = all.flatMap((grant) => {
    const { assignment } = grant;
    return assignment === undefined ? [] : (grantFor(platform, request, grant, assignment) ?? []);
  });
  return [...found.filter(({ doubt }) => doubt === ""), ...found.filter(({ doubt }) => doubt !== "")];
};

/**
 * The grants that let their holder fetch a credential of the cluster's administrator, who may do anything inside it, past Entra ID and
 * Kubernetes RBAC: the admin's, unless local accounts are disabled; where the cluster has no Entra ID also the user's, which is then the
 * same ("Manage local accounts with AKS-managed Microsoft Entra integration", "Limit access to cluster configuration files in AKS").
 */
export const adminCredentialGrants = (platform: Platform, cluster: AksCluster): readonly KubernetesGrant[] => {
  if (known(cluster.localAccountDisabled) === true) return [];
  const actions = [
    "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
    ...(cluster.entra === undefined
      ? ["Microsoft.ContainerService/managedClusters/listClusterUserCredential/action"]
      : []),
  ];
  return effectiveRoles(platform)
    .on(cluster)
    .flatMap(({ principal, role, scope, scopeId, assignment }): readonly KubernetesGrant[] => {
      const permissions = role === undefined ? undefined : permissionsOf(platform, role);
      if (assignment === undefined || assignment.namespace !== undefined || role === undefined) return [];
      if (permissions === undefined || !actions.some((action) => permits(permissions, action))) return [];
      const doubt = isUnknown(cluster.localAccountDisabled)
        ? "whether local accounts are disabled is not known before apply"
        : assignment.condition !== undefined
          ? "it hangs on a condition"
          : "";
      const at = scope ?? scopeId ?? "a scope that is not known";
      const named = roleName(platform, role);
      return [{ principal, role: named, scope: at, namespace: undefined, assignment: assignment.address, doubt }];
    });
};

/** The grants among them that are somebody's: by object id or address, his own or of a group that is named. */
export const heldBy = (
  platform: Platform,
  grants: readonly KubernetesGrant[],
  who: readonly string[],
): readonly KubernetesGrant[] => {
  const nodes = who.map((name) => nodeOf(platform, name));
  return grants.filter(
    ({ principal }) =>
      principal !== undefined && nodes.some((node) => principal === node || principal.startsWith(`${node}#`)),
  );
};

/** Every scope here holds for the cluster, so any id will do for it. */
const clusterId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c";

const grantFor = (
  platform: Platform,
  request: KubernetesRequest,
  { principal, role, scope, scopeId }: Grant,
  assignment: RoleAssignment,
): KubernetesGrant | undefined => {
  const permissions = role === undefined ? undefined : permissionsOf(platform, role);
  if (role === undefined || permissions === undefined) return undefined;
  const namespace = known(assignment.namespace);
  const held: ScopedRole = {
    permissions,
    scope: namespace === undefined ? clusterId : `${clusterId}/namespaces/${namespace}`,
  };
  const anywhere = isUnknown(assignment.namespace) && request.namespace !== undefined;
  const { allowed } = allowsKubernetes([held], clusterId, request);
  if (allowed === "no" || (isUnknown(assignment.namespace) && !anywhere)) return undefined;
  const doubt = anywhere
    ? "the namespace that it is for is not known before apply"
    : scope === undefined && isUnknown(assignment.scope.id)
      ? "its scope is not known before apply"
      : assignment.condition !== undefined
        ? "it hangs on a condition"
        : principal === undefined
          ? "its principal is not known before apply"
          : "";
  return {
    principal,
    role: roleName(platform, role),
    scope: scope ?? scopeId ?? "a scope that is not known",
    namespace,
    assignment: assignment.address,
    doubt,
  };
};

const roleName = (platform: Platform, role: string): string =>
  known(platform.roleDefinitions.find(({ address }) => address === role)?.name) ?? role;

/**
 * Whether Azure roles let somebody do something inside a cluster: by an object id, by the address of an identity or of an Entra user or
 * group, or by any of the groups. Who is in a group is not known here, so a group's grant leaves doubt unless the group is named.
 */
export const azureKubernetesAccess = (
  platform: Platform,
  cluster: AksCluster,
  who: readonly string[],
  request: KubernetesRequest,
): KubernetesAnswer => {
  const action = kubernetesDataAction(request);
  const grants = kubernetesGrants(platform, cluster, request);
  const own = heldBy(platform, grants, who);
  const sure = own.find(({ doubt }) => doubt === "");
  if (sure !== undefined) return { allowed: "yes", by: sure, action };
  const [doubtful] = own;
  if (doubtful !== undefined) return { allowed: "unsure", by: doubtful, action };
  const open = grants.find(({ principal }) => principal === undefined || isGroup(principal));
  if (open === undefined) return { allowed: "no", by: undefined, action };
  const by = open.doubt === "" ? { ...open, doubt: "who is in the group is not known; name it with --as-group" } : open;
  return { allowed: "unsure", by, action };
};

const isGroup = (principal: string): boolean => /(^|\.)azuread_group\./.test(principal);

/** An object id, or an address such as `azurerm_user_assigned_identity.app`. */
const nodeOf = (platform: Platform, name: string): string => {
  const [address = "", part] = name.split("#");
  const reference = isAzureAddress(name)
    ? { address, part, id: undefined }
    : { address: undefined, part: undefined, id: name };
  return principalNode(platform, reference) ?? name;
};

const isAzureAddress = (name: string): boolean => /(^|\.)(azurerm|azuread|azapi)_\w+\./.test(name);

/** True for what may hold an Azure role: an object id, or an address of the configuration. */
export const isAzurePrincipal = (name: string): boolean =>
  isAzureAddress(name) || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name);
