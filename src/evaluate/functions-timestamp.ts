/** A moment with the offset in which it was written. */
export interface Timestamp {
  /** Seconds since 1970 in UTC. */
  readonly seconds: number;
  readonly nanos: number;
  /** Minutes east of Greenwich. */
  readonly offset: number;
}

export interface TimeProblem {
  readonly problem: string;
}

const bad = (problem: string): TimeProblem => ({ problem: `not a valid RFC3339 timestamp${problem}` });

interface Part {
  readonly what: string;
  readonly digits: number;
  /** A single digit is let through by Go's parser, and refused afterwards. */
  readonly loose?: boolean;
  readonly min: number;
  readonly max: number;
  readonly after: string;
}

const parts: readonly Part[] = [
  { what: "year", digits: 4, min: 0, max: 9999, after: "-" },
  { what: "month", digits: 2, min: 1, max: 12, after: "-" },
  { what: "day of month", digits: 2, min: 0, max: 99, after: "T" },
  { what: "hour", digits: 2, loose: true, min: 0, max: 23, after: ":" },
  { what: "minute", digits: 2, min: 0, max: 59, after: ":" },
  { what: "second", digits: 2, min: 0, max: 59, after: "" },
];

/**
 * Reads an RFC 3339 timestamp with Go's and cty's error texts. `strict` refuses what Go's time.Parse lets through: hours of one
 * digit, a comma before the fraction (cty stdlib `parseStrictRFC3339`, 1.16).
 */
export const parseTimestamp = (text: string, strict: boolean): Timestamp | TimeProblem => {
  let rest = text;
  const found: number[] = [];
  for (const part of parts) {
    const match = new RegExp(`^\\d{${part.loose === true ? `1,${part.digits}` : part.digits}}`).exec(rest);
    if (match === null) return cannotUse(part.what, rest, strict);
    const value = Number(match[0]);
    const after = rest.slice(match[0].length);
    if (value < part.min || value > part.max) return cannotUse(part.what, after, strict);
    found.push(value);
    rest = after;
    if (part.after === "") break;
    if (!rest.startsWith(part.after)) return missing(part.after, rest);
    rest = rest.slice(1);
  }
  const fraction = /^[.,](\d+)/.exec(rest);
  if (fraction !== null) rest = rest.slice(fraction[0].length);
  const zone = parseZone(rest, strict);
  if ("problem" in zone) return zone;
  return finish(text, found, fraction, zone, strict);
};

const cannotUse = (what: string, value: string, strict: boolean): TimeProblem => {
  if (value === "") return bad(`: end of string before ${what}`);
  if (strict && what === "hour" && value.includes(":")) return bad(": hour must be between 0 and 23 inclusive");
  if (strict && what === "hour" && Buffer.byteLength(value) !== 2) return bad(": hour must have exactly two digits");
  if (strict && what === "minute" && Buffer.byteLength(value) !== 2)
    return bad(": minute must have exactly two digits");
  return bad(`: cannot use ${JSON.stringify(value)} as ${what}`);
};

const missing = (mark: string, rest: string): TimeProblem => {
  if (mark === "T") return bad(": missing required time introducer 'T'");
  return rest === ""
    ? bad(`: end of string where "${mark}" is expected`)
    : bad(`: found ${JSON.stringify(rest)} where "${mark}" is expected`);
};

interface Zone {
  readonly offset: number;
  readonly hours: number;
  readonly minutes: number;
}

const parseZone = (rest: string, strict: boolean): Zone | TimeProblem => {
  const match = /^(?:Z|([+-])(\d\d):(\d\d))/.exec(rest);
  if (match === null) return cannotUse("UTC offset", rest, strict);
  const [whole, sign, hourText = "0", minuteText = "0"] = match;
  const extra = rest.slice(whole.length);
  const hours = Number(hourText);
  const minutes = Number(minuteText);
  if (hours > 24 || minutes > 60) return cannotUse("UTC offset", extra, strict);
  if (extra !== "") return bad(`: cannot use ${JSON.stringify(extra)} as timestamp segment`);
  return { offset: (sign === "-" ? -1 : 1) * (hours * 60 + minutes), hours, minutes };
};

