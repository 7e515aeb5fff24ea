import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { millis, seconds } from "../../../src/model/quantity.ts";
import {
  changeHpa,
  createHpa,
  type HpaObservation,
  type HpaState,
  syncHpa,
} from "../../../src/simulate/autoscaling/hpa.ts";
import type { HpaSpec } from "../../../src/simulate/autoscaling/hpa-spec.ts";
import { hpaConditionLines, hpaConditionMessage, milliText } from "../../../src/simulate/autoscaling/hpa-text.ts";

const spec = (more: Partial<HpaSpec> = {}): HpaSpec => ({
  scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
  minReplicas: 2,
  maxReplicas: 10,
  metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } }],
  ...more,
});

/** `count` ready pods that use `usage` of their 500m each. */
const seen = (at: number, count: number, usage: number): HpaObservation => ({
  now: seconds(at),
  scale: { specReplicas: count, statusReplicas: count, selector: "valid" },
  pods: [{ count, phase: "Running", deleting: false, ready: true, readySince: -1e7, startTime: -1e7 }],
  metric: () => ({
    kind: "perPod",
    values: [usage],
    timestamp: seconds(at),
    window: seconds(30),
    requests: [500],
  }),
});

const frozen = <T>(value: T): T => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const field of Object.values(value)) frozen(field);
  }
  return value;
};

const rules = (window: fc.Arbitrary<number | undefined>) =>
  fc.record({
    stabilizationWindowSeconds: window,
    selectPolicy: fc.constantFrom("Max", "Min", "Disabled"),
    policies: fc.array(
      fc.record({
        type: fc.constantFrom("Pods", "Percent"),
        value: fc.integer({ min: 1, max: 200 }),
        periodSeconds: fc.integer({ min: 1, max: 1800 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });
const window = fc.option(fc.integer({ min: 0, max: 900 }), { nil: undefined });
const specs = fc
  .record({
    min: fc.integer({ min: 1, max: 5 }),
    room: fc.nat(30),
    target: fc.integer({ min: 1, max: 150 }),
    behavior: fc.option(fc.record({ scaleUp: rules(window), scaleDown: rules(window) }), { nil: undefined }),
  })
  .map(({ min, room, target, behavior }) =>
    spec({
      minReplicas: min,
      maxReplicas: min + room,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: target } } },
      ],
      ...(behavior === undefined ? {} : { behavior: JSON.parse(JSON.stringify(behavior)) }),
    }),
  );
const loads = fc.array(fc.nat(3000), { minLength: 1, maxLength: 60 });

test("what is written is never over the maximum nor under the minimum, and no state is changed in place", () => {
  fc.assert(
    fc.property(specs, fc.nat(40), loads, (given, start, usages) => {
      let state: HpaState = frozen(createHpa(given));
      let replicas = start;
      usages.forEach((usage, index) => {
        const { state: next, decision } = syncHpa(state, seen(15 * (index + 1), replicas, usage));
        if (decision.scaledTo !== undefined) {
          expect(decision.scaledTo).toBeGreaterThanOrEqual(given.minReplicas ?? 1);
          expect(decision.scaledTo).toBeLessThanOrEqual(given.maxReplicas);
          expect(decision.scaledTo).not.toBe(replicas);
        } else if (replicas > 0) {
          expect(replicas).toBeGreaterThanOrEqual(given.minReplicas ?? 1);
          expect(replicas).toBeLessThanOrEqual(given.maxReplicas);
        }
        replicas = decision.scaledTo ?? replicas;
        state = frozen(next);
      });
    }),
    { seed: 11, numRuns: 200 },
  );
});

test("equal pods may be given one by one or as a group", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(2000), (count, usage) => {
      const grouped = syncHpa(createHpa(spec({ maxReplicas: 60 })), seen(15, count, usage));
      const whole = seen(15, count, usage);
      const [group] = whole.pods;
      const single = Array.from({ length: count }, () => ({ ...(group as NonNullable<typeof group>), count: 1 }));
      const apart = syncHpa(createHpa(spec({ maxReplicas: 60 })), {
        ...whole,
        pods: single,
        metric: () => ({
          kind: "perPod",
          values: single.map(() => usage),
          timestamp: seconds(15),
          window: seconds(30),
          requests: single.map(() => 500),
        }),
      });
      expect(apart).toEqual(grouped);
    }),
    { seed: 12, numRuns: 100 },
  );
});

test("the history survives a change of the spec", () => {
  const first = syncHpa(createHpa(spec()), seen(15, 4, 250)).state;
  const changed = changeHpa(first, spec({ maxReplicas: 3 }));
  expect(changed.history).toBe(first.history);
  expect(syncHpa(changed, seen(30, 4, 250)).decision.scaledTo).toBe(3);
});

test("conditions keep the time of their last change and get their text on demand", () => {
  const first = syncHpa(createHpa(spec()), seen(15, 4, 500)).state;
  const second = syncHpa(first, seen(30, 8, 250)).state;
  const { AbleToScale: able } = second.status.conditions;
  expect(hpaConditionLines(second)).toEqual([
    "AbleToScale=True ReadyForNewScale",
    "ScalingActive=True ValidMetricFound",
    "ScalingLimited=False DesiredWithinRange",
  ]);
  expect(able?.since).toBe(millis(15_000));
  expect(able && hpaConditionMessage(able, "AbleToScale", second.hpa)).toBe("recommended size matches current size");
});

test.each([
  [500, false, "500m"],
  [2000, false, "2"],
  [1_500_000, false, "1500"],
  [1024 * 1024 * 1000, true, "1Mi"],
  [1023 * 1000, true, "1023"],
  [1024 * 1000 + 1, true, "1024001m"],
  [-(2 ** 63), false, "-9223372036854775808m"],
  [2 ** 63, false, "9223372036854775807m"],
])("%d thousandths (binary: %s) are written %s", (milli, binary, text) => {
  expect(milliText(milli, binary)).toBe(text);
});
