import type { Diagnostic } from "../model/diagnostic.ts";
import { formatPlace } from "../model/source-range.ts";
import { boolType, dynamicType, numberType, stringType, type Type } from "../model/type.ts";
import type { Mark, Value } from "../model/value.ts";
import {
  type FunctionDefinition,
  type FunctionFailure,
  fail,
  type LazyFunctionDefinition,
  type Parameter,
} from "./functions-definition.ts";
import {
  falseValue,
  firstUnknown,
  nullValue,
  objectValue,
  trueValue,
  tupleValue,
  unknownValue,
} from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { marksOf, sensitiveMark, unmark, unmarkDeep, withMarks } from "./values-marks.ts";
import { quoteGo } from "./values-set.ts";
import { friendlyConstraintName, friendlyName, typeOf } from "./values-type.ts";
import { canConvert } from "./values-unify.ts";

const anything = (name: string): Parameter => ({
  name,
  type: dynamicType,
  allowNull: true,
  allowMarked: true,
  allowDynamic: true,
  allowUnknown: true,
});

/** `tostring` and its like (funcs `MakeToFunc`). */
const conversion = (want: Type): FunctionDefinition => ({
  parameters: [anything("v")],
  result: ([value]) => {
    const type = value === undefined ? dynamicType : typeOf(value);
    return canConvert(type, want, true)
      ? want
      : fail(`cannot convert ${friendlyName(type)} to ${friendlyConstraintName(want)}`, 0);
  },
  call: ([value = nullValue(dynamicType)], result) => {
    const converted = convertValue(value, result);
    return converted.kind === "failure" ? conversionFailure(value, want) : converted;
  },
});

const conversionFailure = (given: Value, want: Type): FunctionFailure => {
  const { value, marks } = unmarkDeep(given);
  const name = friendlyName(typeOf(value));
  if (marks.has("sensitive"))
    return fail(`cannot convert this sensitive ${name} to ${friendlyConstraintName(want)}`, 0);
  const what = value.kind === "string" ? quoteGo(value.value) : name;
  if (value.kind === "string" && want.kind === "bool")
    return fail(`cannot convert ${what} to bool; only the strings "true" or "false" are allowed`, 0);
  if (value.kind === "string" && want.kind === "number")
    return fail(`cannot convert ${what} to number; given string must be a decimal representation of a number`, 0);
  return fail(`cannot convert ${name} to ${friendlyConstraintName(want)}`, 0);
};

const withoutMark = (value: Value, mark: Mark): Value =>
  withMarks(unmark(value), new Set([...marksOf(value)].filter((own) => own !== mark)));

/** What is ephemeral becomes null, at any depth. */
const ephemeralToNull = (value: Value): Value => {
  if (marksOf(value).has("ephemeral"))
    return withMarks(nullValue(typeOf(value)), marksOf(withoutMark(value, "ephemeral")));
  switch (value.kind) {
    case "tuple":
      return withMarks(tupleValue(value.items.map(ephemeralToNull)), marksOf(value));
    case "object":
      return withMarks(
        objectValue([...value.fields].map(([key, item]) => [key, ephemeralToNull(item)])),
        marksOf(value),
      );
    case "list":
      return { ...value, items: value.items.map(ephemeralToNull) };
    case "map":
      return { ...value, fields: new Map([...value.fields].map(([key, item]) => [key, ephemeralToNull(item)])) };
    default:
      return value;
  }
};

const issensitive: FunctionDefinition = {
  parameters: [anything("value")],
  result: boolType,
  call: ([value = nullValue(dynamicType)]) => {
    if (marksOf(value).has("sensitive")) return trueValue;
    return value.kind === "unknown" ? unknownValue(boolType, value.because) : falseValue;
  },
};

const sameType: FunctionDefinition["result"] = ([value]) => (value === undefined ? dynamicType : typeOf(value));

/** The first argument without an error (hcl tryfunc, 2.23). */
const tryFunction: LazyFunctionDefinition = {
  parameters: [],
  variadic: { name: "expressions", type: dynamicType },
  callLazy: (args) => {
    if (args.length === 0) return fail("at least one argument is required");
    const problems: Diagnostic[] = [];
    for (const arg of args) {
      const { value, diagnostics } = arg.evaluate();
      problems.push(...diagnostics);
      if (diagnostics.some(({ severity }) => severity === "error")) continue;
      const open = firstUnknown(value);
      if (open === undefined) return value;
      // Once known, a later argument may turn out to be the one; nothing can be said of the result, not even its type. Where it comes
      // from is kept: it is the reference that the configuration means (`try(var.subnet.id, null)`).
      const origin = value.kind === "unknown" ? value.origin : undefined;
      return { ...unknownValue(dynamicType, open.because), ...(origin === undefined ? {} : { origin }) };
    }
    const list = problems
      .map(({ summary, detail, range }) =>
        range === undefined ? `- ${summary}\n  ${detail}\n` : `- ${summary} (at ${placeOf(range)})\n  ${detail}\n`,
      )
      .join("");
    return fail(`no expression succeeded:\n${list}\nAt least one expression must produce a successful result`);
  },
};

const placeOf = (range: NonNullable<Diagnostic["range"]>): string => {
  const { start, end } = range;
  const [file] = formatPlace(range).split(`:${start.line}:`);
  return start.line === end.line
    ? `${file}:${start.line},${start.column}-${end.column}`
    : `${file}:${start.line},${start.column}-${end.line},${end.column}`;
};

const can: LazyFunctionDefinition = {
  parameters: [{ name: "expression", type: dynamicType }],
  callLazy: ([arg]) => {
    if (arg === undefined) return falseValue;
    const { value, diagnostics } = arg.evaluate();
    if (diagnostics.some(({ severity }) => severity === "error")) return falseValue;
    const open = firstUnknown(value);
    return open === undefined ? trueValue : unknownValue(boolType, open.because);
  },
};

/** Conversions, marks, and the functions that catch errors. */
export const conversionFunctions: Readonly<Record<string, FunctionDefinition | LazyFunctionDefinition>> = {
  can,
  ephemeralasnull: {
    parameters: [anything("value")],
    result: sameType,
    call: ([value = nullValue(dynamicType)]) => ephemeralToNull(value),
  },
  issensitive,
  nonsensitive: {
    parameters: [anything("value")],
    result: sameType,
    call: ([value = nullValue(dynamicType)]) => withoutMark(value, "sensitive"),
  },
  sensitive: {
    parameters: [anything("value")],
    result: sameType,
    call: ([value = nullValue(dynamicType)]) => withMarks(value, sensitiveMark),
  },
  tobool: conversion(boolType),
  tolist: conversion({ kind: "list", element: dynamicType }),
  tomap: conversion({ kind: "map", element: dynamicType }),
  tonumber: conversion(numberType),
  toset: conversion({ kind: "set", element: dynamicType }),
  tostring: conversion(stringType),
  try: tryFunction,
};
