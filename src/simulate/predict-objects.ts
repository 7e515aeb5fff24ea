import { assumedKubernetesVersion } from "../azure/kubernetes-version.ts";
import type { AksCluster } from "../azure/platform.ts";
import { builtInStorageClasses } from "../azure/storage-classes.ts";
import type { VmSizeOverrides } from "../azure/vm-sizes.ts";
import { applyDefaults } from "../kubernetes/defaults.ts";
import { kindInfo } from "../kubernetes/kinds.ts";
import { addressOf, type KubeObject } from "../kubernetes/object.ts";
import type { StorageClass } from "../kubernetes/storage.ts";
import { known, knownOr } from "../model/unknown.ts";
import { systemObjects } from "./nodes/system-objects.ts";

/** All objects of the cluster: AKS's own, its storage classes, and the user's, which win over those of the same name. */
export const clusterObjects = (
  cluster: AksCluster,
  given: readonly KubeObject[],
  options: { readonly sizes?: VmSizeOverrides; readonly nodes?: ReadonlyMap<string, number> },
): readonly KubeObject[] => {
  const byAddress = new Map<string, KubeObject>();
  const own = [...systemObjects(cluster, options), ...storageClasses(cluster), ...priorityClasses];
  for (const object of [...own, ...given]) {
    const placed = defaulted(object);
    byAddress.set(`${placed.apiVersion.split("/")[0]}|${addressOf(placed)}`, placed);
  }
  return [...byAddress.values()];
};

/** The object as the API server keeps it; done once, so that all runs of a sweep share it. */
const defaulted = (object: KubeObject): KubeObject => {
  const known = defaultedBefore.get(object);
  if (known !== undefined) return known;
  const made = applyDefaults(inNamespace(object));
  defaultedBefore.set(object, made);
  return made;
};

const defaultedBefore = new WeakMap<KubeObject, KubeObject>();

/** Objects without a namespace go to `default`, as `kubectl apply` puts them. */
export const inNamespace = (object: KubeObject): KubeObject => {
  if (object.metadata.namespace !== undefined) return object;
  const info = kindInfo(object.apiVersion, object.kind);
  if (info === undefined || !info.namespaced) return object;
  return { ...object, metadata: { ...object.metadata, namespace: "default" } };
};

const storageClasses = (cluster: AksCluster): readonly StorageClass[] =>
  builtInStorageClasses({
    kubernetesVersion: known(cluster.kubernetesVersion) ?? assumedKubernetesVersion,
    zonal: cluster.pools.some((pool) => knownOr(pool.zones, []).length > 0),
    disk: knownOr(cluster.storage.disk, true),
    file: knownOr(cluster.storage.file, true),
    blob: knownOr(cluster.storage.blob, false),
  }).map((built) => ({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: {
      name: built.name,
      ...(built.isDefault ? { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } } : {}),
    },
    provisioner: built.provisioner,
    parameters: built.parameters,
    reclaimPolicy: "Delete",
    volumeBindingMode: built.volumeBindingMode,
    allowVolumeExpansion: true,
  }));

/** The two that every cluster has (pkg/apis/scheduling/types.go, Kubernetes 1.35). */
const priorityClasses: readonly (KubeObject & { readonly value: number })[] = [
  {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "system-cluster-critical" },
    value: 2_000_000_000,
  },
  {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "system-node-critical" },
    value: 2_000_001_000,
  },
];
