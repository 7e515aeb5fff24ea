import type { CSINode, PersistentVolume, PersistentVolumeClaim, StorageClass } from "../../kubernetes/storage.ts";
import type { ClusterInput } from "./cluster-input.ts";
import { classOfClaim } from "./storage-state.ts";

/**
 * The volume that a CSI provisioner makes for the node that was selected: reachable from nodes with that node's labels for the driver's
 * topology keys, or from all when the class's SKU is zone-redundant.
 */
export const provisionVolume = (
  claim: PersistentVolumeClaim,
  nodeName: string,
  input: Pick<ClusterInput, "nodes" | "others">,
): PersistentVolume => {
  const { namespace = "default", name, uid } = claim.metadata;
  const find = (kind: string, wanted: string) =>
    input.others.find((object) => object.kind === kind && object.metadata.name === wanted);
  const className = classOfClaim(claim);
  const storageClass = find("StorageClass", className) as StorageClass | undefined;
  const driver = storageClass?.provisioner ?? "";
  const csiNode = find("CSINode", nodeName) as CSINode | undefined;
  const keys = csiNode?.spec.drivers.findLast((each) => each.name === driver)?.topologyKeys ?? [];
  const labels = input.nodes.find(({ metadata }) => metadata.name === nodeName)?.metadata.labels ?? {};
  const expressions = isZoneRedundant(storageClass)
    ? []
    : keys.flatMap((key) => {
        const value = labels[key] ?? "";
        return value === "" ? [] : [{ key, operator: "In", values: [value] }];
      });
  const size = claim.spec.resources?.requests?.["storage"];
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `pvc-${namespace}-${name}` },
    spec: {
      ...(size === undefined ? {} : { capacity: { storage: size } }),
      ...(claim.spec.accessModes === undefined ? {} : { accessModes: claim.spec.accessModes }),
      storageClassName: className,
      ...(claim.spec.volumeMode === undefined ? {} : { volumeMode: claim.spec.volumeMode }),
      claimRef: { namespace, name, ...(uid === undefined ? {} : { uid }) },
      csi: { driver, volumeHandle: `vol-${namespace}-${name}` },
      ...(expressions.length === 0
        ? {}
        : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: expressions }] } } }),
    },
    status: { phase: "Bound" },
  };
};

const isZoneRedundant = (storageClass: StorageClass | undefined): boolean =>
  Object.entries(storageClass?.parameters ?? {}).some(
    ([key, value]) => /^(skuname|storageaccounttype)$/i.test(key) && /_zrs$/i.test(value),
  );

/** The volume as the binder reserves it for a claim. */
export const boundVolume = (volume: PersistentVolume, { metadata }: PersistentVolumeClaim): PersistentVolume => ({
  ...volume,
  spec: {
    ...volume.spec,
    claimRef: {
      namespace: metadata.namespace ?? "default",
      name: metadata.name,
      ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
    },
  },
  status: { ...volume.status, phase: "Bound" },
});

/** The claim as the volume controller leaves it. */
export const boundClaim = (claim: PersistentVolumeClaim, volumeName: string): PersistentVolumeClaim => ({
  ...claim,
  metadata: {
    ...claim.metadata,
    annotations: {
      ...claim.metadata.annotations,
      "pv.kubernetes.io/bind-completed": "yes",
      "pv.kubernetes.io/bound-by-controller": "yes",
    },
  },
  spec: { ...claim.spec, volumeName },
  status: { ...claim.status, phase: "Bound" },
});
