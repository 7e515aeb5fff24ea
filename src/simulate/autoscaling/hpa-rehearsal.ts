import { canonicalQuantity } from "../../kubernetes/quantity.ts";
import type { ScalingRules } from "../../kubernetes/workloads.ts";
import { type Millis, seconds } from "../../model/quantity.ts";
import { EventCorrelator } from "./event-correlator.ts";
import { changeHpa, createHpa, type HpaState, syncHpa } from "./hpa.ts";
import { defaultHpaFlags, defaultHpaSpec, type HpaControllerFlags, type HpaSpec } from "./hpa-spec.ts";
import { conditionTypes, hpaConditionLines, hpaConditionMessage, hpaEventText, hpaMetricText } from "./hpa-text.ts";
import { validateHpaSpec } from "./hpa-validation.ts";
import { createHpaWorld, type HpaCaseInput } from "./hpa-world.ts";

/** One sync as it is recorded from the real controller. Times in seconds since the HPA was created. */
export interface HpaSyncRecord {
  readonly t: number;
  readonly specReplicas: number;
  readonly pods: number;
  readonly readyPods: number;
  readonly scaledTo: number | null;
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  readonly lastScaleT?: number;
  readonly conditions: readonly string[];
  readonly messages?: Readonly<Record<string, string>>;
  readonly currentMetrics: readonly string[];
  readonly events?: readonly string[];
}

export interface HpaRehearsal {
  readonly invalid?: readonly string[];
  readonly behavior?: HpaSpec["behavior"];
  readonly syncs?: readonly HpaSyncRecord[];
}

/** Plays a recorded case: the controller against pods and samples that follow the case's rules. */
export const rehearseHpa = (input: HpaCaseInput): HpaRehearsal => {
  const gates = input.featureGates ?? {};
  let spec = withTarget(input.hpa.spec);
  const invalid = validateHpaSpec(spec, gates);
  if (invalid.length > 0) return { invalid };
  const { behavior } = defaultHpaSpec(spec, gates);
  const flags = flagsOf(input);
  const period = seconds(input.controller?.syncPeriodSeconds || 15);
  const world = createHpaWorld(input);
  const events = new EventCorrelator();
  let state = createHpa(spec, flags, gates);
  const syncs: HpaSyncRecord[] = [];
  for (const step of input.steps) {
    const times = Math.max(step.repeat ?? 1, 1);
    for (let turn = 0; turn < times; turn += 1) {
      const now = ((syncs.length + 1) * period) as Millis;
      if (turn === 0) {
        world.apply(step, now);
        if (step.hpaSpec !== undefined) {
          spec = withTarget(merged(spec, step.hpaSpec));
          state = changeHpa(state, spec, gates);
        }
      }
      world.advance(now);
      const before = world.counts();
      const { state: next, decision } = syncHpa(state, world.observe(state.hpa, now));
      state = next;
      for (const event of decision.events) events.record(hpaEventText(event, state.hpa), now);
      syncs.push(record(state, now, before, decision.scaledTo, events.changes()));
      world.scaled(decision.scaledTo, now);
    }
  }
  return { ...(behavior === undefined ? {} : { behavior: printable(behavior) }), syncs };
};

const withTarget = (spec: HpaSpec): HpaSpec =>
  (spec.scaleTargetRef?.name ?? "") === ""
    ? { ...spec, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } }
    : spec;

const merged = (spec: HpaSpec, patch: Readonly<Record<string, unknown>>): HpaSpec => {
  const next: Record<string, unknown> = { ...spec };
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete next[field];
    else next[field] = value;
  }
  return next as unknown as HpaSpec;
};

const flagsOf = ({ controller = {} }: HpaCaseInput): HpaControllerFlags => {
  const given = (value: number | undefined, standard: Millis): Millis =>
    value === undefined || value === null ? standard : seconds(value);
  return {
    downscaleStabilization: given(controller.downscaleStabilizationSeconds, defaultHpaFlags.downscaleStabilization),
    tolerance: controller.tolerance || defaultHpaFlags.tolerance,
    cpuInitializationPeriod: given(controller.cpuInitializationPeriodSeconds, defaultHpaFlags.cpuInitializationPeriod),
    initialReadinessDelay: given(controller.initialReadinessDelaySeconds, defaultHpaFlags.initialReadinessDelay),
  };
};

const printable = ({ scaleUp, scaleDown }: NonNullable<HpaSpec["behavior"]>): NonNullable<HpaSpec["behavior"]> => ({
  ...(scaleUp === undefined ? {} : { scaleUp: printableRules(scaleUp) }),
  ...(scaleDown === undefined ? {} : { scaleDown: printableRules(scaleDown) }),
});

const printableRules = (rules: ScalingRules): ScalingRules => {
  const tolerance = rules.tolerance === undefined ? undefined : canonicalQuantity(rules.tolerance);
  return { ...rules, ...(tolerance === undefined ? {} : { tolerance }) };
};

const record = (
  state: HpaState,
  now: Millis,
  before: { readonly specReplicas: number; readonly pods: number; readonly readyPods: number },
  scaledTo: number | undefined,
  events: readonly string[],
): HpaSyncRecord => {
  const { hpa, status } = state;
  const messages: Record<string, string> = {};
  for (const type of conditionTypes) {
    const condition = status.conditions[type];
    if (condition === undefined || condition.status || type === "ScalingLimited") continue;
    messages[type] = hpaConditionMessage(condition, type, hpa);
  }
  return {
    t: now / 1000,
    ...before,
    scaledTo: scaledTo ?? null,
    currentReplicas: status.currentReplicas,
    desiredReplicas: status.desiredReplicas,
    ...(status.lastScaleTime === undefined ? {} : { lastScaleT: status.lastScaleTime / 1000 }),
    conditions: hpaConditionLines(state),
    ...(Object.keys(messages).length === 0 ? {} : { messages }),
    currentMetrics: status.currentMetrics.flatMap((shown, index) => {
      const metric = hpa.metrics[index];
      return metric === undefined ? [] : [hpaMetricText(metric, shown)];
    }),
    ...(events.length === 0 ? {} : { events }),
  };
};
