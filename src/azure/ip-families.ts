import { isUnknown, known } from "../model/unknown.ts";
import { type Cidr, parseCidr } from "./cidr.ts";
import { defaultRanges } from "./network-mode.ts";
import type { AksCluster } from "./platform.ts";

export type IpFamily = 4 | 6;

/**
 * Whether the cluster gives nodes and pods addresses of both families ("Use dual-stack networking in AKS"); `undefined` where it is not
 * known before apply. IPv6 alone does not exist.
 */
export const isDualStack = (cluster: AksCluster): boolean | undefined => {
  const { ipVersions } = cluster.network;
  if (isUnknown(ipVersions)) return undefined;
  return (known(ipVersions) ?? []).some((version) => version.toLowerCase() === "ipv6");
};

/** The families that nodes and pods surely have addresses of. */
export const familiesOf = (cluster: AksCluster): readonly IpFamily[] => (isDualStack(cluster) === true ? [4, 6] : [4]);

/**
 * The range that pods get their addresses of a family from, in overlay and kubenet; the default where none is given; `undefined` where it
 * is not known or the cluster has no such family.
 */
export const podRangeOf = (cluster: AksCluster, family: IpFamily): Cidr | undefined => {
  const { podCidr, podCidrs } = cluster.network;
  return rangeOf(cluster, family, podCidr, podCidrs, [defaultRanges.podCidr, defaultRanges.podCidrIpv6]);
};

/** The range that Services get their addresses of a family from. */
export const serviceRangeOf = (cluster: AksCluster, family: IpFamily): Cidr | undefined => {
  const { serviceCidr, serviceCidrs } = cluster.network;
  return rangeOf(cluster, family, serviceCidr, serviceCidrs, [
    defaultRanges.serviceCidr,
    defaultRanges.serviceCidrIpv6,
  ]);
};

/**
 * The family that a Service without a wish gets: that of the first service range (pkg/registry/core/service/storage/alloc.go, v1.35, the
 * default family is that of the primary range).
 */
export const firstServiceFamily = (cluster: AksCluster): IpFamily => {
  const [first] = known(cluster.network.serviceCidrs) ?? [];
  return isDualStack(cluster) === true && first?.includes(":") === true ? 6 : 4;
};

const rangeOf = (
  cluster: AksCluster,
  family: IpFamily,
  single: AksCluster["network"]["podCidr"],
  list: AksCluster["network"]["podCidrs"],
  defaults: readonly [string, string],
): Cidr | undefined => {
  if (family === 6 && isDualStack(cluster) !== true) return undefined;
  const given = (known(list) ?? []).map(parseCidr).find((range) => range?.family === family);
  if (given !== undefined) return given;
  const own = known(single);
  const alone = own === undefined ? undefined : parseCidr(own);
  if (alone?.family === family) return alone;
  if (isUnknown(single) || isUnknown(list)) return undefined;
  // With one range given for two families, Azure's default of the other stands.
  return (known(list) ?? []).length > 1 ? undefined : parseCidr(defaults[family === 4 ? 0 : 1]);
};
