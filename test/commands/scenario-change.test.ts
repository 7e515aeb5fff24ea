import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { type SmallestFlags, smallestAnswer } from "../../src/commands/capacity-smallest.ts";
import type { CommandIo } from "../../src/commands/command.ts";
import { simulateScenario } from "../../src/commands/simulate-scenario.ts";

const folder = mkdtempSync(join(tmpdir(), "aks-twin-scenario-"));
afterAll(() => rmSync(folder, { recursive: true }));
const scenario = join(folder, "apply.yaml");
writeFileSync(scenario, 'start: "09:00"\nuntil: 1h\nevents:\n  - { at: 10m, apply: }\n');

const io = (): { readonly io: CommandIo; readonly seen: { out: string; err: string; code: number } } => {
  const seen = { out: "", err: "", code: 0 };
  return {
    seen,
    io: {
      cwd: process.cwd(),
      env: {},
      isTerminal: false,
      stdin: async () => "",
      out: (text) => {
        seen.out += text;
      },
      err: (text) => {
        seen.err += text;
      },
      exit: (code) => {
        seen.code = code;
      },
    },
  };
};

const simulate = async (more: object) => {
  const { io: into, seen } = io();
  await simulateScenario("samples/online-shop-change", { scenario, ...more }, into);
  return seen;
};

test("simulate --base plays the sample's change: the HPAs start again from the manifests, one pod of search stays Pending", async () => {
  const { out, code } = await simulate({ base: "samples/online-shop" });
  expect(code).toBe(0);
  expect(out).toContain("The change, applied at 09:10:00: done after 0 s; not all pods are ready to the end");
  expect(out).toContain("09:10:00 pool user is updated: max_count changes: done");
  expect(out).toContain("Deployment/shop/web: 7 → 3 replicas, as the manifest says");
  expect(out).toMatch(/downtime: none/);
  expect(out).toMatch(/addresses of snet-aks: \d+ of 1019 at most/);
  expect(out).toContain("source: Terraform, docs/destroying.md");
});

test("the same in JSON, and over runs the same bytes for the same seed", async () => {
  const { apply } = JSON.parse((await simulate({ base: "samples/online-shop", format: "json" })).out) as {
    readonly apply: { readonly result: string; readonly steps: readonly unknown[] };
  };
  expect([apply.result, apply.steps.length]).toEqual(["done", 2]);
  const flags = { base: "samples/online-shop", runs: "2", seed: "3", until: "20m" };
  expect((await simulate(flags)).out).toBe((await simulate(flags)).out);
});

test("without a base the change is left out, and a base that is not there is refused", async () => {
  expect((await simulate({})).out).toContain("apply: there is no base to begin with; give --base");
  const { err, code } = await simulate({ base: "samples/none" });
  expect([err, code]).toEqual([expect.stringContaining("the base:"), 1]);
});

const smallest = (more: Partial<SmallestFlags>) => {
  const { io: into } = io();
  return smallestAnswer(
    "samples/online-shop",
    { var: [], manifests: [], scenario: "samples/online-shop/scenario.yaml", ...more },
    into,
  );
};

test("capacity --smallest answers in text and JSON", () => {
  const prices = join(folder, "prices.json");
  const price = (armSkuName: string, retailPrice: number) => ({
    armSkuName,
    armRegionName: "westeurope",
    retailPrice,
    type: "Consumption",
    unitOfMeasure: "1 Hour",
    skuName: armSkuName,
    meterName: armSkuName,
    productName: "Virtual Machines",
    currencyCode: "EUR",
  });
  writeFileSync(prices, JSON.stringify([price("Standard_D4ds_v5", 0.25), price("Standard_D8ds_v5", 0.5)]));
  const short = join(folder, "day.yaml");
  writeFileSync(short, "until: 1h\nload: { default: 0.4 }\n");
  const flags = { scenario: short, size: ["user=Standard_D8ds_v5"], prices, maxWait: "4m" };
  const { text } = smallest(flags);
  expect(text).toContain("no pod waits longer than 4 min for a node");
  expect(text).toMatch(/Standard_D8ds_v5 +\d+ +\d/);
  const answer = JSON.parse(smallest({ ...flags, json: true }).text ?? "") as {
    readonly together: { readonly isServed: boolean };
  };
  expect(answer.together.isServed).toBe(true);
});

test.each([
  [{ maxWait: "soon" }, "--max-wait"],
  [{ size: ["user"] }, "--size"],
  [{ size: ["none=Standard_D4ds_v5"] }, 'no pool "none"'],
  [{ size: ["user=Standard_Z99"] }, "not in the table"],
  [{ scenario: "none.yaml" }, "cannot be played"],
])("%j is refused in words", (flags, words) => {
  const { text, problems } = smallest(flags);
  expect(text).toBeUndefined();
  expect(problems.join("\n")).toContain(words);
});
