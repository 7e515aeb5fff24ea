import { expect, test } from "@jest/globals";
import { shop } from "../../support/shop.ts";
import { playText, sideFrom } from "./scenario-support.ts";

const MINUTE = 60_000;

const web = (
  parts: {
    readonly replicas?: number | "";
    readonly image?: string;
    readonly more?: string;
    readonly selector?: string;
  } = {},
) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  ${parts.replicas === "" ? "" : `replicas: ${parts.replicas ?? 6}`}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      ${parts.selector ?? "nodeSelector: { kubernetes.azure.com/agentpool: user }"}
      containers:
        - { name: web, image: "${parts.image ?? "web:1"}", resources: { requests: { cpu: 500m, memory: 256Mi } }, readinessProbe: { httpGet: { path: /, port: 80 } } }
${parts.more ?? ""}`;
const budget = (maxUnavailable: number) => `---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { maxUnavailable: ${maxUnavailable}, selector: { matchLabels: { app: web } } }
`;
const hpa = (min: number, max: number) => `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }
  minReplicas: ${min}
  maxReplicas: ${max}
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }]
`;
const fixed = (count: number, more = "") =>
  `vm_size = "Standard_D4s_v5"\n node_count = ${count}\n zones = ["1", "2", "3"]\n ${more}`;
const pool = (name: string, lines: string) => `
resource "azurerm_kubernetes_cluster_node_pool" "${name}" {
  name = "${name}"
  kubernetes_cluster_id = azurerm_kubernetes_cluster.main.id
  vnet_subnet_id = azurerm_subnet.nodes.id
  ${lines}
}`;
const scenario = `until: 3h
load: { default: 0.3 }
events:
  - { at: 10m, apply: }
