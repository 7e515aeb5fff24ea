import { boolType, dynamicType, numberType, stringType, type Type } from "../model/type.ts";
import type { NumberValue, Refinement, Value } from "../model/value.ts";
import {
  type FunctionDefinition,
  type FunctionResult,
  fail,
  notNull,
  type Parameter,
  unknownResult,
} from "./functions-definition.ts";
import { integerArgument } from "./functions-numeric.ts";
import {
  boolValue,
  falseValue,
  firstUnknown,
  isWhollyKnown,
  listValue,
  machineNumber,
  mapValue,
  nullValue,
  stringValue,
  trueValue,
  unknownFrom,
  unknownValue,
} from "./values-construct.ts";
import { convertValue, retype } from "./values-convert.ts";
import { valueEquals } from "./values-equality.ts";
import { graphemeCount } from "./values-grapheme.ts";
import { joinMarks, marksOf, unmark, withMarks } from "./values-marks.ts";
import { addNum, fullPrecision, jointPrecision } from "./values-number.ts";
import { isOpenSet, lengthBounds, refine, stringPrefix } from "./values-refine.ts";
import { friendlyName, typeEquals, typeOf } from "./values-type.ts";
import { unify } from "./values-unify.ts";

const any = (name: string): Parameter => ({ name, type: dynamicType });
const listOfAny = (name: string): Parameter => ({ name, type: { kind: "list", element: dynamicType } });
const listOfStrings: Type = { kind: "list", element: stringType };

/** The items of a known list, set or tuple. */
export const itemsOf = (value: Value | undefined): readonly Value[] =>
  value !== undefined && "items" in value ? value.items : [];

/** The fields of a known map or object. */
export const fieldsOf = (value: Value | undefined): ReadonlyMap<string, Value> =>
  value !== undefined && "fields" in value ? value.fields : new Map();

export const elementOf = (type: Type): Type =>
  type.kind === "list" || type.kind === "set" || type.kind === "map" ? type.element : dynamicType;

export const isSequence = (type: Type): boolean => type.kind === "list" || type.kind === "tuple" || type.kind === "set";

const length: FunctionDefinition = {
  parameters: [{ ...any("value"), allowDynamic: true, allowUnknown: true, allowMarked: true }],
  result: ([value]) => {
    const kind = value === undefined ? "dynamic" : typeOf(value).kind;
    return kind === "number" || kind === "bool"
      ? fail("argument must be a string, a collection type, or a structural type")
      : numberType;
  },
  refinement: notNull,
  call: ([value = nullValue(dynamicType)]) => withMarks(lengthOf(unmark(value)), marksOf(value)),
};

const lengthOf = (value: Value): Value => {
  const type = typeOf(value);
  if (type.kind === "tuple") return machineNumber(type.elements.length);
  if (type.kind === "object") return machineNumber(type.attributes.size);
  if (value.kind === "string") return machineNumber(graphemeCount(value.value));
  const open = unknownFrom(numberType, [value]);
  if (type.kind === "dynamic") return open;
  if (type.kind === "string")
    return refine(open, { notNull: true, min: { value: graphemeCount(stringPrefix(value)), inclusive: true } });
  const [min, max] = isOpenSet(value) ? [1, itemsOf(value).length] : lengthBounds(value);
  if (value.kind !== "unknown" && min === max) return machineNumber(max);
  const bounds: Refinement = {
    notNull: true,
    min: { value: min, inclusive: true },
    ...(Number.isFinite(max) ? { max: { value: max, inclusive: true } } : {}),
  };
  return refine(open, bounds);
};

const truth = (deciding: boolean): FunctionDefinition => ({
  parameters: [{ name: "list", type: { kind: "list", element: boolType } }],
  result: boolType,
  refinement: notNull,
  call: ([list]) => {
    let open: Value | undefined;
    for (const item of itemsOf(list)) {
      if (item.kind === "unknown") {
        if (!deciding) return unknownValue(boolType, item.because);
        open ??= unknownValue(boolType, item.because);
      } else if (item.kind === "null" ? !deciding : item.kind === "bool" && item.value === deciding)
        return boolValue(deciding);
    }
    return open ?? boolValue(!deciding);
  },
});

