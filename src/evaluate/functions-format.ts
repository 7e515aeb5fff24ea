import { boolType, dynamicType, numberType, stringType, type Type } from "../model/type.ts";
import type { NumberValue, Value } from "../model/value.ts";
import { type FunctionDefinition, type FunctionFailure, fail, notNull, unknownResult } from "./functions-definition.ts";
import { firstUnknown, isWhollyKnown, listValue, stringValue, unknownValue } from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { graphemeCount, graphemesOf } from "./values-grapheme.ts";
import { quoteJson, valueToJsonText } from "./values-json.ts";
import { isInteger, truncate } from "./values-number.ts";
import { formatExponent, formatFixed, formatGeneral } from "./values-number-text.ts";
import { refine, safePrefix } from "./values-refine.ts";
import { quoteGo } from "./values-set.ts";

/** One verb of a format string: `%-5.2[1]f`. */
interface Verb {
  readonly raw: string;
  /** In bytes from the start of the format. */
  readonly offset: number;
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly argument: number;
  readonly mode: string;
}

const verbSyntax = /^%([0#\-+ ]*)([1-9]\d*)?(?:\.(\d*))?(?:\[([1-9]\d*)\])?([a-zA-Z])/;

/** Width and precision beyond these would only fill memory. */
const maxWidth = 10_000;

/** Go's formatting verbs as cty has them (`formatFSM`, 1.16). */
export const formatText = (format: string, args: readonly Value[]): string | FunctionFailure => {
  let out = "";
  let next = 1;
  let highest = 0;
  let at = 0;
  while (at < format.length) {
    const percent = format.indexOf("%", at);
    if (percent < 0) {
      out += format.slice(at);
      break;
    }
    out += format.slice(at, percent);
    if (format[percent + 1] === "%") {
      out += "%";
      at = percent + 2;
      continue;
    }
    const match = verbSyntax.exec(format.slice(percent, percent + 64));
    if (match === null) return badVerb(format, percent);
    const verb = readVerb(match, Buffer.byteLength(format.slice(0, percent)), next);
    highest = Math.max(highest, verb.argument);
    const written = formatVerb(verb, args);
    if (typeof written !== "string") return written;
    out += written;
    next = verb.argument + 1;
    at = percent + verb.raw.length;
  }
  if (highest >= args.length) return out;
  return fail(
    highest === 0
      ? "too many arguments; no verbs in format string"
      : `too many arguments; only ${highest} used by format string`,
    highest + 1,
  );
};

const readVerb = (match: RegExpExecArray, offset: number, next: number): Verb => {
  const [raw, flags = "", width, precision, argument, mode = ""] = match;
  return {
    raw,
    offset,
    flags,
    width: width === undefined ? undefined : Number(width),
    precision: precision === undefined ? undefined : Number(precision),
    argument: argument === undefined ? next : Number(argument),
    mode,
  };
};

const badVerb = (format: string, percent: number): FunctionFailure => {
  const good = /^%[0#\-+ ]*(?:[1-9]\d*)?(?:\.\d*)?(?:\[(?:[1-9]\d*)?)?/.exec(format.slice(percent));
  const at = percent + (good?.[0].length ?? 1);
  const code = format.codePointAt(at);
  const offset = Buffer.byteLength(format.slice(0, at));
  if (code === undefined) return fail(`invalid format string starting at offset ${offset}`);
  return fail(
    `unrecognized format character '${quoteGo(String.fromCodePoint(code)).slice(1, -1)}' at offset ${offset}`,
  );
};

const formatVerb = (verb: Verb, args: readonly Value[]): string | FunctionFailure => {
  const arg = args[verb.argument - 1];
  if (arg === undefined)
    return fail(
      `not enough arguments for ${quoteGo(verb.raw)} at ${verb.offset}: need index ${verb.argument} but have ${args.length} total`,
    );
  if (verb.mode !== "v" && arg.kind === "null") return unsupported(verb, "null value cannot be formatted");
  if ((verb.width ?? 0) > maxWidth || (verb.precision ?? 0) > maxWidth)
    return unsupported(verb, `widths beyond ${maxWidth} are not supported`);
  switch (verb.mode) {
    case "v":
      return asIs(verb, arg);
    case "t":
      return truthOf(verb, arg);
    case "b":
    case "d":
    case "o":
    case "x":
    case "X":
    case "e":
    case "E":
    case "f":
    case "g":
    case "G":
      return numberOf(verb, arg);
    case "s":
    case "q":
      return textOf(verb, arg);
    default:
      return fail(`unsupported format verb '${verb.mode}' in ${quoteGo(verb.raw)} at offset ${verb.offset}`);
  }
};

const unsupported = (verb: Verb, why: string): FunctionFailure =>
  fail(`unsupported value for ${quoteGo(verb.raw)} at ${verb.offset}: ${why}`);

const asIs = (verb: Verb, arg: Value): string | FunctionFailure => {
  if (!verb.flags.includes("#")) {
    if (arg.kind === "string") return pad(verb, arg.value);
    if (arg.kind === "number") return pad(verb, formatGeneral(arg.value, undefined, arg.precision));
  }
  const json = valueToJsonText(arg);
  return typeof json === "string" ? pad(verb, json) : unsupported(verb, "cannot serialize infinity as JSON");
};

const truthOf = (verb: Verb, arg: Value): string | FunctionFailure => {
  const value = convertValue(arg, boolType);
  if (value.kind === "failure") return unsupported(verb, value.message);
  return value.kind === "bool" && value.value ? "true" : "false";
};

const textOf = (verb: Verb, arg: Value): string | FunctionFailure => {
  const value = convertValue(arg, stringType);
  if (value.kind === "failure") return unsupported(verb, value.message);
  const text = value.kind === "string" ? value.value : "";
  const cut = (verb.precision ?? 0) > 0 ? graphemesOf(text).slice(0, verb.precision).join("") : text;
  return pad(verb, verb.mode === "q" ? quoteJson(cut) : cut);
};

const pad = (verb: Verb, text: string): string => {
  const missing = (verb.width ?? 0) - graphemeCount(text);
  if (missing <= 0) return text;
  const filling = (verb.flags.includes("0") ? "0" : " ").repeat(missing);
  return verb.flags.includes("-") ? text + filling : filling + text;
};

const numberOf = (verb: Verb, arg: Value): string | FunctionFailure => {
  const value = convertValue(arg, numberType);
  if (value.kind === "failure") return unsupported(verb, value.message);
  if (value.kind !== "number") return unsupported(verb, "a number is required");
  return /[bdoxX]/.test(verb.mode) ? integer(verb, value) : floating(verb, value);
};

const bases: Readonly<Record<string, number>> = { b: 2, d: 10, o: 8, x: 16, X: 16 };
const prefixes: Readonly<Record<string, string>> = { b: "0b", o: "0", x: "0x", X: "0X" };

/** Go's big.Int `Format`. */
const integer = (verb: Verb, value: NumberValue): string | FunctionFailure => {
  if (!isInteger(value.value)) return unsupported(verb, "an integer is required");
  const whole = truncate(value.value);
  const plain = (whole < 0n ? -whole : whole).toString(bases[verb.mode] ?? 10);
  const digits = verb.mode === "X" ? plain.toUpperCase() : plain;
  const prefix = verb.flags.includes("#") ? (prefixes[verb.mode] ?? "") : "";
  const sign = whole < 0n ? "-" : positiveSign(verb);
  if (verb.precision === 0 && whole === 0n) return "";
  const filled = digits.padStart(verb.precision ?? 0, "0");
  return align(verb, sign + prefix, filled, verb.precision === undefined);
};

const positiveSign = (verb: Verb): string => (verb.flags.includes("+") ? "+" : verb.flags.includes(" ") ? " " : "");

/** Go's big.Float `Format`. */
const floating = (verb: Verb, value: NumberValue): string => {
  const { value: number, precision: bits } = value;
  if (typeof number === "number" && !Number.isFinite(number))
    return align(verb, number < 0 ? "-" : verb.flags.includes(" ") ? " " : "+", "Inf", false);
  const places = verb.precision ?? 6;
  const upper = verb.mode === "E" || verb.mode === "G" ? "E" : "e";
  const text =
    verb.mode === "f"
      ? formatFixed(number, places)
      : verb.mode === "e" || verb.mode === "E"
        ? formatExponent(number, places, bits, upper)
        : formatGeneral(number, verb.precision, bits, upper);
  return text.startsWith("-") ? align(verb, "-", text.slice(1), true) : align(verb, positiveSign(verb), text, true);
};

const align = (verb: Verb, sign: string, digits: string, zeros: boolean): string => {
  const missing = (verb.width ?? 0) - sign.length - digits.length;
  if (missing <= 0) return sign + digits;
  if (verb.flags.includes("-")) return sign + digits + " ".repeat(missing);
  return verb.flags.includes("0") && zeros ? sign + "0".repeat(missing) + digits : " ".repeat(missing) + sign + digits;
};

const format: FunctionDefinition = {
  parameters: [{ name: "format", type: stringType }],
  variadic: { name: "args", type: dynamicType, allowNull: true, allowUnknown: true },
  result: stringType,
  refinement: notNull,
  call: ([formatValue, ...args]) => {
    const text = formatValue?.kind === "string" ? formatValue.value : "";
    const open = args.find((arg) => !isWhollyKnown(arg));
    if (open !== undefined) {
      const result = unknownValue(stringType, firstUnknown(open)?.because ?? "");
      const prefix = safePrefix(text.slice(0, Math.max(0, text.indexOf("%"))));
      return prefix === "" ? result : refine(result, { prefix });
    }
    const written = formatText(text, args);
    return typeof written === "string" ? stringValue(written) : written;
  },
};

const listOfStrings: Type = { kind: "list", element: stringType };

/** Lists give one argument to each round; anything else is the same in all. */
const rounds = (args: readonly Value[]): number | "open" | FunctionFailure => {
  let length: number | undefined;
  let chooser = 0;
  let open = false;
  for (const [position, arg] of args.entries()) {
    const type = "type" in arg ? arg.type : undefined;
    const isList = type?.kind === "list" || type?.kind === "set" || type?.kind === "tuple";
    if (!isList || arg.kind === "null") {
      open ||= arg.kind === "unknown" && type?.kind === "dynamic";
      continue;
    }
    const isOpenSet = arg.kind === "set" && arg.items.length > 1 && firstUnknown(arg) !== undefined;
    if (type.kind !== "tuple" && (arg.kind === "unknown" || isOpenSet)) {
      open = true;
      continue;
    }
    const own = type.kind === "tuple" ? type.elements.length : "items" in arg ? arg.items.length : 0;
    if (length !== undefined && own !== length)
      return fail(
        `argument ${position + 1} has length ${own}, which is inconsistent with argument ${chooser + 1} of length ${length}`,
        position + 1,
      );
    if (length === undefined) chooser = position;
    length = own;
    open ||= arg.kind === "unknown";
  }
  return open ? "open" : (length ?? 1);
};

const formatlist: FunctionDefinition = {
  parameters: [{ name: "format", type: stringType }],
  variadic: { name: "args", type: dynamicType, allowNull: true, allowUnknown: true },
  result: listOfStrings,
  refinement: notNull,
  call: ([formatValue, ...args], result) => {
    const text = formatValue?.kind === "string" ? formatValue.value : "";
    const count = args.length === 0 ? 1 : rounds(args);
    if (count === "open") return unknownResult(result, args);
    if (typeof count !== "number") return count;
    const texts: Value[] = [];
    for (let round = 0; round < count; round++) {
      const own = args.map((arg) => ("items" in arg ? (arg.items[round] ?? arg) : arg));
      const open = own.find((arg) => !isWhollyKnown(arg));
      if (open !== undefined) {
        texts.push(unknownValue(stringType, firstUnknown(open)?.because ?? "", notNull));
        continue;
      }
      const written = formatText(text, own);
      if (typeof written !== "string")
        return args.length === 0 ? written : fail(`error on format iteration ${round}: ${written.message}`);
      texts.push(stringValue(written));
    }
    return listValue(stringType, texts);
  },
};

/** format and formatlist. */
export const formatFunctions: Readonly<Record<string, FunctionDefinition>> = { format, formatlist };
