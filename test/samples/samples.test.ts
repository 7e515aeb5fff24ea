import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { review } from "../../src/pipeline.ts";
import { sampleInput, sampleOutputs } from "../support/samples.ts";

const options = { version: "0.0.0", root: "samples", today: "2026-01-01" };

test("the samples come to what stands in expected/", async () => {
  const outputs = await sampleOutputs();
  expect(outputs.size).toBe(10);
  for (const [path, text] of outputs) expect({ path, text }).toEqual({ path, text: readFileSync(path, "utf8") });
});

test("two runs give the same bytes", async () => {
  const [first, second] = [await sampleOutputs(), await sampleOutputs()];
  expect([...second]).toEqual([...first]);
});

test("the change breaks exactly five things, one in each field", () => {
  const report = review(sampleInput("samples/online-shop-change"), sampleInput("samples/online-shop"), options);
  const fresh = report.changes?.findings.new ?? [];
  expect(
    fresh.map(({ code, severity, range }) => [code, severity, range?.file.replace("samples/online-shop-change/", "")]),
  ).toEqual([
    ["AKS4002", "error", "k8s/media.yaml"],
    ["AKS5009", "error", "k8s/payments.yaml"],
    ["AKS6003", "error", "k8s/redis.yaml"],
    ["AKS2001", "error", "k8s/search.yaml"],
    ["AKS1001", "error", "modules/network/main.tf"],
  ]);
  expect(report.worlds.after.pending.map(({ owner }) => owner)).toEqual([
    "Deployment/shop/media",
    "Deployment/shop/media",
    "Deployment/shop/search",
    "Deployment/shop/search",
  ]);
});

test("the well-made platform has no finding of severity warning or above", () => {
  const report = review(sampleInput("samples/online-shop"), undefined, options);
  expect(report.findings.filter(({ severity }) => severity !== "info")).toEqual([]);
  expect(report.verdict.outcome).toBe("works");
});

test("a change against itself is nothing", () => {
  const report = review(sampleInput("samples/online-shop"), sampleInput("samples/online-shop"), options);
  expect(report.changes?.nothingChanged).toBe(true);
});

test("the README's picture is what the sample's review says", () => {
  const block = /```\n\$ aks-twin review .*\n([\s\S]*?)```/.exec(readFileSync("README.md", "utf8"))?.[1] ?? "";
  const shown = block.split("\n").filter((line) => line.trim() !== "" && !line.includes("…"));
  const real = new Set(readFileSync("samples/online-shop-change/expected/review.txt", "utf8").split("\n"));
  expect(shown.length).toBeGreaterThan(15);
  expect(shown.filter((line) => !real.has(line))).toEqual([]);
});
