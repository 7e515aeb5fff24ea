import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { Command } from "commander";
import { configure } from "../../src/commands/schedule.ts";

const folder = mkdtempSync(join(tmpdir(), "schedule-"));
const write = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return name;
};

const run = async (...args: readonly string[]) => {
  let [out, err, code] = ["", "", 0];
  const command = new Command("schedule").exitOverride();
  configure(command, {
    cwd: folder,
    stdin: async () => cluster,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env: {},
    isTerminal: false,
    exit: (given) => {
      code = given;
    },
  });
  await command.parseAsync(args, { from: "user" });
  return { out, err, code };
};

const cluster = `
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {kubernetes.io/hostname: n1}}
status: {allocatable: {cpu: "1", memory: 2Gi, pods: "5"}}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, resources: {requests: {cpu: 700m}}}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: c, resources: {requests: {cpu: 550m}}}]}}
- {apiVersion: example.com/v1, kind: Thing, metadata: {name: t}}
`;
const file = write("cluster.yaml", cluster);

test("one JSON line a decision", async () => {
  const { out, err, code } = await run("-f", file, "--json");
  const lines = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ pod, result, node }) => [pod, result, node])).toEqual([
    ["default/a", "scheduled", "n1"],
    ["default/b", "unschedulable", undefined],
  ]);
  expect([err, code]).toEqual(["not used: example.com/v1/Thing\n", 0]);
});

test("the same from a gzipped file, from standard input and the plain way", async () => {
  const { out } = await run("-f", file, "--json");
  expect((await run("-f", write("cluster.yaml.gz", gzipSync(cluster)), "--json")).out).toBe(out);
  expect((await run("-f", "-", "--json")).out).toBe(out);
  expect((await run("-f", file, "--json", "--reference")).out).toBe(out);
});

test("--brief leaves the detail out", async () => {
  const { out } = await run("-f", file, "--json", "--brief");
  expect(out).not.toMatch(/"(filtered|scores|totals)"/);
});

test("a table for people, and why one pod is where it is", async () => {
  const { out } = await run("-f", file);
  expect(out).toMatch(
    /^default\/a +scheduled +n1 +1 node fit\ndefault\/b +unschedulable +- +0\/1 nodes are available: 1 Insufficient cpu\./,
  );
  const { out: why } = await run("-f", file, "--explain", "b");
  expect(why).toContain('Not on 1 node (n1): NodeResourcesFit says "Insufficient cpu".');
  expect(why).toContain("It needs 250m cpu more on 1 node (nearest: n1, 300m free of 1000m).");
});

test("decisions are followed and judged", async () => {
  const given = write("given.jsonl", '{"pod":"b","node":"n1"}\n{"pod":"a"}\n');
  const { out } = await run("-f", file, "--follow", given, "--json");
  const last = out.trimEnd().split("\n").at(-1) ?? "";
  expect(JSON.parse(last)).toMatchObject({ summary: { decisions: 2, agree: 2, notDecided: [] } });
});

test.each([
  [["-f", "nowhere.yaml"], "is not there"],
  [["-f", file, "--order", "random"], '--order: "random" is none of input, priority'],
  [["-f", file, "--passes", "0"], "--passes: give a whole number"],
  [["-f", file, "--follow", "nowhere"], '--follow: "nowhere" cannot be read'],
  [["-f", file, "--follow", "cluster.yaml"], "is neither JSON lines nor an array"],
  [["-f", file, "--config", "nowhere"], '"nowhere" is not there'],
  [["-f", file, "--explain", "nobody"], 'no pending pod "default/nobody"'],
])("%j cannot run, and says why", async (args, text) => {
  const { err, code } = await run(...args);
  expect(err).toContain(text);
  expect(code).toBe(1);
});
