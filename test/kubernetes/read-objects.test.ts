import { expect, test } from "@jest/globals";
import { readObjects } from "../../src/kubernetes/read-objects.ts";
import { parseYamlDocuments } from "../../src/load/yaml/documents.ts";

const read = (text: string) => {
  const { value, diagnostics } = readObjects(parseYamlDocuments(text, "a.yaml").value);
  return {
    objects: value.map(({ object }) => object),
    problems: diagnostics.map(
      ({ code, detail, range }) => [code, range?.start.line, range?.start.column, detail] as const,
    ),
  };
};

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: two
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: null
      containers:
      - {name: c, image: i, resources: {requests: {cpu: lots, memory: 1Gi}}, comand: [x]}
`;

test("fields of a wrong type are reported and left out, nulls too", () => {
  const { objects, problems } = read(deployment);
  expect(objects[0]).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "c", image: "i", resources: { requests: { memory: "1Gi" } }, comand: ["x"] }] },
      },
    },
  });
  expect(problems.map(([code, line, column]) => [code, line, column])).toEqual([
    ["AKS9115", 5, 13],
    ["AKS9115", 12, 57],
    ["AKS9114", 12, 86],
  ]);
  expect(problems[0]?.[3]).toContain('"spec.replicas" of Deployment/web must be a whole number, not "two"');
});

test("a document that is no object, or lacks its name, is left out with a word", () => {
  const { objects, problems } = read("a: 1\n---\nkind: Pod\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Pod\n");
  expect(objects).toEqual([]);
  expect(problems.map(([code]) => code)).toEqual(["AKS9116", "AKS9111", "AKS9111"]);
});

test("unknown kinds are carried, in the scope that the input's own definition gives", () => {
  const { objects, problems } = read(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {group: example.com, scope: Cluster, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true, storage: true}]}
---
{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}, spec: {any: 1}}
---
{apiVersion: example.com/v1, kind: Other, metadata: {name: o}}
`);
  expect(problems).toEqual([]);
  expect(objects.slice(1).map(({ metadata }) => metadata)).toEqual([
    { name: "t" },
    { name: "o", namespace: "default" },
  ]);
});

test("of two objects of one name the later counts", () => {
  const { objects, problems } = read(
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: '1'}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: '2'}}\n",
  );
  expect(objects).toMatchObject([{ data: { k: "2" } }]);
  expect(problems.map(([code, line]) => [code, line])).toEqual([["AKS9112", 3]]);
});

test("a version that is no longer served is named with its successor", () => {
  const { problems } = read("{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: a}}\n");
  expect(problems[0]?.[3]).toContain("Use policy/v1");
});

test("a cluster-wide object loses the namespace it was given", () => {
  expect(read("{apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: b}}").objects[0]?.metadata).toEqual({
    name: "a",
  });
});
