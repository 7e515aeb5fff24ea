import { diskSku, fileSkus, premiumShareGib, wholeGib } from "../../azure/disks.ts";
import type { AksCluster } from "../../azure/platform.ts";
import { type VmSizeOverrides, vmSize } from "../../azure/vm-sizes.ts";
import type { Node } from "../../kubernetes/node.ts";
import { quantityValue } from "../../kubernetes/quantity.ts";
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../../kubernetes/storage.ts";
import { type Bytes, bytes } from "../../model/quantity.ts";
import { knownOr } from "../../model/unknown.ts";
import type { VolumePrediction } from "../prediction.ts";
import { staticVolume } from "./static-volumes.ts";

export interface VolumesInput {
  readonly cluster: AksCluster;
  readonly claims: readonly PersistentVolumeClaim[];
  /** AKS's own classes among them. */
  readonly classes: readonly StorageClass[];
  readonly volumes: readonly PersistentVolume[];
  readonly nodes: readonly Node[];
  /** By `namespace/claim`: the nodes of the pods that use it, `undefined` for a pod that no node takes. */
  readonly users: ReadonlyMap<string, readonly (string | undefined)[]>;
  readonly sizes?: VmSizeOverrides;
}

/**
 * What becomes of each claim: the disk or share that Azure makes of it, in which zone, or why it stays Pending (azuredisk-csi-driver,
 * azurefile-csi-driver; "Storage options for applications in AKS").
 */
export const predictVolumes = (input: VolumesInput): readonly VolumePrediction[] => {
  const taken = new Set<string>();
  const nodes = new Map(input.nodes.map((node) => [node.metadata.name, node]));
  return input.claims.map((claim) => predictVolume({ ...input, taken, nodesByName: nodes }, claim));
};

interface Context extends VolumesInput {
  /** Static volumes that a claim has. */
  readonly taken: Set<string>;
  readonly nodesByName: ReadonlyMap<string, Node>;
}

const predictVolume = (context: Context, claim: PersistentVolumeClaim): VolumePrediction => {
  const name = `${claim.metadata.namespace ?? "default"}/${claim.metadata.name}`;
  const className = claim.spec.storageClassName ?? defaultClass(context.classes)?.metadata.name;
  const size = quantityValue(claim.spec.resources?.requests?.["storage"] ?? "0") ?? 0;
  const base = { claim: name, storageClass: className ?? "", sizeBytes: size === 0 ? undefined : bytes(size) };
  const fixed = staticVolume(claim, className, context.volumes, context.taken);
  if (fixed !== undefined) {
    context.taken.add(fixed.metadata.name);
    return boundTo(base, fixed);
  }
  const pending = (kind: string, message: string): VolumePrediction => ({
    ...base,
    kind,
    zone: undefined,
    boundTo: undefined,
    state: "pending",
    message,
  });
  if (claim.spec.volumeName)
    return pending("other", `the volume "${claim.spec.volumeName}" that the claim names is not in the input`);
  if (className === undefined || className === "")
    return pending("other", "no persistent volumes available for this claim and no storage class is set");
  const storageClass = context.classes.find((item) => item.metadata.name === className);
  if (storageClass === undefined) return pending("other", `storageclass.storage.k8s.io "${className}" not found`);
  const kind = kindOf(storageClass.provisioner);
  const refusal = refusalOf(context, claim, storageClass, kind, size);
  if (refusal !== undefined) return pending(kind, refusal);
  return provisioned(context, name, base, storageClass, kind, size);
};

type Base = Pick<VolumePrediction, "claim" | "storageClass" | "sizeBytes">;

/** The class that the claim names nothing of: the newest of those marked as default; AKS marks `default`. */
const defaultClass = (classes: readonly StorageClass[]): StorageClass | undefined =>
  classes.find(
    (item) => item.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"]?.toLowerCase() === "true",
  );

const boundTo = (base: Base, volume: PersistentVolume): VolumePrediction => ({
  ...base,
  kind: kindOf(volume.spec.csi?.driver ?? (volume.spec.azureDisk === undefined ? "" : diskDriver)),
  zone: zoneOfVolume(volume),
  boundTo: volume.metadata.name,
  state: "bound",
  message: "",
});

