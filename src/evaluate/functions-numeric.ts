import { dynamicType, numberType } from "../model/type.ts";
import type { NumberValue, Value } from "../model/value.ts";
import {
  type FunctionDefinition,
  type FunctionFailure,
  type FunctionResult,
  fail,
  notNull,
  type Parameter,
} from "./functions-definition.ts";
import { goLog, goPow } from "./go-math.ts";
import { machineNumber, numberValue } from "./values-construct.ts";
import {
  absolute,
  bitLength,
  compareNum,
  fromBigInt,
  fromDouble,
  fullPrecision,
  isInteger,
  type Num,
  sign,
  toDouble,
  toInt,
  truncate,
} from "./values-number.ts";
import { formatFixed } from "./values-number-text.ts";
import { friendlyName, typeOf } from "./values-type.ts";

const number = (name: string): Parameter => ({ name, type: numberType });

/** The number of a value that is known to be one. */
export const numberOf = (value: Value | undefined): Num => (value?.kind === "number" ? value.value : 0);

/** The argument as a machine integer, or what Terraform says of one that is none (gocty). */
export const integerArgument = (value: Value | undefined, before = "", argument?: number): number | FunctionFailure => {
  const given = numberOf(value);
  const whole = toInt(given);
  if (whole !== undefined) return whole;
  if (isInteger(given) && Math.abs(toDouble(given)) < 2 ** 63) return toDouble(given);
  return fail(`${before}value must be a whole number, between -9223372036854775808 and 9223372036854775807`, argument);
};

const numeric = (
  names: readonly string[],
  work: (...args: readonly NumberValue[]) => FunctionResult,
): FunctionDefinition => ({
  parameters: names.map(number),
  result: numberType,
  refinement: notNull,
  call: (args) => work(...args.filter((arg): arg is NumberValue => arg.kind === "number")),
});

const extreme = (better: (order: number) => boolean): FunctionDefinition => ({
  parameters: [],
  variadic: { name: "numbers", type: numberType, allowDynamic: true },
  result: numberType,
  refinement: notNull,
  call: (args) => {
    const [first] = args;
    if (first === undefined) return fail("must pass at least one number");
    let best = first;
    for (const arg of args) if (better(compareNum(numberOf(arg), numberOf(best)))) best = arg;
    return best;
  },
});

/** Go's `%f` of the greatest double. */
const greatest = formatFixed(fromDouble(Number.MAX_VALUE), 6);

/** A function of two doubles; Terraform refuses what no double can hold. */
const floating = (value: NumberValue, other: NumberValue, work: (a: number, b: number) => number): FunctionResult => {
  const operands = [value, other].map((operand) => toDouble(operand.value));
  const beyond = [value, other].some(
    (operand, index) => typeof operand.value === "object" && !Number.isFinite(operands[index]),
  );
  if (beyond) return fail(`value must be between -${greatest} and ${greatest} inclusive`);
  const [a = 0, b = 0] = operands;
  return floatResult(work(a, b));
};

const floatResult = (result: number): FunctionResult =>
  Number.isNaN(result)
    ? fail("panic in function implementation: Float.SetFloat64(NaN)")
    : machineNumber(fromDouble(result), 53);

/** The next whole number in the given direction; its precision is that of the argument (cty `CeilFunc`). */
const wholeNear = (value: NumberValue, step: 1n | -1n): NumberValue => {
  if (typeof value.value === "number") return value;
  const whole = truncate(value.value);
  const isBeyond = !isInteger(value.value) && (step > 0n ? sign(value.value) > 0 : sign(value.value) < 0);
  return { ...value, value: fromBigInt(isBeyond ? whole + step : whole, value.precision ?? fullPrecision) };
};

const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** An integer in any base up to 62; below 37 letters count alike in both cases, and `_` is not allowed (Go `big.Int.SetString`). */
const parseInteger = (text: string, base: number): bigint | undefined => {
  const match = /^([+-]?)([0-9a-zA-Z]+)$/.exec(text);
  if (match === null) return undefined;
  let value = 0n;
  for (const char of base <= 36 ? (match[2] ?? "").toLowerCase() : (match[2] ?? "")) {
    const digit = digits.indexOf(char);
    if (digit < 0 || digit >= base) return undefined;
    value = value * BigInt(base) + BigInt(digit);
  }
  return match[1] === "-" ? -value : value;
};

const parseint: FunctionDefinition = {
  parameters: [{ name: "number", type: dynamicType }, number("base")],
  result: ([given]) =>
    given === undefined || typeOf(given).kind === "string"
      ? numberType
      : fail(`first argument must be a string, not ${friendlyName(typeOf(given))}`, 0),
  refinement: notNull,
  call: ([given, baseValue]) => {
    const base = integerArgument(baseValue, "", 1);
    if (typeof base !== "number") return base;
    if (base < 2 || base > 62) return fail("base must be a whole number between 2 and 62 inclusive", 1);
    const text = given?.kind === "string" ? given.value : "";
    const parsed = parseInteger(text, base);
    if (parsed === undefined) return fail(`cannot parse ${JSON.stringify(text)} as a base ${base} integer`, 0);
    const precision = Math.max(64, bitLength(parsed < 0n ? -parsed : parsed));
    return { kind: "number", value: fromBigInt(parsed, precision), precision };
  },
};

/** abs, ceil, floor, log, max, min, parseint, pow, signum. */
export const numericFunctions: Readonly<Record<string, FunctionDefinition>> = {
  abs: {
    parameters: [{ ...number("num"), allowDynamic: true }],
    result: numberType,
    refinement: { notNull: true, min: { value: 0, inclusive: true } },
    call: ([value]) => (value?.kind === "number" ? { ...value, value: absolute(value.value) } : numberValue(0)),
  },
  ceil: numeric(["num"], (value = numberValue(0)) => wholeNear(value, 1n)),
  floor: numeric(["num"], (value = numberValue(0)) => wholeNear(value, -1n)),
  log: numeric(["num", "base"], (value = numberValue(0), base = numberValue(0)) =>
    floating(value, base, (a, b) => goLog(a) / goLog(b)),
  ),
  max: extreme((order) => order > 0),
  min: extreme((order) => order < 0),
  parseint,
  pow: numeric(["num", "power"], (value = numberValue(0), power = numberValue(0)) => floating(value, power, goPow)),
  signum: numeric(["num"], (value = numberValue(0)) => {
    const whole = integerArgument(value);
    return typeof whole === "number" ? machineNumber(Math.sign(whole) + 0) : whole;
  }),
};
