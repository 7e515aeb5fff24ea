import type { Millis } from "../../model/quantity.ts";
import { toInt32 } from "./hpa-replicas.ts";
import type { CompiledHpa, CompiledRules } from "./hpa-spec.ts";

/** What the controller keeps between syncs about one HPA. Old entries are overwritten, never removed, as upstream does. */
export interface HpaHistory {
  readonly recommendations: readonly Recommendation[] | undefined;
  readonly scaleUps: readonly ScaleEvent[];
  readonly scaleDowns: readonly ScaleEvent[];
}

export interface Recommendation {
  readonly at: number;
  readonly replicas: number;
}

export interface ScaleEvent {
  readonly at: number;
  readonly change: number;
  readonly outdated: boolean;
}

export type LimitReason =
  | "DesiredWithinRange"
  | "ScaleUpLimit"
  | "ScaleDownLimit"
  | "TooManyReplicas"
  | "TooFewReplicas";

export interface Limited {
  readonly desired: number;
  readonly stabilized: boolean;
  readonly stabilizedReason: "ReadyForNewScale" | "ScaleUpStabilized" | "ScaleDownStabilized";
  readonly limited: boolean;
  readonly limitReason: LimitReason;
  readonly recommendations: readonly Recommendation[];
}

interface LimitInputs {
  readonly hpa: CompiledHpa;
  readonly history: HpaHistory;
  readonly now: number;
  readonly current: number;
  readonly wanted: number;
  readonly downscaleStabilization: Millis;
}

/** From what the metrics want to what may be set now. Source: `pkg/controller/podautoscaler/horizontal.go`, v1.35.4. */
export const limitReplicas = (inputs: LimitInputs): Limited => {
  const { scaleUp, scaleDown } = inputs.hpa;
  return scaleUp === undefined || scaleDown === undefined
    ? withoutBehavior(inputs)
    : withBehavior(inputs, scaleUp, scaleDown);
};

const withoutBehavior = ({ hpa, history, now, current, wanted, downscaleStabilization }: LimitInputs): Limited => {
  const cutoff = now - downscaleStabilization;
  let stabilized = wanted;
  let reuse = -1;
  const kept = history.recommendations ?? [];
  for (let index = 0; index < kept.length; index += 1) {
    const { at, replicas } = kept[index] as Recommendation;
    if (at < cutoff) reuse = index;
    else if (replicas > stabilized) stabilized = replicas;
  }
  const rateLimit = Math.max(2 * current, 4);
  const highest = Math.min(hpa.max, rateLimit);
  const desired = stabilized < hpa.min ? hpa.min : Math.min(stabilized, highest);
  return {
    desired,
    stabilized: stabilized !== wanted,
    stabilizedReason: stabilized === wanted ? "ReadyForNewScale" : "ScaleDownStabilized",
    limited: desired !== stabilized,
    limitReason:
      stabilized < hpa.min
        ? "TooFewReplicas"
        : stabilized <= highest
          ? "DesiredWithinRange"
          : hpa.max > rateLimit
            ? "ScaleUpLimit"
            : "TooManyReplicas",
    recommendations: replaced(kept, reuse, { at: now, replicas: wanted }),
  };
};

const withBehavior = (inputs: LimitInputs, up: CompiledRules, down: CompiledRules): Limited => {
  const { history, now, current, wanted } = inputs;
  const upCutoff = now - up.window;
  const downCutoff = now - down.window;
  let lowest = wanted;
  let highest = wanted;
  let reuse = -1;
  const kept = history.recommendations ?? [];
  for (let index = 0; index < kept.length; index += 1) {
    const { at, replicas } = kept[index] as Recommendation;
    if (at > upCutoff && replicas < lowest) lowest = replicas;
    if (at > downCutoff && replicas > highest) highest = replicas;
    if (at < upCutoff && at < downCutoff) reuse = index;
  }
  const stabilized = Math.min(Math.max(current, lowest), highest);
  const [desired, limitReason] = rateLimited(inputs, stabilized, up, down);
  return {
    desired,
    stabilized: stabilized !== wanted,
    stabilizedReason:
      stabilized === wanted ? "ReadyForNewScale" : wanted >= current ? "ScaleUpStabilized" : "ScaleDownStabilized",
    limited: desired !== stabilized,
    limitReason,
    recommendations: replaced(kept, reuse, { at: now, replicas: wanted }),
  };
};

const replaced = <Entry>(entries: readonly Entry[], index: number, entry: Entry): readonly Entry[] => {
  const next = entries.slice();
  if (index < 0) next.push(entry);
  else next[index] = entry;
  return next;
};

const rateLimited = (
  { hpa, history, now, current }: LimitInputs,
  stabilized: number,
  up: CompiledRules,
  down: CompiledRules,
): [number, LimitReason] => {
  if (stabilized > current) {
    const rate = Math.max(current, policyLimit(current, history, now, up, 1));
    const highest = Math.min(hpa.max, rate);
    if (stabilized > highest) return [highest, hpa.max > rate ? "ScaleUpLimit" : "TooManyReplicas"];
  } else if (stabilized < current) {
    const rate = Math.min(current, policyLimit(current, history, now, down, -1));
    const lowest = Math.max(hpa.min, rate);
    if (stabilized < lowest) return [lowest, hpa.min < rate ? "ScaleDownLimit" : "TooFewReplicas"];
  }
  return [stabilized, "DesiredWithinRange"];
};

/** The furthest that the policies of one direction let the replicas go. */
const policyLimit = (
  current: number,
  history: HpaHistory,
  now: number,
  rules: CompiledRules,
  direction: 1 | -1,
): number => {
  if (rules.select === "Disabled") return current;
  const wantsHigh = (rules.select === "Min") !== (direction === 1);
  let limit = wantsHigh ? -2147483648 : 2147483647;
  for (const { percent, value, period } of rules.policies) {
    const start = current - changeSince(history.scaleUps, now - period) + changeSince(history.scaleDowns, now - period);
    const raw = percent ? start * (1 + (direction * value) / 100) : start + direction * value;
    const proposed = !percent ? raw | 0 : toInt32(direction === 1 ? Math.ceil(raw) : raw);
    limit = wantsHigh ? Math.max(limit, proposed) : Math.min(limit, proposed);
  }
  return limit;
};

const changeSince = (events: readonly ScaleEvent[], cutoff: number): number => {
  let change = 0;
  for (const event of events) if (event.at > cutoff) change += event.change;
  return change;
};

/** The history after a scale from `before` to `after`; without behavior upstream remembers none. */
export const rememberScale = (
  hpa: CompiledHpa,
  history: HpaHistory,
  now: number,
  before: number,
  after: number,
): HpaHistory => {
  const { scaleUp, scaleDown } = hpa;
  if (scaleUp === undefined || scaleDown === undefined) return history;
  return after > before
    ? { ...history, scaleUps: withEvent(history.scaleUps, scaleUp, now, after - before) }
    : { ...history, scaleDowns: withEvent(history.scaleDowns, scaleDown, now, before - after) };
};

const withEvent = (
  events: readonly ScaleEvent[],
  { longestPeriod }: CompiledRules,
  now: number,
  change: number,
): readonly ScaleEvent[] => {
  let reuse = -1;
  const marked = events.map((event, index) => {
    const outdated = event.outdated || event.at < now - longestPeriod;
    if (outdated) reuse = index;
    return outdated === event.outdated ? event : { ...event, outdated };
  });
  return replaced(marked, reuse, { at: now, change, outdated: false });
};
