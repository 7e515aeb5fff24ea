import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { configure } from "../../src/commands/review.ts";
import { runCommand } from "../support/run-command.ts";

const run = (...args: readonly string[]) => runCommand(configure, args);

test("a well-made platform exits with 0", async () => {
  const { out, err, code } = await run("samples/online-shop");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^Works: nothing found that would fail/);
});

test("a change that breaks something exits with 2, and with 0 when nothing counts", async () => {
  const change = ["samples/online-shop-change", "--base", "samples/online-shop"];
  expect((await run(...change)).code).toBe(2);
  expect((await run(...change, "--fail-on", "none")).code).toBe(0);
});

test("what stands in the base does not count against the change", async () => {
  const { out, code } = await run("samples/online-shop-change", "--base", "samples/online-shop-change");
  expect(code).toBe(0);
  expect(out).toContain("Nothing changes.");
});

test("accepted findings do not count any more", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "aks-twin-")), "baseline.json");
  expect((await run("samples/online-shop-change", "--write-baseline", file)).code).toBe(2);
  expect(readFileSync(file, "utf8")).toContain("AKS4002");
  expect((await run("samples/online-shop-change", "--baseline", file)).code).toBe(0);
});

test("several formats go to several files", async () => {
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
  const { out } = await run(
    "samples/online-shop",
    "--format",
    `sarif=${join(folder, "a.sarif")}`,
    "--format",
    `markdown=${join(folder, "a.md")}`,
  );
  expect(out).toBe("");
  expect(JSON.parse(readFileSync(join(folder, "a.sarif"), "utf8")).version).toBe("2.1.0");
  expect(readFileSync(join(folder, "a.md"), "utf8")).toMatch(/^<!-- aks-twin/);
});

test.each([
  [["nowhere"], '"nowhere" is not a directory'],
  [["samples/online-shop", "--format", "pdf"], 'no format "pdf"'],
  [["samples/online-shop", "--fail-on", "often"], '"often" is no severity'],
  [["samples/online-shop", "--base", "nowhere"], 'the base: "nowhere" is not a directory'],
  [["samples/online-shop", "--base-ref", "no-such-commit"], 'cannot read "no-such-commit"'],
  [["samples/online-shop", "--baseline", "nowhere.json"], '"nowhere.json" is not there'],
])("%j cannot run, and says why", async (args, message) => {
  const { err, code } = await run(...args);
  expect(code).toBe(1);
  expect(err).toContain(message);
});

test("a configuration file with a mistake is told with its place, and the rest counts", async () => {
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
  writeFileSync(join(folder, "aks-twin.yaml"), "load:\n  default: { low: 2, high: 1 }\nrulez: {}\nfailOn: warning\n");
  const { out } = await run(folder);
  expect(out).toContain("aks-twin.yaml:2:12");
  expect(out).toContain("aks-twin.yaml:3:");
});

test("quotas that aks-twin.yaml names are held against the pools", async () => {
  const folder = join(mkdtempSync(join(tmpdir(), "aks-twin-")), "shop");
  cpSync("samples/online-shop", folder, { recursive: true });
  const usage = [{ name: { value: "cores" }, currentValue: 10, limit: "30" }];
  writeFileSync(join(folder, "usage.json"), JSON.stringify(usage));
  writeFileSync(
    join(folder, "aks-twin.yaml"),
    `usage: usage.json\n${readFileSync(join(folder, "aks-twin.yaml"), "utf8")}`,
  );
  const { out } = await run(folder);
  expect(out).toMatch(/AKS2016/);
  expect(out).toMatch(/20 are left of the\s+quota of 30/);
});
