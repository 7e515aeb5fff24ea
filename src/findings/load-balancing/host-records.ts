import type { DnsRecord } from "../../azure/platform.ts";
import { fullName, hostRecords } from "../../graph/dns-records.ts";
import { known } from "../../model/unknown.ts";
import { nameOf } from "../cluster-facts.ts";
import type { World } from "../rule.ts";
import { addOnPublishes, externalDnsOf, hasUnreadWriter, leavesAlone } from "./external-dns.ts";
import { publishedHosts } from "./published-hosts.ts";

/** What a host's name leads to in one of its zones. */
export interface HostAnswer {
  readonly zone: string;
  readonly isPrivate: boolean;
  /** Networks that a private zone is linked to, by address or id. */
  readonly networks: readonly string[];
  readonly records: readonly { readonly address: string; readonly name: string; readonly targets: readonly string[] }[];
  /** Who writes the record where the configuration has none; empty where nobody does or it is not known. */
  readonly writtenBy: string;
  /** True where there may be records that the input does not show. */
  readonly isOpen: boolean;
}

/** The records of the configuration that answer for a host, or who will write them. */
export const hostAnswers = (world: World, host: string): readonly HostAnswer[] =>
  hostRecords(world.platform, host).map((found): HostAnswer => {
    const { zone, isPrivate, records } = found;
    const published = publishedHosts(world).find((one) => one.host === host.toLowerCase());
    const writer =
      records.length > 0 || published === undefined
        ? undefined
        : addOnPublishes(world, published, found)
          ? "the application routing add-on"
          : externalDnsOf(world).find((dns) => leavesAlone(dns, published, found) === undefined)?.workload.address;
    const links = world.platform.privateDnsZones.find((one) => isPrivate && one === zone)?.linkedNetworks ?? [];
    return {
      zone: nameOf(zone),
      isPrivate,
      networks: links.map(({ address, id }) => address ?? known(id) ?? "a network that is not known"),
      records: records.map((record) => ({
        address: record.address,
        name: fullName(record) ?? nameOf(record),
        targets: targetsOf(record),
      })),
      writtenBy: writer ?? "",
      isOpen:
        found.isOpen || zone.isData || hasUnreadWriter(world) || externalDnsOf(world).some(({ isOpen }) => isOpen),
    };
  });

const targetsOf = ({ targets, isWhole }: DnsRecord): readonly string[] => [
  ...targets.map(({ value, source }) => [known(value), source].filter((part) => part !== undefined).join(" of ")),
  ...(isWhole ? [] : ["something that is not known before apply"]),
];
