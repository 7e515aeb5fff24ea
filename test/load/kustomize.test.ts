import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { kustomizeTools } from "../../src/kubernetes/kustomize-tools.ts";
import { applyJsonPatch } from "../../src/load/json-patch.ts";
import { contentHash } from "../../src/load/kustomize-generators.ts";
import { loadManifests } from "../../src/load/manifests.ts";
import type { JsonObject } from "../../src/model/json.ts";

const made: string[] = [];
afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true });
});

const build = (files: Readonly<Record<string, string>>, path = "k8s") => {
  const root = mkdtempSync(join(tmpdir(), "kustomize-"));
  made.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const { value, diagnostics } = loadManifests([path], { root, kustomize: kustomizeTools });
  return {
    objects: value.map((document) => document.value as JsonObject),
    said: diagnostics.map(({ code, severity, detail }) => `${severity} ${code} ${detail}`),
    files: value.map(({ range }) => range.file),
  };
};

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web
          envFrom: [{configMapRef: {name: settings}}]
        - {name: side, image: "side:1"}
      volumes: [{name: s, secret: {secretName: keys}}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;

test("namespace, names, labels, images and replicas of an overlay", () => {
  const { objects, said, files } = build(
    {
      "k8s/base/kustomization.yaml": "resources: [web.yaml, ns.yaml]\n",
      "k8s/base/web.yaml": web,
      "k8s/base/ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: any}\n",
      "k8s/prod/kustomization.yaml":
        'namespace: prod\nnamePrefix: p-\nresources: [../base]\nlabels: [{pairs: {team: a}, includeSelectors: true}]\nimages: [{name: web, newName: acr.azurecr.io/web, newTag: "2.1"}, {name: side, digest: "sha256:ab"}]\nreplicas: [{name: p-web, count: 4}]\n',
    },
    "k8s/prod",
  );
  expect(said).toEqual([expect.stringMatching(/^info AKS9105 /)]);
  expect(files.every((file) => file.startsWith("k8s/base/"))).toBe(true);
  expect(objects).toMatchObject([
    {
      metadata: { name: "p-web", namespace: "prod", labels: { team: "a" } },
      spec: {
        replicas: 4,
        selector: { matchLabels: { app: "web", team: "a" } },
        template: {
          metadata: { labels: { app: "web", team: "a" } },
          spec: { containers: [{ image: "acr.azurecr.io/web:2.1" }, { image: "side@sha256:ab" }] },
        },
      },
    },
    { kind: "Service", metadata: { name: "p-web", namespace: "prod" }, spec: { selector: { app: "web", team: "a" } } },
    { kind: "Namespace", metadata: { name: "prod" } },
  ]);
});

test("generated objects get the hash of their content, and what refers to them follows", () => {
  const { objects } = build({
    "k8s/kustomization.yaml":
      "resources: [web.yaml]\nconfigMapGenerator: [{name: settings, literals: [A=1]}]\nsecretGenerator: [{name: keys, literals: [k=v], options: {disableNameSuffixHash: true}}]\n",
    "k8s/web.yaml": web,
  });
  const settings = objects.find(({ kind }) => kind === "ConfigMap") as { metadata: { name: string } };
  expect(settings.metadata.name).toMatch(/^settings-[a-z0-9]{10}$/);
  expect(objects[0]).toMatchObject({
    spec: {
      template: {
        spec: {
          containers: [{ envFrom: [{ configMapRef: { name: settings.metadata.name } }] }, {}],
          volumes: [{ secret: { secretName: "keys" } }],
        },
      },
    },
  });
  expect(objects.find(({ kind }) => kind === "Secret")).toMatchObject({ data: { k: "dg==" } });
});

test.each([
  ["ConfigMap", "example-configmap-1", { "application.properties": "FOO=Bar\n" }, "8mbdf7882g"],
  ["ConfigMap", "example-configmap-2", { FOO: "Bar" }, "g2hdhfc6tk"],
])("the hash of a %s is kustomize's (%s of the Kubernetes documentation)", (kind, name, data, hash) => {
  expect(contentHash({ kind, metadata: { name }, data } as JsonObject)).toBe(hash);
});

test("patches: merged by the kind's keys, by target, as operations, and to take an object away", () => {
  const { objects, said } = build({
    "k8s/kustomization.yaml": `resources: [web.yaml]
patches:
  - path: limits.yaml
  - target: {kind: Deployment, name: w.*}
    patch: |-
      - {op: replace, path: /spec/replicas, value: 3}
      - {op: add, path: /spec/template/spec/containers/0/args, value: [--fast]}
  - patch: |-
      $patch: delete
      apiVersion: v1
      kind: Service
      metadata: {name: web}
`,
    "k8s/web.yaml": web,
    "k8s/limits.yaml":
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web, resources: {limits: {cpu: 1}}}]}}}\n",
  });
  expect(said).toEqual([expect.stringMatching(/^info AKS9105 /)]);
  expect(objects).toHaveLength(1);
  expect(objects[0]).toMatchObject({
    spec: {
      replicas: 3,
      template: {
        spec: {
          containers: [
            { name: "web", image: "web", args: ["--fast"], resources: { limits: { cpu: 1 } } },
            { name: "side" },
          ],
        },
      },
    },
  });
});

