import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { configure } from "../../src/commands/review.ts";
import { stageTimer } from "../../src/commands/review-progress.ts";
import { runCommand } from "../support/run-command.ts";

test("--quiet leaves the verdict's line, the other formats and the exit code", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "aks-twin-")), "report.json");
  const args = ["samples/online-shop-change", "--quiet", "--format", "text", "--format", `json=${file}`];
  const { out, err, code } = await runCommand(configure, args);
  expect([err, code]).toEqual(["", 2]);
  expect(out).toMatch(/^Will not work as written: 5 errors[^\n]*\.\n$/);
  expect(JSON.parse(readFileSync(file, "utf8")).verdict.summary).toBe(out.trimEnd());
});

test("--quiet changes nothing for a format that machines read", async () => {
  const { out } = await runCommand(configure, ["samples/online-shop", "--quiet", "--format", "json"]);
  expect(JSON.parse(out).verdict.outcome).toBe("works");
});

test("--timings tells the stages in their order, on standard error only", async () => {
  const plain = await runCommand(configure, ["samples/online-shop"]);
  const { out, err } = await runCommand(configure, ["samples/online-shop", "--timings"]);
  expect(out).toBe(plain.out);
  expect(err.replace(/ +[\d.]+ ms/g, "").split("\n")).toEqual(["read", "predict", "find", "report", ""]);
});

test("a stage that comes twice is added up", () => {
  const times = [0, 10, 15, 17, 20, 26, 27, 30];
  const timer = stageTimer(() => times.shift() ?? 30);
  for (const stage of ["read", "predict", "find", "read", "predict", "find", "report"] as const) timer.enter(stage);
  expect(timer.lines()).toBe("read        13.0 ms\npredict     11.0 ms\nfind         3.0 ms\nreport       3.0 ms\n");
});

test("--verbose lists on standard error what each side was read from", async () => {
  const mocks = join(mkdtempSync(join(tmpdir(), "aks-twin-")), "mocks.json");
  writeFileSync(mocks, "{}");
  const { err } = await runCommand(configure, [
    "samples/online-shop-change",
    "--base",
    "samples/online-shop",
    "--verbose",
    "--mocks",
    mocks,
    "--fail-on",
    "none",
  ]);
  const lines = err.split("\n");
  expect(lines).toContain("base: file samples/online-shop/aks.tf");
  expect(lines).toContain("head: file samples/online-shop-change/aks.tf");
  expect(lines.filter((line) => /^head: file .*aks-twin\.yaml$/.test(line))).toHaveLength(1);
  expect(lines).toContain("head: module samples/online-shop-change/modules/network");
  expect(lines).toContain("head: manifest samples/online-shop-change/k8s/redis.yaml");
  expect(lines).toContain(`head: mocks ${mocks}`);
});
