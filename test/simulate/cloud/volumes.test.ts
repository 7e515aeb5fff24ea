import { expect, test } from "@jest/globals";
import { builtInStorageClasses } from "../../../src/azure/storage-classes.ts";
import type { PersistentVolumeClaim, StorageClass } from "../../../src/kubernetes/storage.ts";
import { predictVolumes, type VolumesInput } from "../../../src/simulate/cloud/volumes.ts";
import { nodesOfPool } from "../../../src/simulate/nodes/nodes-of-pool.ts";
import { aksCluster, nodePool } from "../../support/platform.ts";

const pool = nodePool("user", { zones: ["1", "2", "3"] });
const cluster = aksCluster({ pools: [pool] });
const nodes = nodesOfPool(cluster, pool, 3);
const nodeName = (index: number): string => nodes[index]?.metadata.name ?? "";

const classOf = (
  name: string,
  provisioner: string,
  parameters: Record<string, string>,
  mode: string,
): StorageClass => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: {
    name,
    ...(name === "default" ? { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } } : {}),
  },
  provisioner,
  parameters,
  volumeBindingMode: mode,
});

const classes = [
  ...builtInStorageClasses({ kubernetesVersion: "1.35", zonal: false, disk: true, file: true, blob: false }).map(
    (item) => classOf(item.name, item.provisioner, item.parameters, item.volumeBindingMode),
  ),
  classOf("zrs", "disk.csi.azure.com", { skuName: "Premium_ZRS" }, "WaitForFirstConsumer"),
  classOf("odd", "disk.csi.azure.com", { skuName: "Premium_XRS" }, "WaitForFirstConsumer"),
  classOf("ultra", "disk.csi.azure.com", { skuName: "UltraSSD_LRS" }, "WaitForFirstConsumer"),
  classOf("nfs", "file.csi.azure.com", { protocol: "nfs" }, "Immediate"),
  classOf("blob", "blob.csi.azure.com", {}, "Immediate"),
];

const claim = (
  storageClassName: string | undefined,
  size = "10Gi",
  modes = ["ReadWriteOnce"],
): PersistentVolumeClaim => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data", namespace: "shop" },
  spec: {
    accessModes: modes,
    resources: { requests: { storage: size } },
    ...(storageClassName === undefined ? {} : { storageClassName }),
  },
});

const predict = (
  of: PersistentVolumeClaim,
  users: readonly (string | undefined)[] = [nodeName(1)],
  parts: Partial<VolumesInput> = {},
) => {
  const [found] = predictVolumes({
    cluster,
    claims: [of],
    classes,
    volumes: [],
    nodes,
    users: new Map([["shop/data", users]]),
    ...parts,
  });
  if (found === undefined) throw new Error("no prediction");
  return found;
};

test("a disk is made in the zone of the pod that waits for it", () => {
  expect(predict(claim(undefined))).toEqual({
    claim: "shop/data",
    storageClass: "default",
    kind: "disk",
    zone: "westeurope-2",
    sizeBytes: 10 * 1024 ** 3,
    boundTo: "pvc of shop/data",
    state: "bound",
    message: "",
  });
  expect(predict(claim("zrs")).zone).toBeUndefined();
});

test.each([
  ["nobody uses the claim", claim(undefined), [], "waiting for first consumer to be created before binding"],
  ["its pod has no node", claim(undefined), [undefined], "waiting for the pod that uses it to be scheduled"],
  ["its class is missing", claim("fast"), ["n"], 'storageclass.storage.k8s.io "fast" not found'],
  ["it wants no class", claim(""), ["n"], "no persistent volumes available for this claim and no storage class is set"],
  [
    "a disk is to be shared",
    claim("managed-csi", "1Gi", ["ReadWriteMany"]),
    ["n"],
    'failed to provision volume with StorageClass "managed-csi": rpc error: code = InvalidArgument desc = mountVolume is not supported for access mode: MULTI_NODE_MULTI_WRITER',
  ],
  [
    "the SKU does not exist",
    claim("odd"),
    ["n"],
    'failed to provision volume with StorageClass "odd": rpc error: code = InvalidArgument desc = azureDisk - Premium_XRS is not supported sku/storageaccounttype.',
  ],
  [
    "the disk is too large",
    claim("managed-csi", "40Ti"),
    ["n"],
    'failed to provision volume with StorageClass "managed-csi": rpc error: code = InvalidArgument desc = a disk of 40960 GiB is larger than 32767 GiB, the most of StandardSSD_LRS',
  ],
  [
    "NFS on a standard account",
    claim("nfs"),
    ["n"],
    'failed to provision volume with StorageClass "nfs": rpc error: code = InvalidArgument desc = nfs needs a Premium storage account, the class asks for Standard_LRS',
  ],
])("stays pending where %s", (_, of, users, message) => {
  expect(predict(of, users)).toMatchObject({ state: "pending", message });
});

test("a driver that is switched off makes nothing", () => {
  expect(predict(claim("blob"))).toMatchObject({ kind: "blob", state: "pending" });
  expect(predict(claim("blob")).message).toContain("external provisioner 'blob.csi.azure.com'");
});

test("shares have no zone; premium ones have 100 GiB at least", () => {
  expect(predict(claim("azurefile-csi", "5Gi", ["ReadWriteMany"]), [nodeName(0), nodeName(1)])).toMatchObject({
    kind: "file",
    state: "bound",
    sizeBytes: 5 * 1024 ** 3,
    message: "",
  });
  expect(predict(claim("azurefile-csi-premium", "5Gi")).sizeBytes).toBe(100 * 1024 ** 3);
});

test("what will not be attached is said", () => {
  expect(predict(claim(undefined), [nodeName(0), nodeName(1)]).message).toContain("Multi-Attach error");
  expect(predict(claim("ultra")).message).toContain("ultra_ssd_enabled");
  const flat = nodePool("user", { vmSize: "Standard_D4_v3" });
  const plain = nodesOfPool(cluster, flat, 1);
  const users = [plain[0]?.metadata.name];
  expect(predict(claim("managed-csi-premium"), users, { nodes: plain }).message).toContain("takes no premium disks");
  expect(predict(claim("managed-csi-premium-v2"), users, { nodes: plain }).message).toContain("exists in zones only");
});

test("a volume that is there is taken by the claim that fits it, once", () => {
  const volume = {
    apiVersion: "v1",
    kind: "PersistentVolume" as const,
    metadata: { name: "old" },
    spec: {
      capacity: { storage: "20Gi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "",
      csi: { driver: "disk.csi.azure.com", volumeHandle: "h" },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            {
              matchExpressions: [{ key: "topology.disk.csi.azure.com/zone", operator: "In", values: ["westeurope-3"] }],
            },
          ],
        },
      },
    },
  };
  const second = { ...claim(""), metadata: { name: "more", namespace: "shop" } };
  const found = predictVolumes({
    cluster,
    claims: [claim(""), second],
    classes,
    volumes: [volume],
    nodes,
    users: new Map(),
  });
  expect(found.map(({ state, boundTo, zone }) => [state, boundTo, zone])).toEqual([
    ["bound", "old", "westeurope-3"],
    ["pending", undefined, undefined],
  ]);
});
