import type { DnsRecord, DnsTarget, Platform, ResourceRef } from "../azure/platform.ts";
import { textFact } from "./azure-facts.ts";
import { azureResource, type Mapping } from "./azure-resource.ts";
import { blocksAt, partAt, type ResourceView, settingAt } from "./azure-view.ts";

const kinds: Readonly<Record<string, DnsRecord["kind"]>> = { a: "A", aaaa: "AAAA", cname: "CNAME", ns: "NS" };

const publicKinds = ["a", "aaaa", "caa", "cname", "mx", "ns", "ptr", "srv", "txt"] as const;
const privateKinds = ["a", "aaaa", "cname", "mx", "ptr", "srv", "txt"] as const;

/** Types that become public zones and the record sets of zones of both kinds; private zones come with private endpoints. */
export const dnsTypes: readonly string[] = [
  "azurerm_dns_zone",
  ...publicKinds.map((kind) => `azurerm_dns_${kind}_record`),
  ...privateKinds.map((kind) => `azurerm_private_dns_${kind}_record`),
];

export const mapDns = (mapping: Mapping): Required<Pick<Platform, "dnsZones" | "dnsRecords">> => ({
  dnsZones: mapping.of("azurerm_dns_zone").map(azureResource),
  dnsRecords: [
    ...publicKinds.flatMap((kind) =>
      mapping.of(`azurerm_dns_${kind}_record`).map((view) => record(mapping, view, kinds[kind] ?? "other", false)),
    ),
    ...privateKinds.flatMap((kind) =>
      mapping
        .of(`azurerm_private_dns_${kind}_record`)
        .map((view) => record(mapping, view, kinds[kind] ?? "other", true)),
    ),
  ],
});

const record = (mapping: Mapping, view: ResourceView, kind: DnsRecord["kind"], isPrivate: boolean): DnsRecord => {
  const zone = zoneOf(mapping, view, isPrivate);
  const resource = azureResource(view);
  const parent = zone.address === undefined ? undefined : mapping.resolver.view(zone.address);
  return {
    ...resource,
    resourceGroup: resource.resourceGroup ?? textFact(parent && settingAt(parent, "resource_group_name")),
    kind,
    isPrivate,
    zone,
    zoneName: textFact(settingAt(view, "zone_name")) ?? textFact(parent && settingAt(parent, "name")),
    ...(kind === "A" || kind === "AAAA" || kind === "CNAME"
      ? targetsOf(mapping, view)
      : { targets: [], isWhole: false }),
  };
};

/** A public and a private zone may have one name; the record's type says which is meant. */
const zoneOf = (mapping: Mapping, view: ResourceView, isPrivate: boolean): ResourceRef => {
  const type = isPrivate ? "azurerm_private_dns_zone" : "azurerm_dns_zone";
  const found = mapping.resolver.at(view, isPrivate ? "private_dns_zone_id" : "dns_zone_id", "zone_name");
  if (found?.address !== undefined && mapping.resolver.view(found.address)?.type === type) return found;
  const name = textFact(settingAt(view, "zone_name"));
  const group = textFact(settingAt(view, "resource_group_name"));
  const named = mapping.of(type).filter((zone) => {
    const own = textFact(settingAt(zone, "resource_group_name"));
    return (
      typeof name === "string" &&
      textFact(settingAt(zone, "name")) === name &&
      (typeof group !== "string" || typeof own !== "string" || own.toLowerCase() === group.toLowerCase())
    );
  });
  return { address: named.length === 1 ? named[0]?.instance.address : undefined, id: found?.id };
};

const targetsOf = (mapping: Mapping, view: ResourceView): Pick<DnsRecord, "targets" | "isWhole"> => {
  const { resolver } = mapping;
  const target = (ref: ResourceRef): DnsTarget => ({ value: ref.id, source: ref.address });
  const alias = resolver.at(view, "target_resource_id");
  if (alias !== undefined) return { targets: [{ ...target(alias), value: undefined }], isWhole: true };
  const path = settingAt(view, "record") === undefined ? "records" : "record";
  const given = settingAt(view, path);
  const objects = blocksAt(view, "record_objects").map((item) => partAt(item, "value"));
  const count = given === undefined ? objects.length : "items" in given ? given.items.length : 1;
  const found =
    given === undefined
      ? objects.flatMap((value) => resolver.refOf(value) ?? [])
      : resolver.listAt(view, path).map((ref) => ref);
  const isOneUnknown = given?.kind === "unknown" && path === "records" && found[0]?.address === undefined;
  return { targets: found.map(target), isWhole: found.length === count && count > 0 && !isOneUnknown };
};
