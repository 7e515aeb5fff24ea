import { containsIp, formatCidr, parseIp, usableAddress, usableAddresses } from "../../azure/cidr.ts";
import type { AksCluster, Subnet } from "../../azure/platform.ts";
import { regionName } from "../../azure/regions.ts";
import { mayAct } from "../../graph/permissions.ts";
import { identityNode } from "../../graph/principals.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { nameOf, networkOf, networksOf, onlyCluster, quotedList, rangesOf, subnetOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { loadBalancersOf, publicIpOf, type ServiceView } from "./services.ts";

const groupAnnotation = "azure-load-balancer-resource-group";

export const staticIpGroup: Rule = {
  code: "AKS3008",
  title: "Public IP is not where the Service looks for it",
  severity: "error",
  perCluster: true,
  explain: `A Service finds a public IP by address or by azure-pip-name in the node resource group, or in the group that the annotation
service.beta.kubernetes.io/azure-load-balancer-resource-group names.
What happens: EXTERNAL-IP stays <pending>, "user supplied IP Address … was not found in resource group MC_…".
Mend: the annotation with the IP's resource group (and Network Contributor for the cluster's identity there).
Source: "Use a static public IP address and DNS label with the AKS load balancer"; cloud-provider-azure, azure_loadbalancer.go.`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined) return;
    for (const view of loadBalancersOf(world)) {
      const ip = view.internal ? undefined : publicIpOf(world, view);
      const group = ip === undefined ? undefined : known(ip.resourceGroup);
      if (ip === undefined || group === undefined) continue;
      const asked = view.annotation(groupAnnotation);
      const looked = asked ?? nodeGroup(cluster);
      if (looked === undefined || looked.toLowerCase() === group.toLowerCase()) continue;
      yield violation(staticIpGroup, {
        subject: view.address,
        range: asked === undefined ? view.source.rangeAt(["metadata"]) : view.annotationRange(groupAnnotation),
        detail: `${view.address} asks for public IP "${nameOf(ip)}", which is in resource group "${group}", but it is looked for in "${looked}": EXTERNAL-IP stays pending. Set the annotation service.beta.kubernetes.io/${groupAnnotation}: ${group}.`,
        evidence: { resourceGroup: group, lookedIn: looked },
        related: relatedTo(["the public IP", ip.range]),
      });
    }
  },
};

export const staticIpKind: Rule = {
  code: "AKS3009",
  title: "Public IP does not fit the load balancer",
  severity: "error",
  perCluster: true,
  explain: `A Standard load balancer takes Standard public IPs of its own region, with static allocation.
What happens: EXTERNAL-IP stays <pending>, or the outbound IP is refused.
Mend: sku "Standard", allocation_method "Static", the cluster's location. Basic public IPs were retired on 2025-09-30.
Source: "Use a static public IP address and DNS label with the AKS load balancer".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined) return;
    for (const view of loadBalancersOf(world)) {
      const ip = view.internal ? undefined : publicIpOf(world, view);
      if (ip === undefined) continue;
      const [own, theirs] = [known(cluster.location), known(ip.location)];
      const basic = known(ip.sku)?.toLowerCase() === "basic";
      const elsewhere = own !== undefined && theirs !== undefined && regionName(own) !== regionName(theirs);
      if (!basic && !elsewhere) continue;
      yield violation(staticIpKind, {
        subject: view.address,
        range: ip.rangeAt(basic ? "sku" : "location"),
        detail: `${view.address} asks for public IP "${nameOf(ip)}", which is ${basic ? "of SKU Basic" : `in "${theirs}", while the cluster is in "${own}"`}: EXTERNAL-IP stays pending. ${basic ? 'Use sku = "Standard"' : "Use an IP of the cluster's region"}.`,
        related: relatedTo(["the Service", view.source.range]),
      });
    }
  },
};

export const staticIpRights: Rule = {
  code: "AKS5015",
  title: "The control plane may not use the public IP",
  severity: "error",
  perCluster: true,
  explain: `The control plane's identity is Contributor on the node resource group only. For a public IP in another group it needs read and join there, as Network Contributor has.
What happens: EXTERNAL-IP stays <pending>, event "AuthorizationFailed … Microsoft.Network/publicIPAddresses/read".
Mend: azurerm_role_assignment "Network Contributor" on that resource group for the cluster's identity.
Source: "Use a static public IP address and DNS label with the AKS load balancer".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || cluster.isData) return;
    const { servicePrincipalId } = cluster.identity;
    if (known(servicePrincipalId) !== undefined || isUnknown(servicePrincipalId)) return;
    const identity = identityNode(world.platform, cluster, "identity");
    for (const view of loadBalancersOf(world)) {
      const ip = view.internal ? undefined : publicIpOf(world, view);
      const group = ip === undefined ? undefined : known(ip.resourceGroup);
      if (ip === undefined || group === undefined || group.toLowerCase() === nodeGroup(cluster)?.toLowerCase())
        continue;
      if (mayAct(world.platform, identity, ip, "Microsoft.Network/publicIPAddresses/join/action").may !== "no")
        continue;
      yield violation(staticIpRights, {
        subject: view.address,
        range: view.source.rangeAt(["metadata"]),
        severity: ip.isData ? "warning" : "error",
        detail: `${view.address} asks for public IP "${nameOf(ip)}" in resource group "${group}", where identity ${identity} of the cluster has no rights: EXTERNAL-IP stays pending with 403 AuthorizationFailed. Assign Network Contributor on that resource group.`,
        evidence: { resourceGroup: group },
        related: relatedTo(["the public IP", ip.range]),
      });
    }
  },
};

