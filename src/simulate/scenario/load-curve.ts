import type { LoadCurve } from "../../model/scenario.ts";

const DAY_MS = 86_400_000;

/**
 * The use at a moment, as a share of what the declared replicas request together. `at` is counted from the scenario's beginning, `start` is
 * the time of day then; `replicas` are the declared ones, for series that are given as requests.
 */
export const shareAt = (curve: LoadCurve, at: number, start: number, replicas: number): number => {
  switch (curve.kind) {
    case "constant":
      return curve.share;
    case "daily": {
      const phase = (2 * Math.PI * (start + at - curve.peak)) / DAY_MS;
      return curve.low + ((curve.high - curve.low) * (1 + Math.cos(phase))) / 2;
    }
    case "spike":
      return curve.base + (curve.height - curve.base) * spikePart(curve, at);
    case "series": {
      const value = interpolate(curve.at, curve.shares, curve.repeat === undefined ? at : at % curve.repeat);
      return curve.perReplica === undefined ? value : value / (curve.perReplica * Math.max(1, replicas));
    }
  }
};

/** Moments at which a curve jumps or bends sharply: there the shortfall is looked at beside the controller's own rhythm. */
export const bendsOf = (curve: LoadCurve): readonly number[] =>
  curve.kind === "spike" ? [curve.at, curve.at + curve.rise, curve.at + curve.rise + curve.duration] : [];

const spikePart = ({ at, rise, duration, fall }: Extract<LoadCurve, { kind: "spike" }>, now: number): number => {
  if (now < at) return 0;
  if (now < at + rise) return (now - at) / rise;
  const end = at + rise + duration;
  if (now < end) return 1;
  return now < end + fall ? 1 - (now - end) / fall : 0;
};

const interpolate = (times: readonly number[], values: readonly number[], now: number): number => {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= now) low = middle + 1;
    else high = middle;
  }
  const before = values[low - 1];
  const after = values[low];
  if (before === undefined) return after ?? 0;
  if (after === undefined) return before;
  const from = times[low - 1] ?? 0;
  const width = (times[low] ?? from) - from;
  return width === 0 ? after : before + ((after - before) * (now - from)) / width;
};
