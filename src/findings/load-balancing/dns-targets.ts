import { type Cidr, containsIp, parseIp } from "../../azure/cidr.ts";
import type { DnsRecord, DnsTarget, PublicIp } from "../../azure/platform.ts";
import { fullName, type HostRecords, hostRecords } from "../../graph/dns-records.ts";
import { resolve } from "../../graph/resolve.ts";
import { known } from "../../model/unknown.ts";
import { nameOf, onlyCluster, rangesOf, subnetsOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { type Entrance, entrancesOf } from "./entrances.ts";
import { type PublicIpUse, publicIpUse } from "./public-ip-use.ts";
import { type PublishedHost, publishedHosts } from "./published-hosts.ts";

export const recordToNobody: Rule = {
  code: "AKS3025",
  title: "DNS record leads to a public IP that nobody has",
  severity: "error",
  explain: `A public IP that the configuration makes is given to the load balancer only when the Service in front of the Ingress controller (or the NginxIngressController) asks for it, by
azure-pip-name or azure-load-balancer-ipv4. Otherwise Azure makes another one, and the record leads to an address without a load balancer.
What happens: the name resolves, and connections to it time out.
Mend: the annotation service.beta.kubernetes.io/azure-pip-name (with azure-load-balancer-resource-group) on the Service, or under loadBalancerAnnotations of the NginxIngressController.
Source: "Use a static public IP address and DNS label with the AKS load balancer"; "Advanced NGINX ingress controller configurations".`,
  *check(world) {
    const seen = new Set<DnsRecord>();
    for (const { host, entrances, records } of answered(world)) {
      const [entrance] = entrances;
      if (entrance === undefined) continue;
      for (const record of records.records) {
        if (record.isData || seen.has(record)) continue;
        const ip = record.targets
          .map((target) => publicIpTarget(world, target))
          .find((candidate) => candidate !== undefined && publicIpUse(world, candidate).kind === "nobody");
        if (ip === undefined) continue;
        seen.add(record);
        yield violation(recordToNobody, {
          subject: record.address,
          range: record.rangeAt("records") ?? record.range,
          detail: `${record.address} (${fullName(record) ?? nameOf(record)}) leads to public IP "${nameOf(ip)}", which nobody has: ${host.address} answers "${host.host}" through ${entrance.what}, which ${asksFor(entrance)}. Connections time out. Let it ask for the IP: service.beta.kubernetes.io/azure-pip-name: ${nameOf(ip)}.`,
          evidence: { host: host.host, publicIp: nameOf(ip) },
          related: relatedTo(
            ["the public IP", ip.range],
            ["the host", host.range],
            ["where it comes in", entrance.range],
          ),
        });
      }
    }
  },
};

export const recordElsewhere: Rule = {
  code: "AKS3026",
  title: "DNS record leads to another address than the host has",
  severity: "error",
  explain: `The host of an Ingress, HTTPRoute or Service is reached at the address of the Service in front of it. A record of this configuration leads elsewhere: to the address that the
cluster uses for what leaves it, to another Service, or to a former address.
What happens: connections time out, or the wrong application answers.
Mend: point the record at the address that the Service asks for.
Source: "Use a static public IP address and DNS label with the AKS load balancer"; "Use an internal load balancer with AKS".`,
  *check(world) {
    const seen = new Set<DnsRecord>();
    for (const { host, entrances, records } of answered(world)) {
      const [entrance] = entrances;
      if (entrance === undefined || records.isOpen) continue;
      for (const record of records.records) {
        if (record.isData || !record.isWhole || seen.has(record)) continue;
        const found = entrances.map((each) => elsewhere(world, each, record));
        const wrong = found.every((each) => each !== undefined) ? found[0] : undefined;
        if (wrong === undefined) continue;
        seen.add(record);
        yield violation(recordElsewhere, {
          subject: record.address,
          range: record.rangeAt("records") ?? record.range,
          severity: wrong.sure ? "error" : "warning",
          detail: `${record.address} (${fullName(record) ?? nameOf(record)}) leads to ${wrong.text}, but ${host.address} answers "${host.host}" through ${entrance.what}, which ${asksFor(entrance)}. Point the record there.`,
          evidence: { host: host.host },
          related: relatedTo(["the host", host.range], ["where it comes in", entrance.range]),
        });
      }
    }
  },
};

interface Answered {
  readonly host: PublishedHost;
  readonly entrances: readonly Entrance[];
  readonly records: HostRecords;
}

/** Hosts whose every way in is known; one host may come in twice, from outside and from within. */
const answered = (world: World): readonly Answered[] => {
  if ((world.platform.dnsRecords ?? []).length === 0) return [];
  const byName = new Map<string, PublishedHost[]>();
  for (const host of publishedHosts(world)) {
    const list = byName.get(host.host);
    if (list === undefined) byName.set(host.host, [host]);
    else list.push(host);
  }
  return [...byName.values()].flatMap((hosts): readonly Answered[] => {
    const entrances = [...new Set(hosts.map(({ entrance }) => entrance))].filter((each) => each !== undefined);
    const [host] = hosts;
    if (host === undefined || hosts.some(({ entrance }) => entrance === undefined || entrance.isOpen)) return [];
    return hostRecords(world.platform, host.host).map((records) => ({ host, entrances, records }));
  });
};

const publicIpTarget = (world: World, { source, value }: DnsTarget): PublicIp | undefined => {
  const text = known(value);
  return (
    resolve(world.platform.publicIps, source === undefined ? undefined : { address: source, id: undefined }) ??
    (text === undefined ? undefined : world.platform.publicIps.find((ip) => known(ip.ipAddress) === text))
  );
};

const asksFor = ({ publicIps, addresses, internal }: Entrance): string => {
  const named = publicIps.map((ip) => `public IP "${nameOf(ip)}"`);
  const asked = named.length > 0 ? named : addresses;
  if (asked.length > 0) return `has ${asked.join(" and ")}`;
  return `asks for no address, so that Azure picks ${internal ? "one of the subnet" : "a new public IP"}`;
};

interface Elsewhere {
  readonly text: string;
  readonly sure: boolean;
}

/** Where the record leads, when each of its targets is surely not the entrance's. */
const elsewhere = (world: World, entrance: Entrance, record: DnsRecord): Elsewhere | undefined => {
  if (record.kind === "CNAME") return undefined;
  const found = record.targets.map((target) => wrongTarget(world, entrance, record, target));
  return found.every((one) => one !== undefined) ? found[0] : undefined;
};

const wrongTarget = (world: World, entrance: Entrance, record: DnsRecord, target: DnsTarget): Elsewhere | undefined => {
  const ip = publicIpTarget(world, target);
  const text = known(target.value);
  if (ip !== undefined)
    return entrance.publicIps.includes(ip) ? undefined : wrongUse(publicIpUse(world, ip), ip, entrance);
  const address = text === undefined || target.source !== undefined ? undefined : parseIp(text);
  const own = ownAddresses(entrance).filter((each) => parseIp(each)?.family === (record.kind === "AAAA" ? 6 : 4));
  if (address === undefined || text === undefined || own.length === 0 || own.includes(text)) return undefined;
  const other = entrancesOf(world).find((each) => ownAddresses(each).includes(text));
  if (other !== undefined) return { text: `${text}, which ${other.what} has`, sure: true };
  if (!entrance.internal) return hasForwarder(world) ? undefined : { text, sure: false };
  const shared = nodeRanges(world).some((range) => containsIp(range, address) && own.some((each) => isIn(range, each)));
  return shared && !hasForwarder(world) ? { text, sure: false } : undefined;
};

const wrongUse = (use: PublicIpUse, ip: PublicIp, entrance: Entrance): Elsewhere | undefined => {
  if (use.kind === "egress")
    return { text: `public IP "${nameOf(ip)}", which ${use.by} uses for what goes out`, sure: true };
  if (use.kind !== "entrance" || use.entrance.what === entrance.what) return undefined;
  return { text: `public IP "${nameOf(ip)}", which ${use.entrance.what} has`, sure: true };
};

const ownAddresses = ({ addresses, publicIps }: Entrance): readonly string[] => [
  ...addresses,
  ...publicIps.flatMap((ip) => known(ip.ipAddress) ?? []),
];

/** Something in between may have the address and pass requests on. */
const hasForwarder = (world: World): boolean =>
  world.instances.some(({ type }) =>
    /^azurerm_(application_gateway|application_load_balancer|api_management|cdn_|firewall|frontdoor|lb$|linux_virtual_machine|windows_virtual_machine|virtual_machine|network_interface|traffic_manager)/.test(
      type,
    ),
  );

const nodeRanges = (world: World): readonly Cidr[] => {
  const cluster = onlyCluster(world);
  return cluster === undefined
    ? []
    : subnetsOf(world, cluster).flatMap(({ addressPrefixes }) => rangesOf(addressPrefixes));
};

const isIn = (range: Cidr, text: string): boolean => {
  const address = parseIp(text);
  return address !== undefined && containsIp(range, address);
};
