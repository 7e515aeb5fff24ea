import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { loadConfiguration, readConfiguration } from "../../src/load/configuration.ts";
import { parseYamlDocuments } from "../../src/load/yaml/documents.ts";
import { formatPlace } from "../../src/model/source-range.ts";

const folder = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(tmpdir(), "aks-twin-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
};

const everything = `manifests: [k8s, /opt/manifests]
variableFiles: prod.tfvars
mocks: mocks.json
skus: skus.json
modules: { "app.terraform.io/x/y": vendor/y }
`;

test("the nearest file upwards counts, and its paths are told from the reviewed folder", () => {
  const root = folder({ "aks-twin.yaml": "failOn: info", "infra/aks-twin.yaml": everything, "infra/prod/main.tf": "" });
  const { value, diagnostics } = loadConfiguration(join(root, "infra/prod"), "infra/prod", root);
  expect(diagnostics).toEqual([]);
  expect(value).toMatchObject({
    file: "infra/aks-twin.yaml",
    manifests: ["../k8s", "/opt/manifests"],
    variableFiles: ["../prod.tfvars"],
    mocks: "../mocks.json",
    skus: "../skus.json",
    failOn: undefined,
  });
  expect([...value.modules]).toEqual([["app.terraform.io/x/y", "../vendor/y"]]);
});

test("the folder's own file counts before those above it", () => {
  const root = folder({ "aks-twin.yaml": "failOn: info", "prod/aks-twin.yml": "failOn: warning\nmanifests: k8s" });
  const { value } = loadConfiguration(join(root, "prod"), "prod", root);
  expect([value.file, value.failOn, value.manifests]).toEqual(["prod/aks-twin.yml", "warning", ["k8s"]]);
});

test("nothing above the root is read, and nothing above the folder without a root", () => {
  const root = folder({ "aks-twin.yaml": "failOn: info", "repo/infra/main.tf": "" });
  expect(loadConfiguration(join(root, "repo/infra"), "infra", join(root, "repo")).value.file).toBeUndefined();
  expect(loadConfiguration(join(root, "repo/infra"), "").value.file).toBeUndefined();
});

const read = (text: string) => {
  const [document] = parseYamlDocuments(text, "aks-twin.yaml").value;
  if (document === undefined) throw new Error("the row is no YAML");
  return readConfiguration(document, "aks-twin.yaml");
};

test("each key knows its place", () => {
  const { value } = read("failOn: info\nload:\n  default: 0.5\n");
  expect([...value.origins].map(([key, range]) => `${key} ${formatPlace(range)}`)).toEqual([
    "failOn aks-twin.yaml:1:9",
    "load aks-twin.yaml:3:3",
  ]);
});

const policy = (rest: string) => `policies:\n  - ${rest.replaceAll("\n", "\n    ")}\n`;

test.each([
  [policy("code: AKS1001\ntitle: t\nexpression: 'true'"), "policies.0.code", 2],
  [policy("code: org\ntitle: t\nexpression: 'true'"), "policies.0.code", 2],
  [policy("code: ORG001\nexpression: 'true'"), "policies.0.title", 2],
  [policy("code: ORG001\ntitle: t\nexpression: true"), "policies.0.expression", 4],
  [policy("code: ORG001\ntitle: t\nexpression: 'true'\nseverity: fatal"), "policies.0.severity", 5],
  [policy("code: ORG001\ntitle: t\nexpression: 'true'\nexpresion: 'true'"), "policies.0.expresion", 5],
  [
    `${policy("code: ORG001\ntitle: t\nexpression: 'true'")}  - { code: ORG001, title: u, expression: 'true' }`,
    "policies.1.code",
    5,
  ],
  ["policies: { a: 1 }", "policies", 1],
])("a policy that is wrong is told at its place: %j", (text, path, line) => {
  const { diagnostics } = read(text);
  expect(diagnostics.map(({ code, detail, range }) => [code, detail.split('"')[1], range?.start.line])).toEqual([
    ["AKS9401", path, line],
  ]);
});
