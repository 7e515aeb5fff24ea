import { expect, test } from "@jest/globals";
import type { ScenarioResult } from "../../../src/simulate/scenario/result.ts";
import { deployment } from "../../support/objects.ts";
import { shop } from "../../support/shop.ts";
import { play, scenarioFrom, sideFrom } from "./scenario-support.ts";

/** A cluster with node auto-provisioning whose one pool takes AKS's own pods alone. */
const hcl = (profile = 'mode = "Auto"\n default_node_pools = "None"'): string =>
  shop({
    cluster: `node_provisioning_profile {\n    ${profile}\n  }`,
    network:
      'network_plugin = "azure"\n    network_plugin_mode = "overlay"\n    network_data_plane = "cilium"\n    network_policy = "cilium"\n    pod_cidr = "10.244.0.0/16"\n    service_cidr = "172.20.0.0/16"\n    dns_service_ip = "172.20.0.10"',
    system:
      'vm_size = "Standard_D4s_v5"\n    node_count = 2\n    zones = ["1", "2"]\n    only_critical_addons_enabled = true',
  }).replace(/resource "azurerm_kubernetes_cluster_node_pool" "user" \{[^}]*\}/, "");

/** Nodes of 4 vCPUs, each of which takes one pod of 3 vCPUs. */
const pool = (spec = "{}", template = "{}"): string => `
apiVersion: karpenter.azure.com/v1beta1
kind: AKSNodeClass
metadata: { name: default }
spec: { imageFamily: Ubuntu }
---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: { name: work }
spec:
  ${spec.startsWith("{") ? "" : spec}
  template:
    metadata: ${template}
    spec:
      nodeClassRef: { group: karpenter.azure.com, kind: AKSNodeClass, name: default }
      requirements:
        - { key: karpenter.azure.com/sku-name, operator: In, values: [Standard_D4s_v5] }
---
`;

const played = (yaml: string, events: string, profile?: string): ScenarioResult =>
  play(sideFrom(hcl(profile), yaml), sideFrom(hcl(profile), yaml).objects, scenarioFrom(events));

const told = ({ events }: ScenarioResult, kind: string): readonly string[] =>
  events.filter((event) => event.kind === kind).map(({ at, subject, text }) => `${at / 1000} ${subject}: ${text}`);

const nodesAt = ({ samples }: ScenarioResult, at: number): number =>
  samples.nodes["NodePool/work (first model)"]?.[samples.at.indexOf(at * 60_000)] ?? 0;

const work = (replicas: number): string =>
  deployment("work", {
    replicas,
    requests: "{ cpu: 3, memory: 1Gi }",
    podSpec: "      nodeSelector: { karpenter.sh/nodepool: work }",
  });

const scaled = (replicas: number, more = ""): string => `
until: 40m
sample: 1m
events:
  - { at: 5m, scale: { workload: Deployment/shop/work, replicas: ${replicas} } }
${more}`;

const down = "  - { at: 20m, scale: { workload: Deployment/shop/work, replicas: 1 } }";

test("pods that wait get machines that become nodes after their time", () => {
  const result = played(pool() + work(2), scaled(5));
  expect(told(result, "scale-up")).toEqual(["301 NodePool work: 3 nodes of Standard_D4s_v5 asked for"]);
  expect([0, 6, 7, 8].map((at) => nodesAt(result, at))).toEqual([2, 2, 2, 5]);
  expect(result.samples.addresses["nodes"]?.slice(4, 8)).toEqual([4, 4, 7, 7]);
  expect(result.pending).toEqual([]);
});

test("the model is named, and so is what it leaves out", () => {
  const found = played(pool() + work(1), scaled(1)).assumptions.find(({ key }) => key === "nodeAutoProvisioning");
  expect(found?.text).toContain("first model, after Karpenter v1.14.0 and karpenter-provider-azure v1.14.2");
  expect(found?.text).toContain("Not played: cheaper nodes in place of others, drift, expiry");
  const off = played(work(1), scaled(1), 'mode = "Manual"');
  expect(off.assumptions.some(({ key }) => key === "nodeAutoProvisioning")).toBe(false);
  expect(off.pending.length).toBe(1);
});

test("limits hold over time, and the end says what they refuse", () => {
  const result = played(pool("limits: { cpu: 12 }") + work(2), scaled(5));
  expect(nodesAt(result, 40)).toBe(3);
  expect(result.pending).toHaveLength(2);
  expect(result.pending[0]?.reasons.join()).toContain('NodePool "work": its limits (cpu 12)');
});