const zoneOfVolume = (volume: PersistentVolume): string | undefined => {
  const terms = volume.spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const zones = terms.flatMap((term) =>
    (term.matchExpressions ?? [])
      .filter((item) => item.key === diskZoneLabel || item.key === "topology.kubernetes.io/zone")
      .flatMap((item) => item.values ?? []),
  );
  return zones.length === 1 ? zones[0] : undefined;
};

const diskDriver = "disk.csi.azure.com";
const fileDriver = "file.csi.azure.com";
const blobDriver = "blob.csi.azure.com";
const diskZoneLabel = "topology.disk.csi.azure.com/zone";

/** The in-tree names go to the CSI drivers. */
const kindOf = (provisioner: string): string => {
  if (provisioner === diskDriver || provisioner === "kubernetes.io/azure-disk") return "disk";
  if (provisioner === fileDriver || provisioner === "kubernetes.io/azure-file") return "file";
  return provisioner === blobDriver ? "blob" : "other";
};

/** Why nothing is made of the claim, in the words of the event on it. */
const refusalOf = (
  context: Context,
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  kind: string,
  size: number,
): string | undefined => {
  const { storage } = context.cluster;
  const drivers: Readonly<Record<string, boolean>> = {
    disk: knownOr(storage.disk, true),
    file: knownOr(storage.file, true),
    blob: knownOr(storage.blob, false),
  };
  if (drivers[kind] === false || storageClass.provisioner === "kubernetes.io/no-provisioner")
    return `Waiting for a volume to be created either by the external provisioner '${storageClass.provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  const failed = (code: string, text: string): string =>
    `failed to provision volume with StorageClass "${storageClass.metadata.name}": rpc error: code = ${code} desc = ${text}`;
  if (kind === "disk") return diskRefusal(claim, storageClass, size, failed);
  if (kind === "file") return fileRefusal(storageClass, failed);
  return undefined;
};

const csiModes: Readonly<Record<string, string>> = {
  ReadWriteMany: "MULTI_NODE_MULTI_WRITER",
  ReadOnlyMany: "MULTI_NODE_READER_ONLY",
};

const diskRefusal = (
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  size: number,
  failed: (code: string, text: string) => string,
): string | undefined => {
  const shared = (claim.spec.accessModes ?? []).map((mode) => csiModes[mode]).find((mode) => mode !== undefined);
  if (shared !== undefined) {
    if (claim.spec.volumeMode !== "Block")
      return failed("InvalidArgument", `mountVolume is not supported for access mode: ${shared}`);
    const shares = Number(parameter(storageClass, "maxshares") ?? "1");
    if (!(shares >= 2))
      return failed("InvalidArgument", `access mode ${shared} needs maxShares of 2 or more in the class`);
  }
  const asked = skuOf(storageClass);
  const sku = diskSku(asked);
  if (sku === undefined)
    return failed("InvalidArgument", `azureDisk - ${asked ?? ""} is not supported sku/storageaccounttype.`);
  const gib = wholeGib(size);
  if (gib > sku.largestGib)
    return failed(
      "InvalidArgument",
      `a disk of ${gib} GiB is larger than ${sku.largestGib} GiB, the most of ${sku.name}`,
    );
  const caching = parameter(storageClass, "cachingmode");
  if (sku.zonalOnly && caching !== undefined && caching.toLowerCase() !== "none")
    return failed("InvalidArgument", `cachingMode ${caching} is not supported for ${sku.name}`);
  return undefined;
};

const fileRefusal = (
  storageClass: StorageClass,
  failed: (code: string, text: string) => string,
): string | undefined => {
  const sku = skuOf(storageClass) ?? "Standard_LRS";
  if (!fileSkus.some((item) => item.toLowerCase() === sku.toLowerCase()))
    return failed("InvalidArgument", `skuName ${sku} is not supported for Azure Files`);
  const nfs = parameter(storageClass, "protocol")?.toLowerCase() === "nfs";
  if (nfs && !sku.toLowerCase().startsWith("premium"))
    return failed("InvalidArgument", `nfs needs a Premium storage account, the class asks for ${sku}`);
  return undefined;
};

/** Parameters of the drivers are read without regard to case. */
const parameter = (storageClass: StorageClass, name: string): string | undefined =>
  Object.entries(storageClass.parameters ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];

const skuOf = (storageClass: StorageClass): string | undefined =>
  parameter(storageClass, "skuname") ?? parameter(storageClass, "storageaccounttype") ?? parameter(storageClass, "sku");

const provisioned = (
  context: Context,
  claim: string,
  base: Base,
  storageClass: StorageClass,
  kind: string,
  size: number,
): VolumePrediction => {
  const users = context.users.get(claim) ?? [];
  const placed = users.filter((node): node is string => node !== undefined);
  if (storageClass.volumeBindingMode === "WaitForFirstConsumer" && placed.length === 0) {
    const why =
      users.length === 0
        ? "waiting for first consumer to be created before binding"
        : "waiting for the pod that uses it to be scheduled";
    return { ...base, kind, zone: undefined, boundTo: undefined, state: "pending", message: why };
  }
  const first = placed[0] === undefined ? undefined : context.nodesByName.get(placed[0]);
  const bound = { ...base, kind, boundTo: `pvc of ${claim}`, state: "bound" as const };
  if (kind === "file" || kind === "blob")
    return { ...bound, zone: undefined, sizeBytes: shareSize(storageClass, size), message: "" };
  if (kind !== "disk") return { ...bound, zone: undefined, message: "" };
  const { zone, message } = diskPlace(context, storageClass, first, new Set(placed));
  return { ...bound, zone, sizeBytes: bytes(wholeGib(size) * 1024 ** 3), message };
};

/** A premium share has 100 GiB at least; the driver raises a smaller claim without a word. */
const shareSize = (storageClass: StorageClass, size: number): Bytes => {
  const premium = /^premium_/i.test(skuOf(storageClass) ?? "");
  const gib = wholeGib(size);
  return bytes((premium ? Math.max(gib, premiumShareGib) : gib) * 1024 ** 3);
};

/** The zone of a disk, and what will keep it from being attached. */
const diskPlace = (
  context: Context,
  storageClass: StorageClass,
  node: Node | undefined,
  nodes: ReadonlySet<string>,
): { readonly zone: string | undefined; readonly message: string } => {
  const sku = diskSku(skuOf(storageClass));
  const nodeZone = node?.metadata.labels?.[diskZoneLabel] || undefined;
  const waits = storageClass.volumeBindingMode === "WaitForFirstConsumer";
  const allowed = (storageClass.allowedTopologies ?? []).flatMap((topology) =>
    (topology.matchLabelExpressions ?? []).flatMap((item) => item.values),
  );
  const zone =
    sku?.zoneRedundant === true ? undefined : waits ? nodeZone : allowed.length === 1 ? allowed[0] : undefined;
  if (nodes.size > 1)
    return {
      zone,
      message: `Multi-Attach error for volume: the pods that use it are on ${nodes.size} nodes, and a disk is attached to one`,
    };
  if (node === undefined || sku === undefined) return { zone, message: "" };
  if (sku.zonalOnly && nodeZone === undefined)
    return { zone, message: `${sku.name} exists in zones only, and node ${node.metadata.name} is in none` };
  const size = vmSize(node.metadata.labels?.["node.kubernetes.io/instance-type"] ?? "", context.sizes);
  if (sku.needsPremiumIo && size?.premiumIo === false)
    return { zone, message: `VM size ${size.name} takes no premium disks, so ${sku.name} cannot be attached` };
  if (sku.name === "UltraSSD_LRS" && !hasUltra(context.cluster, node))
    return {
      zone,
      message: `the pool of node ${node.metadata.name} has no ultra_ssd_enabled, so the disk cannot be attached`,
    };
  return { zone, message: "" };
};

const hasUltra = (cluster: AksCluster, node: Node): boolean => {
  const name = node.metadata.labels?.["kubernetes.azure.com/agentpool"];
  const pool = cluster.pools.find((item) => knownOr(item.name, "") === name);
  return pool === undefined || knownOr(pool.ultraSsd, false);
};