const coalesce: FunctionDefinition = {
  parameters: [],
  variadic: { ...any("vals"), allowUnknown: true, allowDynamic: true, allowNull: true },
  result: (args) => unify(args.map(typeOf), true) ?? fail("all arguments must have the same type"),
  refinement: notNull,
  call: (args, result) => {
    for (const arg of args) {
      const value = convertValue(arg, result);
      if (value.kind === "failure" || value.kind === "null") continue;
      if (value.kind === "unknown") return unknownValue(result, value.because);
      if (result.kind === "string" && value.kind === "string" && value.value === "") continue;
      return value;
    }
    return fail("no non-null, non-empty-string arguments");
  },
};

const coalescelist: FunctionDefinition = {
  parameters: [],
  variadic: { ...any("vals"), allowUnknown: true, allowDynamic: true, allowNull: true },
  result: (args) => {
    const [first] = args;
    if (first === undefined) return fail("at least one argument is required");
    let same = true;
    for (const arg of args) {
      if (arg.kind === "unknown") return dynamicType;
      const type = typeOf(arg);
      if (type.kind !== "list" && type.kind !== "tuple") return fail("coalescelist arguments must be lists or tuples");
      same &&= typeEquals(type, typeOf(first));
    }
    return same ? typeOf(first) : dynamicType;
  },
  refinement: notNull,
  call: (args, result) => {
    for (const arg of args) {
      if (arg.kind === "unknown") return unknownValue(result, arg.because);
      if (itemsOf(arg).length > 0) return arg;
    }
    return fail("no non-null arguments");
  },
};

const compact: FunctionDefinition = {
  parameters: [{ name: "list", type: listOfStrings }],
  result: listOfStrings,
  refinement: notNull,
  call: ([list], result) => {
    if (list !== undefined && !isWhollyKnown(list)) return unknownResult(result, [list]);
    return listValue(
      stringType,
      itemsOf(list).filter((item) => item.kind === "string" && item.value !== ""),
    );
  },
};

const contains: FunctionDefinition = {
  parameters: [any("list"), any("value")],
  result: boolType,
  refinement: notNull,
  call: ([list, value]) => {
    if (list === undefined || value === undefined || !isSequence(typeOf(list)))
      return fail("argument must be list, tuple, or set");
    let open: Value | undefined;
    for (const item of itemsOf(list)) {
      const equal = valueEquals(value, item);
      if (equal === true) return trueValue;
      if (equal === undefined) open ??= unknownFrom(boolType, [item, value]);
    }
    return open ?? falseValue;
  },
};

const distinct: FunctionDefinition = {
  parameters: [listOfAny("list")],
  result: ([list]) => (list === undefined ? dynamicType : typeOf(list)),
  refinement: notNull,
  call: ([list], result) => {
    if (list === undefined || !isWhollyKnown(list)) return unknownResult(result, list === undefined ? [] : [list]);
    const kept: Value[] = [];
    const texts = new Set<string>();
    for (const item of itemsOf(list)) {
      if (item.kind === "string") {
        if (texts.has(item.value)) continue;
        texts.add(item.value);
        kept.push(item);
      } else if (!kept.some((other) => valueEquals(other, item) === true)) kept.push(item);
    }
    return listValue(elementOf(result), kept);
  },
};

const index: FunctionDefinition = {
  parameters: [any("list"), any("value")],
  result: numberType,
  refinement: notNull,
  call: ([list, value]) => {
    if (list === undefined || value === undefined || (list.kind !== "list" && list.kind !== "tuple"))
      return fail("argument must be a list or tuple");
    if (list.items.length === 0) return fail("cannot search an empty list");
    for (const [position, item] of list.items.entries()) {
      const equal = valueEquals(item, value);
      if (equal === undefined) return unknownFrom(numberType, [item, value]);
      if (equal) return machineNumber(position);
    }
    return fail("item not found");
  },
};

