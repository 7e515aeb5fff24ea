import { type AzureNeed, azureNeeds } from "../../azure/needs.ts";
import { networkMode } from "../../azure/network-mode.ts";
import type { AksCluster, AzureResource, ResourceRef } from "../../azure/platform.ts";
import { effectiveRoles, type Grant } from "../../graph/effective-roles.ts";
import { mayAct } from "../../graph/permissions.ts";
import { identityNode, principalNode } from "../../graph/principals.ts";
import { resolve } from "../../graph/resolve.ts";
import { formatPlace } from "../../model/source-range.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { managedClusters, nameOf, subnetOf } from "../cluster-facts.ts";
import type { World } from "../rule.ts";
import { zoneWriters } from "./dns-zone-rights.ts";
import { vaultUses } from "./key-vault.ts";
import { isAbac } from "./registry-pull.ts";
import { credentialsOf, identityAccounts } from "./workload-accounts.ts";

/** Something that an identity must be allowed to do, and the line that allows it, or what happens without one. */
export interface IdentityNeed {
  /** Who acts: `control plane of cluster "aks"`, `nodes of cluster "aks"`, an add-on, a ServiceAccount. */
  readonly who: string;
  /** The identity's address, or `cluster#part` for one that AKS makes. */
  readonly identity: string;
  readonly what: string;
  /** Address of the resource. */
  readonly on: string;
  readonly may: "yes" | "no" | "unsure";
  /** `Network Contributor by azurerm_role_assignment.network (main.tf:12:1)`; empty where nothing grants it. */
  readonly by: string;
  /** Where it is not allowed: the role to assign, and what shows. */
  readonly role: string;
  readonly failure: string;
}

/** A role that a workload's identity holds; whether its program needs another is not known here. */
export interface WorkloadIdentity {
  readonly account: string;
  readonly identity: string;
  /** The federated credential that trusts the ServiceAccount; empty where none does. */
  readonly credential: string;
  readonly roles: readonly string[];
}

/**
 * Every right that clusters, their add-ons and the Key Vault provider need on resources of the configuration, with who holds it through
 * which line ("Permissions that AKS needs for other Azure services"; `azure/needs.ts`).
 */
export const identityNeeds = (world: World): readonly IdentityNeed[] => [
  ...managedClusters(world).flatMap((cluster) => [...controlPlaneNeeds(world, cluster), ...nodeNeeds(world, cluster)]),
  ...zoneWriters(world).map(({ principal, who, zone, isPrivate }) =>
    needOf(
      world,
      who,
      principal,
      zone,
      isPrivate ? azureNeeds.writePrivateZone : azureNeeds.writeDnsZone,
      "write DNS records",
    ),
  ),
  ...vaultNeeds(world),
];

const controlPlaneNeeds = (world: World, cluster: AksCluster): readonly IdentityNeed[] => {
  if (cluster.identity.servicePrincipalId !== undefined) return [];
  const { platform } = world;
  const who = `control plane of cluster "${nameOf(cluster)}"`;
  const identity = identityNode(platform, cluster, "identity");
  const need = (resource: AzureResource | undefined, asked: AzureNeed, what: string): readonly IdentityNeed[] =>
    resource === undefined ? [] : [needOf(world, who, identity, resource, asked, what)];
  const subnets = [...new Set(cluster.pools.flatMap((pool) => subnetOf(world, pool) ?? []))];
  const usesRoutes = cluster.pools.some((pool) => networkMode(cluster, pool) === "kubenet");
  const tables = usesRoutes ? subnets.flatMap((subnet) => resolve(platform.routeTables, subnet.routeTable) ?? []) : [];
  const zone = cluster.privateDnsZone;
  const ownZone =
    typeof zone === "object" && zone !== null && "address" in zone
      ? resolve(platform.privateDnsZones, zone as ResourceRef)
      : undefined;
  const kubelet = resolve(platform.identities, cluster.kubeletIdentity);
  return [
    ...subnets.flatMap((subnet) => need(subnet, azureNeeds.joinSubnet, "join nodes and internal load balancers")),
    ...[...new Set(tables)].flatMap((table) => need(table, azureNeeds.writeRoutes, "write the routes of nodes")),
    ...cluster.network.loadBalancer.outboundIps.flatMap((reference) =>
      need(resolve(platform.publicIps, reference), azureNeeds.usePublicIp, "use the outbound address"),
    ),
    ...need(ownZone, azureNeeds.writePrivateZone, "write the API server's name"),
    ...(kubelet?.address === identity
      ? []
      : need(kubelet, azureNeeds.assignKubeletIdentity, "assign the kubelet's identity to nodes")),
  ];
};

