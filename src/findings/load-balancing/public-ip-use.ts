import type { PublicIp } from "../../azure/platform.ts";
import { resolve, withoutKey } from "../../graph/resolve.ts";
import type { Json } from "../../model/json.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { someText } from "../instance-values.ts";
import type { World } from "../rule.ts";
import { type Entrance, entrancesOf } from "./entrances.ts";

/** Who has a public IP of the configuration, as far as the input shows. */
export type PublicIpUse =
  | { readonly kind: "nobody" }
  /** For what leaves the cluster: nothing answers there. */
  | { readonly kind: "egress"; readonly by: string }
  | { readonly kind: "entrance"; readonly entrance: Entrance }
  /** Something else, or nobody can tell. */
  | { readonly kind: "other" };

/** What may refer to an address without having it. */
const bystanders =
  /^azurerm_(private_)?dns_|^azurerm_role_assignment$|^azurerm_management_lock$|^azurerm_monitor_|^azurerm_resource_group|^azurerm_kubernetes_cluster_node_pool$|^azurerm_federated_identity_credential$|^azurerm_key_vault_(secret|access_policy)$|^azurerm_policy|^azuread_|^azurerm_network_security_/;

export const publicIpUse = (world: World, ip: PublicIp): PublicIpUse => {
  const entrance = entrancesOf(world).find(({ publicIps }) => publicIps.includes(ip));
  const egress = egressOf(world, ip);
  if (entrance !== undefined) return egress === undefined ? { kind: "entrance", entrance } : { kind: "other" };
  if (ip.isData || isMentioned(world, ip)) return { kind: "other" };
  const users = world.instances.filter(
    ({ dependsOn, type, mode, address }) =>
      mode === "managed" &&
      address !== ip.address &&
      !bystanders.test(type) &&
      (dependsOn.includes(ip.address) || dependsOn.includes(withoutKey(ip.address))),
  );
  if (egress !== undefined) {
    const only = users.every(({ type }) => /^azurerm_(nat_gateway|kubernetes_cluster)/.test(type));
    return only ? { kind: "egress", by: egress } : { kind: "other" };
  }
  return users.length === 0 ? { kind: "nobody" } : { kind: "other" };
};

const egressOf = (world: World, ip: PublicIp): string | undefined => {
  const has = (references: Parameters<typeof resolve>[1][]): boolean =>
    references.some((reference) => resolve(world.platform.publicIps, reference) === ip);
  const cluster = world.platform.clusters.find(({ network }) => has([...network.loadBalancer.outboundIps]));
  if (cluster !== undefined) return `the outbound rule of ${cluster.address}`;
  return world.platform.natGateways.find(({ publicIps }) => has([...publicIps]))?.address;
};

/** True where its name or address stands in a manifest or a release, or may stand in values that are not known. */
const isMentioned = (world: World, ip: PublicIp): boolean => {
  const words = [known(ip.name), known(ip.ipAddress)].filter((word) => word !== undefined && word.length > 3);
  if (isUnknown(ip.name)) return true;
  const has = (text: string): boolean => words.some((word) => word !== undefined && text.includes(word));
  return (
    world.objects.some(({ object }) => jsonHas(object as unknown as Json, has)) ||
    world.instances.some(({ type, values }) => {
      if (type !== "helm_release" && !/^(null_resource|terraform_data|local_file|local_exec)$/.test(type)) return false;
      return someText(values, has) || isUnread(values.fields.get("values"));
    })
  );
};

const isUnread = (values: { readonly kind: string } | undefined): boolean => values?.kind === "unknown";

const jsonHas = (json: Json, test: (text: string) => boolean): boolean => {
  if (typeof json === "string") return test(json);
  if (Array.isArray(json)) return json.some((item) => jsonHas(item, test));
  return typeof json === "object" && json !== null && Object.values(json).some((item) => jsonHas(item as Json, test));
};
