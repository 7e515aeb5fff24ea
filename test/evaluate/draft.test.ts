import { expect, test } from "@jest/globals";
import { draftDocuments, draftOf } from "../../src/evaluate/draft.ts";
import { kubernetesObjectsOf } from "../../src/evaluate/kubernetes-objects.ts";
import { objectValue, stringValue } from "../../src/evaluate/values-construct.ts";
import { stringType } from "../../src/model/type.ts";
import type { UnknownValue, Value } from "../../src/model/value.ts";
import { evaluated } from "../support/evaluated.ts";

const later: UnknownValue = { kind: "unknown", type: stringType, because: "x.y.id is known after apply" };

const textOf = (...parts: readonly Value[]): UnknownValue => ({ ...later, draft: { kind: "text", parts } });

test("of a text with unknown parts the rest is read, without what they lie in", () => {
  const text = textOf(
    stringValue('kind: ServiceAccount\nmetadata:\n  name: app\n  annotations:\n    client: "'),
    later,
    stringValue('"\n    fixed: a\nlist: [1, '),
    later,
    stringValue("-x, 2]\n"),
  );
  expect(draftDocuments(text)).toEqual([
    { kind: "ServiceAccount", metadata: { name: "app", annotations: { fixed: "a" } }, list: [1, 2] },
  ]);
  expect(draftOf(text)?.kind).toBe("object");
  expect(draftOf(later)).toBeUndefined();
});

test("a sensitive part is not shown", () => {
  const secret: Value = { ...stringValue("hush"), marks: new Set(["sensitive"]) };
  expect(draftDocuments(textOf(stringValue("a: "), secret, stringValue("\nb: "), later))).toEqual([
    { a: "(sensitive value)" },
  ]);
});

test("a manifest of which a part is not known yet is seen", () => {
  const [instance] = evaluated(`
terraform {
  required_providers {
    kubectl = {
      source = "alekc/kubectl"
    }
  }
}
resource "kubectl_manifest" "k" {
  yaml_body = ""
}`);
  if (instance === undefined) throw new Error("the configuration has one resource");
  const withBody = (body: Value) => ({
    ...instance,
    values: objectValue([...instance.values.fields, ["yaml_body", body]]),
  });
  const encoded: UnknownValue = {
    ...later,
    draft: {
      kind: "yaml",
      value: objectValue([
        ["apiVersion", stringValue("v1")],
        ["kind", stringValue("ConfigMap")],
        ["metadata", objectValue([["name", stringValue("c")]])],
        ["data", objectValue([["id", later]])],
      ]),
    },
  };
  const written = textOf(stringValue("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: d\ndata:\n  id: "), later);
  const { objects } = kubernetesObjectsOf([withBody(encoded), withBody(written)]);
  expect(objects.map(({ document }) => document)).toEqual([
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: {} },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "d" }, data: {} },
  ]);
});
