import { expect, test } from "@jest/globals";
import type { Service } from "../../../src/kubernetes/networking.ts";
import type { PolicyPod } from "../../../src/simulate/cloud/network-policy.ts";
import { placedPods, serviceEndpoints } from "../../../src/simulate/cloud/service-endpoints.ts";
import { nodePrediction, prediction } from "../../support/prediction.ts";

const pod = (name: string, ports: PolicyPod["ports"]): PolicyPod => ({
  name: `Deployment/shop/${name}`,
  namespace: "shop",
  labels: { app: "web" },
  ports,
  hostNetwork: false,
});
const pods = [pod("web", [{ name: "http", containerPort: 8080 }]), pod("old", [{ containerPort: 80 }])];
const placement = (owner: string, index: number, on: string) => ({
  pod: `shop/${owner}-${index}`,
  owner: `Deployment/shop/${owner}`,
  node: on,
  pool: "user",
});
const placed = placedPods(
  prediction({
    nodes: [
      nodePrediction("a", "westeurope-1"),
      nodePrediction("b", "westeurope-2"),
      nodePrediction("c", "westeurope-3"),
    ],
    placements: [placement("web", 0, "a"), placement("web", 1, "b"), placement("old", 0, "b")],
  }),
);
const ask = (spec: Partial<Service["spec"]>) =>
  serviceEndpoints(
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", namespace: "shop" },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }], ...spec },
    },
    pods,
    placed,
  );

test("a number reaches every pod, a name those that declare it", () => {
  expect(ask({}).ports[0]?.endpoints.map((each) => `${each.pod} ${each.port} ${each.zone}`)).toEqual([
    "shop/web-0 80 westeurope-1",
    "shop/web-1 80 westeurope-2",
    "shop/old-0 80 westeurope-2",
  ]);
  const named = ask({ ports: [{ name: "web", port: 80, targetPort: "http" }] }).ports[0];
  expect(named?.endpoints.map((each) => each.port)).toEqual([8080, 8080]);
  expect(named?.withoutPort).toEqual(["Deployment/shop/old"]);
});

test.each<[name: string, spec: Partial<Service["spec"]>, expected: object]>([
  ["affinity has three hours by default", { sessionAffinity: "ClientIP" }, { affinitySeconds: 10_800 }],
  [
    "affinity with its own time",
    { sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } },
    { affinitySeconds: 60 },
  ],
  [
    "traffic from outside stays local",
    { type: "LoadBalancer", externalTrafficPolicy: "Local" },
    { external: { answers: ["a", "b"], drops: ["c"] } },
  ],
  [
    "traffic from pods stays local",
    { internalTrafficPolicy: "Local" },
    { internal: { answers: ["a", "b"], drops: ["c"] } },
  ],
  ["the older name of a preference", { trafficDistribution: "PreferClose" }, { distribution: "PreferSameZone" }],
  ["the own node", { trafficDistribution: "PreferSameNode" }, { distribution: "PreferSameNode" }],
])("%s", (_, spec, expected) => {
  expect(ask(spec)).toMatchObject(expected);
});

test("a headless Service and a mere name have no policies of the proxy", () => {
  const headless = ask({ clusterIP: "None", sessionAffinity: "ClientIP", internalTrafficPolicy: "Local" });
  expect(headless).toMatchObject({ headless: true });
  expect([headless.affinitySeconds, headless.internal]).toEqual([undefined, undefined]);
  expect(ask({ type: "ExternalName" })).toMatchObject({ kind: "external", ports: [] });
  expect(ask({ selector: {} })).toMatchObject({ kind: "unselected" });
});
