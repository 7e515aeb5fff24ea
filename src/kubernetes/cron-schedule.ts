/** The moments that a cron expression names, to the minute. */
export interface CronSchedule {
  /** The first moment after `time`, in milliseconds since 1970, within about five years. */
  readonly next: (time: number) => number | undefined;
}

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names?: Readonly<Record<string, number>>;
}

const months = Object.fromEntries(
  ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].map((name, index) => [
    name,
    index + 1,
  ]),
);
const days = Object.fromEntries(["sun", "mon", "tue", "wed", "thu", "fri", "sat"].map((name, index) => [name, index]));

const fields: readonly Field[] = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day of month", least: 1, most: 31 },
  { name: "month", least: 1, most: 12, names: months },
  { name: "day of week", least: 0, most: 6, names: days },
];

const words: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/**
 * Reads a cron expression of five fields; the error is what robfig/cron 3, which Kubernetes uses, says of it. Times are read in UTC,
 * moved by the offset that the caller gives for a time zone.
 */
export const parseCron = (
  expression: string,
  offsetAt: (time: number) => number = () => 0,
): CronSchedule | { readonly error: string } => {
  if (expression === "") return { error: "empty spec string" };
  const every = /^@every (\S+)$/.exec(expression);
  if (every !== null) {
    const duration = goDuration(every[1] ?? "");
    if (duration === undefined)
      return { error: `failed to parse duration ${expression}: time: invalid duration "${every[1]}"` };
    return { next: (time) => Math.floor(time / 1000) * 1000 + Math.max(1000, duration) };
  }
  if (expression.startsWith("@") && words[expression] === undefined)
    return { error: `unrecognized descriptor: ${expression}` };
  const parts = (words[expression] ?? expression).trim().split(/\s+/);
  if (parts.length !== 5) return { error: `expected exactly 5 fields, found ${parts.length}: [${parts.join(" ")}]` };
  const sets: { readonly values: ReadonlySet<number>; readonly isStar: boolean }[] = [];
  for (const [index, field] of fields.entries()) {
    const set = readField(parts[index] ?? "", field);
    if ("error" in set) return set;
    sets.push(set);
  }
  return { next: (time) => nextMoment(time, sets, offsetAt) };
};

const readField = (
  text: string,
  field: Field,
): { readonly values: ReadonlySet<number>; readonly isStar: boolean } | { readonly error: string } => {
  const values = new Set<number>();
  let isStar = false;
  for (const part of text.split(",")) {
    const [range = "", step, extra] = part.split("/");
    if (extra !== undefined) return { error: `too many slashes: ${part}` };
    const [low = "", high, more] = range.split("-");
    if (more !== undefined) return { error: `too many hyphens: ${part}` };
    let start: number;
    let end: number;
    if (low === "*" || low === "?") {
      [start, end] = [field.least, field.most];
      isStar = true;
    } else {
      const first = numberOf(low, field);
      const last = high === undefined ? first : numberOf(high, field);
      if (typeof first === "string") return { error: first };
      if (typeof last === "string") return { error: last };
      [start, end] = [first, last];
    }
    let every = 1;
    if (step !== undefined) {
      const parsed = numberOf(step, { name: "", least: 0, most: 0 });
      if (typeof parsed === "string") return { error: parsed };
      every = parsed;
      if (high === undefined && low !== "*" && low !== "?") end = field.most;
      if (every > 1) isStar = false;
    }
    if (start < field.least) return { error: `beginning of range (${start}) below minimum (${field.least}): ${part}` };
    if (end > field.most) return { error: `end of range (${end}) above maximum (${field.most}): ${part}` };
    if (start > end) return { error: `beginning of range (${start}) beyond end of range (${end}): ${part}` };
    if (every === 0) return { error: `step of range should be a positive number: ${part}` };
    for (let value = start; value <= end; value += every) values.add(value);
  }
  return { values, isStar };
};

const numberOf = (text: string, field: Field): number | string => {
  const named = field.names?.[text.toLowerCase()];
  if (named !== undefined) return named;
  if (!/^[+-]?\d+$/.test(text))
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  const value = Number(text);
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
};

const minuteMs = 60_000;
const dayMs = 86_400_000;
const longestMs = 5 * 366 * dayMs;

const nextMoment = (
  time: number,
  [minutes, hours, daysOfMonth, monthsOfYear, daysOfWeek]: readonly {
    readonly values: ReadonlySet<number>;
    readonly isStar: boolean;
  }[],
  offsetAt: (time: number) => number,
): number | undefined => {
  let at = (Math.floor(time / minuteMs) + 1) * minuteMs;
  const end = time + longestMs;
  while (at < end) {
    const local = new Date(at + offsetAt(at));
    const dayFits =
      daysOfMonth?.isStar === true || daysOfWeek?.isStar === true
        ? daysOfMonth?.values.has(local.getUTCDate()) && daysOfWeek?.values.has(local.getUTCDay())
        : daysOfMonth?.values.has(local.getUTCDate()) || daysOfWeek?.values.has(local.getUTCDay());
    if (!monthsOfYear?.values.has(local.getUTCMonth() + 1) || !dayFits) {
      at += dayMs - ((at + offsetAt(at)) % dayMs);
      continue;
    }
    if (!hours?.values.has(local.getUTCHours())) {
      at += 60 * minuteMs - ((at + offsetAt(at)) % (60 * minuteMs));
      continue;
    }
    if (minutes?.values.has(local.getUTCMinutes())) return at;
    at += minuteMs;
  }
  return undefined;
};

const goDuration = (text: string): number | undefined => {
  if (!/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0),
    0,
  );
};
