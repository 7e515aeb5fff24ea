import type { DnsRecord } from "../../azure/platform.ts";
import { fullName, hostRecords } from "../../graph/dns-records.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { counted, hasUnseenObjects, managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { entrancesOf } from "./entrances.ts";
import { publishedHosts } from "./published-hosts.ts";
import { hasOpenLink } from "./zone-links.ts";

export const labelNobodyHas: Rule = {
  code: "AKS3029",
  title: "CNAME leads to a DNS label that nobody has",
  severity: "error",
  explain: `LABEL.REGION.cloudapp.azure.com is the name of the public IP that has the label: one of a Service with azure-dns-label-name, or azurerm_public_ip with domain_name_label.
What happens: the name does not resolve; anyone may take the label and with it the name (dangling DNS).
Mend: service.beta.kubernetes.io/azure-dns-label-name on the Service in front, or the label in the record.
Source: "Use a static public IP address and DNS label with the AKS load balancer"; "Prevent dangling DNS entries and avoid subdomain takeover".`,
  *check(world) {
    const records = (world.platform.dnsRecords ?? []).filter(({ kind, isData }) => kind === "CNAME" && !isData);
    if (records.length === 0 || hasUnseenObjects(world)) return;
    const hosts = publishedHosts(world);
    for (const record of records) {
      const target = known(record.targets[0]?.value)?.toLowerCase().replace(/\.$/, "");
      const [, label, region] = /^([a-z][a-z0-9-]*)\.([a-z0-9]+)\.cloudapp\.azure\.com$/.exec(target ?? "") ?? [];
      const name = fullName(record);
      // A name that no manifest has may be that of something else with a label of its own.
      const host = hosts.find((one) =>
        hostRecords(world.platform, one.host).some((all) => all.records.includes(record)),
      );
      if (label === undefined || region === undefined || host === undefined || name === undefined) continue;
      if (record.targets[0]?.source !== undefined || isTaken(world, label)) continue;
      const regions = managedClusters(world).map((cluster) => known(cluster.location)?.toLowerCase());
      if (!regions.includes(region)) continue;
      yield violation(labelNobodyHas, {
        subject: record.address,
        range: record.rangeAt("record") ?? record.range,
        detail: `${record.address} (${name}) leads to ${target}, but no Service has azure-dns-label-name "${label}" and no public IP of the configuration has domain_name_label "${label}": "${host.host}" of ${host.address} does not resolve. Give the label to ${host.entrance?.what ?? "the Service in front of the Ingress controller"}.`,
        evidence: { host: host.host, label },
        related: relatedTo(["the host", host.range], ["where it comes in", host.entrance?.range]),
      });
    }
  },
};

/** True where somebody has the label, or may have it for all that is known. */
const isTaken = (world: World, label: string): boolean =>
  entrancesOf(world).some(({ dnsLabel }) => {
    const own = dnsLabel?.toLowerCase();
    return own !== undefined && (own === label || !/^[a-z][a-z0-9-]*$/.test(own));
  }) ||
  world.platform.publicIps.some(
    (ip) => known(ip.domainNameLabel)?.toLowerCase() === label || isUnknown(ip.domainNameLabel) || ip.isData,
  ) ||
  world.instances.some(
    ({ type, mode }) => mode === "managed" && /(_virtual_machine|_scale_set|_container_group)$/.test(type),
  );

export const zoneWithoutLink: Rule = {
  code: "AKS3030",
  title: "The host's private DNS zone is linked to no network",
  severity: "warning",
  explain: `A private DNS zone answers in the virtual networks that it is linked to, and nowhere else.
What happens: nobody can resolve the name: not the pods, not the clients.
Mend: azurerm_private_dns_zone_virtual_network_link for the networks of the clients (and of the cluster).
Source: "What is a virtual network link?" (Azure DNS).`,
  *check(world) {
    const hosts = new Map<
      string,
      { readonly names: string[]; readonly zone: World["platform"]["privateDnsZones"][number] }
    >();
    for (const { host } of publishedHosts(world)) {
      for (const { zone, isPrivate } of hostRecords(world.platform, host)) {
        const own = isPrivate ? world.platform.privateDnsZones.find((one) => one === zone) : undefined;
        if (own === undefined || own.isData || own.linkedNetworks.length > 0) continue;
        const found = hosts.get(own.address);
        if (found === undefined) hosts.set(own.address, { names: [host], zone: own });
        else if (!found.names.includes(host)) found.names.push(host);
      }
    }
    if (hosts.size === 0 || hasOpenLink(world)) return;
    for (const { names, zone } of hosts.values()) {
      yield violation(zoneWithoutLink, {
        subject: zone.address,
        range: zone.range,
        detail: `Private DNS zone "${nameOf(zone)}" holds ${names[0]}${names.length === 1 ? "" : ` and ${counted(names.length - 1, "further host")}`} of the manifests, but is linked to no virtual network: nobody resolves ${names.length === 1 ? "it" : "them"}. Add azurerm_private_dns_zone_virtual_network_link.`,
        evidence: { hosts: names.length },
      });
    }
  },
};

export const recordsClash: Rule = {
  code: "AKS3031",
  title: "Record sets that Azure DNS refuses together",
  severity: "error",
  explain: `A name with a CNAME can have no other record set, and the name of the zone itself (@) can have no CNAME, because it has SOA and NS already.
What happens: the apply ends with "CNAME records cannot have the same name as another record" (400 BadRequest, or 412 PreconditionFailed).
Mend: one kind of record a name; for the zone's own name an alias A record (target_resource_id).
Source: "Overview of DNS zones and records" (Azure DNS): CNAME records.`,
  *check(world) {
    const sets = new Map<string, DnsRecord[]>();
    for (const record of world.platform.dnsRecords ?? []) {
      const name = fullName(record);
      if (name === undefined || record.isData) continue;
      const zone = record.zone.address ?? `${known(record.resourceGroup) ?? ""}/${known(record.zoneName)}`;
      const key = `${record.isPrivate} ${zone} ${name}`;
      sets.set(key, [...(sets.get(key) ?? []), record]);
    }
    for (const records of sets.values()) {
      const alias = records.find(({ kind }) => kind === "CNAME");
      const other = records.find((record) => record.kind !== "CNAME");
      if (alias === undefined) continue;
      const isApex = known(alias.name) === "@";
      if (!isApex && other === undefined) continue;
      yield violation(recordsClash, {
        subject: alias.address,
        range: alias.rangeAt("name") ?? alias.range,
        detail: isApex
          ? `${alias.address} is a CNAME for the zone "${known(alias.zoneName)}" itself, which Azure DNS refuses. Use an A record with target_resource_id.`
          : `${alias.address} and ${other?.address} are both for "${fullName(alias)}", which Azure DNS refuses: a CNAME stands alone. Keep one of them.`,
        related: relatedTo(["the other record", other?.range]),
      });
    }
  },
};
