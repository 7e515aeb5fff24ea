import { expect, test } from "@jest/globals";
import { type ScenarioFlags, simulateScenario } from "../../src/commands/simulate-scenario.ts";

const run = async (flags: Partial<ScenarioFlags>, directory = "samples/online-shop") => {
  const seen = { out: "", err: "", code: 0 };
  await simulateScenario(
    directory,
    { scenario: "samples/online-shop/scenario.yaml", ...flags },
    {
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
  );
  return seen;
};

test("the sample's day as text, by hand: web doubles once, then reaches nine", async () => {
  const { out, code } = await run({ until: "30m" });
  expect(code).toBe(0);
  expect(out).toContain("00:00:15 Deployment/shop/web: 3 → 6 replicas");
  expect(out).toContain("00:00:30 Deployment/shop/web: 6 → 9 replicas");
  expect(out).toContain("00:00:10 pool spot: 0 → 1 nodes");
});

test("the sample's day, by hand: web falls to three at 04:30:30, and cart's seventh pod waits for a node", async () => {
  const { events, shortfalls } = JSON.parse((await run({ format: "json" })).out) as {
    readonly events: readonly { readonly at: number; readonly subject: string; readonly text: string }[];
    readonly shortfalls: readonly { readonly workload: string; readonly since: number; readonly until: number }[];
  };
  const at = (subject: string, text: string) =>
    events.find((event) => event.subject === subject && event.text === text)?.at;
  const time = (hours: number, minutes: number, seconds: number) => ((hours * 60 + minutes) * 60 + seconds) * 1000;
  expect(at("Deployment/shop/web", "4 → 3 replicas")).toBe(time(4, 30, 30));
  expect(at("Deployment/shop/cart", "6 → 7 replicas")).toBe(time(19, 15, 0));
  expect(at("pool user", "3 → 4 nodes")).toBe(time(19, 15, 10));
  expect(shortfalls).toContainEqual(
    expect.objectContaining({ workload: "Deployment/shop/cart", since: time(19, 15, 0), until: time(19, 17, 27) }),
  );
});

test("runs are the same for the same seed", async () => {
  const once = (await run({ until: "1h", runs: "3", seed: "7", format: "json" })).out;
  expect((await run({ until: "1h", runs: "3", seed: "7", format: "json" })).out).toBe(once);
  expect(JSON.parse(once)).toMatchObject({ runs: 3, seed: 7 });
});

test.each([
  [{ format: "pdf" }, "--format"],
  [{ until: "soon" }, "--until"],
  [{ runs: "0" }, "--runs"],
  [{ runs: "2", format: "svg" }, "--format svg"],
  [{ scenario: "none.yaml" }, "AKS9410"],
])("%j is refused in words", async (flags, words) => {
  const { out, err, code } = await run(flags);
  expect([out, code]).toEqual(["", 1]);
  expect(err).toContain(words);
});

test("a folder without a cluster has nothing to play on", async () => {
  const { err, code } = await run({}, "samples/online-shop/k8s");
  expect(code).toBe(1);
  expect(err).toContain("no AKS cluster");
});
