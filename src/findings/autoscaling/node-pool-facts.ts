import { usesNodeProvisioning } from "../../azure/node-provisioning.ts";
import type { SourcedObject } from "../../kubernetes/object.ts";
import { isNodePool, type KarpenterNodePool, readNodePool } from "../../simulate/autoscaling/karpenter-node-pool.ts";
import { managedClusters } from "../cluster-facts.ts";
import type { World } from "../rule.ts";

/** NodePools of the manifests, where the cluster has node auto-provisioning. */
export const provisionedNodePools = (
  world: World,
): readonly { readonly source: SourcedObject; readonly pool: KarpenterNodePool }[] =>
  managedClusters(world).some(usesNodeProvisioning) ? nodePoolsOf(world) : [];

export const nodePoolsOf = (
  world: World,
): readonly { readonly source: SourcedObject; readonly pool: KarpenterNodePool }[] =>
  world.objects.flatMap((source) => (isNodePool(source.object) ? [{ source, pool: readNodePool(source.object) }] : []));
