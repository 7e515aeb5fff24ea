import type {
  AksCluster,
  AzureResource,
  PrivateDnsZone,
  PrivateEndpoint,
  VirtualNetwork,
} from "../../azure/platform.ts";
import { privateLinkZone } from "../../azure/private-link-zones.ts";
import { allResources, resolve } from "../../graph/resolve.ts";
import type { Json } from "../../model/json.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { managedClusters, nameOf, networkOf, networksOf, peeredWith } from "../cluster-facts.ts";
import { instanceAt, referenceAt, valueAt } from "../instance-values.ts";
import { hasOpenLink } from "../load-balancing/zone-links.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const privateName: Rule = {
  code: "AKS5024",
  title: "The name of a private endpoint is not resolved in the cluster's network",
  severity: "error",
  explain: `Key Vault, Storage, SQL and others keep their public name. It leads to the private endpoint only where a private DNS zone of the service's own name (privatelink.vaultcore.azure.net …)
is linked to the network that asks, and holds the endpoint's record, which a private_dns_zone_group writes.
What happens: the pods resolve the public address; where the service takes no public access they get 403, a refused login or a timeout.
Mend: private_dns_zone_group in the endpoint, and azurerm_private_dns_zone_virtual_network_link for the cluster's network.
Source: "Azure Private Endpoint private DNS zone values"; "Private endpoint DNS integration scenarios".`,
  *check(world) {
    const { privateEndpoints } = world.platform;
    const clusters = managedClusters(world);
    if (clusters.length === 0 || hasOpenLink(world) || hasOwnServers(world)) return;
    for (const cluster of clusters) {
      const networks = networksOf(world, cluster);
      if (networks.length === 0 || networks.some(usesOtherDns)) continue;
      for (const endpoint of privateEndpoints) yield* endpointProblem(world, cluster, networks, endpoint);
      yield* injectedServers(world, cluster, networks);
    }
  },
};

/** Names are asked of servers that the configuration does not show, or that nobody can tell. */
const usesOtherDns = (network: VirtualNetwork): boolean =>
  network.isData || network.dnsServers.some((server) => server !== "168.63.129.16");

const hasOwnServers = (world: World): boolean =>
  world.instances.some(({ type }) =>
    /^azurerm_(virtual_network_dns_servers|private_dns_resolver_virtual_network_link)$/.test(type),
  );

function* endpointProblem(
  world: World,
  cluster: AksCluster,
  networks: readonly VirtualNetwork[],
  endpoint: PrivateEndpoint,
) {
  const target = resolve(allResources(world.platform), endpoint.target);
  if (target === undefined || endpoint.isData || isToldElsewhere(target)) return;
  if (!isForCluster(world, networks, endpoint, target)) return;
  const problem = dnsProblem(world, networks, endpoint, target);
  if (problem === undefined) return;
  const isClosed = takesNoPublicAccess(world, target);
  yield violation(privateName, {
    subject: endpoint.address,
    range: endpoint.rangeAt(problem.path) ?? endpoint.range,
    severity: problem.isLikely ? (isClosed ? "warning" : "info") : isClosed ? "error" : "warning",
    detail: `${endpoint.address} leads to ${target.address} ("${nameOf(target)}"), but ${problem.text}: pods of cluster "${nameOf(cluster)}" resolve the public address${isClosed ? ", which takes no public access" : ""}. ${problem.mend}`,
    evidence: { service: nameOf(target), network: nameOf(networks[0] ?? cluster) },
    related: relatedTo(["the service", target.range], ["the zone", problem.zone?.range]),
  });
}

/** Registries have a rule of their own, and AKS looks after the name of its API server. */
const isToldElsewhere = ({ type }: AzureResource): boolean =>
  /container_?registr|kubernetes_cluster|managedClusters/i.test(type);

/** In the cluster's network, or in one next to it and named by the manifests. */
const isForCluster = (
  world: World,
  networks: readonly VirtualNetwork[],
  endpoint: PrivateEndpoint,
  target: AzureResource,
): boolean => {
  const subnet = resolve(world.platform.subnets, endpoint.subnet);
  const network = subnet === undefined ? undefined : networkOf(world, subnet);
  if (network === undefined) return false;
  if (networks.includes(network)) return true;
  return networks.some((own) => peeredWith(world, own).includes(network)) && isNamed(world, target);
};

const isNamed = (world: World, target: AzureResource): boolean => {
  const name = known(target.name);
  return name !== undefined && world.objects.some(({ object }) => namesIt(object as unknown as Json, name));
};

/** As a value of its own, or as the first part of a host. */
const namesIt = (json: Json, name: string): boolean => {
  if (typeof json === "string") return json === name || json.includes(`${name}.`);
  if (Array.isArray(json)) return json.some((item) => namesIt(item, name));
  return typeof json === "object" && json !== null && Object.values(json).some((item) => namesIt(item as Json, name));
};

interface Problem {
  readonly text: string;
  readonly mend: string;
  readonly path: string;
  readonly zone?: PrivateDnsZone | undefined;
  /** True where somebody outside of the configuration may have seen to it. */
  readonly isLikely: boolean;
}

