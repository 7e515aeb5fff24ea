import { expect, test } from "@jest/globals";
import { addresses } from "../../src/report/html-addresses.ts";
import { charts } from "../../src/report/html-chart.ts";
import { codeFrame, hiddenLine } from "../../src/report/html-frame.ts";
import type { PoolReport, WorldReport } from "../../src/report/report.ts";

const rangeAt = (file: string, line: number, from: number, to: number) => ({
  file,
  start: { line, column: from, offset: 0 },
  end: { line, column: to, offset: 0 },
});

const hostile = '<script>alert(1)</script>"\u202e';
const escaped = "&#60;script&#62;alert(1)&#60;/script&#62;&#34;\\u202e";

test("a frame marks the range by code points and escapes the text", () => {
  const text = `one\ntwo\n😀 = ${hostile}\nfour\nfive\nsix`;
  const frame = codeFrame(text, rangeAt("a.tf", 3, 5, 13));
  expect(frame).toContain("😀 = <mark>&#60;script&#62;</mark>alert(1)&#60;/script&#62;");
  expect(frame).toContain("\\u202e");
  expect(frame).toContain("five");
  expect(frame).not.toContain("six");
});

test("no frame of variable files, of hidden lines, of lines that are not there and without a text", () => {
  expect(codeFrame("a = 1", rangeAt("prod.auto.tfvars", 1, 1, 2))).toBe("");
  expect(codeFrame("a = 1", rangeAt("prod.tfvars.json", 1, 1, 2))).toBe("");
  expect(codeFrame(hiddenLine, rangeAt("a.tf", 1, 1, 2))).toBe("");
  expect(codeFrame("a = 1", rangeAt("a.tf", 7, 1, 2))).toBe("");
  expect(codeFrame(undefined, rangeAt("a.tf", 1, 1, 2))).toBe("");
});

const world = (parts: Partial<WorldReport>): WorldReport => ({
  clusters: ["c"],
  pools: [],
  nodes: [],
  subnets: [],
  loadBalancers: [],
  publicIps: [],
  volumes: [],
  pending: [],
  autoscaling: [],
  events: [],
  ...parts,
});

test("an address map escapes names and adds up to the range", () => {
  const page = addresses(
    world({
      subnets: [
        {
          address: "s",
          name: hostile,
          prefix: "10.0.0.0/28",
          usable: 11,
          used: 6,
          reserved: 3,
          free: 2,
          parts: [{ what: hostile, used: 4, reserved: 3 }],
        },
      ],
    }),
  );
  expect(page).not.toContain("<script");
  const titles = [...page.matchAll(/<title>(.*?)<\/title>/g)].map((match) => match[1]);
  expect(titles).toEqual([`${escaped}: 4`, "others in use: 2", "reserved for max_count and surge: 3", "free: 2"]);
});

test("the chart has a bar for each moment that is known, and none of one moment alone", () => {
  const pool = (name: string, nodes: number): PoolReport => ({
    cluster: "c",
    name,
    address: name,
    mode: "User",
    vmSize: "Standard_D4s_v5",
    zones: [],
    nodes,
    initialNodes: nodes,
    predictedNodes: { low: nodes, high: nodes },
    min: 1,
    max: 9,
    autoscaling: true,
    allocatable: { milliCpu: 1, memoryBytes: 1, pods: 1, disks: 1 },
    requested: { milliCpu: 1, memoryBytes: 1, pods: 1, disks: 1 },
    pods: 1,
    systemPods: 0,
  });
  const before = world({ pools: [pool("a", 3)] });
  const during = world({ pools: [pool("a", 6)] });
  const after = world({ pools: [pool("a", 3), pool(hostile, 1)] });
  const chart = charts({ worlds: { before, during, after } });
  expect(chart).not.toContain("<script");
  const titles = [...chart.matchAll(/<title>(.*?)<\/title>/g)].map((match) => match[1]);
  expect(titles.slice(0, 4)).toEqual([
    "a before: 3 nodes",
    "a during: 6 nodes",
    "a after: 3 nodes",
    `${escaped} before: 0 nodes`,
  ]);
  expect(charts({ worlds: { before: undefined, during: undefined, after } })).toBe("");
});