const nodeNeeds = (world: World, cluster: AksCluster): readonly IdentityNeed[] => {
  if (cluster.identity.servicePrincipalId !== undefined) return [];
  const identity = identityNode(world.platform, cluster, "kubelet_identity");
  return world.platform.registries
    .filter((registry) => known(registry.anonymousPull) !== true)
    .map((registry) => {
      const asked = isAbac(registry) ? azureNeeds.pullImagesByRepository : azureNeeds.pullImages;
      return needOf(world, `nodes of cluster "${nameOf(cluster)}"`, identity, registry, asked, "pull images");
    });
};

const vaultNeeds = (world: World): readonly IdentityNeed[] =>
  vaultUses(world).flatMap(({ vault, principal, provider, workload }): readonly IdentityNeed[] => {
    const name = provider.object.metadata.name;
    const who = `${workload?.address ?? "nobody yet"} by SecretProviderClass "${name}"`;
    if (principal === undefined) return [];
    const answer = needOf(world, who, principal, vault, azureNeeds.readSecret, "read secrets");
    if (known(vault.rbacAuthorization) === true) return [answer];
    const policy = vault.accessPolicies.find(
      ({ objectId, secretPermissions }) =>
        principalNode(world.platform, objectId) === principal &&
        secretPermissions.some((permission) => /^(get|all)$/i.test(permission)),
    );
    const open = vault.accessPolicies.some(({ objectId }) => principalNode(world.platform, objectId) === undefined);
    if (policy !== undefined) return [{ ...answer, may: "yes", by: "access policy of the vault" }];
    const may = open || isUnknown(vault.rbacAuthorization) ? "unsure" : "no";
    return [{ ...answer, may, by: "", role: 'an access policy with "Get"' }];
  });

const needOf = (
  world: World,
  who: string,
  identity: string,
  resource: AzureResource,
  need: AzureNeed,
  what: string,
): IdentityNeed => {
  const plane = need.kind === "dataAction" ? "data" : "control";
  const answers = need.operations.map((operation) =>
    mayAct(world.platform, identity, resource, spelled(operation), plane),
  );
  const may = answers.some((answer) => answer.may === "no")
    ? "no"
    : answers.some((answer) => answer.may === "unsure")
      ? "unsure"
      : "yes";
  const grant = answers.find((answer) => answer.may === may)?.by;
  return {
    who,
    identity,
    what,
    on: resource.address,
    may,
    by: grant === undefined || may === "no" ? "" : grantText(grant),
    role: need.roles[0] ?? "",
    failure: need.failure,
  };
};

/** The role's own definition has a star as part of the action. */
const spelled = (operation: string): string | readonly string[] =>
  operation.includes("/*/") ? [operation.replace("/*/", "/"), operation.replace("/*/", "/name/")] : operation;

const grantText = ({ role, assignment, scopeId }: Grant): string => {
  if (assignment === undefined)
    return `${role ?? "a role"}, which AKS gives itself${scopeId === undefined ? "" : ` (${scopeId})`}`;
  const place = assignment.range === undefined ? "" : ` (${formatPlace(assignment.range)})`;
  const condition = assignment.condition === undefined ? "" : ", with a condition that is not reckoned";
  return `${role ?? "a role that is not known before apply"} by ${assignment.address}${place}${condition}`;
};

/** The ServiceAccounts that act as identities, and every role that those identities hold. */
export const workloadIdentities = (world: World): readonly WorkloadIdentity[] => {
  const { platform } = world;
  return identityAccounts(world).map((account): WorkloadIdentity => {
    const trusting = managedClusters(world)
      .flatMap((cluster) => credentialsOf(world, cluster))
      .find(({ subject }) => known(subject) === account.subject);
    const identity = resolve(platform.identities, trusting?.identity)?.address ?? trusting?.identity.address ?? "";
    const grants =
      identity === "" ? [] : effectiveRoles(platform).grants.filter(({ principal }) => principal === identity);
    return {
      account: account.address,
      identity,
      credential: trusting === undefined ? "" : trusting.address,
      roles: grants.map(
        (grant) => `${grantText(grant)} on ${grant.scope ?? grant.scopeId ?? "a scope that is not known before apply"}`,
      ),
    };
  });
};
