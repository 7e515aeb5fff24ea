import { numberType, stringType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { type FunctionDefinition, fail, stringFunction } from "./functions-definition.ts";
import { integerArgument } from "./functions-numeric.ts";
import { fieldsAt, formatTimestamp, parseDuration, parseTimestamp, type Timestamp } from "./functions-timestamp.ts";
import { numberValue, objectValue, stringValue } from "./values-construct.ts";
import { fromBigInt, fromDouble } from "./values-number.ts";
import { objectOf } from "./values-type.ts";

const months = "January February March April May June July August September October November December".split(" ");
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

const day = 86_400_000;

/** The week by ISO 8601: weeks begin on Monday, and the first holds January 4. */
const isoWeek = (date: Date): readonly [year: number, week: number] => {
  const weekday = (date.getUTCDay() + 6) % 7;
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() - weekday + 3));
  const year = thursday.getUTCFullYear();
  return [year, 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * day))];
};

const calendar = (moment: Timestamp): readonly (readonly [string, Value])[] => {
  const date = fieldsAt(moment);
  const [isoYear, week] = isoWeek(date);
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  const numbers: readonly (readonly [string, number])[] = [
    ["year", date.getUTCFullYear()],
    ["year_day", Math.floor((date.getTime() - start) / day) + 1],
    ["day", date.getUTCDate()],
    ["month", date.getUTCMonth() + 1],
    ["weekday", date.getUTCDay()],
    ["hour", date.getUTCHours()],
    ["minute", date.getUTCMinutes()],
    ["second", date.getUTCSeconds()],
    ["iso_year", isoYear],
    ["iso_week", week],
  ];
  return [
    ...numbers.map(([name, value]) => [name, numberValue(value)] as const),
    ["month_name", stringValue(months[date.getUTCMonth()] ?? "")],
    ["weekday_name", stringValue(days[date.getUTCDay()] ?? "")],
  ];
};

const calendarType = (extra: string, type: typeof numberType): FunctionDefinition["result"] =>
  objectOf([
    ...["year", "year_day", "day", "month", "weekday", "hour", "minute", "second", "iso_year", "iso_week"].map(
      (name) => [name, numberType] as const,
    ),
    ["month_name", stringType],
    ["weekday_name", stringType],
    [extra, type],
  ]);

const durationType = objectOf(
  ["hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"].map((name) => [name, numberType]),
);

/** Functions of hashicorp/time: rfc3339_parse from 0.11, the others from 0.12 and 0.13 on. */
export const timeFunctions: Readonly<Record<string, FunctionDefinition>> = {
  duration_parse: stringFunction(["duration"], durationType, (text = "") => {
    const nanos = parseDuration(text);
    if (typeof nanos !== "bigint") return fail(`Error parsing duration string: ${nanos.problem}`);
    const total = Number(nanos);
    return objectValue([
      ["hours", numberValue(fromDouble(total / 3.6e12))],
      ["minutes", numberValue(fromDouble(total / 6e10))],
      ["seconds", numberValue(fromDouble(total / 1e9))],
      ["milliseconds", numberValue(fromBigInt(nanos / 1_000_000n))],
      ["microseconds", numberValue(fromBigInt(nanos / 1_000n))],
      ["nanoseconds", numberValue(fromBigInt(nanos))],
    ]);
  }),
  rfc3339_parse: {
    ...stringFunction(["timestamp"], stringType, (text = "") => {
      const moment = parseTimestamp(text, false);
      if ("problem" in moment) return fail(`Error parsing RFC3339 timestamp: "${text}" is not an RFC3339 string`);
      return objectValue([...calendar(moment), ["unix", numberValue(moment.seconds)]]);
    }),
    result: calendarType("unix", numberType),
  },
  unix_timestamp_parse: {
    parameters: [{ name: "unix_timestamp", type: numberType }],
    result: calendarType("rfc3339", stringType),
    call: ([given]) => {
      const seconds = integerArgument(given);
      if (typeof seconds !== "number") return seconds;
      const moment = { seconds, nanos: 0, offset: 0 };
      return objectValue([...calendar(moment), ["rfc3339", stringValue(formatTimestamp(moment))]]);
    },
  },
};
