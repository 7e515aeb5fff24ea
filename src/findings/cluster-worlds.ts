import { objectsOn } from "../graph/object-clusters.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { managedClusters, nameOf } from "./cluster-facts.ts";
import type { Rule, World } from "./rule.ts";

/** What a rule finds: in the whole world at once or, where it is about one cluster's objects and there are several, cluster by cluster. */
export const findingsOfRule = (rule: Rule, world: World, views: readonly ClusterWorld[]): readonly Diagnostic[] => {
  if (rule.perCluster !== true || views.length === 0) return [...rule.check(world)];
  return views.flatMap(({ name, world: own }) =>
    [...rule.check(own)].map((finding) =>
      finding.detail.includes(`"${name}"`)
        ? finding
        : { ...finding, detail: `On cluster "${name}": ${finding.detail}` },
    ),
  );
};

/** The world as one of its clusters sees it. */
export interface ClusterWorld {
  readonly name: string;
  readonly world: World;
}

/**
 * A world a cluster that is made, with that cluster, its objects and its prediction alone. None where the input leaves open which cluster
 * an object is for: rules that must know then keep silent.
 */
export const clusterWorlds = (world: World): readonly ClusterWorld[] => {
  const clusters = managedClusters(world);
  if (clusters.length < 2 || world.objects.some(({ cluster }) => cluster === undefined)) return [];
  return clusters.map((cluster) => ({
    name: nameOf(cluster),
    world: {
      ...restricted(world, cluster.address),
      base: world.base === undefined ? undefined : restricted(world.base, cluster.address),
    },
  }));
};

const restricted = <W extends Omit<World, "base">>(world: W, address: string): W => ({
  ...world,
  platform: { ...world.platform, clusters: world.platform.clusters.filter((cluster) => cluster.address === address) },
  objects: objectsOn(world, address),
  predictions: world.predictions.filter(({ cluster }) => cluster === address),
});
