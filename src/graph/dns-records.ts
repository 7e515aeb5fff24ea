import type { DnsRecord, DnsZone, Platform, PrivateDnsZone } from "../azure/platform.ts";
import { isUnknown, known } from "../model/unknown.ts";
import { resolve } from "./resolve.ts";

/** A zone of the configuration that a host lies in. */
export interface HostZone {
  readonly zone: DnsZone | PrivateDnsZone;
  readonly isPrivate: boolean;
}

/** A host's zone, and the record sets that answer for it there; of a name's own and a wildcard's the own. */
export interface HostRecords extends HostZone {
  readonly records: readonly DnsRecord[];
  /** True where a record set may be the host's that nobody can tell before apply, or where the host's part is another zone's. */
  readonly isOpen: boolean;
}

/**
 * The public and the private zone of the configuration that a host lies in, the longest name of each, with its records (RFC 1034, 4.3.2
 * and 4.3.3; "What is a private Azure DNS zone": a private zone answers in the networks that it is linked to, the public one elsewhere).
 */
export const hostRecords = (platform: Platform, host: string): readonly HostRecords[] =>
  zonesOf(platform, host).map(({ zone, isPrivate }) => {
    const all = (platform.dnsRecords ?? []).filter((record) => isPrivate === record.isPrivate);
    const inZone = all.filter((record) => zoneOf(platform, record) === zone);
    const wanted = host.toLowerCase();
    const named = inZone.filter((record) => fullName(record) === wanted);
    const addresses = named.filter(({ kind }) => isAnswer(kind));
    // A name that has record sets of any kind is not the wildcard's any more.
    const records = addresses.length > 0 || named.length > 0 ? addresses : wildcardsOf(inZone, wanted);
    const isOpen =
      inZone.some((record) => isUnknown(record.name) || (record.kind === "NS" && delegates(record, wanted))) ||
      all.some((record) => zoneOf(platform, record) === undefined && mayBeIn(record, zone));
    return { zone, isPrivate, records, isOpen };
  });

/** The longest zone of each kind that the host lies in. */
export const zonesOf = (platform: Platform, host: string): readonly HostZone[] => {
  const longest = <T extends DnsZone | PrivateDnsZone>(zones: readonly T[]): T | undefined => {
    const covering = zones.filter((zone) => covers(known(zone.name), host));
    return covering.sort((a, b) => (known(b.name) ?? "").length - (known(a.name) ?? "").length)[0];
  };
  const open = longest(platform.dnsZones ?? []);
  const closed = longest(platform.privateDnsZones);
  return [
    ...(open === undefined ? [] : [{ zone: open, isPrivate: false }]),
    ...(closed === undefined ? [] : [{ zone: closed, isPrivate: true }]),
  ];
};

/** `www.shop.example` for `www` in `shop.example`; `undefined` where a part is not known. */
export const fullName = (record: DnsRecord): string | undefined => {
  const name = known(record.name)?.toLowerCase();
  const zone = known(record.zoneName)?.toLowerCase();
  if (name === undefined || zone === undefined) return undefined;
  return name === "@" || name === "" ? zone : `${name}.${zone}`;
};

const isAnswer = (kind: DnsRecord["kind"]): boolean => kind === "A" || kind === "AAAA" || kind === "CNAME";

const zoneOf = (platform: Platform, record: DnsRecord): DnsZone | PrivateDnsZone | undefined => {
  const zones: readonly (DnsZone | PrivateDnsZone)[] = record.isPrivate
    ? platform.privateDnsZones
    : (platform.dnsZones ?? []);
  return resolve(zones, record.zone);
};

const covers = (zone: string | undefined, host: string): boolean => {
  if (zone === undefined || zone === "") return false;
  const [above, below] = [zone.toLowerCase(), host.toLowerCase()];
  return below === above || below.endsWith(`.${above}`);
};

/** The wildcard nearest to the name: `*.shop.example` for `a.b.shop.example` too, unless something nearer is there. */
const wildcardsOf = (records: readonly DnsRecord[], host: string): readonly DnsRecord[] => {
  for (let rest = host; rest.includes("."); ) {
    rest = rest.slice(rest.indexOf(".") + 1);
    const found = records.filter((record) => isAnswer(record.kind) && fullName(record) === `*.${rest}`);
    if (found.length > 0) return found;
    if (records.some((record) => fullName(record) === rest)) return [];
  }
  return [];
};

/** Name servers of a name below the zone answer for all beneath it. */
const delegates = (record: DnsRecord, host: string): boolean => {
  const name = known(record.name);
  return name !== undefined && name !== "@" && covers(fullName(record), host);
};

const mayBeIn = (record: DnsRecord, zone: DnsZone | PrivateDnsZone): boolean => {
  const name = known(record.zoneName)?.toLowerCase();
  return name === undefined || name === known(zone.name)?.toLowerCase();
};
