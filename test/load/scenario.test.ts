import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { readDuration, readScenario } from "../../src/load/scenario.ts";
import { parseYamlDocuments } from "../../src/load/yaml/documents.ts";

const read = (text: string, files: Readonly<Record<string, string>> = {}) => {
  const document = parseYamlDocuments(text, "scenario.yaml").value[0];
  if (document === undefined) throw new Error("no document");
  return readScenario(document, (name) => files[name]);
};

test.each([
  ["90s", 90_000],
  ["2h30m", 9_000_000],
  ["1.5h", 5_400_000],
  ["10", undefined],
  ["1w", undefined],
])("the duration %s is %s", (text, expected) => {
  expect(readDuration(text)).toBe(expected);
});

test("times of day are counted from the beginning, into the next day where they have passed", () => {
  const { value, diagnostics } = read(
    'start: "22:00"\nevents:\n  - { at: "23:30", stop: { for: 10m } }\n  - { at: "01:00", nodeFailure: {} }\n  - { at: 5m, clusterUpgrade: }\n',
  );
  expect(diagnostics).toEqual([]);
  expect(value.events.map(({ at, action }) => [action.kind, at / 60_000])).toEqual([
    ["stop", 90],
    ["nodeFailure", 180],
    ["upgrade", 5],
  ]);
});

test("date, run times, quotas, metrics and the apply are read", () => {
  const { value, diagnostics } = read(`date: "2026-03-02"
runTimes: { default: 10m, workloads: { CronJob/shop/report: 1h } }
vcpuQuota: { standardDDSv5Family: 48 }
metrics: { ScaledObject/shop/orders: { azure-servicebus: 40 } }
events:
  - { at: 1h, apply: { manifests: before } }
  - { at: 2h, apply: }
`);
  expect(diagnostics).toEqual([]);
  expect(value.date).toBe("2026-03-02");
  expect([value.runTimes?.default, [...(value.runTimes?.workloads ?? [])]]).toEqual([
    600_000,
    [["CronJob/shop/report", 3_600_000]],
  ]);
  expect([...(value.vcpuQuota ?? [])]).toEqual([["standardddsv5family", 48]]);
  expect(value.metrics?.get("ScaledObject/shop/orders")?.get("azure-servicebus")).toEqual({
    kind: "constant",
    share: 40,
  });
  expect(value.events.map(({ action }) => action)).toEqual([
    { kind: "apply", manifests: "before" },
    { kind: "apply", manifests: "after" },
  ]);
});

test("a series may be given as requests, in seconds, durations or times of day", () => {
  const { value, diagnostics } = read("load: { default: { series: { file: web.csv, perReplica: 50, repeat: 1d } } }", {
    "web.csv": "time,requests\n0,100\n600,200\n1h,300\n12:00,50\n",
  });
  expect(diagnostics).toEqual([]);
  expect(value.load.default).toEqual({
    kind: "series",
    at: [0, 600_000, 3_600_000, 43_200_000],
    shares: [100, 200, 300, 50],
    perReplica: 50,
    repeat: 86_400_000,
  });
});

test.each([
  ["until: soon", "until", 1],
  ["load:\n  default: -1", "load.default", 2],
  ["load:\n  workloads:\n    a: { daily: { low: 2, high: 1 } }", "load.workloads.a.daily.low", 3],
  ["load: { default: { series: { file: ../secret.csv } } }", "load.default.series.file", 1],
  ["load: { default: { series: { file: none.csv } } }", "load.default.series.file", 1],
  ["events:\n  - { at: 1h, apply: { manifests: never } }", "events.0.apply.manifests", 2],
  ["events:\n  - { at: 1h, explode: {} }", "events.0.explode", 2],
  ["date: 2026-13-01", "date", 1],
  ["runTimes: { default: soon }", "runTimes.default", 1],
  ["vcpuQuota: { cores: many }", "vcpuQuota.cores", 1],
  ["metrics:\n  a: { b: loud }", "metrics.a.b", 2],
  ["events:\n  - { at: 25:99, stop: {} }", "events.0.at", 2],
  ["events:\n  - { at: 1h, scale: { workload: a, replicas: 1.5 } }", "events.0.scale.replicas", 2],
  ["events: { at: 1h }", "events", 1],
  ["colour: red", "colour", 1],
  ["until: 40d", "until", 1],
  ["until: 1d\nsample: 1s", "sample", 2],
])("%s is refused with its place", (text, path, line) => {
  const { diagnostics } = read(text);
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]).toMatchObject({ code: "AKS9411", severity: "error", range: { start: { line } } });
  expect(diagnostics[0]?.detail).toContain(`"${path}"`);
});

test("the sample holds, for the reader and for the schema", () => {
  const text = readFileSync("samples/online-shop/scenario.yaml", "utf8");
  expect(read(text).diagnostics).toEqual([]);
  const schema = JSON.parse(readFileSync("schemas/scenario.schema.json", "utf8")) as object;
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  expect([validate(parseYamlDocuments(text, "scenario.yaml").value[0]?.value), validate.errors]).toEqual([true, null]);
});
