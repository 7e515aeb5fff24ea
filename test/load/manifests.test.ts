import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { loadManifests } from "../../src/load/manifests.ts";
import type { Render } from "../../src/load/render.ts";

const made: string[] = [];
afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true });
});

const tree = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(tmpdir(), "manifests-"));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
};

const named = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const load = (root: string, paths: readonly string[], render?: Render) => {
  const { value, diagnostics } = loadManifests(paths, { root, ...(render === undefined ? {} : { render }) });
  return {
    names: value.map((document) => (document.value as { metadata: { name: string } }).metadata.name),
    files: value.map((document) => document.range.file),
    codes: diagnostics.map(({ code }) => code),
    details: diagnostics.map(({ detail }) => detail).join("\n"),
  };
};

test("reads a folder in order of name, JSON too, hidden folders not", () => {
  const root = tree({
    "k8s/b.yaml": named("b"),
    "k8s/a/x.yml": named("x"),
    "k8s/c.json": '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
    "k8s/.git/z.yaml": named("z"),
    "k8s/readme.md": "no",
  });
  expect(load(root, ["k8s"])).toMatchObject({
    names: ["x", "b", "c"],
    files: ["k8s/a/x.yml", "k8s/b.yaml", "k8s/c.json"],
    codes: [],
  });
});

test("a path that is not there is reported", () => {
  expect(load(tree({}), ["nope"]).codes).toEqual(["AKS9103"]);
});

test("a kustomization that only lists resources is read directly, its base once", () => {
  const root = tree({
    "k8s/base/kustomization.yaml": "resources: [a.yaml]\n",
    "k8s/base/a.yaml": named("a"),
    "k8s/base/unlisted.yaml": named("unlisted"),
    "k8s/overlay/kustomization.yaml": "resources:\n- ../base\n- b.yaml\n",
    "k8s/overlay/b.yaml": named("b"),
  });
  expect(load(root, ["k8s"])).toMatchObject({ names: ["a", "b"], codes: ["AKS9105"] });
});

test("a kustomization that changes its resources is named as not seen", () => {
  const root = tree({
    "k/kustomization.yaml": "resources: [a.yaml]\nnamePrefix: x-\n",
    "k/a.yaml": named("a"),
  });
  const read = load(root, ["k"]);
  expect(read).toMatchObject({ names: [], codes: ["AKS9104"] });
  expect(read.details).toContain("namePrefix");
});

test.each([
  ["the network", "resources: ['https://example.com/x.yaml']\n", "network"],
  ["outside the root", "resources: [../../../etc/x.yaml]\n", "outside"],
])("a kustomization that takes from %s is not read", (_name, text, word) => {
  expect(load(tree({ "k/kustomization.yaml": text }), ["k"]).details).toContain(word);
});

test("with a renderer overlays and charts are rendered", () => {
  const root = tree({ "k/kustomization.yaml": "namePrefix: x-\nresources: []\n", "chart/Chart.yaml": "name: c\n" });
  const render: Render = (program, args) =>
    program === "kubectl" ? { missing: true } : { output: named(`${program}-${args[0]}`) };
  expect(load(root, ["k", "chart"], render)).toMatchObject({ names: ["kustomize-build", "helm-template"], codes: [] });
});

test("a chart is not seen without a renderer", () => {
  const root = tree({ "chart/Chart.yaml": "name: c\n", "chart/templates/a.yaml": "{{ x }}" });
  expect(load(root, ["."])).toMatchObject({ names: [], codes: ["AKS9104"] });
});

test("a link out of the root is not followed", () => {
  const outside = tree({ "secret.yaml": named("secret") });
  const root = tree({ "k/a.yaml": named("a") });
  symlinkSync(join(outside, "secret.yaml"), join(root, "k/link.yaml"));
  expect(load(root, ["k"]).names).toEqual(["a"]);
});

test("a kustomization of a folder that was named outside of the root reads its own folder", () => {
  const root = tree({
    "infra/main.tf": "",
    "k8s/kustomization.yaml": "resources: [a.yaml]\n",
    "k8s/a.yaml": named("a"),
  });
  expect(load(join(root, "infra"), ["../k8s"])).toMatchObject({ names: ["a"], codes: ["AKS9105"] });
});

test("what cannot be read in a file that holds no manifests is a note", () => {
  const root = tree({ "k8s/a.yaml": named("a"), "k8s/words.json": "[\n  // words\n  'a b': c\n" });
  const { value, diagnostics } = loadManifests(["k8s"], { root });
  expect(value).toHaveLength(1);
  expect(diagnostics.length).toBeGreaterThan(0);
  expect(new Set(diagnostics.map(({ severity }) => severity))).toEqual(new Set(["info"]));
});
