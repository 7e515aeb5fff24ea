import { expect, test } from "@jest/globals";
import type { Pod } from "../../../src/kubernetes/pod.ts";
import type { PersistentVolumeClaim, StorageClass } from "../../../src/kubernetes/storage.ts";
import { volumesOfPods } from "../../../src/simulate/cloud/volumes-of-pods.ts";
import { nodesOfPool } from "../../../src/simulate/nodes/nodes-of-pool.ts";
import { aksCluster, nodePool } from "../../support/platform.ts";

const pool = nodePool("user", { zones: ["1", "2", "3"] });
const cluster = aksCluster({ pools: [pool] });
const nodes = nodesOfPool(cluster, pool, 3);
const nodeName = (index: number): string => nodes[index]?.metadata.name ?? "";

const storageClass: StorageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "managed-csi" },
  provisioner: "disk.csi.azure.com",
  parameters: { skuName: "StandardSSD_LRS" },
  volumeBindingMode: "WaitForFirstConsumer",
};

const claim = (name: string): PersistentVolumeClaim => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace: "shop" },
  spec: {
    storageClassName: "managed-csi",
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "8Gi" } },
  },
});

const pod = (name: string, ...volumes: NonNullable<Pod["spec"]["volumes"]>): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "shop" },
  spec: { containers: [{ name: "main" }], volumes },
});

test("a claim takes the zone of the node that its pod is on, whichever way the pod names it", () => {
  const result = volumesOfPods({
    cluster,
    claims: [claim("data-db-0"), claim("cache-scratch"), claim("late"), claim("idle")],
    objects: [storageClass],
    nodes,
    placed: [
      { pod: pod("db-0", { name: "data", persistentVolumeClaim: { claimName: "data-db-0" } }), node: nodeName(1) },
      { pod: pod("cache", { name: "scratch", ephemeral: {} }), node: nodeName(2) },
    ],
    pending: [{ pod: pod("late", { name: "data", persistentVolumeClaim: { claimName: "late" } }) }],
  });
  expect(result.map(({ claim: name, state, zone, message }) => ({ name, state, zone, message }))).toEqual([
    { name: "shop/data-db-0", state: "bound", zone: "westeurope-2", message: "" },
    { name: "shop/cache-scratch", state: "bound", zone: "westeurope-3", message: "" },
    {
      name: "shop/late",
      state: "pending",
      zone: undefined,
      message: "waiting for the pod that uses it to be scheduled",
    },
    {
      name: "shop/idle",
      state: "pending",
      zone: undefined,
      message: "waiting for first consumer to be created before binding",
    },
  ]);
});