const lookup: FunctionDefinition = {
  parameters: [
    { ...any("inputMap"), allowMarked: true, allowUnknown: true },
    { name: "key", type: stringType, allowMarked: true, allowUnknown: true },
  ],
  variadic: { ...any("default"), allowUnknown: true, allowDynamic: true, allowNull: true, allowMarked: true },
  result: (args) => {
    const [map, key, fallback] = args;
    if (map === undefined || key === undefined || args.length > 3)
      return fail(`lookup() takes two or three arguments, got ${args.length}`);
    const type = typeOf(map);
    if (type.kind === "object") {
      if (key.kind !== "string") return dynamicType;
      const attribute = type.attributes.get(key.value);
      if (attribute !== undefined) return attribute;
      return fallback === undefined
        ? fail(`the given object has no attribute ${JSON.stringify(key.value)}`, 0)
        : typeOf(fallback);
    }
    if (type.kind !== "map") return fail("lookup() requires a map as the first argument", 0);
    if (fallback !== undefined && convertValue(fallback, type.element).kind === "failure")
      return fail("the default value must have the same type as the map elements", 2);
    return type.element;
  },
  call: ([map, key, fallback], result) => {
    if (map === undefined || key === undefined) return fail("lookup() takes two or three arguments");
    const marks = joinMarks(marksOf(map), marksOf(key));
    if (map.kind === "unknown" || key.kind !== "string") return withMarks(unknownResult(result, [map, key]), marks);
    const found = fieldsOf(map).get(key.value);
    if (found !== undefined) return withMarks(found, marks);
    if (fallback === undefined)
      return fail(
        `lookup failed to find key ${key.marks?.has("sensitive") === true ? "(sensitive value)" : JSON.stringify(key.value)}`,
      );
    const converted = convertValue(fallback, result);
    return converted.kind === "failure" ? fail(converted.message) : withMarks(converted, marks);
  },
};

const matchkeys: FunctionDefinition = {
  parameters: [listOfAny("values"), listOfAny("keys"), listOfAny("searchset")],
  result: ([values, keys, search]) => {
    if (values === undefined || keys === undefined || search === undefined) return dynamicType;
    return unify([typeOf(keys), typeOf(search)], true) === undefined
      ? fail("keys and searchset must be of the same type")
      : typeOf(values);
  },
  refinement: notNull,
  call: ([values, givenKeys, givenSearch], result) => {
    if (values === undefined || givenKeys === undefined || givenSearch === undefined)
      return fail("three lists are required");
    if (itemsOf(values).length !== itemsOf(givenKeys).length) return fail("length of keys and values should be equal");
    const common = unify([typeOf(givenKeys), typeOf(givenSearch)], true) ?? dynamicType;
    const keys = convertValue(givenKeys, common);
    const search = convertValue(givenSearch, common);
    if (keys.kind === "failure") return fail(keys.message);
    if (search.kind === "failure") return fail(search.message);
    const wanted = itemsOf(search);
    if (wanted.length === 0) return listValue(elementOf(result), []);
    if (!isWhollyKnown(values) || !isWhollyKnown(keys)) return unknownResult(result, [values, keys]);
    const kept: Value[] = [];
    for (const [position, key] of itemsOf(keys).entries()) {
      for (const item of wanted) {
        const equal = valueEquals(key, item);
        if (equal === undefined) return listValue(elementOf(result), []);
        if (!equal) continue;
        const value = itemsOf(values)[position];
        if (value !== undefined) kept.push(value);
        break;
      }
    }
    return listValue(elementOf(result), kept);
  },
};

const oneOrNone = "must be a list, set, or tuple value with either zero or one elements";

const one: FunctionDefinition = {
  parameters: [any("list")],
  result: ([list]) => {
    const type = list === undefined ? dynamicType : typeOf(list);
    if (type.kind === "list" || type.kind === "set") return type.element;
    if (type.kind === "tuple" && type.elements.length < 2) return type.elements[0] ?? dynamicType;
    return fail(oneOrNone, 0);
  },
  call: ([list], result) => {
    const items = itemsOf(list);
    const [first] = items;
    if (first === undefined) return nullValue(result);
    if (items.length === 1) return first;
    return list?.kind === "set" && firstUnknown(list) !== undefined
      ? unknownResult(result, [list])
      : fail(oneOrNone, 0);
  },
};

const notNumbers = "argument must be list, set, or tuple of number values";