const finish = (
  text: string,
  found: readonly number[],
  fraction: RegExpExecArray | null,
  zone: Zone,
  strict: boolean,
): Timestamp | TimeProblem => {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found;
  if (day < 1 || day > daysIn(year, month)) return bad(": day out of range");
  if (strict) {
    if (text[12] === ":") return cannotUse("hour", text.slice(11, 12), true);
    if (text[19] === ",") return bad(': cannot use "," as timestamp segment');
    if (zone.hours >= 24 || zone.minutes >= 60)
      return bad(`: cannot use ${JSON.stringify(text.slice(-6))} as UTC offset`);
  }
  const moment = Date.UTC(2000, month - 1, day, hour, minute, second) / 1000;
  const nanos = Number((fraction?.[1] ?? "").slice(0, 9).padEnd(9, "0"));
  // Date.UTC reads years below 100 as 19xx, so the year is set apart; 2000 is a leap year, as February 29 needs.
  return { seconds: moment + yearShift(year, month, day) - zone.offset * 60, nanos, offset: zone.offset };
};

const daysIn = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const yearShift = (year: number, month: number, day: number): number => {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return (date.getTime() - Date.UTC(2000, month - 1, day)) / 1000;
};

/** The calendar fields of a moment in its own offset. */
export const fieldsAt = ({ seconds, offset }: Timestamp): Date => new Date((seconds + offset * 60) * 1000);

const two = (value: number): string => String(value).padStart(2, "0");

/** `+02:00`, `+0200`, or `Z` for none when asked for. */
export const formatOffset = (offset: number, colon: boolean, zulu: boolean): string => {
  if (offset === 0 && zulu) return "Z";
  const size = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${two(Math.trunc(size / 60))}${colon ? ":" : ""}${two(size % 60)}`;
};

/** RFC 3339 with whole seconds. */
export const formatTimestamp = (moment: Timestamp): string => {
  const date = fieldsAt(moment);
  const day = `${String(date.getUTCFullYear()).padStart(4, "0")}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day}T${time}${formatOffset(moment.offset, true, true)}`;
};

const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  "\u00b5s": 1_000n,
  "\u03bcs": 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** As Go's `time` quotes: characters beyond ASCII byte by byte. */
const quoted = (text: string): string =>
  `"${text.replace(/["\\]|[^ -\x7f]/gu, (char) =>
    char === '"' || char === "\\"
      ? `\\${char}`
      : [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
  )}"`;

/** A length of time in nanoseconds: `1h30m`, `-1.5s` (Go `time.ParseDuration`). */
export const parseDuration = (text: string): bigint | TimeProblem => {
  const invalid = { problem: `time: invalid duration ${quoted(text)}` };
  const match = /^([+-]?)(.*)$/s.exec(text);
  const body = match?.[2] ?? "";
  if (body === "0") return 0n;
  if (body === "") return invalid;
  let total = 0n;
  let rest = body;
  while (rest !== "") {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest);
    const whole = number?.[1] ?? "";
    const fraction = number?.[2] ?? "";
    if (number === null || whole + fraction === "") return invalid;
    rest = rest.slice(number[0].length);
    const unit = /^[^.0-9]*/.exec(rest)?.[0] ?? "";
    if (unit === "") return { problem: `time: missing unit in duration ${quoted(text)}` };
    const size = Object.hasOwn(unitNanos, unit) ? unitNanos[unit] : undefined;
    if (size === undefined) return { problem: `time: unknown unit ${quoted(unit)} in duration ${quoted(text)}` };
    rest = rest.slice(unit.length);
    total += BigInt(whole === "" ? "0" : whole) * size;
    if (fraction !== "") total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
    if (total >= 1n << 63n) return invalid;
  }
  return match?.[1] === "-" ? -total : total;
};

/** A moment moved by a length of time. */
export const addDuration = (moment: Timestamp, nanos: bigint): Timestamp => {
  const total = BigInt(moment.nanos) + nanos;
  const second = 1_000_000_000n;
  const rest = ((total % second) + second) % second;
  return { ...moment, seconds: moment.seconds + Number((total - rest) / second), nanos: Number(rest) };
};
