import { clusterNamed, objectsOn } from "../graph/object-clusters.ts";
import type { ReadPlatform } from "../read-platform.ts";

/**
 * The platform with one of its clusters and that cluster's objects alone, for commands that answer about one: the cluster of that address
 * or name, else the first that is made. A problem where there is none of the name.
 */
export const oneCluster = (
  read: ReadPlatform,
  name: string | undefined,
): { readonly read: ReadPlatform } | { readonly problem: string } => {
  const made = read.platform.clusters.filter(({ isData }) => !isData);
  const cluster = name === undefined ? made[0] : clusterNamed(read.platform, name);
  if (cluster === undefined && name !== undefined) {
    const known = made.map(({ address }) => address).join(", ");
    return { problem: `there is no cluster "${name}"${known === "" ? "" : `; there is ${known}`}.` };
  }
  if (cluster === undefined || read.platform.clusters.length === 1) return { read };
  return {
    read: {
      ...read,
      platform: { ...read.platform, clusters: [cluster] },
      objects: objectsOn(read, cluster.address),
    },
  };
};

export const clusterOption = [
  "--cluster <name>",
  "where there are several clusters: the address or name of the one that is meant",
] as const;