const sum: FunctionDefinition = {
  parameters: [any("list")],
  result: numberType,
  refinement: notNull,
  call: ([list]) => {
    if (list === undefined || (!("items" in list) && !("fields" in list))) return fail("cannot sum noniterable", 0);
    if (("items" in list ? list.items.length : list.fields.size) === 0) return fail("cannot sum an empty list", 0);
    if (!("items" in list))
      return fail(`argument must be list, set, or tuple. Received ${friendlyName(typeOf(list))}`, 0);
    if (!isWhollyKnown(list)) return unknownResult(numberType, [list]);
    let total: NumberValue | undefined;
    for (const item of list.items) {
      const value = convertValue(item, numberType);
      if (value.kind !== "number") return fail(notNumbers, 0);
      if (total === undefined) {
        total = value;
        continue;
      }
      const precision = jointPrecision(total, value);
      const next = addNum(total.value, value.value, precision);
      if (next === undefined) return fail("can't compute sum of opposing infinities");
      total = { kind: "number", value: next, ...(precision === fullPrecision ? {} : { precision }) };
    }
    return total ?? fail(notNumbers, 0);
  },
};

const transposed: Type = { kind: "map", element: listOfStrings };

const transpose: FunctionDefinition = {
  parameters: [{ name: "values", type: transposed }],
  result: transposed,
  refinement: notNull,
  call: ([map], result): FunctionResult => {
    if (map === undefined || !isWhollyKnown(map)) return unknownResult(result, map === undefined ? [] : [map]);
    const groups = new Map<string, string[]>();
    for (const [key, list] of fieldsOf(map)) {
      if (list.kind === "null") return fail("input must not contain null list");
      for (const item of itemsOf(list)) {
        if (item.kind !== "string") return fail("input list must not contain null string");
        const group = groups.get(item.value);
        if (group === undefined) groups.set(item.value, [key]);
        else group.push(key);
      }
    }
    return mapValue(
      listOfStrings,
      [...groups].map(([key, group]) => [key, listValue(stringType, group.map(stringValue))]),
    );
  },
};

const element: FunctionDefinition = {
  parameters: [
    { ...any("list"), allowMarked: true },
    { name: "index", type: numberType },
  ],
  result: ([list, position], scope) => {
    const type = list === undefined ? dynamicType : typeOf(list);
    if (type.kind === "list") return type.element;
    if (type.kind !== "tuple") return fail(`cannot read elements from ${friendlyName(type)}`);
    if (position?.kind !== "number") return dynamicType;
    const given = integerArgument(position, "invalid index: ");
    if (typeof given !== "number") return given;
    if (type.elements.length === 0) return fail("cannot use element function with an empty list");
    const rest = given % type.elements.length;
    // Terraform 1.11 crashes on a negative index; later ones count from the end.
    const wrapped = scope.shortCircuit && rest < 0 ? rest + type.elements.length : rest;
    return (
      type.elements[wrapped] ?? fail(`panic in function implementation: runtime error: index out of range [${wrapped}]`)
    );
  },
  call: ([list, position], result) => {
    const given = integerArgument(position, "invalid index: ");
    if (typeof given !== "number") return given;
    const items = itemsOf(list);
    if (items.length === 0) return fail("cannot use element function with an empty list");
    const wrapped = given % items.length;
    const item = items[wrapped < 0 ? wrapped + items.length : wrapped];
    if (item === undefined || list === undefined) return unknownResult(result, []);
    return withMarks(item, marksOf(list));
  },
};

const removed = (name: string, literal: string, noun: string): FunctionDefinition => ({
  parameters: [],
  variadic: { ...any("vals"), allowUnknown: true, allowDynamic: true, allowNull: true },
  result: () =>
    fail(
      `the "${name}" function was deprecated in Terraform v0.12 and is no longer available; use ${literal} syntax to write a literal ${noun}`,
    ),
  call: () => fail("no longer available"),
});

/** Functions that look into one collection or put several values to one. */
export const collectionFunctions: Readonly<Record<string, FunctionDefinition>> = {
  alltrue: truth(false),
  anytrue: truth(true),
  coalesce,
  coalescelist,
  compact,
  contains,
  distinct,
  element,
  index,
  length,
  list: removed("list", "tolist([ ... ])", "list"),
  lookup,
  map: removed("map", "tomap({ ... })", "map"),
  matchkeys,
  one,
  sum,
  transpose,
};

/** Members of a list with the list's element type. */
export const listOfType = (type: Type, items: readonly Value[]): Value =>
  listValue(elementOf(type), retype(items, elementOf(type)));