test("empty nodes go as fast as the budget of 10 % lets them", () => {
  const result = played(pool() + work(2), scaled(5, down));
  expect(told(result, "scale-down")).toHaveLength(4);
  expect(nodesAt(result, 0)).toBe(2);
  expect(nodesAt(result, 15)).toBe(5);
  expect(nodesAt(result, 40)).toBe(1);
});

test("a budget of all lets them go at once, one of none keeps them", () => {
  const all = played(pool('disruption: { budgets: [{ nodes: "100%" }] }') + work(2), scaled(5, down));
  expect(new Set(told(all, "scale-down").map((text) => text.split(" ")[0])).size).toBe(1);
  const none = played(pool('disruption: { budgets: [{ nodes: "0" }] }') + work(2), scaled(5, down));
  expect(told(none, "scale-down")).toEqual([]);
  expect(nodesAt(none, 40)).toBe(5);
});

test("consolidateAfter waits, Never does not take any", () => {
  const later = played(pool("disruption: { consolidateAfter: 10m }") + work(2), scaled(3, down));
  const empty = told(later, "scale-down").filter((text) => text.includes("is empty"));
  expect(Number(empty[0]?.split(" ")[0])).toBeGreaterThanOrEqual((20 + 10) * 60);
  const never = played(pool("disruption: { consolidateAfter: Never }") + work(2), scaled(3, down));
  expect(told(never, "scale-down")).toEqual([]);
});

const small = (count: number, annotations = ""): string =>
  deployment("work", {
    replicas: count,
    requests: "{ cpu: 1500m, memory: 1Gi }",
    podSpec: "      nodeSelector: { karpenter.sh/nodepool: work }",
  }).replace("metadata: { labels", `metadata: { ${annotations} labels`) +
  deployment("other", {
    replicas: 4,
    requests: "{ cpu: 1500m, memory: 1Gi }",
    podSpec: "      nodeSelector: { karpenter.sh/nodepool: work }",
  });

const thinned = `
until: 40m
sample: 1m
events:
  - { at: 5m, scale: { workload: Deployment/shop/work, replicas: 1 } }
  - { at: 5m, scale: { workload: Deployment/shop/other, replicas: 3 } }
`;

test("a node whose pods fit on others goes too, but not under WhenEmpty", () => {
  const result = played(pool() + small(4), thinned);
  expect(nodesAt(result, 0)).toBe(4);
  expect(nodesAt(result, 40)).toBe(2);
  expect(result.pending).toEqual([]);
  const kept = played(pool("disruption: { consolidationPolicy: WhenEmpty, consolidateAfter: 0s }") + small(4), thinned);
  expect(told(kept, "scale-down").filter((text) => text.includes("underutilized"))).toEqual([]);
});

test("a pod that is not to be disrupted keeps its node", () => {
  const mark = 'annotations: { karpenter.sh/do-not-disrupt: "true" },';
  const result = played(
    pool() + small(4, mark).replaceAll("metadata: { labels", `metadata: { ${mark} labels`),
    thinned,
  );
  expect(told(result, "scale-down").filter((text) => text.includes("underutilized"))).toEqual([]);
});

test("in a lost zone no machine is asked for", () => {
  const { samples, events } = played(pool() + work(3), scaled(6, "  - { at: 2m, zoneLoss: { zone: 1 } }"));
  expect(events.find(({ kind }) => kind === "zone")?.text).toBe("is lost, with 2 nodes");
  expect(samples.pods.ready.at(-1)).toBe((samples.pods.wanted.at(-1) ?? 0) - (samples.pods.lost.at(-1) ?? 0));
  expect(samples.nodes["NodePool/work (first model)"]?.at(-1)).toBe(6);
});

test("static NodePools have their nodes from the beginning", () => {
  const result = played(pool("replicas: 3") + work(1), scaled(1));
  expect(nodesAt(result, 0)).toBe(3);
  expect(nodesAt(result, 40)).toBe(3);
});

test("however often nodes go, there is one look at a time", () => {
  const side = sideFrom(hcl(), pool() + work(2));
  let steps = 0;
  const probe = (): void => {
    steps += 1;
  };
  play(side, side.objects, scenarioFrom(scaled(7, down)), { probe });
  expect(steps).toBeLessThan(700);
});