test("a component changes what is there, and a generator merges into it", () => {
  const { objects } = build({
    "k8s/kustomization.yaml":
      "resources: [base]\ncomponents: [more]\nconfigMapGenerator: [{name: settings, behavior: merge, literals: [B=2]}]\n",
    "k8s/base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator: [{name: settings, literals: [A=1]}]\n",
    "k8s/base/web.yaml": web,
    "k8s/unused/kustomization.yaml": "kind: Component\nreplicas: [{name: web, count: 9}]\n",
    "k8s/more/kustomization.yaml": "kind: Component\nreplicas: [{name: web, count: 7}]\n",
  });
  expect(objects[0]).toMatchObject({ spec: { replicas: 7 } });
  expect(objects.filter(({ kind }) => kind === "ConfigMap")).toMatchObject([{ data: { A: "1", B: "2" } }]);
});

test("of several overlays of one base that of production is read, or the one that is named", () => {
  const files = {
    "k8s/base/kustomization.yaml": "resources: [web.yaml]\n",
    "k8s/base/web.yaml": web,
    "k8s/dev/kustomization.yaml": "namespace: dev\nresources: [../base]\n",
    "k8s/prod/kustomization.yaml": "namespace: prod\nresources: [../base]\n",
    "k8s/test/kustomization.yaml": "namespace: test\nresources: [../base]\n",
  };
  const all = build(files);
  expect(new Set(all.objects.map(({ metadata }) => (metadata as JsonObject)["namespace"]))).toEqual(new Set(["prod"]));
  expect(all.said[0]).toMatch(/^info AKS9107 "k8s\/prod" is read, and "k8s\/dev", "k8s\/test" are not/);
  const one = build(files, "k8s/test");
  expect(one.objects[0]).toMatchObject({ metadata: { namespace: "test" } });
  expect(one.said).toHaveLength(1);
});

test.each([
  ["replacements: []\n", /changes its resources \(replacements\)/],
  [
    "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: gone}}'}]\n",
    /has a patch finds no Service "gone"/,
  ],
  ["resources: [https://github.com/o/r]\n", /from the network/],
])("what cannot be followed is left to kustomize: %s", (text, why) => {
  const { objects, said } = build({ "k8s/kustomization.yaml": text });
  expect(objects).toEqual([]);
  expect(said).toEqual([expect.stringMatching(/^warning AKS9104 /)]);
  expect(said[0]).toMatch(why);
});

test.each([
  [[{ op: "add", path: "/a/-", value: 3 }], { a: [1, 2, 3] }],
  [[{ op: "add", path: "/a/0", value: 0 }], { a: [0, 1, 2] }],
  [[{ op: "replace", path: "/a/1", value: 9 }], { a: [1, 9] }],
  [[{ op: "remove", path: "/a/0" }], { a: [2] }],
  [[{ op: "move", from: "/a", path: "/b~1c" }], { "b/c": [1, 2] }],
  [[{ op: "copy", from: "/a/0", path: "/x" }], { a: [1, 2], x: 1 }],
])("a JSON patch: %j", (operations, expected) => {
  expect(applyJsonPatch({ a: [1, 2] }, operations)).toEqual({ value: expected });
});

test.each([
  [{ op: "replace", path: "/nope", value: 1 }],
  [{ op: "remove", path: "/a/7" }],
  [{ op: "test", path: "/a/0", value: 2 }],
  [{ op: "add", path: "/x/y", value: 1 }],
])("a JSON patch that cannot be applied says so: %j", (operation) => {
  expect(applyJsonPatch({ a: [1, 2] }, [operation])).toHaveProperty("problem");
});
