import { expect, test } from "@jest/globals";
import { nodeTemplate } from "../../../src/simulate/nodes/node-template.ts";
import { csiNodeOf, nodesOfPool } from "../../../src/simulate/nodes/nodes-of-pool.ts";
import { systemObjects } from "../../../src/simulate/nodes/system-objects.ts";
import { aksCluster, nodePool } from "../../support/platform.ts";

test("nodes have AKS's names, zones in turn, and what the kubelet leaves", () => {
  const pool = nodePool("user", { zones: ["3", "1", "2"], maxPods: 110, labels: { team: "shop" } });
  const nodes = nodesOfPool(aksCluster(), pool, 11, { subnetName: "nodes" });
  expect(nodes.map((node) => node.metadata.name.replace(/\d{8}/, "<digits>")).slice(9)).toEqual([
    "aks-user-<digits>-vmss000009",
    "aks-user-<digits>-vmss00000a",
  ]);
  expect(nodes.slice(0, 4).map((node) => node.metadata.labels?.["topology.kubernetes.io/zone"])).toEqual([
    "westeurope-1",
    "westeurope-2",
    "westeurope-3",
    "westeurope-1",
  ]);
  expect(nodes[0]?.metadata.labels).toMatchObject({
    agentpool: "user",
    team: "shop",
    "kubernetes.azure.com/mode": "user",
    "kubernetes.azure.com/sku-memory": "16384",
    "topology.disk.csi.azure.com/zone": "westeurope-1",
    "kubernetes.azure.com/cluster": "MC_shop_shop_westeurope",
  });
  expect(nodes[0]?.status?.allocatable).toMatchObject({
    cpu: "3860m",
    pods: "110",
    "ephemeral-storage": "119703055367",
  });
});

test("a node outside the zones has zone 0 and no disk zone", () => {
  const [node] = nodesOfPool(aksCluster(), nodePool("user"), 1);
  expect(node?.metadata.labels?.["topology.kubernetes.io/zone"]).toBe("0");
  expect(node?.metadata.labels?.["topology.disk.csi.azure.com/zone"]).toBe("");
});

test("spot pools and pools for critical add-ons are tainted", () => {
  const taints = (parts: Parameters<typeof nodePool>[1]) =>
    nodesOfPool(aksCluster(), nodePool("p", parts), 1)[0]?.spec?.taints;
  expect(taints({ priority: "Spot", taints: ["sku=gpu:NoSchedule"] })).toEqual([
    { key: "sku", value: "gpu", effect: "NoSchedule" },
    { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" },
  ]);
  expect(taints({ onlyCriticalAddons: true })).toEqual([
    { key: "CriticalAddonsOnly", value: "true", effect: "NoSchedule" },
  ]);
});

test("a Windows pool's names are short", () => {
  const [node] = nodesOfPool(aksCluster(), nodePool("win19", { osType: "Windows" }), 6).slice(5);
  expect(node?.metadata.name).toBe("akswin19000005");
});

test("an unknown size is a diagnostic that names a near one", () => {
  const outcome = nodeTemplate(aksCluster(), nodePool("user", { vmSize: "Standard_D4s_v55" }));
  expect(outcome.value).toBeUndefined();
  expect(outcome.diagnostics[0]?.detail).toContain('did you mean "Standard_D4s_v5"');
  expect(nodesOfPool(aksCluster(), nodePool("user", { vmSize: "Standard_Nope" }), 2)).toEqual([]);
});

test("the CSINode carries the driver's limit", () => {
  const template = nodeTemplate(aksCluster(), nodePool("user")).value;
  const [node] = nodesOfPool(aksCluster(), nodePool("user"), 1);
  if (template === undefined || node === undefined) throw new Error("no node");
  expect(csiNodeOf(node, template).spec.drivers[0]?.allocatable?.count).toBe(8);
});

test("system objects follow the options of the cluster", () => {
  const names = (cluster: ReturnType<typeof aksCluster>) =>
    systemObjects(cluster).map((object) => `${object.kind}/${object.metadata.name}`);
  const plain = names(aksCluster());
  expect(plain).toContain("DaemonSet/kube-proxy");
  expect(plain).toContain("PodDisruptionBudget/coredns-pdb");
  const rich = names(
    aksCluster({
      network: { dataPlane: "cilium" },
      addons: { webAppRouting: { dnsZones: [] }, azurePolicy: true, keda: true },
    }),
  );
  expect(rich).not.toContain("DaemonSet/kube-proxy");
  expect(rich).toEqual(
    expect.arrayContaining([
      "DaemonSet/cilium",
      "Service/nginx",
      "Namespace/gatekeeper-system",
      "Deployment/keda-operator",
    ]),
  );
});
