import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { openSourceTree } from "../../src/load/source-tree.ts";
import { readPlatform } from "../../src/read-platform.ts";
import { sampleInput } from "../support/samples.ts";

const read = (files: Readonly<Record<string, string>>) => {
  const root = mkdtempSync(join(tmpdir(), "aks-twin-gitops-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const tree = openSourceTree(root);
  if (tree === undefined) throw new Error("no tree");
  return readPlatform({ ...sampleInput("infra"), tree, directory: "infra" });
};

const application = (path: string): string =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop, namespace: argocd}\nspec:\n  destination: {namespace: shop}\n  source: {repoURL: https://example.org/shop.git, path: ${path}}\n`;

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n";

test("what an Argo CD Application deploys from this repository is read, in its namespace", () => {
  const { objects } = read({ "infra/k8s/app.yaml": application("apps/shop"), "apps/shop/a.yaml": configMap });
  const found = objects.find(({ object }) => object.kind === "ConfigMap");
  expect(found?.object.metadata.namespace).toBe("shop");
  expect(found?.range.file).toBe("apps/shop/a.yaml");
});

test("what a Flux Kustomization deploys is read", () => {
  const flux =
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec: {path: ./apps, targetNamespace: web}\n";
  const { objects } = read({ "infra/k8s/flux.yaml": flux, "apps/a.yaml": configMap });
  expect(objects.find(({ object }) => object.kind === "ConfigMap")?.object.metadata.namespace).toBe("web");
});

test.each(["elsewhere", "../../../etc"])("a source at %s is named as not seen", (path) => {
  const { objects, diagnostics } = read({ "infra/k8s/app.yaml": application(path) });
  expect(objects.map(({ object }) => object.kind)).toEqual(["Application"]);
  expect(diagnostics.find(({ code }) => code === "AKS9412")?.detail).toContain(`deploys "${path}"`);
});
