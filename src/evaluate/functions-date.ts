import { numberType, stringType } from "../model/type.ts";
import {
  type FunctionDefinition,
  type FunctionFailure,
  fail,
  notNull,
  stringFunction,
} from "./functions-definition.ts";
import {
  addDuration,
  fieldsAt,
  formatOffset,
  formatTimestamp,
  parseDuration,
  parseTimestamp,
  type Timestamp,
} from "./functions-timestamp.ts";
import { machineNumber, stringValue, unknownValue } from "./values-construct.ts";
import { quoteGo } from "./values-set.ts";

const months = "January February March April May June July August September October November December".split(" ");
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

const two = (value: number): string => String(value).padStart(2, "0");

/** How a run of one letter is written, by its length. */
type Verb = (date: Date, moment: Timestamp) => Readonly<Record<number, string>>;

const hour12 = (date: Date): number => date.getUTCHours() % 12 || 12;
const number = (value: number): Readonly<Record<number, string>> => ({ 1: String(value), 2: two(value) });

const verbs: Readonly<Record<string, { readonly write: Verb; readonly rule: string }>> = {
  Y: {
    write: (date) => ({ 2: two(date.getUTCFullYear() % 100), 4: String(date.getUTCFullYear()).padStart(4, "0") }),
    rule: 'year must either be "YY" or "YYYY"',
  },
  M: {
    write: (date) => {
      const name = months[date.getUTCMonth()] ?? "";
      return { ...number(date.getUTCMonth() + 1), 3: name.slice(0, 3), 4: name };
    },
    rule: 'month must be "M", "MM", "MMM", or "MMMM"',
  },
  D: { write: (date) => number(date.getUTCDate()), rule: 'day of month must either be "D" or "DD"' },
  E: {
    write: (date) => {
      const name = days[date.getUTCDay()] ?? "";
      return { 3: name.slice(0, 3), 4: name };
    },
    rule: 'day of week must either be "EEE" or "EEEE"',
  },
  h: { write: (date) => number(date.getUTCHours()), rule: '24-hour must either be "h" or "hh"' },
  H: { write: (date) => number(hour12(date)), rule: '12-hour must either be "H" or "HH"' },
  A: { write: (date) => ({ 2: date.getUTCHours() < 12 ? "AM" : "PM" }), rule: 'must be "AA"' },
  a: { write: (date) => ({ 2: date.getUTCHours() < 12 ? "am" : "pm" }), rule: 'must be "aa"' },
  m: { write: (date) => number(date.getUTCMinutes()), rule: 'minute must either be "m" or "mm"' },
  s: { write: (date) => number(date.getUTCSeconds()), rule: 'second must either be "s" or "ss"' },
  Z: {
    write: (_date, { offset }) => ({
      1: formatOffset(offset, true, true),
      3: offset === 0 ? "UTC" : formatOffset(offset, false, false),
      4: formatOffset(offset, false, false),
      5: formatOffset(offset, true, false),
    }),
    rule: "timezone must be Z, ZZZZ, or ZZZZZ",
  },
};

/** Quoted text, a run of one letter, or anything else. */
const tokens = /''|'(?:[^']|'')*(?:'|$)|([A-Za-z])\1*|[^A-Za-z']+/g;

const formatDate = (format: string, moment: Timestamp): string | FunctionFailure => {
  const date = fieldsAt(moment);
  let out = "";
  for (const [token] of format.matchAll(tokens)) {
    if (token === "''") out += "'";
    else if (token.startsWith("'")) {
      if (token.length === 1 || !token.endsWith("'")) return fail("unterminated literal '", 0);
      out += token.slice(1, -1).replaceAll("''", "'");
    } else if (/^[A-Za-z]/.test(token)) {
      const verb = verbs[token[0] ?? ""];
      const written = verb?.write(date, moment)[token.length];
      if (written === undefined)
        return fail(`invalid date format verb ${quoteGo(token)}${verb === undefined ? "" : `: ${verb.rule}`}`, 0);
      out += written;
    } else out += token;
  }
  return out;
};

const formatdate = stringFunction(["format", "time"], stringType, (format = "", time = "") => {
  const moment = parseTimestamp(time, true);
  if ("problem" in moment) return fail(moment.problem, 1);
  const written = formatDate(format, moment);
  return typeof written === "string" ? stringValue(written) : written;
});

const timeadd = stringFunction(["timestamp", "duration"], stringType, (time = "", duration = "") => {
  const moment = parseTimestamp(time, true);
  if ("problem" in moment) return fail(moment.problem);
  const nanos = parseDuration(duration);
  if (typeof nanos !== "bigint") return fail(nanos.problem);
  return stringValue(formatTimestamp(addDuration(moment, nanos)));
});

const timecmp = stringFunction(["timestamp_a", "timestamp_b"], numberType, (first = "", second = "") => {
  const a = parseTimestamp(first, false);
  if ("problem" in a) return fail(a.problem, 0);
  const b = parseTimestamp(second, false);
  if ("problem" in b) return fail(b.problem, 1);
  return machineNumber(Math.sign(a.seconds - b.seconds || a.nanos - b.nanos) + 0);
});

const clock = (name: string): FunctionDefinition => ({
  parameters: [],
  result: stringType,
  refinement: notNull,
  call: () => unknownValue(stringType, `${name}() depends on when Terraform runs`),
});

/** Dates and times; what reads the clock is unknown. */
export const dateFunctions: Readonly<Record<string, FunctionDefinition>> = {
  formatdate,
  plantimestamp: clock("plantimestamp"),
  timeadd: { ...timeadd, refinement: {} },
  timecmp,
  timestamp: clock("timestamp"),
};