export const internalAddress: Rule = {
  code: "AKS3010",
  title: "Internal load balancer asks for an address or subnet that is not there",
  severity: "error",
  perCluster: true,
  explain: `An internal Service takes its address from the subnet of the annotation azure-load-balancer-internal-subnet, else from the node subnet. The subnet must be in
the cluster's network; a fixed address must lie in it, beyond the first four addresses and before the last, which Azure keeps.
What happens: EXTERNAL-IP stays <pending>, "failed to get subnet" or "PrivateIPAddressNotInSubnet".
Mend: correct the annotation.
Source: "Use an internal load balancer with AKS"; cloud-provider-azure.`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined) return;
    for (const view of loadBalancersOf(world)) {
      if (!view.internal) continue;
      const name = view.annotation("azure-load-balancer-internal-subnet");
      const candidates = subnetsOfNetwork(world, cluster);
      const subnet =
        name === undefined ? firstNodeSubnet(world, cluster) : candidates.find((own) => nameOf(own) === name);
      if (name !== undefined && subnet === undefined && candidates.length > 0 && isWholeNetworkKnown(world, cluster)) {
        yield violation(internalAddress, {
          subject: view.address,
          range: view.annotationRange("azure-load-balancer-internal-subnet"),
          detail: `${view.address} asks for subnet "${name}", which the cluster's network does not have: EXTERNAL-IP stays pending. There are ${quotedList(candidates.map(nameOf))}.`,
        });
        continue;
      }
      yield* fixedAddress(view, subnet);
    }
  },
};

function* fixedAddress(view: ServiceView, subnet: Subnet | undefined) {
  const address = view.requestedIp === undefined ? undefined : parseIp(view.requestedIp);
  if (subnet === undefined || address === undefined) return;
  const ranges = rangesOf(subnet.addressPrefixes).filter(({ family }) => family === address.family);
  const [first] = ranges;
  if (first === undefined) return;
  const range = ranges.find((candidate) => containsIp(candidate, address));
  const lowest = usableAddress(range ?? first, 0);
  const highest = usableAddress(range ?? first, usableAddresses(range ?? first) - 1);
  const kept =
    range !== undefined &&
    ((lowest !== undefined && address.value < lowest.value) ||
      (highest !== undefined && address.value > highest.value));
  if (range !== undefined && !kept) return;
  yield violation(internalAddress, {
    subject: view.address,
    range:
      view.annotation("azure-load-balancer-ipv4") === undefined
        ? view.source.rangeAt(["spec", "loadBalancerIP"])
        : view.annotationRange("azure-load-balancer-ipv4"),
    detail: `${view.address} asks for ${view.requestedIp}, ${kept ? "which Azure keeps for itself" : "which lies outside"} in subnet "${nameOf(subnet)}" (${formatCidr(range ?? first)}): EXTERNAL-IP stays pending. Choose another address of the subnet.`,
    evidence: { address: view.requestedIp ?? "", subnetPrefix: formatCidr(range ?? first) },
    related: relatedTo(["the subnet", subnet.rangeAt("address_prefixes")]),
  });
}

const firstNodeSubnet = (world: World, cluster: AksCluster): Subnet | undefined => {
  const [pool] = cluster.pools;
  return pool === undefined ? undefined : subnetOf(world, pool);
};

const subnetsOfNetwork = (world: World, cluster: AksCluster): readonly Subnet[] => {
  const networks = networksOf(world, cluster);
  return world.platform.subnets.filter((subnet) => {
    const network = networkOf(world, subnet);
    return network !== undefined && networks.includes(network);
  });
};

/** A network that is only read may have subnets that the configuration does not show. */
const isWholeNetworkKnown = (world: World, cluster: AksCluster): boolean =>
  networksOf(world, cluster).every((network) => !network.isData) &&
  subnetsOfNetwork(world, cluster).every((subnet) => known(subnet.name) !== undefined);

/** The node resource group's name, by default MC_<group>_<cluster>_<region>. */
export const nodeGroup = (cluster: AksCluster): string | undefined => {
  if (isUnknown(cluster.nodeResourceGroup)) return undefined;
  const given = known(cluster.nodeResourceGroup);
  const [group, name, location] = [known(cluster.resourceGroup), known(cluster.name), known(cluster.location)];
  if (given !== undefined) return given;
  if (group === undefined || name === undefined || location === undefined) return undefined;
  return `MC_${group}_${name}_${regionName(location)}`;
};
