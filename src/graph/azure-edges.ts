import type { AksCluster, AzureResource, NodePool, Platform, ResourceRef, Subnet } from "../azure/platform.ts";
import { known } from "../model/unknown.ts";
import { effectiveRoles } from "./effective-roles.ts";
import { addMonitoring } from "./monitoring-edges.ts";
import { identityNode } from "./principals.ts";
import { allResources, resolve } from "./resolve.ts";
import type { GraphBuilder } from "./resource-graph.ts";

/** Nodes and edges of everything that Azure holds. */
export const addAzure = (builder: GraphBuilder, platform: Platform): void => {
  const resources = allResources(platform);
  for (const resource of resources) builder.node(resource.address, resource.type, "terraform", resource.range);
  addGroups(builder, platform, resources);
  const edge = edgeTo(builder, resources);
  for (const subnet of platform.subnets) addSubnet(builder, platform, subnet);
  for (const peering of platform.peerings) {
    edge(peering, peering.virtualNetwork, "connectsTo", "virtual_network_name");
    edge(peering, peering.remoteVirtualNetwork, "peersWith", "remote_virtual_network_id");
  }
  for (const gateway of platform.natGateways) {
    for (const ip of [...gateway.publicIps, ...gateway.publicIpPrefixes]) edge(gateway, ip, "egressesThrough");
  }
  for (const endpoint of platform.privateEndpoints) {
    edge(endpoint, endpoint.subnet, "inSubnet", "subnet_id");
    edge(endpoint, endpoint.target, "connectsTo", "private_service_connection");
    for (const zone of endpoint.dnsZones) edge(endpoint, zone, "linkedTo", "private_dns_zone_group");
  }
  for (const zone of platform.privateDnsZones) {
    for (const network of zone.linkedNetworks) edge(zone, network, "linkedTo");
  }
  for (const record of platform.dnsRecords ?? []) {
    const zones = record.isPrivate ? platform.privateDnsZones : (platform.dnsZones ?? []);
    const zone = resolve<AzureResource>(zones, record.zone);
    if (zone !== undefined) builder.edge(zone.address, record.address, "contains", record.range);
    for (const { source } of record.targets) edge(record, { address: source, id: undefined }, "connectsTo", "records");
  }
  for (const cluster of platform.clusters) addCluster(builder, platform, resources, cluster);
  for (const credential of platform.federatedCredentials) {
    edge(credential, credential.identity, "grants", "parent_id");
    edge(credential, credential.issuerCluster, "trusts", "issuer");
  }
  addMonitoring(edge, platform);
  for (const extension of platform.extensions) edge(extension, extension.cluster, "extends", "cluster_id");
  for (const vault of platform.keyVaults) {
    for (const secret of vault.secrets) builder.edge(vault.address, secret.address, "contains");
  }
  addRoles(builder, platform);
};

const addGroups = (builder: GraphBuilder, platform: Platform, resources: readonly AzureResource[]): void => {
  const groups = new Map(platform.resourceGroups.map((group) => [known(group.name)?.toLowerCase(), group.address]));
  for (const resource of resources) {
    const name = known(resource.resourceGroup)?.toLowerCase();
    const group =
      (name === undefined ? undefined : groups.get(name)) ??
      resource.dependsOn.find((address) => platform.resourceGroups.some((candidate) => candidate.address === address));
    if (group !== undefined && group !== resource.address) {
      builder.edge(group, resource.address, "contains", resource.rangeAt("resource_group_name"));
    }
  }
};

const addSubnet = (builder: GraphBuilder, platform: Platform, subnet: Subnet): void => {
  const network = resolve(platform.virtualNetworks, subnet.virtualNetwork);
  if (network !== undefined) builder.edge(network.address, subnet.address, "contains", subnet.range);
  builder.edge(subnet.address, resolve(platform.securityGroups, subnet.securityGroup)?.address, "guardedBy");
  builder.edge(subnet.address, resolve(platform.routeTables, subnet.routeTable)?.address, "routesTo");
  builder.edge(subnet.address, resolve(platform.natGateways, subnet.natGateway)?.address, "egressesThrough");
};

const addCluster = (
  builder: GraphBuilder,
  platform: Platform,
  resources: readonly AzureResource[],
  cluster: AksCluster,
): void => {
  const edge = edgeTo(builder, resources);
  for (const pool of cluster.pools) addPool(builder, platform, cluster, pool);
  for (const part of ["identity", "kubelet_identity"] as const) {
    const id = identityNode(platform, cluster, part);
    if (!builder.has(id)) builder.node(id, "managedIdentity", "derived", cluster.range);
    builder.edge(cluster.address, id, "authenticatesAs", cluster.rangeAt(part));
  }
  const { loadBalancer } = cluster.network;
  for (const ip of [...loadBalancer.outboundIps, ...loadBalancer.outboundIpPrefixes]) {
    edge(cluster, ip, "egressesThrough", "network_profile.load_balancer_profile");
  }
  edge(cluster, cluster.addons.omsAgent, "logsTo", "oms_agent");
  edge(cluster, cluster.addons.defender, "logsTo", "microsoft_defender");
  edge(cluster, cluster.addons.applicationGateway?.gateway, "routesTo", "ingress_application_gateway");
  edge(cluster, cluster.addons.applicationGateway?.subnet, "inSubnet", "ingress_application_gateway");
  for (const zone of cluster.addons.webAppRouting?.dnsZones ?? []) edge(cluster, zone, "linkedTo", "web_app_routing");
  if (isReference(cluster.privateDnsZone)) edge(cluster, cluster.privateDnsZone, "linkedTo", "private_dns_zone_id");
};

const addPool = (builder: GraphBuilder, platform: Platform, cluster: AksCluster, pool: NodePool): void => {
  builder.node(pool.address, "nodePool", pool.isDefault ? "derived" : "terraform", pool.range);
  builder.edge(cluster.address, pool.address, "contains", pool.range);
  for (const [reference, path] of [
    [pool.subnet, "vnet_subnet_id"],
    [pool.podSubnet, "pod_subnet_id"],
  ] as const) {
    const subnet = resolve(platform.subnets, reference);
    builder.edge(pool.address, subnet?.address, "inSubnet", pool.rangeAt(path));
  }
};

const addRoles = (builder: GraphBuilder, platform: Platform): void => {
  for (const grant of effectiveRoles(platform).grants) {
    const { assignment } = grant;
    if (grant.principal !== undefined && grant.scope !== undefined) {
      if (!builder.has(grant.principal)) builder.node(grant.principal, "principal", "derived", assignment?.range);
      builder.edge(grant.principal, grant.scope, "mayActOn", assignment?.range);
    }
    if (assignment !== undefined) {
      builder.edge(assignment.address, grant.principal, "grants", assignment.rangeAt("principal_id"));
      builder.edge(assignment.address, grant.scope, "mayActOn", assignment.rangeAt("scope"));
    }
  }
};

/** A function that adds an edge from a resource to whatever resource a reference means. */
const edgeTo =
  (builder: GraphBuilder, resources: readonly AzureResource[]) =>
  (
    from: AzureResource,
    reference: ResourceRef | undefined,
    kind: Parameters<GraphBuilder["edge"]>[2],
    path = "",
  ): void => {
    const range = path === "" ? from.range : from.rangeAt(path);
    builder.edge(from.address, resolve(resources, reference)?.address, kind, range);
  };

const isReference = (value: AksCluster["privateDnsZone"]): value is ResourceRef =>
  typeof value === "object" && value !== null && "address" in value;
