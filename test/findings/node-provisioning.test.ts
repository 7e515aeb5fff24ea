import { expect, test } from "@jest/globals";
import type { Finding } from "../../src/findings/finding.ts";
import { predict } from "../../src/simulate/predict.ts";
import { deployment } from "../support/objects.ts";
import { shop } from "../support/shop.ts";
import { findingsOf, worldOf } from "../support/world.ts";

const auto = 'node_provisioning_profile {\n    mode = "Auto"\n  }';
const none = 'node_provisioning_profile {\n    mode = "Auto"\n    default_node_pools = "None"\n  }';
const overlay =
  'network_plugin = "azure"\n    network_plugin_mode = "overlay"\n    network_data_plane = "cilium"\n    network_policy = "cilium"\n    pod_cidr = "10.244.0.0/16"\n    service_cidr = "172.20.0.0/16"\n    dns_service_ip = "172.20.0.10"';

/** A cluster with node auto-provisioning and no pool but the system's. */
const platform = (parts: Parameters<typeof shop>[0] = {}): string =>
  shop({
    cluster: auto,
    network: overlay,
    system:
      'vm_size = "Standard_D4s_v5"\n    node_count = 2\n    zones = ["1", "2"]\n    only_critical_addons_enabled = true',
    ...parts,
  }).replace(/resource "azurerm_kubernetes_cluster_node_pool" "user" \{[^}]*\}/, "");

const nodeClass = (spec = "imageFamily: Ubuntu", name = "mine"): string => `
apiVersion: karpenter.azure.com/v1beta1
kind: AKSNodeClass
metadata: { name: ${name} }
spec: { ${spec} }
---`;

interface PoolParts {
  readonly spec?: string;
  readonly requirements?: string;
  readonly template?: string;
  readonly metadata?: string;
  readonly nodeClass?: string;
  readonly api?: string;
}

const nodePool = (parts: PoolParts = {}): string => `
apiVersion: ${parts.api ?? "karpenter.sh/v1"}
kind: NodePool
metadata: { name: apps }
spec:
  ${parts.spec ?? "weight: 10"}
  template:
    metadata: { labels: { ${parts.metadata ?? "team: a"} } }
    spec:
      ${parts.template ?? "expireAfter: Never"}
      nodeClassRef: { group: karpenter.azure.com, kind: AKSNodeClass, name: ${parts.nodeClass ?? "default"} }
      requirements:
        - ${parts.requirements ?? "{ key: karpenter.azure.com/sku-family, operator: In, values: [D, E] }"}
---`;

const found = (hcl: string, yaml = "", withInfo = false): readonly Finding[] => {
  const world = worldOf({ hcl, yaml });
  const predictions = world.platform.clusters.map(
    (cluster) =>
      predict({
        platform: world.platform,
        cluster,
        objects: world.objects.map(({ object }) => object),
        load: { default: undefined, workloads: new Map() },
      }).value,
  );
  return findingsOf({ hcl, yaml, predictions }, withInfo);
};

const codes = (findings: readonly Finding[]): readonly string[] => findings.map(({ code }) => code);

const web = deployment("web", { replicas: 3, requests: "{ cpu: 1, memory: 2Gi }" });

test("a platform with node auto-provisioning, a NodePool and a class of its own has no finding", () => {
  expect(codes(found(platform(), `${nodeClass()}${nodePool({ nodeClass: "mine" })}${web}`))).toEqual([]);
  expect(codes(found(platform(), web))).toEqual([]);
});

