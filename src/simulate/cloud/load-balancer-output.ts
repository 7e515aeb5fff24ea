import type { Json } from "../../model/json.ts";
import { type AzureAccount, lastPart } from "./azure-account.ts";
import type { LoadBalancer, PrivateLinkService, PublicIpAddress, SecurityGroupRule } from "./load-balancer-types.ts";
import type { LoadBalancerOutcome } from "./load-balancers.ts";

/** The outcome in the form in which the real provider's answers are recorded: references are the last part of an id, lists in order. */
export const describeOutcome = (outcome: LoadBalancerOutcome): Json => {
  const { account } = outcome;
  const links = inOrder(account.privateLinks).map(describeLink);
  return {
    steps: outcome.steps as unknown as Json,
    loadBalancers: inOrder(account.loadBalancers).map((balancer) => describeBalancer(account, balancer)),
    publicIPs: inOrder(account.publicIps).map(describePublicIp),
    securityRules: [...account.securityRules].sort((a, b) => a.priority - b.priority).map(describeRule),
    ...(links.length === 0 ? {} : { privateLinkServices: links }),
  };
};

const inOrder = <T>(map: ReadonlyMap<string, T>): readonly T[] =>
  [...map.keys()].sort().flatMap((name) => map.get(name) ?? []);

const byName = <T extends { readonly name: string }>(list: readonly T[]): readonly T[] =>
  [...list].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

const describeBalancer = (account: AzureAccount, balancer: LoadBalancer): Json => ({
  resourceGroup: balancer.resourceGroup,
  name: balancer.name,
  sku: "Standard",
  location: balancer.location,
  frontends: byName(balancer.frontends).map((frontend) => ({
    name: frontend.name,
    ...listed("zones", frontend.zones),
    ...given("publicIP", frontend.publicIp === undefined ? undefined : lastPart(frontend.publicIp)),
    ...given("subnet", frontend.subnet === undefined ? undefined : lastPart(frontend.subnet)),
    ...given("privateIP", frontend.subnet === undefined ? undefined : frontend.privateIp),
    ...given("privateAllocation", frontend.allocation),
    ...given("privateVersion", frontend.version),
  })),
  backendPools: byName(balancer.pools).map((pool) => ({
    name: pool.name,
    ...listed(
      "nodes",
      account
        .membersOf(pool.id)
        .map(({ machine, configuration }) => `${machine.nodeName}/${configuration}`)
        .sort(),
    ),
    ...listed("addresses", pool.addresses.map((address) => `${address.name}=${address.ip}`).sort()),
  })),
  rules: byName(balancer.rules).map((rule) => ({
    name: rule.name,
    frontend: lastPart(rule.frontend),
    backendPool: lastPart(rule.pool),
    ...given("probe", rule.probe === undefined ? undefined : lastPart(rule.probe)),
    protocol: rule.protocol,
    frontendPort: rule.frontendPort,
    backendPort: rule.backendPort,
    idleTimeoutMinutes: rule.idleTimeout,
    floatingIP: rule.floatingIp,
    ...given("tcpReset", rule.tcpReset),
    loadDistribution: rule.loadDistribution,
    disableOutboundSnat: rule.disableOutboundSnat,
  })),
  probes: byName(balancer.probes).map((probe) => ({
    name: probe.name,
    protocol: probe.protocol,
    port: probe.port,
    ...given("path", probe.path === "" ? undefined : probe.path),
    intervalSeconds: probe.interval,
    probeThreshold: probe.threshold,
  })),
  ...(balancer.outboundRules.length === 0
    ? {}
    : {
        outboundRules: balancer.outboundRules.map((rule) => ({
          name: rule.name,
          backendPool: lastPart(rule.pool),
          frontends: rule.frontends.map(lastPart),
          protocol: "All",
          idleTimeoutMinutes: 30,
          allocatedOutboundPorts: 0,
        })),
      }),
});

const describePublicIp = (address: PublicIpAddress): Json => ({
  resourceGroup: address.resourceGroup,
  name: address.name,
  ...given("ip", address.ip),
  version: address.version,
  ...given("sku", address.sku),
  allocation: address.allocation,
  ...listed("zones", address.zones),
  ...given("dnsLabel", address.dnsLabel),
  ...given("prefix", address.prefix === undefined ? undefined : lastPart(address.prefix)),
  ...(Object.keys(address.ipTags).length === 0 ? {} : { ipTags: address.ipTags }),
  ...(Object.keys(address.tags).length === 0 ? {} : { tags: address.tags }),
});

const describeRule = (rule: SecurityGroupRule): Json => ({
  name: rule.name,
  priority: rule.priority,
  direction: rule.direction,
  access: rule.access,
  protocol: rule.protocol,
  sources: sortedOrNull(rule.sources),
  sourcePorts: ["*"],
  destinations: sortedOrNull(rule.destinations),
  destinationPorts: sortedOrNull(rule.destinationPorts),
});

const describeLink = (link: PrivateLinkService): Json => ({
  resourceGroup: link.resourceGroup,
  name: link.name,
  frontends: [lastPart(link.frontend)],
  ipConfigurations: link.ipConfigurations.map(
    (item) =>
      `${item.name} subnet=${lastPart(item.subnet)} ip=${item.ip ?? ""} allocation=${item.ip === undefined ? "Dynamic" : "Static"} primary=${item.primary}`,
  ),
  ...listed("fqdns", link.fqdns),
  ...listed("visibility", link.visibility),
  ...listed("autoApproval", link.autoApproval),
  ...given("proxyProtocol", link.proxyProtocol),
  ...(Object.keys(link.tags).length === 0 ? {} : { tags: link.tags }),
});

const given = (name: string, value: Json | undefined): { readonly [name: string]: Json } =>
  value === undefined ? {} : { [name]: value };

const listed = (name: string, list: readonly string[] | undefined): { readonly [name: string]: Json } =>
  list === undefined || list.length === 0 ? {} : { [name]: list };

/** One empty prefix is left out as if there were none. */
const sortedOrNull = (list: readonly string[]): Json =>
  list.length === 0 || (list.length === 1 && list[0] === "") ? null : [...list].sort();