`;
const steps = (result: ReturnType<typeof playText>) =>
  result.apply?.steps.map(({ subject, what, result: how }) => `${subject} ${what}: ${how}`);

test("another image rolls out by the strategy, without downtime", () => {
  const hcl = shop({ user: fixed(2) });
  const result = playText(scenario, sideFrom(hcl, web({ image: "web:2" })), sideFrom(hcl, web()));
  expect(steps(result)).toEqual(["manifests are applied: done"]);
  // 25 % of 6, rounded up for the surge and down for what may be missing: 5 of 6 stay ready.
  expect(result.apply?.workloads).toEqual([
    {
      workload: "Deployment/default/web",
      lowest: { ready: 5, wanted: 6, at: 10 * MINUTE },
      downMs: 0,
      mostPending: expect.any(Number),
    },
  ]);
  expect(result.apply?.settled).toBeGreaterThan(10 * MINUTE);
  expect(result.samples.pods.ready.at(-1)).toBe(result.samples.pods.wanted.at(-1));
});

test("Recreate is down until its new pods are ready", () => {
  const hcl = shop({ user: fixed(2) });
  const recreate = (image: string) =>
    web({ image }).replace("replicas: 6", "replicas: 2\n  strategy: { type: Recreate }");
  const result = playText(scenario, sideFrom(hcl, recreate("web:2")), sideFrom(hcl, recreate("web:1")));
  // 10 s to stop, then 10 s of pull, 2 s of start and 5 s of readiness.
  expect(result.apply?.workloads[0]).toMatchObject({ lowest: { ready: 0, wanted: 2 }, downMs: 27_000 });
});

test("a StatefulSet is renewed from the highest number down, one pod at a time, to its partition", () => {
  const hcl = shop({ user: fixed(2) });
  const set = (image: string, partition = 0) =>
    web({ image, replicas: 3 })
      .replace("kind: Deployment", "kind: StatefulSet")
      .replace(
        "replicas: 3",
        `replicas: 3\n  serviceName: web\n  updateStrategy: { rollingUpdate: { partition: ${partition} } }`,
      );
  const result = playText(scenario, sideFrom(hcl, set("web:2")), sideFrom(hcl, set("web:1")));
  expect(result.apply?.workloads[0]).toMatchObject({ lowest: { ready: 2, wanted: 3 } });
  const all = (result.apply?.settled ?? 0) - 10 * MINUTE;
  const one = playText(scenario, sideFrom(hcl, set("web:2", 2)), sideFrom(hcl, set("web:1", 2))).apply;
  expect((one?.settled ?? 0) - 10 * MINUTE).toBeLessThan(all / 2);
});

test("a manifest's replicas win over what the HPA has made of them; one without replicas leaves them alone", () => {
  const hcl = shop({ user: fixed(3) });
  const busy = scenario.replace("0.3", "1.2");
  const play = (replicas: number | "") => {
    const side = sideFrom(hcl, web({ replicas }) + hpa(2, 12));
    return playText(busy, side, side).events.filter(({ kind, at }) => kind === "apply" && at === 10 * MINUTE);
  };
  expect(play(6).map(({ text }) => text)).toContain("11 → 6 replicas, as the manifest says");
  expect(play("").filter(({ text }) => text.includes("replicas"))).toEqual([]);
});

test("a manifest that loses its replicas falls back to one pod until the HPA acts", () => {
  const hcl = shop({ user: fixed(3) });
  const base = sideFrom(hcl, web({ replicas: 6 }) + hpa(2, 12));
  const result = playText(scenario, sideFrom(hcl, web({ replicas: "" }) + hpa(2, 12)), base);
  expect(result.events.map(({ text }) => text).find((text) => text.includes("as the manifest says"))).toMatch(
    /→ 1 replicas/,
  );
});

test("a workload that goes is deleted, a new one is no downtime before it is up", () => {
  const hcl = shop({ user: fixed(2) });
  const result = playText(
    scenario,
    sideFrom(hcl, web().replaceAll("name: web", "name: shop").replaceAll("app: web", "app: shop")),
    sideFrom(hcl, web()),
  );
  expect(result.apply?.workloads.filter(({ downMs }) => downMs > 0)).toEqual([]);
  expect(result.samples.replicas["Deployment/default/web"]?.at(-1)).toBe(0);
  expect(result.samples.replicas["Deployment/default/shop"]?.at(-1)).toBe(6);
});

test("pools that go are drained before the cluster and the others are touched", () => {
  const base = shop({ user: fixed(2), more: pool("old", fixed(2)) });
  const head = shop({
    user: fixed(2),
    more: pool("fresh", fixed(1)),
    cluster: 'cost_analysis_enabled = true\n sku_tier = "Standard"',
  });
  const result = playText(scenario, sideFrom(head, web()), sideFrom(base, web()));
  expect(steps(result)?.map((step) => step.replace(/ with.*: /, ": "))).toEqual([
    "pool old is deleted: done",
    "cluster is updated: done",
    "pool fresh is created: done",
    "manifests are applied: done",
  ]);
  const [old, , fresh] = result.apply?.steps ?? [];
  expect(fresh?.since).toBe(old?.until);
  expect(result.samples.nodes["old"]?.at(-1)).toBe(0);
  expect(result.samples.nodes["fresh"]?.at(-1)).toBe(1);
});

test("a budget that lets no pod go keeps a pool from being deleted, and with it the cluster's update and the manifests", () => {
  const stuck = web({ selector: "nodeSelector: { kubernetes.azure.com/agentpool: old }", replicas: 2 }) + budget(0);
  const base = shop({ user: fixed(2), more: pool("old", fixed(1)) });
  const head = shop({ user: fixed(3), cluster: 'sku_tier = "Standard"' });
  const result = playText(scenario, sideFrom(head, stuck), sideFrom(base, stuck));
  expect(result.apply?.result).toBe("failed");
  expect(steps(result)).toEqual([
    "pool old is deleted: failed",
    "cluster is updated: skipped",
    "pool user is updated: node_count changes: skipped",
    "manifests are applied: skipped",
  ]);
  expect(result.apply?.steps[0]?.reason).toContain("default/web");
});

test("another size rotates the pool by way of a temporary one, which needs its addresses twice", () => {
  const small = 'vm_size = "Standard_D4s_v5"\n node_count = 2\n temporary_name_for_rotation = "tmp"';
  const large = small.replace("D4s", "D8s");
  const result = playText(scenario, sideFrom(shop({ user: large }), web()), sideFrom(shop({ user: small }), web()));
  expect(steps(result)).toEqual(["pool user rotates: vm_size changes: done", "manifests are applied: done"]);
  expect(result.apply?.mostNodes["user"]).toBeGreaterThanOrEqual(4);
  expect(result.samples.cpu.allocatableMilli.at(-1)).toBeGreaterThan(result.samples.cpu.allocatableMilli[0] ?? 0);
  // Node subnet: 31 addresses a node with max_pods 30; 3 of the system pool, at most 2 × 2 of the other and those that are being deleted.
  expect(result.apply?.addresses[0]?.most).toBeGreaterThanOrEqual(7 * 31);
});

test("another size without a temporary name is an error of azurerm, and the manifests do not follow", () => {
  const user = 'vm_size = "Standard_D4s_v5"\n node_count = 2';
  const result = playText(
    scenario,
    sideFrom(shop({ user: user.replace("D4s", "D8s") }), web({ image: "web:2" })),
    sideFrom(shop({ user }), web()),
  );
  expect(result.apply?.result).toBe("failed");
  expect(result.apply?.steps[0]?.reason).toContain("temporary_name_for_rotation");
  expect(result.apply?.steps.at(-1)).toMatchObject({ subject: "manifests", result: "skipped" });
});

test("a rotation that the subnet has no room for fails in Azure's words", () => {
  const small = 'vm_size = "Standard_D4s_v5"\n node_count = 2\n temporary_name_for_rotation = "tmp"';
  // 31 addresses a node: three take 93, two more would need 155.
  const subnet = "10.1.0.0/25";
  const system = 'vm_size = "Standard_D4s_v5"\n node_count = 1';
  const side = (user: string) => sideFrom(shop({ user, subnet, system }), web());
  const result = playText(scenario, side(small.replace("D4s", "D8s")), side(small));
  expect(result.apply?.steps[0]).toMatchObject({ result: "failed" });
  expect(result.apply?.steps[0]?.reason).toContain("SubnetIsFull: nodes has 123 addresses, 155 would be needed");
});

test("an upgrade goes through the control plane and the first pool before the others", () => {
  const hcl = (version: string) =>
    shop({
      user: fixed(2, `orchestrator_version = "${version}"`),
      system: fixed(2, `orchestrator_version = "${version}"`),
    }).replace('kubernetes_version  = "1.33"', `kubernetes_version  = "${version}"`);
  const result = playText(scenario, sideFrom(hcl("1.33"), web() + budget(1)), sideFrom(hcl("1.32"), web() + budget(1)));
  expect(steps(result)).toEqual([
    "cluster control plane 1.32 → 1.33: done",
    "pool system is upgraded: 1.32 → 1.33: done",
    "pool user is upgraded: 1.32 → 1.33: done",
    "manifests are applied: done",
  ]);
  expect(result.upgrades.map(({ pool: name, result: how }) => `${name} ${how}`)).toEqual(["system done", "user done"]);
  expect(result.apply?.workloads.find(({ workload }) => workload.endsWith("web"))?.downMs).toBe(0);
});

test("fewer nodes: the highest numbers are drained and go", () => {
  const result = playText(
    scenario,
    sideFrom(shop({ user: fixed(1) }), web()),
    sideFrom(shop({ user: fixed(3) }), web()),
  );
  expect(result.samples.nodes["user"]?.at(-1)).toBe(1);
  expect(result.upgrades[0]).toMatchObject({ pool: "user", what: "scale-down", nodes: 2, result: "done" });
});

test("max_count and an HPA that grow together let more pods run", () => {
  const user = (max: number) =>
    `vm_size = "Standard_D4s_v5"\n auto_scaling_enabled = true\n min_count = 1\n max_count = ${max}\n zones = ["1", "2", "3"]`;
  const busy = scenario.replace("0.3", "9");
  const before = sideFrom(
    shop({ user: user(1) }),
    web({ replicas: "", more: "" }).replace("spec:\n  \n", "spec:\n") + hpa(2, 6),
  );
  const after = sideFrom(shop({ user: user(4) }), web({ replicas: "" }).replace("spec:\n  \n", "spec:\n") + hpa(2, 20));
  const ready = (result: ReturnType<typeof playText>) => result.samples.replicas["Deployment/default/web"] ?? [];
  const result = playText(`${busy}`, after, before);
  expect(Math.max(...ready(result).slice(0, 10))).toBeLessThan(Math.max(...ready(result)));
  expect(Math.max(...(result.samples.nodes["user"] ?? []))).toBeGreaterThan(1);
});

test("a change that replaces the cluster is not played, and said to be so", () => {
  const head = shop({ user: fixed(2) }).replace('dns_prefix          = "aks"', 'dns_prefix = "other"');
  const result = playText(scenario, sideFrom(head, web()), sideFrom(shop({ user: fixed(2) }), web()));
  expect(result.apply?.result).toBe("failed");
  expect(result.apply?.steps[0]?.reason).toContain("dns_prefix");
});

test("manifests may come first", () => {
  const base = sideFrom(shop({ user: fixed(2) }), web());
  const head = sideFrom(shop({ user: fixed(3) }), web({ image: "web:2" }));
  const result = playText(scenario.replace("apply:", "apply: { manifests: before }"), head, base);
  expect(result.apply?.steps.map(({ subject }) => subject)).toEqual(["manifests", "pool user"]);
});

test("without a base the event is left out, and said so", () => {
  const result = playText(scenario, sideFrom(shop({ user: fixed(2) }), web()));
  expect(result.apply).toBeUndefined();
  expect(result.notSupported[0]).toContain("--base");
});

test("a new NoExecute taint puts out the pods that do not tolerate it", () => {
  const head = shop({ user: fixed(2, 'node_taints = ["team=a:NoExecute"]') });
  const result = playText(scenario, sideFrom(head, web()), sideFrom(shop({ user: fixed(2) }), web()));
  expect(result.apply?.workloads[0]).toMatchObject({ lowest: { ready: 0, wanted: 6 }, mostPending: 6 });
  expect(result.apply?.settled).toBeUndefined();
});
