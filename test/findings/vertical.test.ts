import { expect, test } from "@jest/globals";
import { playText, sideFrom } from "../simulate/scenario/scenario-support.ts";
import { shop } from "../support/shop.ts";
import { findingsOf } from "../support/world.ts";

const hcl = shop({ user: 'vm_size = "Standard_D4s_v5"\n node_count = 2' });
const yaml = (policies: string, mode = "Auto") => `apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart } }
    spec:
      containers:
        - { name: main, image: "cart:1", resources: { requests: { cpu: 250m, memory: 256Mi } } }
        - { name: proxy, image: "proxy:1", resources: { requests: { cpu: 100m, memory: 64Mi } } }
---
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: { name: cart, namespace: shop }
spec:
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: cart }
  updatePolicy: { updateMode: ${mode} }
  resourcePolicy: { containerPolicies: [${policies}] }
`;
const both = (cpu: string) =>
  `{ containerName: main, minAllowed: { cpu: 100m, memory: 128Mi }, maxAllowed: { cpu: "${cpu}", memory: 1Gi } }, { containerName: proxy, mode: "Off" }`;

const said = (text: string, source = hcl) =>
  findingsOf({ hcl: source, yaml: text }, true).filter(({ code }) => code === "AKS6050" || code === "AKS6051");

test("bounds within a node are named, and nothing more", () => {
  const found = said(yaml(both("2")));
  expect(found.map(({ code }) => code)).toEqual(["AKS6050"]);
  expect(found[0]?.detail).toContain(
    'container "main" now 250m and 256 MiB, cpu 100m to 2000m, memory 128 MiB to 1024 MiB; container "proxy" stays as it is',
  );
  expect(found[0]?.detail).toContain('at its upper bounds the pod fits an empty node of "system", "user"');
});

test("bounds that no node holds are a warning, with Off they are not", () => {
  expect(said(yaml(both("4"))).map(({ code }) => code)).toEqual(["AKS6051", "AKS6050"]);
  expect(said(yaml(both("4"), '"Off"')).map(({ code }) => code)).toEqual(["AKS6050"]);
});

test("without an upper bound nothing is claimed", () => {
  const found = said(yaml('{ containerName: "*", minAllowed: { cpu: 50m } }'));
  expect(found.map(({ code }) => code)).toEqual(["AKS6050"]);
  expect(found[0]?.detail).toContain("it has no upper bound");
});

test("a pool of a size that is not known may hold what the others do not", () => {
  const unknown = hcl.replace(
    'vm_size = "Standard_D4s_v5"\n node_count = 2',
    'vm_size = "Standard_Z99"\n node_count = 2',
  );
  expect(said(yaml(both("4")), unknown).map(({ code }) => code)).toEqual(["AKS6050"]);
});

test("a scenario names it and its bounds, and plays the manifest's requests", () => {
  const { vertical } = playText("until: 10m", sideFrom(hcl, yaml(both("2"))));
  expect(vertical).toHaveLength(1);
  expect(vertical[0]).toMatchObject({
    updateMode: "Auto",
    least: { milliCpu: 200, memoryBytes: 192 * 2 ** 20 },
    most: { milliCpu: 2100, memoryBytes: 1088 * 2 ** 20 },
    fitsAtMost: ["system", "user"],
  });
});
