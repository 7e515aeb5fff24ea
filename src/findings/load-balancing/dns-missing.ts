import { type HostRecords, hostRecords } from "../../graph/dns-records.ts";
import { resolve } from "../../graph/resolve.ts";
import { nameOf, onlyCluster } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { addOnPublishes, externalDnsOf, hasUnreadWriter, leavesAlone } from "./external-dns.ts";
import { type PublishedHost, publishedHosts } from "./published-hosts.ts";

export const recordMissing: Rule = {
  code: "AKS3027",
  title: "The host has no DNS record",
  severity: "warning",
  explain: `The zone of the host is one of this configuration, but nothing writes a record for the host into it: no record resource, no external-dns, no dns_zone_ids of the application
routing add-on.
What happens: the name does not resolve (NXDOMAIN); nothing reaches the Ingress, HTTPRoute or Service under it.
Mend: azurerm_dns_a_record (azurerm_private_dns_a_record) with the address of the Service in front, external-dns, or dns_zone_ids in web_app_routing.
Source: "Set up a custom domain name and SSL certificate with the application routing add-on"; external-dns, "Azure DNS".`,
  *check(world) {
    if (externalDnsOf(world).length > 0) return;
    for (const { host, zones } of unwritten(world)) {
      const [first] = zones;
      if (first === undefined) continue;
      yield violation(recordMissing, {
        subject: host.address,
        range: host.range,
        detail: `${host.address} has host "${host.host}", which lies in ${first.isPrivate ? "private " : ""}zone "${nameOf(first.zone)}" of this configuration, but no record is made for it and neither external-dns nor the application routing add-on writes one: the name does not resolve. Add ${first.isPrivate ? "azurerm_private_dns_a_record" : "azurerm_dns_a_record"}${first.isPrivate ? "" : ", or external-dns"}.`,
        evidence: { host: host.host, zone: nameOf(first.zone) },
        related: relatedTo(["the zone", first.zone.range]),
      });
    }
  },
};

export const notPublished: Rule = {
  code: "AKS3028",
  title: "external-dns leaves the host alone",
  severity: "warning",
  explain: `external-dns publishes what its arguments select: the kinds of --source, the names under --domain-filter, one --namespace, the classes of --ingress-class, and the zones of its
--provider: azure for public zones, azure-private-dns for private ones.
What happens: the name does not resolve, and external-dns says nothing about it.
Mend: the argument that the finding names, or a record resource.
Source: external-dns, "Flags", "Domain Filter", "Ingress source", "Service source", "Gateway API Route Sources".`,
  *check(world) {
    const writers = externalDnsOf(world);
    if (writers.length === 0) return;
    for (const { host, zones } of unwritten(world)) {
      const reasons = zones.flatMap((zone) => writers.map((dns) => ({ zone, dns, why: leavesAlone(dns, host, zone) })));
      const [first] = reasons.filter(({ why }) => why !== undefined && !/--provider=/.test(why)).concat(reasons);
      if (first === undefined || reasons.some(({ why }) => why === undefined || why === "unsure")) continue;
      yield violation(notPublished, {
        subject: host.address,
        range: host.range,
        detail: `${host.address} has host "${host.host}" in zone "${nameOf(first.zone.zone)}" of this configuration, which has no record for it, and ${first.dns.workload.address} does not write one: ${first.why}. The name does not resolve.`,
        evidence: { host: host.host, zone: nameOf(first.zone.zone) },
        related: relatedTo(
          ["external-dns", first.dns.workload.rangeAt(["containers"])],
          ["the zone", first.zone.zone.range],
        ),
      });
    }
  },
};

interface Unwritten {
  readonly host: PublishedHost;
  readonly zones: readonly HostRecords[];
}

/** Hosts in zones that this configuration makes and has no record for, each once. */
const unwritten = (world: World): readonly Unwritten[] => {
  const { dnsZones = [], privateDnsZones } = world.platform;
  if (dnsZones.length + privateDnsZones.length === 0 || hasUnreadWriter(world)) return [];
  const seen = new Set<string>();
  return publishedHosts(world).flatMap((host) => {
    const zones = hostRecords(world.platform, host.host);
    const isWritten = zones.some(
      (zone) => zone.records.length > 0 || zone.isOpen || zone.zone.isData || addOnPublishes(world, host, zone),
    );
    if (zones.length === 0 || isWritten || seen.has(host.host)) return [];
    seen.add(host.host);
    return hasTarget(host) || isClusterZone(world, zones) ? [] : [{ host, zones }];
  });
};

/** external-dns is told where the name leads; a person wrote that knowing who publishes it. */
const hasTarget = ({ source }: PublishedHost): boolean =>
  source.object.metadata.annotations?.["external-dns.alpha.kubernetes.io/target"] !== undefined;

/** The API server's own private zone, into which AKS writes. */
const isClusterZone = (world: World, zones: readonly HostRecords[]): boolean => {
  const reference = onlyCluster(world)?.privateDnsZone;
  if (typeof reference !== "object" || !("address" in reference)) return false;
  const own = resolve(world.platform.privateDnsZones, reference);
  return zones.every(({ zone }) => zone === own);
};
