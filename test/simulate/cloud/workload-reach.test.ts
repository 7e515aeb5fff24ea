import { expect, test } from "@jest/globals";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { listReach, policyEngine, reachChanges, workloadReach } from "../../../src/simulate/cloud/workload-reach.ts";
import { aksCluster } from "../../support/platform.ts";

const deployment = (name: string): KubeObject =>
  ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "shop" },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name, ports: [{ containerPort: 80 }] }] },
      },
    },
  }) as KubeObject;

const toWebOnly = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "db", namespace: "shop" },
  spec: {
    podSelector: { matchLabels: { app: "db" } },
    policyTypes: ["Ingress"],
    ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: 80 }] }],
  },
} as KubeObject;

const objects = [deployment("web"), deployment("db")];
const cilium = aksCluster({ network: { dataPlane: "cilium" } });

test("the engine is the cluster's", () => {
  expect(policyEngine(aksCluster())).toBe("none");
  expect(policyEngine(cilium)).toBe("cilium");
  expect(policyEngine(aksCluster({ network: { policy: "calico" } }))).toBe("calico");
});

test("a policy is listed where it is enforced, and only there", () => {
  const lines = (cluster: ReturnType<typeof aksCluster>) =>
    listReach(workloadReach(cluster, [...objects, toWebOnly])).map(({ from, to, connections }) => [
      from,
      to,
      connections,
    ]);
  expect(lines(cilium)).toEqual([
    ["Deployment/shop/db", "Deployment/shop/web", "all"],
    ["Deployment/shop/web", "Deployment/shop/db", "TCP 80"],
  ]);
  expect(lines(aksCluster()).map((line) => line[2])).toEqual(["all", "all"]);
});

test("a change shows what it closes", () => {
  expect(reachChanges(workloadReach(cilium, objects), workloadReach(cilium, [...objects, toWebOnly]))).toEqual([
    {
      from: "Deployment/shop/web",
      to: "Deployment/shop/db",
      before: "all",
      after: "TCP 80",
      opens: false,
      closes: true,
    },
  ]);
});