const dnsProblem = (
  world: World,
  networks: readonly VirtualNetwork[],
  endpoint: PrivateEndpoint,
  target: AzureResource,
): Problem | undefined => {
  const { privateDnsZones } = world.platform;
  const wanted = expectedZone(endpoint, target);
  if (isUnknown(endpoint.dnsZoneGroup)) return undefined;
  if (endpoint.dnsZoneGroup === true) {
    const zones = endpoint.dnsZones.map((reference) => resolve(privateDnsZones, reference));
    const own = zones.filter((zone) => zone !== undefined);
    if (zones.length === 0 || own.length < zones.length) return undefined;
    const names = own.map((zone) => known(zone.name)?.toLowerCase());
    if (wanted !== undefined && names.every((name) => name !== undefined) && !names.includes(wanted)) {
      return {
        text: `its record goes into zone "${nameOf(own[0] ?? target)}", and the name is looked up in "${wanted}"`,
        mend: `Name the zone ${wanted}.`,
        path: "private_dns_zone_group",
        zone: own[0],
        isLikely: false,
      };
    }
    return unlinked(world, networks, own);
  }
  if (wanted === undefined) return undefined;
  const zone = privateDnsZones.find((candidate) => known(candidate.name)?.toLowerCase() === wanted);
  if (hasOwnRecord(world, endpoint, target, wanted))
    return zone === undefined ? undefined : unlinked(world, networks, [zone]);
  return {
    text:
      zone === undefined
        ? `it has no private_dns_zone_group and the configuration has no zone "${wanted}"`
        : `it has no private_dns_zone_group, so that nothing writes its record into zone "${wanted}"`,
    mend: `Add private_dns_zone_group with zone ${wanted}${zone === undefined ? ", linked to the cluster's network" : ""}.`,
    path: "private_dns_zone_group",
    zone,
    isLikely: zone === undefined || zone.isData,
  };
};

const expectedZone = (endpoint: PrivateEndpoint, target: AzureResource): string | undefined => {
  const region = known(target.location) ?? known(endpoint.location) ?? "";
  if (/^(china|usgov|usdod|usnat|ussec)/.test(region)) return undefined;
  return privateLinkZone(target.type, endpoint.subresources[0]);
};

/** A record by hand: one that takes the endpoint's address, or one of the service's name, or one nobody can tell. */
const hasOwnRecord = (world: World, endpoint: PrivateEndpoint, target: AzureResource, wanted: string): boolean =>
  (world.platform.dnsRecords ?? []).some((record) => {
    if (!record.isPrivate) return false;
    const [zone, name] = [known(record.zoneName)?.toLowerCase(), known(record.name)?.toLowerCase()];
    if (record.targets.some(({ source }) => source === endpoint.address)) return true;
    if (zone !== undefined && zone !== wanted) return false;
    return name === undefined || name === "*" || name === known(target.name)?.toLowerCase() || isUnknown(target.name);
  });

/** The zones of the configuration when none of them is linked to a network of the cluster. */
const unlinked = (
  world: World,
  networks: readonly VirtualNetwork[],
  zones: readonly PrivateDnsZone[],
): Problem | undefined => {
  const [first] = zones;
  if (first === undefined || zones.some((zone) => zone.isData)) return undefined;
  const linked = zones.flatMap((zone) =>
    zone.linkedNetworks.map((reference) => resolve(world.platform.virtualNetworks, reference)),
  );
  if (linked.some((network) => network === undefined || networks.includes(network))) return undefined;
  return {
    text: `private DNS zone "${nameOf(first)}" is not linked to the cluster's network "${nameOf(networks[0] ?? first)}"`,
    mend: "Add azurerm_private_dns_zone_virtual_network_link.",
    path: "private_dns_zone_group",
    zone: first,
    isLikely: false,
  };
};

const takesNoPublicAccess = (world: World, target: AzureResource): boolean => {
  const access = "publicNetworkAccess" in target ? target.publicNetworkAccess : undefined;
  if (typeof access === "boolean") return !access;
  const instance = instanceAt(world, target.address);
  const value = instance === undefined ? undefined : valueAt(instance.values, ["public_network_access_enabled"]);
  return value?.kind === "bool" && !value.value;
};

/** PostgreSQL and MySQL flexible servers within a network have a private zone instead of an endpoint. */
function* injectedServers(world: World, cluster: AksCluster, networks: readonly VirtualNetwork[]) {
  for (const instance of world.instances) {
    if (!/^azurerm_(postgresql|mysql)_flexible_server$/.test(instance.type) || instance.mode === "data") continue;
    const zone = resolve(world.platform.privateDnsZones, referenceAt(instance, ["private_dns_zone_id"]));
    const subnet = resolve(world.platform.subnets, referenceAt(instance, ["delegated_subnet_id"]));
    const network = subnet === undefined ? undefined : networkOf(world, subnet);
    if (zone === undefined || network === undefined) continue;
    const isNear = networks.includes(network) || networks.some((own) => peeredWith(world, own).includes(network));
    const problem = isNear ? unlinked(world, networks, [zone]) : undefined;
    if (problem === undefined) continue;
    yield violation(privateName, {
      subject: instance.address,
      range: instance.rangeAt(["private_dns_zone_id"]) ?? instance.range,
      detail: `${instance.address} is reached by a name that only its private zone holds, but ${problem.text}: pods of cluster "${nameOf(cluster)}" cannot resolve it. ${problem.mend}`,
      evidence: { service: instance.address, network: nameOf(networks[0] ?? cluster) },
      related: relatedTo(["the zone", zone.range]),
    });
  }
}
