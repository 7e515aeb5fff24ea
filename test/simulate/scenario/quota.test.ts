import { expect, test } from "@jest/globals";
import type { VcpuQuota } from "../../../src/azure/sku-dump.ts";
import { shop } from "../../support/shop.ts";
import { playText, sideFrom } from "./scenario-support.ts";

const web = (replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      nodeSelector: { kubernetes.azure.com/agentpool: user }
      containers: [{ name: web, image: "web:1", resources: { requests: { cpu: 1500m, memory: 256Mi } } }]
`;
const hcl = shop({
  system: 'vm_size = "Standard_D4s_v5"\n node_count = 1',
  user: 'vm_size = "Standard_D4s_v5"\n auto_scaling_enabled = true\n min_count = 1\n max_count = 10',
});

const most = (text: string, quotas?: ReadonlyMap<string, VcpuQuota>) => {
  const result = playText(text, sideFrom(hcl, web(12)), undefined, { quotas });
  return { result, nodes: Math.max(...(result.samples.nodes["user"] ?? [])) };
};

// Two pods a node: twelve need six nodes, and with the system node 28 vCPUs. Azure refuses a request as a whole.
test("growth past the vCPU quota of the scenario is refused in Azure's words", () => {
  expect(most("until: 1h\nvcpuQuota: { standardDSv5Family: 28 }").nodes).toBe(6);
  const { result, nodes } = most("until: 1h\nvcpuQuota: { standardDSv5Family: 27 }");
  expect(nodes).toBe(1);
  expect(result.events.find(({ kind }) => kind === "provisioning")?.text).toBe(
    "5 nodes refused: QuotaExceeded: standarddsv5family has 27 vCPUs, 28 would be needed",
  );
  expect(result.samples.pods.pending.at(-1)).toBeGreaterThan(0);
});

test("the dump's quota counts what others use, and the scenario's wins over it", () => {
  const quotas = new Map([["cores", { family: "cores", used: 80, limit: 100 }]]);
  expect(most("until: 1h", quotas).nodes).toBe(1);
  expect(most("until: 1h\nvcpuQuota: { cores: 28 }", quotas).nodes).toBe(6);
});

test("machines that are being deleted keep their vCPUs until they are gone: a rotation needs the quota twice", () => {
  const user = 'vm_size = "Standard_D4s_v5"\n node_count = 2\n temporary_name_for_rotation = "tmp"';
  const system = 'vm_size = "Standard_D2s_v5"\n node_count = 1';
  const result = playText(
    "until: 2h\nvcpuQuota: { standardDSv5Family: 17 }\nevents: [{ at: 10m, rotatePool: { pool: user } }]",
    sideFrom(shop({ system, user }), web(2)),
  );
  expect(result.upgrades[0]).toMatchObject({ result: "failed" });
  expect(result.upgrades[0]?.reason).toContain("QuotaExceeded");
});
