import type { PeeredRange, Platform, ResourceRef, Subnet } from "../azure/platform.ts";
import type { SourceRange } from "../model/source-range.ts";
import { isUnknown, known } from "../model/unknown.ts";

/** What `subnets` and `peeredRanges` of aks-twin.yaml say: of networks that the configuration only names. */
export interface ConfiguredNetworks {
  /** By the subnet's address or name. */
  readonly subnets: ReadonlyMap<string, { readonly prefixes: readonly string[]; readonly used: number }>;
  readonly peeredRanges: readonly PeeredRange[];
  readonly range: SourceRange | undefined;
}

/**
 * The platform with the prefixes and the addresses in use that the user gives: a subnet of the configuration keeps the prefix that is
 * written there, one that only an id names is added by its name.
 */
export const withConfiguredNetworks = (platform: Platform, given: ConfiguredNetworks): Platform => {
  if (given.subnets.size === 0 && given.peeredRanges.length === 0) return platform;
  const taken = new Set<string>();
  const subnets = platform.subnets.map((subnet): Subnet => {
    const name = known(subnet.name);
    const key = given.subnets.has(subnet.address) ? subnet.address : name;
    const own = key === undefined ? undefined : given.subnets.get(key);
    if (key === undefined || own === undefined) return subnet;
    taken.add(key);
    return {
      ...subnet,
      addressPrefixes:
        isUnknown(subnet.addressPrefixes) || subnet.addressPrefixes === undefined
          ? own.prefixes
          : subnet.addressPrefixes,
      ...(own.used === 0 ? {} : { usedByOthers: own.used }),
    };
  });
  const added = [...given.subnets].flatMap(([name, { prefixes, used }]) =>
    taken.has(name) ? [] : [namedSubnet(name, prefixes, used, given.range)],
  );
  return {
    ...platform,
    subnets: [...subnets, ...added],
    ...(given.peeredRanges.length === 0 ? {} : { peeredRanges: given.peeredRanges }),
  };
};

const nothing: ResourceRef = { address: undefined, id: undefined };

const namedSubnet = (
  name: string,
  prefixes: readonly string[],
  used: number,
  range: SourceRange | undefined,
): Subnet => ({
  address: name,
  type: "azurerm_subnet",
  name: name.split("/").at(-1) ?? name,
  resourceGroup: undefined,
  location: undefined,
  tags: {},
  range,
  rangeAt: () => range,
  isData: true,
  dependsOn: [],
  virtualNetwork: nothing,
  addressPrefixes: prefixes,
  securityGroup: undefined,
  routeTable: undefined,
  natGateway: undefined,
  delegations: [],
  serviceEndpoints: [],
  ...(used === 0 ? {} : { usedByOthers: used }),
});
