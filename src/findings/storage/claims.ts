import type { AksCluster } from "../../azure/platform.ts";
import { builtInStorageClasses } from "../../azure/storage-classes.ts";
import { claimTemplatesOf, type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import { type PersistentVolumeClaim, type StorageClass, storageClassNameOf } from "../../kubernetes/storage.ts";
import type { SourceRange } from "../../model/source-range.ts";
import { known, knownOr } from "../../model/unknown.ts";
import { onlyCluster, versionOf } from "../cluster-facts.ts";
import type { World } from "../rule.ts";

/** A class that a claim can name, AKS's own or one of the manifests. */
export interface KnownClass {
  readonly name: string;
  readonly provisioner: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly bindsAtOnce: boolean;
  readonly expandable: boolean;
  readonly isDefault: boolean;
  readonly source: SourcedObject<StorageClass> | undefined;
}

/** A claim, written alone or as a StatefulSet's template, and the workloads that use it. */
export interface Claim {
  /** `PersistentVolumeClaim/shop/data`, or the StatefulSet's address for a template. */
  readonly address: string;
  readonly name: string;
  readonly namespace: string;
  readonly spec: PersistentVolumeClaim["spec"];
  readonly users: readonly Workload[];
  /** One claim a pod. */
  readonly isTemplate: boolean;
  readonly class: KnownClass | undefined;
  readonly rangeAt: (path: readonly (string | number)[]) => SourceRange;
}

interface Storage {
  readonly classes: ReadonlyMap<string, KnownClass>;
  readonly claims: readonly Claim[];
}

const cache = new WeakMap<World, Storage>();

export const storageOf = (world: World): Storage => {
  const cached = cache.get(world);
  if (cached !== undefined) return cached;
  const classes = classesOf(world);
  const storage = { classes, claims: claimsOf(world, classes) };
  cache.set(world, storage);
  return storage;
};

const classesOf = (world: World): ReadonlyMap<string, KnownClass> => {
  const classes = new Map<string, KnownClass>();
  const cluster = onlyCluster(world);
  if (cluster !== undefined) for (const known of builtIn(cluster)) classes.set(known.name, known);
  for (const source of world.objects) {
    if (source.object.kind !== "StorageClass") continue;
    const object = source.object as StorageClass;
    classes.set(object.metadata.name, {
      name: object.metadata.name,
      provisioner: object.provisioner,
      parameters: object.parameters ?? {},
      bindsAtOnce: object.volumeBindingMode !== "WaitForFirstConsumer",
      expandable: object.allowVolumeExpansion === true,
      isDefault: object.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
      source: source as SourcedObject<StorageClass>,
    });
  }
  return classes;
};

const builtIn = (cluster: AksCluster): readonly KnownClass[] =>
  builtInStorageClasses({
    kubernetesVersion: versionOf(cluster),
    zonal: cluster.pools.some((pool) => (known(pool.zones) ?? []).length > 0),
    disk: knownOr(cluster.storage.disk, true),
    file: knownOr(cluster.storage.file, true),
    blob: knownOr(cluster.storage.blob, false),
  }).map((row) => ({
    name: row.name,
    provisioner: row.provisioner,
    parameters: row.parameters,
    bindsAtOnce: row.volumeBindingMode !== "WaitForFirstConsumer",
    expandable: true,
    isDefault: row.isDefault,
    source: undefined,
  }));

const claimsOf = (world: World, classes: ReadonlyMap<string, KnownClass>): readonly Claim[] => {
  const workloads = workloadsOf(world.objects);
  const users = new Map<string, Workload[]>();
  for (const workload of workloads) {
    for (const volume of workload.spec.volumes ?? []) {
      const name = volume.persistentVolumeClaim?.claimName;
      if (name === undefined) continue;
      const key = `${workload.namespace}/${name}`;
      users.set(key, [...(users.get(key) ?? []), workload]);
    }
  }
  const classOf = (spec: PersistentVolumeClaim["spec"] | undefined): KnownClass | undefined =>
    spec?.storageClassName === undefined
      ? [...classes.values()].find(({ isDefault }) => isDefault)
      : classes.get(spec.storageClassName);
  const alone = world.objects.flatMap((source): Claim[] => {
    if (source.object.kind !== "PersistentVolumeClaim") return [];
    const object = source.object as PersistentVolumeClaim;
    const namespace = object.metadata.namespace ?? "default";
    return [
      {
        address: addressOf(object),
        name: object.metadata.name,
        namespace,
        spec: withClass(object),
        users: users.get(`${namespace}/${object.metadata.name}`) ?? [],
        isTemplate: false,
        class: classOf(withClass(object)),
        rangeAt: source.rangeAt,
      },
    ];
  });
  const templates = workloads.flatMap((workload) =>
    claimTemplatesOf(workload).map(
      (template, index): Claim => ({
        address: workload.address,
        name: template.metadata?.name ?? "",
        namespace: workload.namespace,
        spec: withClass(template),
        users: [workload],
        isTemplate: true,
        class: classOf(withClass(template)),
        rangeAt: (path) => workload.source.rangeAt(["spec", "volumeClaimTemplates", index, ...path]),
      }),
    ),
  );
  return [...alone, ...templates];
};

const withClass = (
  claim: Parameters<typeof storageClassNameOf>[0] & { readonly spec?: Claim["spec"] },
): Claim["spec"] => {
  const name = storageClassNameOf(claim);
  return { ...claim.spec, ...(name === undefined ? {} : { storageClassName: name }) };
};

export const isDisk = (claim: Claim): boolean =>
  claim.class?.provisioner === "disk.csi.azure.com" || claim.class?.provisioner === "kubernetes.io/azure-disk";

/** A parameter by its name in any case, as the drivers read them. */
export const parameter = (of: KnownClass, ...names: readonly string[]): string | undefined =>
  Object.entries(of.parameters).find(([key]) => names.includes(key.toLowerCase()))?.[1];

/** The SKU of the class's disks or shares. */
export const skuOf = (of: KnownClass): string | undefined => parameter(of, "skuname", "storageaccounttype");
