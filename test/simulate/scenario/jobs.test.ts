import { expect, test } from "@jest/globals";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import type { Scenario } from "../../../src/model/scenario.ts";
import { objectsOf, platformOf, play, scenarioFrom } from "./scenario-support.ts";

const platform = platformOf({ system: { count: 1 }, user: { count: 2 } });

const job = (kind: "Job" | "CronJob", name: string, spec: string): readonly KubeObject[] =>
  objectsOf(
    kind === "Job"
      ? `
apiVersion: batch/v1
kind: Job
metadata: { name: ${name} }
spec:
  ${spec}
  template:
    spec: { restartPolicy: Never, containers: [{ name: main, image: "work:1", resources: { requests: { cpu: 500m } } }] }
`
      : `
apiVersion: batch/v1
kind: CronJob
metadata: { name: ${name} }
spec:
  ${spec}
  jobTemplate:
    spec:
      template:
        spec: { restartPolicy: Never, containers: [{ name: main, image: "work:1", resources: { requests: { cpu: 500m } } }] }
`,
  );

const outcome = (objects: readonly KubeObject[], scenario: Scenario) => play(platform, objects, scenario).jobs[0];

test("a Job of five completions, two at a time, takes three rounds of its run time", () => {
  const result = outcome(
    job("Job", "import", "completions: 5\n  parallelism: 2"),
    scenarioFrom("until: 2h\nrunTimes: { default: 10m }"),
  );
  expect(result).toMatchObject({ runs: 1, succeeded: 1, failed: 0, running: 0 });
  // Three rounds of 10 min; each pod starts in 2 s, the first on a node after a pull of 10 s.
  expect(result?.longestMs).toBe(3 * 600_000 + 12_000 + 2 * 2_000);
});

test("a Job past its activeDeadlineSeconds fails, and its pods go", () => {
  const scenario = scenarioFrom("until: 1h\nrunTimes: { default: 30m }");
  const result = play(platform, job("Job", "slow", "activeDeadlineSeconds: 600"), scenario);
  expect(result.jobs[0]).toMatchObject({ runs: 1, succeeded: 0, failed: 1 });
  expect(result.events.find(({ kind }) => kind === "job")).toMatchObject({
    at: 600_000,
    text: "fails: DeadlineExceeded",
  });
  expect(result.samples.pods.wanted.at(-1)).toBe(result.samples.pods.ready.at(-1));
  expect(result.samples.replicas["Job/default/slow"]?.at(-1)).toBe(0);
});

test("a Job whose run time nobody gives runs five minutes, and that is said", () => {
  const result = play(platform, job("Job", "import", "completions: 1"), scenarioFrom("until: 1h"));
  expect(result.jobs[0]?.longestMs).toBe(300_000 + 12_000);
  expect(result.assumptions.find(({ key }) => key === "runTimes")?.text).toContain("5 min");
});

test("a CronJob runs by the scenario's clock and its own time zone", () => {
  const scenario = scenarioFrom('date: "2026-07-01"\nstart: "00:00"\nuntil: 24h\nrunTimes: { default: 10m }');
  const at = (zone: string) => {
    const { samples } = play(platform, job("CronJob", "report", `schedule: "15 3 * * *"${zone}`), {
      ...scenario,
      sample: 60_000 as Scenario["until"],
    });
    const ready = samples.replicas["CronJob/default/report"] ?? [];
    return ready.findIndex((count) => count > 0);
  };
  expect(at("")).toBe(3 * 60 + 16);
  expect(at("\n  timeZone: Europe/Berlin")).toBe(60 + 16);
});

test.each([
  ["Forbid", { runs: 2, succeeded: 1, late: 1, skipped: 1, running: 1 }],
  ["Replace", { runs: 3, succeeded: 0, late: 2, skipped: 0, running: 1 }],
  ["Allow", { runs: 3, succeeded: 2, late: 2, skipped: 0, running: 1 }],
])("a run that is due before the last one has ended: %s", (policy, expected) => {
  const scenario = scenarioFrom('start: "00:30"\nuntil: 200m\nrunTimes: { default: 80m }');
  const spec = `schedule: "0 1-3 * * *"\n  concurrencyPolicy: ${policy}`;
  expect(outcome(job("CronJob", "report", spec), scenario)).toMatchObject(expected);
});

test("a pod of a Job that is lost with its node counts against backoffLimit and is made anew", () => {
  const scenario = scenarioFrom(`until: 2h
runTimes: { default: 20m }
events:
  - { at: 5m, nodeFailure: { pool: user, count: 2, for: 30m } }
`);
  const pinned = "completions: 1\n  backoffLimit: 0";
  expect(play(platformOf({ user: { count: 1 } }), job("Job", "import", pinned), scenario).jobs[0]).toMatchObject({
    failed: 1,
    succeeded: 0,
  });
  expect(
    play(platformOf({ user: { count: 1 } }), job("Job", "import", "completions: 1"), scenario).jobs[0],
  ).toMatchObject({ failed: 0, succeeded: 1 });
});
