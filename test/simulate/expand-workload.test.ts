import { expect, test } from "@jest/globals";
import type { Node } from "../../src/kubernetes/node.ts";
import type { KubeObject } from "../../src/kubernetes/object.ts";
import { readObjects } from "../../src/kubernetes/read-objects.ts";
import { parseYamlDocuments } from "../../src/load/yaml/documents.ts";
import { expandWorkload } from "../../src/simulate/controllers/expand-workload.ts";

const read = (text: string): KubeObject => {
  const object = readObjects(parseYamlDocuments(text, "a.yaml").value).value[0]?.object;
  if (object === undefined) throw new Error("no object");
  return object;
};

const workload = (kind: string, extra = "", podSpec = ""): KubeObject =>
  read(`apiVersion: ${kind === "Job" || kind === "CronJob" ? "batch/v1" : "apps/v1"}
kind: ${kind}
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      ${podSpec}
      containers: [{name: c, image: "i:1", resources: {limits: {cpu: 1}}}]
${extra}`);

test("a Deployment's pods carry the template's hash and share one spec", () => {
  const { pods } = expandWorkload(workload("Deployment", "  replicas: 3"));
  expect(pods).toHaveLength(3);
  const [first, second] = pods;
  const hash = first?.metadata.labels?.["pod-template-hash"];
  expect(first?.metadata).toMatchObject({
    namespace: "shop",
    ownerReferences: [{ kind: "ReplicaSet", name: `web-${hash}` }],
  });
  expect(first?.metadata.name).toMatch(new RegExp(`^web-${hash}-[bcdfghjklmnpqrstvwxz2456789]{5}$`));
  expect(new Set(pods.map((pod) => pod.metadata.name)).size).toBe(3);
  expect(first?.spec).toBe(second?.spec);
  expect(first?.spec.containers[0]?.resources?.requests).toEqual({ cpu: 1 });
});

test("the count that is given replaces the object's", () => {
  expect(expandWorkload(workload("Deployment", "  replicas: 3"), 5).pods).toHaveLength(5);
  expect(expandWorkload(workload("Deployment"), 0).pods).toHaveLength(0);
});

test("a StatefulSet's pods have ordinals and claims of their own", () => {
  const set = workload(
    "StatefulSet",
    "  replicas: 2\n  serviceName: web\n  ordinals: {start: 5}\n  volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}]",
  );
  const { pods, claims } = expandWorkload(set);
  expect(pods.map((pod) => pod.metadata.name)).toEqual(["web-5", "web-6"]);
  expect(pods[0]?.spec).toMatchObject({
    hostname: "web-5",
    subdomain: "web",
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-web-5" } }],
  });
  expect(claims.map((claim) => [claim.metadata.namespace, claim.metadata.name])).toEqual([
    ["shop", "data-web-5"],
    ["shop", "data-web-6"],
  ]);
});

const node = (name: string, rest: Partial<Node["spec"]> = {}, labels: Record<string, string> = {}): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels },
  spec: rest as Node["spec"] & object,
});

test("a DaemonSet's pods go to the nodes that its selector and tolerations allow", () => {
  const nodes = [
    node("a"),
    node("b", { taints: [{ key: "gpu", effect: "NoSchedule" }] }),
    node("c", { unschedulable: true, taints: [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }] }),
    node("d", {}, { os: "windows" }),
  ];
  const on = (set: KubeObject) =>
    expandWorkload(set, undefined, nodes).pods.map(
      (pod) =>
        pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
          ?.matchFields?.[0]?.values?.[0],
    );
  expect(on(workload("DaemonSet"))).toEqual(["a", "c", "d"]);
  expect(on(workload("DaemonSet", "", "nodeSelector: {os: windows}"))).toEqual(["d"]);
  expect(on(workload("DaemonSet", "", "tolerations: [{operator: Exists}]"))).toEqual(["a", "b", "c", "d"]);
});

test.each([
  ["as many as run at a time", "  parallelism: 2\n  completions: 5", 2],
  ["no more than are to complete", "  parallelism: 9\n  completions: 3", 3],
  ["none while suspended", "  suspend: true", 0],
])("a Job's pods: %s", (_name, extra, count) => {
  expect(expandWorkload(workload("Job", extra)).pods).toHaveLength(count);
});

test("a CronJob's pods are those of one run", () => {
  const cron = read(`apiVersion: batch/v1
kind: CronJob
metadata: {name: report}
spec:
  schedule: "* * * * *"
  jobTemplate: {spec: {parallelism: 2, completions: 2, template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}
`);
  expect(expandWorkload(cron).pods.map((pod) => pod.metadata.name.slice(0, 7))).toEqual(["report-", "report-"]);
});

test("ten thousand pods of one owner have ten thousand names", () => {
  const { pods } = expandWorkload(workload("Deployment"), 10_000);
  expect(new Set(pods.map((pod) => pod.metadata.name)).size).toBe(10_000);
});
