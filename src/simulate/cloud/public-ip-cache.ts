import type { AzureAccount } from "./azure-account.ts";
import type { PublicIpAddress } from "./load-balancer-types.ts";

/** A public IP as the provider last saw it. */
export interface KnownPublicIp {
  readonly address: PublicIpAddress;
  /** A frontend had it then. */
  readonly attached: boolean;
}

/** A group's public IPs; the indexes hold the same items as the list. */
interface Group {
  readonly all: Changeable[];
  readonly byName: Map<string, KnownPublicIp>;
  readonly byIp: Map<string, KnownPublicIp>;
  /** The account's version it was read at; `undefined` once it says something else than the account. */
  version: number | undefined;
}

type Changeable = { address: PublicIpAddress; readonly attached: boolean };

/**
 * What the provider remembers of public IPs, by resource group. A write forgets the group; a deletion forgets the group's name in lower
 * case only, so that a group with capitals keeps showing what was deleted until the next write. Within two minutes of each other, calls
 * see that, as with upstream.
 */
export class PublicIpCache {
  readonly #account: AzureAccount;
  readonly #groups = new Map<string, Group>();

  constructor(account: AzureAccount) {
    this.#account = account;
  }

  /** The group's public IPs as remembered, or as they are where nothing is. */
  list(group: string): readonly KnownPublicIp[] {
    return this.#group(group).all;
  }

  /** Reads the group anew, unless nothing changed since it was read. */
  refresh(group: string): Group {
    const version = this.#account.publicIpVersion;
    const held = this.#groups.get(group);
    if (held?.version === version) return held;
    const attached = this.#account.attachedPublicIps();
    const known: Group = { all: [], byName: new Map(), byIp: new Map(), version };
    for (const address of this.#account.listPublicIps(group)) {
      const item = { address, attached: attached.has(address.id.toLowerCase()) };
      known.all.push(item);
      known.byName.set(address.name.toLowerCase(), item);
      if (address.ip !== undefined && !known.byIp.has(address.ip)) known.byIp.set(address.ip, item);
    }
    this.#groups.set(group, known);
    return known;
  }

  #group(group: string): Group {
    return this.#groups.get(group) ?? this.refresh(group);
  }

  /** By name, with a second look where it is not remembered. */
  get(group: string, name: string): KnownPublicIp | undefined {
    const place = name.toLowerCase();
    return this.#group(group).byName.get(place) ?? this.refresh(group).byName.get(place);
  }

  /** By address, with a second look where it is not remembered. */
  withAddress(group: string, ip: string): KnownPublicIp | undefined {
    return this.#group(group).byIp.get(ip) ?? this.refresh(group).byIp.get(ip);
  }

  /** Changes what is remembered, without a write. */
  alter(known: KnownPublicIp, address: PublicIpAddress): void {
    for (const group of this.#groups.values()) if (group.version !== undefined) group.version = undefined;
    (known as Changeable).address = address;
  }

  forget(group: string): void {
    this.#groups.delete(group);
  }
}
