import type { UnknownValue } from "../model/value.ts";

/** An attribute of a resource instance. */
export interface Origin {
  readonly address: string;
  readonly path: readonly (string | number)[];
}

/**
 * The attribute that an unknown value is, or was made from alone: `try`, a conditional or a template makes a new value, whose reason
 * still names the attribute. For an argument that takes a reference this is what it refers to.
 */
export const originOf = (value: UnknownValue): Origin | undefined => {
  if (value.origin !== undefined) return value.origin;
  const match = reason.exec(value.because);
  if (match === null) return undefined;
  const [, address = "", path = ""] = match;
  const steps = [...path.matchAll(/\.([^.[]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
  return { address, path: steps };
};

/** `module.a["x"].azurerm_subnet.nodes[0].id is known after apply`, `data.azurerm_subnet.x is read during apply, since …`. */
const reason =
  /^((?:module\.[^.[]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.)*(?:data\.)?\w+\.[^.[\s]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?)((?:\.[^.[\s]+|\[\d+\])*) is (?:known after apply$|read during apply)/;

/** The types that an argument, named by the last step of its path, may refer to; `undefined` where it may be any. */
export const expectedTypes = (path: string): readonly string[] | undefined =>
  typesByArgument[path.split(".").at(-1) ?? ""];

const subnets = ["azurerm_subnet", "azurerm_virtual_network"];

const typesByArgument: Readonly<Record<string, readonly string[]>> = {
  cluster_id: ["azurerm_kubernetes_cluster", "azurerm_arc_kubernetes_cluster"],
  dns_zone_id: ["azurerm_dns_zone", "azurerm_private_dns_zone"],
  dns_zone_ids: ["azurerm_dns_zone", "azurerm_private_dns_zone"],
  gateway_id: ["azurerm_application_gateway"],
  identity_ids: ["azurerm_user_assigned_identity"],
  issuer: ["azurerm_kubernetes_cluster"],
  key_vault_id: ["azurerm_key_vault"],
  kubernetes_cluster_id: ["azurerm_kubernetes_cluster"],
  log_analytics_workspace_id: ["azurerm_log_analytics_workspace"],
  nat_gateway_id: ["azurerm_nat_gateway"],
  network_security_group_id: ["azurerm_network_security_group"],
  network_security_group_name: ["azurerm_network_security_group"],
  outbound_ip_address_ids: ["azurerm_public_ip"],
  outbound_ip_prefix_ids: ["azurerm_public_ip_prefix"],
  pod_subnet_id: subnets,
  private_dns_zone_id: ["azurerm_private_dns_zone"],
  private_dns_zone_ids: ["azurerm_private_dns_zone"],
  private_dns_zone_name: ["azurerm_private_dns_zone"],
  private_endpoint_id: ["azurerm_private_endpoint"],
  public_ip_address_id: ["azurerm_public_ip"],
  public_ip_prefix_id: ["azurerm_public_ip_prefix"],
  remote_virtual_network_id: ["azurerm_virtual_network"],
  route_table_id: ["azurerm_route_table"],
  route_table_name: ["azurerm_route_table"],
  security_group: ["azurerm_network_security_group"],
  storage_account_id: ["azurerm_storage_account"],
  subnet_id: subnets,
  user_assigned_identity_id: ["azurerm_user_assigned_identity"],
  virtual_network_id: ["azurerm_virtual_network"],
  virtual_network_name: ["azurerm_virtual_network"],
  vnet_subnet_id: subnets,
  zone_name: ["azurerm_dns_zone", "azurerm_private_dns_zone"],
};