test.each<[string, string, string, string, RegExp]>([
  [
    "a class that is not there",
    platform(),
    nodePool({ nodeClass: "gone" }),
    "AKS6017",
    /AKSNodeClass "gone", which is not among the manifests \(there is default\)/,
  ],
  [
    "the default class where AKS makes none",
    platform({ cluster: none }),
    nodePool(),
    "AKS6017",
    /AKSNodeClass "default"/,
  ],
  [
    "a zone of another region",
    platform(),
    nodePool({ requirements: "{ key: topology.kubernetes.io/zone, operator: In, values: [eastus-1] }" }),
    "AKS6018",
    /requirement on topology.kubernetes.io\/zone of NodePool "apps": by a first model of node auto-provisioning no node/,
  ],
  [
    "Windows",
    platform(),
    nodePool({ requirements: "{ key: kubernetes.io/os, operator: In, values: [windows] }" }),
    "AKS6018",
    /No VM size meets the requirement on kubernetes.io\/os/,
  ],
  [
    "more vCPUs than any size has",
    platform(),
    nodePool({ requirements: '{ key: karpenter.azure.com/sku-cpu, operator: Gt, values: ["5000"] }' }),
    "AKS6018",
    /No VM size of the table meets the requirement on karpenter.azure.com\/sku-cpu/,
  ],
  [
    "limits that end too early",
    platform(),
    `${nodePool({ spec: 'limits: { cpu: "4" }', requirements: "{ key: karpenter.azure.com/sku-name, operator: In, values: [Standard_D2s_v5] }" })}${deployment("web", { replicas: 9, requests: "{ cpu: 1 }", podSpec: "      nodeSelector: { team: a }" })}`,
    "AKS6019",
    /7 pods of Deployment\/shop\/web stay Pending, because the limits of NodePool "apps" \(cpu 4\)/,
  ],
  [
    "limits in thousandths of a core",
    platform(),
    nodePool({ spec: "limits: { cpu: 500m }" }),
    "AKS6020",
    /limits of cpu 0.5, and no size .* has less than 2 vCPUs/,
  ],
  [
    "a budget of nothing for good",
    platform(),
    nodePool({ spec: 'disruption: { budgets: [{ nodes: "50%" }, { nodes: "0" }] }' }),
    "AKS6021",
    /budget of 0 nodes without a schedule/,
  ],
  [
    "expireAfter where v1beta1 had it",
    platform(),
    nodePool({ spec: "disruption: { expireAfter: 24h }" }),
    "AKS6022",
    /expireAfter 24h under spec.disruption/,
  ],
  ["a weight out of bounds", platform(), nodePool({ spec: "weight: 0" }), "AKS6023", /weight 0 is not within 1 to 100/],
  [
    "an operator without a number",
    platform(),
    nodePool({ requirements: "{ key: karpenter.azure.com/sku-cpu, operator: Gt, values: [many] }" }),
    "AKS6023",
    /operator Gt of karpenter.azure.com\/sku-cpu takes one whole number/,
  ],
  [
    "a family that YAML takes for a truth value",
    platform(),
    nodePool({ requirements: "{ key: karpenter.azure.com/sku-family, operator: In, values: [N] }" }),
    "AKS6023",
    /reads as a truth value \(false\) and must be text: quote it, such as "N"/,
  ],
  [
    "a schedule without a duration",
    platform(),
    nodePool({ spec: 'disruption: { budgets: [{ nodes: "0", schedule: "@daily" }] }' }),
    "AKS6023",
    /schedule and duration go together/,
  ],
  [
    "a label of Karpenter's own",
    platform(),
    nodePool({ metadata: '"karpenter.sh/registered": "true"' }),
    "AKS6023",
    /label "karpenter.sh\/registered" is Karpenter's own/,
  ],
  ["maxPods out of bounds", platform(), nodeClass("maxPods: 300"), "AKS6023", /maxPods 300 is not within 10 to 250/],
  [
    "an image family that is none",
    platform(),
    nodeClass("imageFamily: Flatcar"),
    "AKS6023",
    /imageFamily "Flatcar" is none of/,
  ],
  [
    "a subnet in a network of AKS's own",
    platform().replaceAll("vnet_subnet_id = azurerm_subnet.nodes.id", ""),
    nodeClass(
      "vnetSubnetID: /subscriptions/s/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v/subnets/burst",
    ),
    "AKS6024",
    /names subnet "burst", but the default pool of cluster "aks" has no vnet_subnet_id/,
  ],
  ["no NodePool at all", platform({ cluster: none }), web, "AKS6026", /default_node_pools "None", and no NodePool/],
  ["IPv6", platform({ network: `${overlay}\n    ip_versions = ["IPv4", "IPv6"]` }), web, "AKS6015", /it has IPv6/],
])("%s", (_, hcl, yaml, code, says) => {
  const findings = found(hcl, yaml);
  expect(codes(findings)).toContain(code);
  expect(findings.find((finding) => finding.code === code)?.detail).toMatch(says);
});

