import { expect, test } from "@jest/globals";
import { deployment } from "../support/objects.ts";
import { poolPrediction, prediction } from "../support/prediction.ts";
import { shop } from "../support/shop.ts";
import { findingsOf, type Source } from "../support/world.ts";

const claim = (spec: string): string =>
  `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: data, namespace: shop }\nspec: { ${spec}, resources: { requests: { storage: 10Gi } } }\n---`;
const using = (replicas: number, strategy = ""): string =>
  deployment("cart", {
    replicas,
    podSpec: "      volumes: [{ name: d, persistentVolumeClaim: { claimName: data } }]",
  }).replace("  selector:", `${strategy}  selector:`);
const once = "accessModes: [ReadWriteOnce], storageClassName: managed-csi";
const user = (lines: string): string => shop({ user: lines });
const onPool = (pool: string) => [
  prediction({
    pools: [poolPrediction("user")],
    placements: [{ pod: "Pod/shop/cart-a", owner: "Deployment/shop/cart", node: "n", pool }],
  }),
];

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  [
    "a class that is not there",
    { yaml: claim("accessModes: [ReadWriteOnce], storageClassName: managed-cis") },
    ["AKS4001"],
    /Did you mean "managed-csi"\?/,
  ],
  [
    "a class that comes with 1.35",
    { yaml: claim("accessModes: [ReadWriteOnce], storageClassName: managed-csi-premium-v2") },
    ["AKS4001"],
    /comes with Kubernetes 1\.35; the cluster has 1\.33/,
  ],
  [
    "a blob class with the driver off",
    { yaml: claim("accessModes: [ReadWriteMany], storageClassName: azureblob-nfs-premium") },
    ["AKS4001"],
    /blob driver is off/,
  ],
  [
    "a class of the manifests",
    {
      yaml: `${claim("accessModes: [ReadWriteOnce], storageClassName: fast")}\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: { name: fast }\nprovisioner: disk.csi.azure.com\nparameters: { skuName: Premium_LRS }`,
    },
    [],
    /./,
  ],
  [
    "several nodes on one disk",
    { yaml: `${claim("accessModes: [ReadWriteMany], storageClassName: managed-csi")}\n${using(2)}` },
    ["AKS4002"],
    /asks for ReadWriteMany.*Deployment\/shop\/cart/,
  ],
  [
    "several nodes on a share",
    { yaml: `${claim("accessModes: [ReadWriteMany], storageClassName: azurefile-csi")}\n${using(2)}` },
    [],
    /./,
  ],
  ["several replicas with one disk", { yaml: `${claim(once)}\n${using(3)}` }, ["AKS4003"], /3 pods use claim "data"/],
  [
    "one replica with one disk that updates by Recreate",
    { yaml: `${claim(once)}\n${using(1, "  strategy: { type: Recreate }\n")}` },
    [],
    /./,
  ],
  [
    "a premium disk on a size without premium storage",
    {
      hcl: user('vm_size = "Standard_D4_v5"\n node_count = 3\n zones = ["1"]'),
      yaml: `${claim("accessModes: [ReadWriteOnce], storageClassName: managed-csi-premium")}\n${using(1, "  strategy: { type: Recreate }\n")}`,
      predictions: onPool("user"),
    },
    ["AKS4005"],
    /Premium_(LRS|ZRS) disk.*has no premium storage/,
  ],
  [
    "an ultra disk on a pool that is not made for it",
    {
      yaml: `${claim("accessModes: [ReadWriteOnce], storageClassName: ultra")}\n${using(1, "  strategy: { type: Recreate }\n")}\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: { name: ultra }\nprovisioner: disk.csi.azure.com\nvolumeBindingMode: WaitForFirstConsumer\nparameters: { skuName: UltraSSD_LRS }`,
      predictions: onPool("user"),
    },
    ["AKS4005"],
    /ultra_ssd_enabled is not set/,
  ],
  [
    "a SKU that does not exist",
    {
      yaml: "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: { name: fast }\nprovisioner: disk.csi.azure.com\nparameters: { skuName: Premium_LSR }",
    },
    ["AKS4014"],
    /"Premium_LSR"/,
  ],
  [
    "an ephemeral OS disk that is too large",
    { hcl: user('vm_size = "Standard_D4ds_v5"\n node_count = 3\n os_disk_type = "Ephemeral"\n os_disk_size_gb = 200') },
    ["AKS4011"],
    /200 GiB; size Standard_D4ds_v5 holds 150 GiB/,
  ],
  [
    "an ephemeral OS disk that fits",
    { hcl: user('vm_size = "Standard_D4ds_v5"\n node_count = 3\n os_disk_type = "Ephemeral"\n os_disk_size_gb = 100') },
    [],
    /./,
  ],
  [
    "an OS disk below what AKS takes",
    { hcl: user('vm_size = "Standard_D4s_v5"\n node_count = 3\n os_disk_size_gb = 20') },
    ["AKS4012"],
    /at least 30 GiB/,
  ],
  [
    "a claim that shrinks",
    { yaml: claim(once), base: { hcl: shop(), yaml: claim(once).replace("10Gi", "20Gi") } },
    ["AKS4009"],
    /shrinks from 20Gi to 10Gi/,
  ],
  [
    "a claim that grows",
    { yaml: claim(once).replace("10Gi", "30Gi"), base: { hcl: shop(), yaml: claim(once) } },
    [],
    /./,
  ],
  [
    "a claim that goes",
    { yaml: "", base: { hcl: shop(), yaml: claim(once) } },
    ["AKS4010"],
    /its disk of class "managed-csi" is deleted/,
  ],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf({ hcl: shop(), ...source });
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found.map(({ detail }) => detail).join("\n")).toMatch(says);
});

test("a premium share smaller than 100 GiB is a note", () => {
  const found = findingsOf(
    { hcl: shop(), yaml: claim("accessModes: [ReadWriteMany], storageClassName: azurefile-csi-premium") },
    true,
  );
  expect(found.map(({ code }) => code)).toContain("AKS4007");
});
