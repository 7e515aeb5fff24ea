import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "@jest/globals";
import { configure as capacity } from "../../src/commands/capacity.ts";
import { configure as simulate } from "../../src/commands/simulate.ts";
import { doPieces, workersOf } from "../../src/commands/worker-pool.ts";
import { runCommand } from "../support/run-command.ts";

const workerEntry = new URL("../support/worker-entry.mjs", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "aks-twin-workers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const shop = "samples/online-shop";
const job = {
  kind: "sweep",
  task: {
    directory: shop,
    flags: { var: [], manifests: [] },
    cwd: process.cwd(),
    env: {},
    axes: [],
    prices: undefined,
    shard: 0,
    shards: 1,
  },
} as const;

test("a sweep gives the same bytes from one worker, from two, and from four shards merged", async () => {
  const grid = file("sweep.yaml", "pools:\n  user: { max: [4, 6, 9], min: 3 }\nload: [0.5, 1, 1.5]\n");
  const run = (...args: readonly string[]) => runCommand(capacity, [...args], { workerEntry });
  const one = await run(shop, "--sweep", grid, "--json", "--workers", "1");
  expect([one.code, one.out.trimEnd().split("\n").length]).toEqual([0, 9]);
  expect((await run(shop, "--sweep", grid, "--json", "--workers", "2")).out).toBe(one.out);
  const shards: string[] = [];
  for (const shard of [3, 1, 0, 2]) {
    const { out } = await run(shop, "--sweep", grid, "--shard", `${shard}/4`, "--workers", shard === 0 ? "2" : "1");
    shards.push(file(`${shard}.jsonl`, out));
  }
  expect((await run("merge", ...shards, "--json")).out).toBe(one.out);
});

test("a sweep that is priced and played through a scenario is the same from two workers", async () => {
  const price = (armSkuName: string, retailPrice: number) => ({
    armSkuName,
    retailPrice,
    skuName: armSkuName,
    armRegionName: "westeurope",
    type: "Consumption",
    unitOfMeasure: "1 Hour",
    productName: "Virtual Machines",
    currencyCode: "EUR",
  });
  file("prices.json", JSON.stringify({ Items: [price("Standard_D4ds_v5", 0.25), price("Standard_D8ds_v5", 0.5)] }));
  file("an-hour.yaml", "until: 1h\nload:\n  default: 0.4\n");
  const grid = file("played.yaml", "pools:\n  user: { max: [3, 4] }\nprices: prices.json\nscenario: an-hour.yaml\n");
  const run = (workers: string) =>
    runCommand(capacity, [shop, "--sweep", grid, "--json", "--workers", workers], { workerEntry });
  const one = await run("1");
  const [first] = one.out.split("\n");
  expect(JSON.parse(first ?? "")).toMatchObject({ scenario: { carried: true, pendingAtEnd: 0 } });
  expect((await run("2")).out).toBe(one.out);
});

test("runs of a scenario give the same bytes from one worker and from three", async () => {
  const args = [shop, "--scenario", `${shop}/scenario.yaml`, "--until", "1h", "--runs", "5", "--seed", "7", "--json"];
  const one = await runCommand(simulate, [...args, "--workers", "1"], { workerEntry });
  expect(JSON.parse(one.out)).toMatchObject({ runs: 5, seed: 7 });
  expect((await runCommand(simulate, [...args, "--workers", "3"], { workerEntry })).out).toBe(one.out);
  expect((await runCommand(simulate, args, { workerEntry })).out).toBe(one.out);
});

test.each([
  ["throws while it starts", "throw new Error('no heap left');", "no heap left"],
  ["ends", "process.exit(3);", "it ended with code 3"],
  [
    "throws at its second order",
    `import { parentPort } from "node:worker_threads";
     let orders = 0;
     parentPort.on("message", ({ from }) => {
       if (orders++ > 0) throw new Error("second order");
       parentPort.postMessage({ from, results: [from] });
     });`,
    "second order",
  ],
  [
    "finds other files",
    `import { parentPort } from "node:worker_threads";
     parentPort.on("message", () => parentPort.postMessage({ problem: "it read something else" }));`,
    "it read something else",
  ],
])("a worker that %s is told, and nothing hangs", async (what, text, words) => {
  const entry = pathToFileURL(file(`${what.replaceAll(" ", "-")}.mjs`, text));
  const { value, diagnostics } = await doPieces({ job, count: 40, workers: 2, entry }, () => 0);
  expect(value).toBeUndefined();
  expect(diagnostics).toMatchObject([{ code: "AKS9421", severity: "error" }]);
  expect(diagnostics[0]?.detail).toContain(words);
});

test("the command tells the worker's failure and exits with 1", async () => {
  const entry = pathToFileURL(file("fails.mjs", "throw new Error('no heap left');"));
  const grid = file("small.yaml", "load: [0.5, 1]\n");
  const swept = await runCommand(capacity, [shop, "--sweep", grid, "--workers", "2"], { workerEntry: entry });
  expect([swept.code, swept.out]).toEqual([1, ""]);
  expect(swept.err).toContain("error AKS9421");
  const args = [shop, "--scenario", `${shop}/scenario.yaml`, "--until", "10m", "--runs", "4", "--workers", "2"];
  const played = await runCommand(simulate, args, { workerEntry: entry });
  expect([played.code, played.out]).toEqual([1, ""]);
  expect(played.err).toContain("error AKS9421: A worker failed. After 0 of 4 pieces");
});

test("small work starts no worker", async () => {
  const entry = pathToFileURL(file("never.mjs", "throw new Error('started');"));
  const done: number[] = [];
  const { value } = await doPieces(
    { job, count: 3, entry, onDone: (pieces) => done.push(pieces) },
    (index) => index * 2,
  );
  expect([value, done]).toEqual([
    [0, 2, 4],
    [1, 2, 3],
  ]);
});

test.each(["0", "-1", "two", "1.5", "1000", ""])("--workers %j is refused", async (text) => {
  expect(workersOf(text)).toBeUndefined();
  const grid = file("one.yaml", "load: [1]\n");
  const { code, err } = await runCommand(capacity, [shop, "--sweep", grid, "--workers", text]);
  expect([code, err]).toEqual([1, `aks-twin: --workers: "${text}" is no number from 1 to 999.\n`]);
});
