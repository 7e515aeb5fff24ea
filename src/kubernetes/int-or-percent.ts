/** A number of pods from a count or a percentage of `total` (apimachinery pkg/util/intstr, GetScaledValueFromIntOrPercent, v0.35). */
export const intOrPercent = (value: number | string, total: number, round: "up" | "down"): number => {
  if (typeof value === "number") return value;
  const match = /^(\d+)%$/.exec(value);
  if (match === null) return Number(value) || 0;
  const share = (Number(match[1]) * total) / 100;
  return round === "up" ? Math.ceil(share) : Math.floor(share);
};
