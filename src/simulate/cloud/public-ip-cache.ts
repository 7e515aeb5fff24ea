import type { AzureAccount } from "./azure-account.ts";
import type { PublicIpAddress } from "./load-balancer-types.ts";

/** A public IP as the provider last saw it. */
export interface KnownPublicIp {
  address: PublicIpAddress;
  /** A frontend had it then. */
  readonly attached: boolean;
}

/**
 * What the provider remembers of public IPs, by resource group. A write forgets the group; a deletion forgets the group's name in lower
 * case only, so that a group with capitals keeps showing what was deleted until the next write. Within two minutes of each other, calls
 * see that, as with upstream.
 */
export class PublicIpCache {
  readonly #account: AzureAccount;
  readonly #groups = new Map<string, Map<string, KnownPublicIp>>();

  constructor(account: AzureAccount) {
    this.#account = account;
  }

  /** The group's public IPs as remembered, or as they are where nothing is. */
  list(group: string): ReadonlyMap<string, KnownPublicIp> {
    return this.#groups.get(group) ?? this.refresh(group);
  }

  refresh(group: string): ReadonlyMap<string, KnownPublicIp> {
    const known = new Map<string, KnownPublicIp>();
    for (const address of this.#account.listPublicIps(group))
      known.set(address.name.toLowerCase(), {
        address,
        attached: this.#account.frontendWith(address.id) !== undefined,
      });
    this.#groups.set(group, known);
    return known;
  }

  /** By name, with a second look where it is not remembered. */
  get(group: string, name: string): KnownPublicIp | undefined {
    const place = name.toLowerCase();
    return this.list(group).get(place) ?? this.refresh(group).get(place);
  }

  /** By address, with a second look where it is not remembered. */
  withAddress(group: string, ip: string): KnownPublicIp | undefined {
    for (const known of [this.list(group), undefined])
      for (const item of (known ?? this.refresh(group)).values()) if (item.address.ip === ip) return item;
    return undefined;
  }

  forget(group: string): void {
    this.#groups.delete(group);
  }
}
