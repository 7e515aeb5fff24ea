import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { invalid } from "../../../src/cluster/api-status.ts";
import { prepareForCreate } from "../../../src/cluster/strategy.ts";
import { withoutZeroValues } from "../../../src/kubernetes/canonical.ts";
import { applyDefaults } from "../../../src/kubernetes/defaults.ts";
import { kindInfo } from "../../../src/kubernetes/kinds.ts";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { conform, schemaOf } from "../../../src/kubernetes/schema.ts";
import { validateObject } from "../../../src/kubernetes/validation/validate.ts";
import type { JsonObject } from "../../../src/model/json.ts";

interface Case {
  readonly case: string;
  readonly object: JsonObject & KubeObject;
  readonly message: string;
}

const folder = import.meta.dirname;
const cases: readonly Case[] = readFileSync(join(folder, "cases.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const differing: readonly string[] = JSON.parse(readFileSync(join(folder, "differing.json"), "utf8"));
const now = "2026-01-01T00:00:00Z";

const answerTo = ({ object }: Case): string => {
  const { apiVersion, kind } = object;
  const type = schemaOf(apiVersion, kind);
  const info = kindInfo(apiVersion, kind);
  if (type === undefined || info === undefined) return "unknown kind";
  const read = withoutZeroValues(conform(object, type).value as JsonObject, type);
  const metadata = {
    ...(read["metadata"] as JsonObject),
    ...(info.namespaced ? { namespace: "default" } : {}),
    uid: "00000000-0000-4000-8000-000000000000",
    creationTimestamp: now,
  };
  const defaulted = applyDefaults({ ...read, metadata } as unknown as KubeObject) as unknown as JsonObject;
  const prepared = prepareForCreate(`${info.group}/${kind}`, defaulted, now);
  const problems = validateObject(prepared);
  const name = (prepared["metadata"] as JsonObject)["name"];
  return problems.length === 0
    ? "accepted"
    : invalid({ group: info.group, kind, plural: info.plural }, typeof name === "string" ? name : "", problems).message;
};

describe("what upstream's strategies refuse", () => {
  test.each(cases.filter((one) => !differing.includes(one.case)))("$case", (one) => {
    expect(answerTo(one)).toBe(one.message);
  });

  test.each(cases.filter((one) => differing.includes(one.case)))("$case is still listed rightly", (one) => {
    expect(answerTo(one)).not.toBe(one.message);
  });
});
