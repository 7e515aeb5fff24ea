import type { AksCluster, Platform } from "../azure/platform.ts";
import { addressOf, type SourcedObject } from "../kubernetes/object.ts";
import { isUnknown, known } from "../model/unknown.ts";

/** The cluster that objects are for, by its address; `elsewhere` is one that the configuration only reads. */
export type ObjectCluster = { readonly kind: "made" | "elsewhere"; readonly address: string } | undefined;

/** The objects that run on a cluster: those that say so and, on the first one that is made, those that say nothing. */
export const objectsOn = (
  { platform, objects }: { readonly platform: Platform; readonly objects: readonly SourcedObject[] },
  address: string,
): readonly SourcedObject[] => {
  const isFirst = madeIn(platform)[0]?.address === address;
  return objects.filter(({ cluster }) => (cluster === undefined ? isFirst : cluster === address));
};

/** The objects on a cluster that its API server can read; the others are refused before anything looks at them. */
export const readableOn = (
  read: { readonly platform: Platform; readonly objects: readonly SourcedObject[] },
  address: string,
): readonly SourcedObject[] => objectsOn(read, address).filter(({ misshapen }) => misshapen !== true);

/** Addresses of the objects that are wholly known. */
export const completeObjects = (objects: readonly SourcedObject[]): ReadonlySet<string> =>
  new Set(objects.flatMap(({ object, partial }) => (partial === true ? [] : [addressOf(object)])));

/** The cluster that a name of aks-twin.yaml means: its address, or its name in Azure. */
export const clusterNamed = (platform: Platform, name: string): AksCluster | undefined =>
  madeIn(platform).find(({ address }) => address === name) ??
  madeIn(platform).find((cluster) => known(cluster.name)?.toLowerCase() === name.toLowerCase());

/**
 * The cluster among the resources that a provider's configuration is made from: `host` and certificates of `provider "kubernetes"` are
 * attributes of it, or of the data source that reads it. `undefined` where it cannot be told.
 */
export const clusterOfProvider = (platform: Platform, targets: readonly string[]): ObjectCluster => {
  const found = new Set<string>();
  let elsewhere: string | undefined;
  for (const given of targets) {
    const target = platform.aliases?.get(given) ?? given;
    for (const { address, isData, name } of clustersAt(platform, target)) {
      if (!isData) found.add(address);
      // One that is read by a name that is not known yet may be one that is made here.
      else if (!isUnknown(name) && madeIn(platform).every((made) => !isUnknown(made.name))) elsewhere = address;
    }
  }
  const [only, second] = found;
  if (only !== undefined) return second === undefined ? { kind: "made", address: only } : undefined;
  return elsewhere === undefined ? undefined : { kind: "elsewhere", address: elsewhere };
};

/** The clusters of an address, with or without the keys of the instance and of its modules. */
const clustersAt = (platform: Platform, target: string): readonly AksCluster[] => {
  const exact = platform.clusters.filter(
    ({ address }) => address === target || address.replace(/\[[^\]]*\]$/, "") === target,
  );
  return exact.length > 0 ? exact : platform.clusters.filter(({ address }) => bare(address) === bare(target));
};

const madeIn = (platform: Platform): readonly AksCluster[] => platform.clusters.filter(({ isData }) => !isData);

const bare = (address: string): string => address.replace(/\[[^\]]*\]/g, "");