test.each<[string, string, string]>([
  ["the default class", "AKS6017", nodePool()],
  [
    "a zone of the region",
    "AKS6018",
    nodePool({ requirements: "{ key: topology.kubernetes.io/zone, operator: In, values: [westeurope-1] }" }),
  ],
  ["limits that suffice", "AKS6019", `${nodePool({ spec: 'limits: { cpu: "1000" }' })}${web}`],
  ["a limit of 0, which puts the NodePool out of use", "AKS6020", nodePool({ spec: "limits: { cpu: 0 }" })],
  [
    "a budget of nothing at night",
    "AKS6021",
    nodePool({ spec: 'disruption: { budgets: [{ nodes: "0", schedule: "@daily", duration: 8h }] }' }),
  ],
  [
    "a budget of nothing for consolidation",
    "AKS6021",
    nodePool({ spec: 'disruption: { budgets: [{ nodes: "0", reasons: [Underutilized] }] }' }),
  ],
  ["expireAfter in its place", "AKS6022", nodePool({ template: "expireAfter: 24h" })],
  [
    "v1beta1 with expireAfter in its place",
    "AKS6022",
    nodePool({ api: "karpenter.sh/v1beta1", spec: "disruption: { expireAfter: 24h }" }),
  ],
  [
    "all that the API server takes",
    "AKS6023",
    `${nodeClass("maxPods: 50, osDiskSizeGB: 256, imageFamily: AzureLinux")}${nodePool({ requirements: '{ key: karpenter.azure.com/sku-cpu, operator: Lt, values: ["33"] }' })}`,
  ],
])("passes: %s", (_, code, yaml) => {
  expect(codes(found(platform(), yaml, true))).not.toContain(code);
});

test("a size that the table may lack is a note", () => {
  const yaml = nodePool({
    requirements: "{ key: karpenter.azure.com/sku-name, operator: In, values: [Standard_D2zs_v9] }",
  });
  expect(found(platform(), yaml, true).find(({ code }) => code === "AKS6018")?.severity).toBe("info");
});

test("limits are told once, at the NodePool", () => {
  const yaml = `${nodePool({ spec: 'limits: { cpu: "2" }', requirements: "{ key: karpenter.azure.com/sku-name, operator: In, values: [Standard_D2s_v5] }" })}${deployment("web", { replicas: 4, requests: "{ cpu: 1 }", podSpec: "      nodeSelector: { team: a }" })}`;
  expect(codes(found(platform(), yaml))).toEqual(["AKS6019"]);
});

test("pods that no NodePool is for are told with each NodePool's reason", () => {
  const yaml = deployment("web", { podSpec: "      nodeSelector: { team: b }" });
  const [finding] = found(platform(), yaml);
  expect(finding?.code).toBe("AKS2005");
  expect(finding?.detail).toContain(
    'Node auto-provisioning (a first model) makes no node for them: NodePool "system-surge"',
  );
});

test("GPU pods need the device plugin, and no pool of their own", () => {
  const gpu = "{ cpu: 1, nvidia.com/gpu: 1 }";
  const pool = nodePool({ requirements: "{ key: karpenter.azure.com/sku-family, operator: In, values: ['N'] }" });
  const findings = found(platform(), `${pool}${deployment("train", { replicas: 1, requests: gpu })}`);
  expect(findings.map(({ code, severity }) => [code, severity])).toEqual([["AKS2019", "warning"]]);
  expect(findings[0]?.detail).toContain("made by node auto-provisioning");
});

test("NodePools that nothing reads are a note", () => {
  const manual = platform({ cluster: "" });
  expect(codes(found(manual, nodePool(), true))).toContain("AKS6025");
  expect(codes(found(platform(), nodePool(), true))).not.toContain("AKS6025");
});
