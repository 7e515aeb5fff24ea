import type { DnsZone, PrivateDnsZone } from "../../azure/platform.ts";
import { hostRecords, zonesOf } from "../../graph/dns-records.ts";
import { mayAct } from "../../graph/permissions.ts";
import { identityNode } from "../../graph/principals.ts";
import { resolve } from "../../graph/resolve.ts";
import { known } from "../../model/unknown.ts";
import { managedClusters, nameOf, onlyCluster } from "../cluster-facts.ts";
import { externalDnsOf, leavesAlone } from "../load-balancing/external-dns.ts";
import { publishedHosts } from "../load-balancing/published-hosts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { credentialsOf, identityAccounts } from "./workload-accounts.ts";

export const zoneWriter: Rule = {
  code: "AKS5025",
  title: "The identity that writes DNS records has no rights on the zone",
  severity: "error",
  perCluster: true,
  explain: `The application routing add-on writes records into the zones of dns_zone_ids as its own identity (web_app_routing_identity), external-dns as the identity of its ServiceAccount.
Either needs DNS Zone Contributor on a public zone, Private DNS Zone Contributor on a private one. "az aks approuting zone add --attach-zones" gives the role; Terraform does not.
What happens: external-dns logs 403 AuthorizationFailed; the names of the Ingresses do not resolve.
Mend: azurerm_role_assignment "DNS Zone Contributor" on the zone for azurerm_kubernetes_cluster.….web_app_routing[0].web_app_routing_identity[0].object_id.
Source: "Set up a custom domain name and SSL certificate with the application routing add-on"; external-dns, "Azure DNS".`,
  *check(world) {
    for (const { principal, who, zone, isPrivate, range, subject } of zoneWriters(world)) {
      const action = `Microsoft.Network/${isPrivate ? "privateDnsZones" : "dnszones"}/A/write`;
      if (mayAct(world.platform, principal, zone, action).may !== "no") continue;
      const hosts = publishedHosts(world).filter(({ host }) =>
        zonesOf(world.platform, host).some((one) => one.zone === zone),
      );
      const role = isPrivate ? "Private DNS Zone Contributor" : "DNS Zone Contributor";
      yield violation(zoneWriter, {
        subject,
        range,
        // Without a host there is nothing to write yet, and the role may be given with the first.
        severity: zone.isData || hosts.length === 0 ? "warning" : "error",
        detail: `${who} writes records into ${isPrivate ? "private " : ""}zone "${nameOf(zone)}" as ${principal}, which has no ${role} on it: 403 AuthorizationFailed, and ${hosts[0] === undefined ? "the names of Ingresses do not resolve" : `"${hosts[0].host}" does not resolve`}. Assign ${role} on the zone.`,
        evidence: { zone: nameOf(zone), identity: principal },
        related: relatedTo(["the zone", zone.range]),
      });
    }
  },
};

/** Who writes records into which zone: the application routing add-on, and external-dns as its ServiceAccount's identity. */
export const zoneWriters = (world: World): readonly Writer[] => [...addOnWriters(world), ...podWriters(world)];

export interface Writer {
  readonly principal: string;
  readonly who: string;
  readonly subject: string;
  readonly range: Parameters<typeof violation>[1]["range"];
  readonly zone: DnsZone | PrivateDnsZone;
  readonly isPrivate: boolean;
}

const addOnWriters = (world: World): readonly Writer[] =>
  managedClusters(world).flatMap((cluster) =>
    (cluster.addons.webAppRouting?.dnsZones ?? []).flatMap((reference): readonly Writer[] => {
      const open = resolve(world.platform.dnsZones ?? [], reference);
      const closed = resolve(world.platform.privateDnsZones, reference);
      const zone = open ?? closed;
      if (zone === undefined) return [];
      return [
        {
          principal: identityNode(world.platform, cluster, "web_app_routing"),
          who: `The application routing add-on of cluster "${nameOf(cluster)}"`,
          subject: cluster.address,
          range: cluster.rangeAt("web_app_routing.dns_zone_ids") ?? cluster.rangeAt("web_app_routing"),
          zone,
          isPrivate: open === undefined,
        },
      ];
    }),
  );

/** An external-dns that acts as a managed identity of the configuration, and the zones that hosts of the manifests lie in. */
const podWriters = (world: World): readonly Writer[] => {
  const cluster = onlyCluster(world);
  if (cluster === undefined) return [];
  const hosts = publishedHosts(world);
  return externalDnsOf(world).flatMap((dns): readonly Writer[] => {
    const { namespace, spec, address, rangeAt } = dns.workload;
    const account = identityAccounts(world).find(
      (one) => one.namespace === namespace && one.name === spec.serviceAccountName,
    );
    const credential = credentialsOf(world, cluster).find(({ subject }) => known(subject) === account?.subject);
    const identity = resolve(world.platform.identities, credential?.identity);
    if (account === undefined || identity === undefined) return [];
    const zones = new Map<string, Writer>();
    for (const host of hosts) {
      for (const zone of hostRecords(world.platform, host.host)) {
        if (leavesAlone(dns, host, zone) !== undefined) continue;
        zones.set(zone.zone.address, {
          principal: identity.address,
          who: address,
          subject: address,
          range: rangeAt(["serviceAccountName"]),
          zone: zone.zone,
          isPrivate: zone.isPrivate,
        });
      }
    }
    return [...zones.values()];
  });
};
