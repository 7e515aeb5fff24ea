import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { configure } from "../../src/commands/capacity.ts";
import { readSweepFile } from "../../src/commands/sweep-file.ts";
import { runCommand } from "../support/run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "capacity-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const validator = (name: string) =>
  new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(`schemas/${name}.schema.json`, "utf8")),
  );

const shop = "samples/online-shop";

const price = (armSkuName: string, retailPrice: number, skuName = "") => ({
  armSkuName,
  retailPrice,
  skuName,
  armRegionName: "westeurope",
  type: "Consumption",
  unitOfMeasure: "1 Hour",
  productName: "Virtual Machines",
  currencyCode: "EUR",
});
const prices = {
  Items: [
    price("Standard_D4ds_v5", 0.25),
    price("Standard_D4ads_v5", 0.05, "D4ads v5 Spot"),
    price("Standard_D8ds_v5", 0.5),
    { ...price("Standard_D8ds_v5", 0.9), productName: "Virtual Machines Windows" },
    { ...price("Standard_D8ds_v5", 0.1), type: "Reservation" },
  ],
};

test("the sample in text: the verdict first, on two screens", async () => {
  const { out, err, code } = await runCommand(configure, [shop]);
  expect([code, err]).toEqual([0, ""]);
  const lines = out.split("\n");
  expect(lines[0]).toBe(
    'Ends first: 9 more replicas of Deployment/shop/recommendations, then max_count 4 of pool "spot".',
  );
  expect(out).toContain("25 pods of 14 workloads stay Pending with a zone lost (zone 1, the worst)");
  expect(lines.length).toBeLessThan(80);
});

test("the answer keeps to its schema; prices give the cost of each moment", async () => {
  const path = file("prices.json", JSON.stringify(prices));
  const { out } = await runCommand(configure, [shop, "--json", "--prices", path, "--workload", "Deployment/shop/web"]);
  const answer = JSON.parse(out);
  const validate = validator("capacity");
  validate(answer);
  expect(validate.errors ?? []).toEqual([]);
  expect(answer.clusters[0].workloads).toHaveLength(1);
  // 3 x 0.25 + 1 x 0.05 + 4 x 0.5 at the busiest hour.
  expect(answer.clusters[0].cost).toMatchObject({ currency: "EUR", perHour: { now: 2.25, high: 2.8 } });
});

test("a workload that is not there is refused", async () => {
  const { code, err, out } = await runCommand(configure, [shop, "--workload", "Deployment/shop/webb"]);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain('no workload "Deployment/shop/webb"');
});

const grid = "pools:\n  user: { max: [4, 6], min: 3 }\nreplicas:\n  Deployment/shop/search: [2, 8, 40]\n";

test("shards merge to the bytes of one run, and a shard that is missing is told", async () => {
  const path = file("sweep.yaml", grid);
  const whole = await runCommand(configure, [shop, "--sweep", path, "--json"]);
  expect(whole.out.trim().split("\n")).toHaveLength(6);
  const shards = [];
  for (const shard of ["2/3", "0/3", "1/3"]) {
    const { out } = await runCommand(configure, [shop, "--sweep", path, "--shard", shard]);
    shards.push(file(`shard-${shard.slice(0, 1)}.jsonl`, out));
  }
  const merged = await runCommand(configure, ["merge", ...shards, "--json"]);
  expect(merged.out).toBe(whole.out);
  const part = await runCommand(configure, ["merge", ...shards.slice(0, 2), "--json"]);
  expect([part.code, part.err]).toEqual([1, "aks-twin: 2 of 6 combinations are missing, such as 1, 4.\n"]);
  const table = await runCommand(configure, ["merge", ...shards]);
  expect(table.out.split("\n")[0]).toContain("pools/user/max");
}, 60_000);

test.each([
  ["pools:\n  user: { maximum: 3 }", '"pools.user.maximum" must be one of size, min, max, count'],
  ["pools:\n  user: { max: -1 }", '"pools.user.max" must be a number of at least 0'],
  ["load: fast", '"load" must be a number'],
  ["- 1", "a mapping with pools"],
  ["", "a mapping with pools"],
])("a wrong sweep file is told: %j", (text, words) => {
  const { diagnostics } = readSweepFile(text, "sweep.yaml");
  expect(diagnostics.map(({ detail }) => detail).join()).toContain(words);
});

test("a sweep may play each combination through a scenario, and names the smallest that carries it", async () => {
  const scenario =
    'start: "18:00"\nuntil: 2h\nload:\n  default: 0.4\n  workloads:\n    Deployment/shop/web: { spike: { base: 1, height: 1.7, at: "18:30", for: 60m } }\n';
  file("evening.yaml", scenario);
  const path = file("through.yaml", "pools: { user: { max: [3, 5] } }\nscenario: evening.yaml\n");
  const { out, err } = await runCommand(configure, [shop, "--sweep", path]);
  expect(err).toBe("");
  expect(out).toMatch(/^(Smallest that carries the scenario: pools\/user\/max \d|None carries the scenario: )/);
  expect(out).toMatch(/carried +longest wait +too little for +node hours/);
  const json = (await runCommand(configure, [shop, "--sweep", path, "--json"])).out.trim().split("\n");
  const [small, large] = json.map((line) => JSON.parse(line).scenario);
  expect(small.longestPendingMs).toBeGreaterThanOrEqual(large.longestPendingMs);
  expect(large).toMatchObject({ pendingAtEnd: 0, cost: null });
  const missing = file("nowhere.yaml", "pools: { user: { max: [3] } }\nscenario: none.yaml\n");
  expect((await runCommand(configure, [shop, "--sweep", missing])).code).toBe(1);
}, 60_000);

test("a sweep of a pool that is not there, and an odd shard, are refused", async () => {
  const path = file("odd.yaml", "pools:\n  users: { max: 4 }\n");
  expect((await runCommand(configure, [shop, "--sweep", path])).err).toContain('"pools/users/max"');
  const good = file("good.yaml", grid);
  expect((await runCommand(configure, [shop, "--sweep", good, "--shard", "3/3"])).err).toContain("no shard");
});

test("the sweep schema takes the page's example", () => {
  const validate = validator("sweep");
  validate({
    pools: { user: { max: [4, 6], size: "Standard_D8ds_v5" } },
    load: 1.5,
    replicas: { "Deployment/a/b": 2 },
  });
  expect(validate.errors ?? []).toEqual([]);
});
