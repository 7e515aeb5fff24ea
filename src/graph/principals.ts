import type { AksCluster, Platform, PrincipalRef } from "../azure/platform.ts";
import { known } from "../model/unknown.ts";
import { resolve } from "./resolve.ts";

/** The identities that a cluster brings: `identity` is the control plane's, `kubelet_identity` the nodes'. */
export type ClusterIdentityPart =
  | "identity"
  | "kubelet_identity"
  | "key_vault_secrets_provider"
  | "web_app_routing"
  | "oms_agent"
  | "ingress_application_gateway";

/**
 * The node that stands for one of a cluster's identities: the user-assigned identity where the configuration gives one,
 * otherwise `address#part`.
 */
export const identityNode = (platform: Platform, cluster: AksCluster, part: ClusterIdentityPart): string => {
  const given =
    part === "identity"
      ? cluster.identity.userAssigned[0]
      : part === "kubelet_identity"
        ? cluster.kubeletIdentity
        : undefined;
  return resolve(platform.identities, given)?.address ?? given?.address ?? `${cluster.address}#${part}`;
};

/**
 * Who a role is given to, as a node id: an identity's address, `cluster#part`, or `principal:<object id>`; `undefined`
 * where the configuration does not say.
 */
export const principalNode = (platform: Platform, principal: PrincipalRef): string | undefined => {
  if (principal.address !== undefined) {
    const cluster = resolve(platform.clusters, { address: principal.address, id: undefined });
    if (cluster !== undefined) return clusterPart(platform, cluster, principal.part);
    const identity = resolve(platform.identities, { address: principal.address, id: undefined });
    if (identity?.isData === true) return readIdentity(platform, identity);
    if (identity !== undefined) return identity.address;
    // An id that comes from elsewhere, such as a variable's stand-in, may be anyone's.
    if (!/(^|\.)(azurerm|azuread|azapi)_/.test(principal.address)) return undefined;
    return principal.part === undefined || principal.part === ""
      ? principal.address
      : `${principal.address}#${principal.part}`;
  }
  const id = known(principal.id);
  if (id === undefined) return undefined;
  const identity = platform.identities.find((candidate) => known(candidate.principalId) === id);
  return identity?.address ?? `principal:${id}`;
};

/** An identity that is looked up by its name: one that AKS makes for a cluster, where the name says so, and anyone's where it is not known. */
const readIdentity = (platform: Platform, { address, name }: Platform["identities"][number]): string | undefined => {
  const text = known(name);
  if (text === undefined) return undefined;
  for (const cluster of platform.clusters) {
    const part = madeByAks.find(([, nameFor]) => nameFor(known(cluster.name) ?? "") === text)?.[0];
    if (part !== undefined) return clusterPart(platform, cluster, part);
  }
  return address;
};

/** Names of the identities in the node resource group ("Summary of managed identities used by AKS"). */
const madeByAks: readonly (readonly [ClusterIdentityPart, (cluster: string) => string])[] = [
  ["kubelet_identity", (cluster) => `${cluster}-agentpool`],
  ["key_vault_secrets_provider", (cluster) => `azurekeyvaultsecretsprovider-${cluster}`],
  ["web_app_routing", (cluster) => `webapprouting-${cluster}`],
  ["oms_agent", (cluster) => `omsagent-${cluster}`],
  ["ingress_application_gateway", (cluster) => `ingressapplicationgateway-${cluster}`],
];

const clusterPart = (platform: Platform, cluster: AksCluster, part: string | undefined): string => {
  const name = part ?? "identity";
  return name === "kubelet_identity"
    ? identityNode(platform, cluster, "kubelet_identity")
    : `${cluster.address}#${name}`;
};
