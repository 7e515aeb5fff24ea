import { expect, test } from "@jest/globals";
import { readCluster } from "../../../src/simulate/scheduler/cluster-input.ts";
import { ClusterRun } from "../../../src/simulate/scheduler/cluster-run.ts";
import {
  followDecisions,
  type GivenDecision,
  parseDecisions,
} from "../../../src/simulate/scheduler/follow-decisions.ts";
import { createScheduler } from "../../../src/simulate/scheduler/scheduler.ts";
import { parseObjects, profilesOf, readText, recordedCases } from "./recorded-case.ts";

const follow = (name: string, given: readonly GivenDecision[]) => {
  const found = recordedCases().find((each) => each.name === name);
  const input = readCluster(parseObjects(readText(found?.input ?? "")));
  const profiles = found === undefined ? [] : profilesOf(found);
  const run = new ClusterRun(createScheduler({ profiles }), input);
  return [...followDecisions(run, input.pending, given)];
};

const verdicts = (name: string, given: readonly GivenDecision[]) =>
  follow(name, given).map((entry) => ("summary" in entry ? entry.summary.agree : entry.follow?.verdict));

test.each(recordedCases().map((each) => [each.name, each] as const))(
  "the recording of %s agrees with us throughout",
  (name, each) => {
    const given = parseDecisions(readText(each.expected));
    const entries = follow(name, given);
    const summary = entries.flatMap((entry) => ("summary" in entry ? [entry.summary] : []))[0];
    expect(summary).toMatchObject({ decisions: given.length, agree: given.length, differs: {} });
  },
);

test("wrong decisions get the verdict they deserve, and are carried out", () => {
  expect(
    verdicts("named/resources-fit-cpu-memory", [
      { pod: "p1", node: "n1" },
      { pod: "p2", node: "n9" },
      { pod: "p2", node: "n2" },
      { pod: "p3" },
      { pod: "nobody", node: "n1" },
      { pod: "p4", node: "n1" },
    ]),
  ).toEqual(["feasible-not-best", "unknown-node", "agree", "missed", "not-pending", "infeasible", 1]);
});

test("preemptions are judged by node and victims", () => {
  const preempting = (nominatedNode: string, ...victims: string[]) => ({ preemption: { nominatedNode, victims } });
  expect(
    verdicts("named/preemption-basic", [
      { pod: "polite", ...preempting("n1", "default/low1") },
      { pod: "mid2", ...preempting("n1", "default/low2") },
      { pod: "high" },
    ]),
  ).toEqual(["spurious-preemption", "wrong-preemption-node", "missed-preemption", 0]);
});

test("fields that are given are compared", () => {
  const [first] = follow("named/resources-fit-cpu-memory", [
    {
      pod: "p1",
      node: "n2",
      feasible: ["n1"],
      argmax: ["n2"],
      totals: { n1: 1 },
      scores: {},
      filtered: { n1: { code: "Unschedulable", reasons: [] } },
    },
  ]);
  expect(first).toMatchObject({ follow: { verdict: "agree", differs: ["feasible", "totals", "scores", "filtered"] } });
});

test("decisions are read from lines or an array; other lines are passed over", () => {
  expect(parseDecisions('{"pod":"a","node":null}\n\n{"summary":{}}\n')).toEqual([{ pod: "a" }]);
  expect(parseDecisions('[{"pod":"a"},{"pod":""}]')).toEqual([{ pod: "a" }]);
});
