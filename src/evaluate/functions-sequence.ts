import { dynamicType, numberType, stringType, type Type } from "../model/type.ts";
import type { Mark, Refinement, Value } from "../model/value.ts";
import { elementOf, fieldsOf, itemsOf, listOfType } from "./functions-collection.ts";
import {
  type FunctionDefinition,
  type FunctionFailure,
  fail,
  notNull,
  type Parameter,
  unknownResult,
} from "./functions-definition.ts";
import { integerArgument, numberOf } from "./functions-numeric.ts";
import {
  firstUnknown,
  isWhollyKnown,
  listValue,
  machineNumber,
  mapValue,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
} from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { joinMarks, type Marks, marksOf, noMarks, setValue, unmark, unmarkDeep, withMarks } from "./values-marks.ts";
import { addNum, compareNum, sign } from "./values-number.ts";
import { lengthBounds, refine } from "./values-refine.ts";
import { emptyObjectType, emptyTupleType, friendlyName, objectOf, tupleOf, typeEquals, typeOf } from "./values-type.ts";
import { unify } from "./values-unify.ts";

const _any = (name: string): Parameter => ({ name, type: dynamicType });
const marked = (name: string): Parameter => ({ name, type: dynamicType, allowMarked: true });

const concatType = (args: readonly Value[]): Type | FunctionFailure => {
  if (args.length === 0) return fail("at least one argument is required");
  const types = args.map(typeOf);
  if (types.every((type) => type.kind === "list")) {
    const common = unify(types, true);
    if (common !== undefined) return common;
  }
  const elements: Type[] = [];
  for (const [position, arg] of args.entries()) {
    const type = typeOf(arg);
    if (type.kind === "tuple") elements.push(...type.elements);
    else if (type.kind !== "list")
      return fail(`all arguments must be lists or tuples; got ${friendlyName(type)}`, position);
    else if (arg.kind === "unknown") return dynamicType;
    else for (const _ of itemsOf(arg)) elements.push(type.element);
  }
  return tupleOf(elements);
};

const concat: FunctionDefinition = {
  parameters: [],
  variadic: marked("seqs"),
  result: concatType,
  refinement: notNull,
  call: (args, result) => {
    let marks: Marks = noMarks;
    const items: Value[] = [];
    for (const [position, arg] of args.entries()) {
      marks = joinMarks(marks, marksOf(arg));
      const list = result.kind === "list" ? convertValue(arg, result) : arg;
      if (list.kind === "failure") return fail(list.message, position);
      for (const item of itemsOf(list)) items.push(item);
    }
    return withMarks(result.kind === "list" ? listOfType(result, items) : tupleValue(items), marks);
  },
};

interface Flat {
  readonly items: Value[];
  readonly marks: Set<Mark>;
  known: boolean;
}

const flattenInto = (list: Value, flat: Flat): void => {
  for (const mark of marksOf(list)) flat.marks.add(mark);
  if (list.kind === "set" && list.items.length > 1 && firstUnknown(list) !== undefined) {
    flat.known = false;
    return;
  }
  for (const item of itemsOf(list)) {
    const type = typeOf(item);
    if (item.kind === "unknown" && type.kind === "dynamic") flat.known = false;
    const sequence = type.kind === "list" || type.kind === "set" || type.kind === "tuple";
    if (item.kind === "null" || !sequence) flat.items.push(item);
    else if (item.kind === "unknown") {
      flat.known = false;
      for (const mark of marksOf(item)) flat.marks.add(mark);
    } else flattenInto(item, flat);
  }
};

const flattened = (list: Value): Flat => {
  const flat: Flat = { items: [], marks: new Set(), known: true };
  flattenInto(list, flat);
  return flat;
};

const flatten: FunctionDefinition = {
  parameters: [marked("list")],
  result: ([list]) => {
    if (list === undefined || !isWhollyKnown(list)) return dynamicType;
    const { kind } = typeOf(list);
    if (kind !== "list" && kind !== "set" && kind !== "tuple") return fail("can only flatten lists, sets and tuples");
    const flat = flattened(list);
    return flat.known ? tupleOf(flat.items.map(typeOf)) : dynamicType;
  },
  refinement: notNull,
  call: ([list], result) => {
    if (list === undefined) return fail("can only flatten lists, sets and tuples");
    if ("fields" in list || typeOf(list).kind === "string") return fail("can only flatten lists, sets and tuples");
    const flat = flattened(list);
    return withMarks(flat.known ? tupleValue(flat.items) : unknownResult(result, [list]), flat.marks);
  },
};

const keys: FunctionDefinition = {
  parameters: [{ ...marked("inputMap"), allowUnknown: true }],
  result: ([map]) => {
    const type = map === undefined ? dynamicType : typeOf(map);
    if (type.kind === "map") return { kind: "list", element: stringType };
    if (type.kind !== "object") return fail("must have map or object type", 0);
    return type.attributes.size === 0 ? emptyTupleType : tupleOf([...type.attributes.keys()].map(() => stringType));
  },
  refinement: notNull,
  call: ([map], result) => {
    if (map === undefined) return fail("must have map or object type", 0);
    const type = typeOf(map);
    if (type.kind === "object")
      return withMarks(tupleValue([...type.attributes.keys()].map(stringValue)), marksOf(map));
    if (map.kind === "unknown") return withMarks(unknownResult(result, [map]), marksOf(map));
    return withMarks(listValue(stringType, [...fieldsOf(map).keys()].map(stringValue)), marksOf(map));
  },
};

const values: FunctionDefinition = {
  parameters: [marked("mapping")],
  result: ([map]) => {
    const type = map === undefined ? dynamicType : typeOf(map);
    if (type.kind === "map") return { kind: "list", element: type.element };
    return type.kind === "object"
      ? tupleOf([...type.attributes.values()])
      : fail("values() requires a map as the first argument");
  },
  refinement: notNull,
  call: ([map], result) => {
    const items = [...fieldsOf(map).values()];
    return withMarks(
      result.kind === "tuple" ? tupleValue(items) : listOfType(result, items),
      map === undefined ? noMarks : marksOf(map),
    );
  },
};

const mergeType = (args: readonly Value[]): Type | FunctionFailure => {
  const attributes = new Map<string, Type>();
  let first: Type | undefined;
  let same = true;
  let complete = true;
  for (const arg of args) {
    const type = typeOf(arg);
    if (type.kind === "dynamic") return dynamicType;
    if (type.kind !== "map" && type.kind !== "object")
      return fail(`arguments must be maps or objects, got ${JSON.stringify(friendlyName(type))}`);
    if (type.kind === "object" && arg.kind !== "null")
      for (const [name, attribute] of type.attributes) attributes.set(name, attribute);
    else if (type.kind === "map" && arg.kind === "unknown") complete = false;
    else if (type.kind === "map") for (const name of fieldsOf(arg).keys()) attributes.set(name, type.element);
    first ??= type;
    same &&= typeEquals(type, first);
  }
  if (first === undefined) return emptyObjectType;
  if (same) return first;
  return complete ? objectOf(attributes) : dynamicType;
};

const merge: FunctionDefinition = {
  parameters: [],
  variadic: { ...marked("maps"), allowDynamic: true, allowNull: true },
  result: mergeType,
  refinement: notNull,
  call: (args, result) => {
    let marks: Marks = noMarks;
    const fields = new Map<string, Value>();
    for (const arg of args) {
      if (arg.kind === "null") continue;
      marks = joinMarks(marks, marksOf(arg));
      for (const [key, item] of fieldsOf(arg)) fields.set(key, item);
    }
    return withMarks(result.kind === "map" ? mapValue(result.element, fields) : objectValue(fields), marks);
  },
};

const reverse: FunctionDefinition = {
  parameters: [marked("list")],
  result: ([list]) => {
    const type = list === undefined ? dynamicType : typeOf(list);
    if (type.kind === "tuple") return tupleOf([...type.elements].reverse());
    return type.kind === "list" || type.kind === "set"
      ? { kind: "list", element: type.element }
      : fail(`can only reverse list or tuple values, not ${friendlyName(type)}`, 0);
  },
  refinement: notNull,
  call: ([list], result) => {
    const items = [...itemsOf(list)].reverse();
    return withMarks(
      result.kind === "tuple" ? tupleValue(items) : listOfType(result, items),
      list === undefined ? noMarks : marksOf(list),
    );
  },
};

const sliceBounds = (args: readonly Value[]): readonly [number, number] | "open" | FunctionFailure => {
  const [list, from, to] = args;
  const type = list === undefined ? dynamicType : typeOf(list);
  const length =
    type.kind === "tuple"
      ? type.elements.length
      : list !== undefined && "items" in list
        ? list.items.length
        : undefined;
  const start = from?.kind === "number" ? integerArgument(from, "invalid start index: ", 1) : undefined;
  if (typeof start === "object") return start;
  if (start !== undefined && start < 0) return fail("start index must not be less than zero", 1);
  if (start !== undefined && length !== undefined && start > length)
    return fail("start index must not be greater than the length of the list", 1);
  const end = to?.kind === "number" ? integerArgument(to, "invalid end index: ", 2) : undefined;
  if (typeof end === "object") return end;
  if (end !== undefined && end < 0) return fail("end index must not be less than zero", 2);
  if (end !== undefined && length !== undefined && end > length)
    return fail("end index must not be greater than the length of the list", 2);
  if (start === undefined || end === undefined) return "open";
  return start > end ? fail("start index must not be greater than end index", 1) : [start, end];
};

const slice: FunctionDefinition = {
  parameters: [marked("list"), { name: "start_index", type: numberType }, { name: "end_index", type: numberType }],
  result: (args) => {
    const type = args[0] === undefined ? dynamicType : typeOf(args[0]);
    if (type.kind === "set")
      return fail(
        "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important",
        0,
      );
    if (type.kind !== "list" && type.kind !== "tuple") return fail("must be a list or tuple value", 0);
    const bounds = sliceBounds(args);
    if (typeof bounds === "object" && "kind" in bounds) return bounds;
    if (type.kind !== "tuple") return type;
    return bounds === "open" ? dynamicType : tupleOf(type.elements.slice(bounds[0], bounds[1]));
  },
  refinement: notNull,
  call: (args, result) => {
    const bounds = sliceBounds(args);
    if (bounds === "open") return unknownResult(result, args);
    if ("kind" in bounds) return bounds;
    const [list] = args;
    const items = itemsOf(list).slice(bounds[0], bounds[1]);
    return withMarks(
      result.kind === "tuple" ? tupleValue(items) : listOfType(result, items),
      list === undefined ? noMarks : marksOf(list),
    );
  },
};

const zipmap: FunctionDefinition = {
  parameters: [{ name: "keys", type: { kind: "list", element: stringType }, allowMarked: true }, marked("values")],
  result: ([keyList, valueList]) => {
    const type = valueList === undefined ? dynamicType : typeOf(valueList);
    if (type.kind === "list") return { kind: "map", element: type.element };
    if (type.kind !== "tuple") return fail("values argument must be a list or tuple value");
    if (keyList === undefined || !isWhollyKnown(keyList)) return dynamicType;
    const names = itemsOf(keyList);
    if (names.length !== type.elements.length)
      return fail(`number of keys (${names.length}) does not match number of values (${type.elements.length})`);
    const attributes = new Map<string, Type>();
    for (const [position, name] of names.entries()) {
      if (name.kind !== "string") return fail(`keys list has null value at index ${position}`);
      attributes.set(name.value, type.elements[position] ?? dynamicType);
    }
    return objectOf(attributes);
  },
  refinement: notNull,
  call: ([keyList, valueList], result) => {
    if (keyList === undefined || valueList === undefined) return fail("values argument must be a list or tuple value");
    let marks = joinMarks(marksOf(keyList), marksOf(valueList));
    if (!isWhollyKnown(keyList)) return withMarks(unknownResult(result, [keyList]), marks);
    const names = itemsOf(keyList);
    const items = itemsOf(valueList);
    if (names.length !== items.length)
      return fail(`number of keys (${names.length}) does not match number of values (${items.length})`);
    const fields = new Map<string, Value>();
    for (const [position, name] of names.entries()) {
      const item = items[position];
      if (name.kind !== "string" || item === undefined) return fail(`keys list has null value at index ${position}`);
      fields.set(name.value, item);
      marks = joinMarks(marks, marksOf(name));
    }
    return withMarks(result.kind === "map" ? mapValue(result.element, fields) : objectValue(fields), marks);
  },
};

const tooMany =
  "more than 1024 values were generated; either decrease the difference between start and end or use a smaller step";

const range: FunctionDefinition = {
  parameters: [],
  variadic: { name: "params", type: numberType },
  result: { kind: "list", element: numberType },
  refinement: notNull,
  call: (args) => {
    const [first, second, third] = args;
    if (first === undefined || args.length > 3) return fail("must have one, two, or three arguments");
    const start = second === undefined ? 0 : numberOf(first);
    const end = second === undefined ? numberOf(first) : numberOf(second);
    const step = third === undefined ? (compareNum(end, start) < 0 ? -1 : 1) : numberOf(third);
    const down = sign(step) < 0;
    const order = compareNum(end, start);
    if (down && order > 0) return fail("end must be less than start when step is negative", 1);
    if (!down && order < 0) return fail("end must be greater than start when step is positive", 1);
    const found: Value[] = [];
    let current = start;
    while (down ? compareNum(current, end) > 0 : compareNum(current, end) < 0) {
      if (found.length >= 1024) return fail(tooMany);
      found.push(second === undefined && third === undefined ? machineNumber(current) : numberValue(current));
      current = addNum(current, step) ?? current;
    }
    return listValue(numberType, found);
  },
};

const chunklist: FunctionDefinition = {
  parameters: [
    { name: "list", type: { kind: "list", element: dynamicType }, allowMarked: true },
    { name: "size", type: numberType, allowMarked: true },
  ],
  result: ([list]) => ({ kind: "list", element: list === undefined ? dynamicType : typeOf(list) }),
  refinement: notNull,
  call: ([list, sizeValue], result) => {
    if (list === undefined || sizeValue === undefined) return fail("invalid size");
    const marks = joinMarks(marksOf(list), marksOf(sizeValue));
    const size = integerArgument(sizeValue, "invalid size: ");
    if (typeof size !== "number") return size;
    if (size < 0) return fail("the size argument must be positive");
    const items = itemsOf(list);
    if (items.length === 0) return withMarks(listOfType(result, []), marks);
    if (size === 0) return withMarks(listOfType(result, [unmark(list)]), marks);
    const chunks: Value[] = [];
    for (let at = 0; at < items.length; at += size)
      chunks.push(listValue(elementOf(typeOf(list)), items.slice(at, at + size)));
    return withMarks(listOfType(result, chunks), marks);
  },
};

const productElement = (arg: Value, position: number): Type | FunctionFailure => {
  const type = typeOf(arg);
  if (type.kind === "set" || type.kind === "list") return type.element;
  if (type.kind !== "tuple") return fail("a set or a list is required", position);
  if (type.elements.length === 0) return dynamicType;
  return unify(type.elements, true) ?? fail("all elements must be of the same type", position);
};

/** More combinations than this are refused; Terraform itself would take minutes. */
const maxProduct = 2_000_000;

const setproduct: FunctionDefinition = {
  parameters: [],
  variadic: { ...marked("sets"), allowUnknown: true },
  result: (args) => {
    if (args.length < 2) return fail("at least two arguments are required");
    const elements: Type[] = [];
    let lists = true;
    for (const [position, arg] of args.entries()) {
      const type = productElement(arg, position);
      if ("kind" in type && type.kind === "failure") return type;
      elements.push(type);
      lists &&= typeOf(arg).kind !== "set";
    }
    return { kind: lists ? "list" : "set", element: tupleOf(elements) };
  },
  refinement: notNull,
  call: (args, result) => {
    const marks = args.reduce<Marks>((all, arg) => joinMarks(all, marksOf(arg)), noMarks);
    if (
      args.some(
        (arg) =>
          arg.kind === "unknown" || (arg.kind === "set" && itemsOf(arg).length > 1 && firstUnknown(arg) !== undefined),
      )
    )
      return withMarks(openProduct(args, result), marks);
    const element = elementOf(result);
    const types = element.kind === "tuple" ? element.elements : [];
    const total = args.reduce((count, arg) => count * itemsOf(arg).length, 1);
    if (total > maxProduct) return fail(`the product would have ${total} elements; at most ${maxProduct} are computed`);
    let rows: readonly (readonly Value[])[] = [[]];
    for (const [position, arg] of args.entries()) {
      const items: Value[] = [];
      for (const item of itemsOf(arg)) {
        const converted = convertValue(item, types[position] ?? dynamicType);
        if (converted.kind === "failure") return fail(converted.message, position);
        items.push(converted);
      }
      rows = rows.flatMap((row) => items.map((item) => [...row, item]));
    }
    const tuples = rows.map(tupleValue);
    return withMarks(result.kind === "list" ? listValue(element, tuples) : setValue(element, tuples), marks);
  },
};

/** The size of a product with unknown parts is bounded as long as it stays small (cty `SetProductFunc`). */
const openProduct = (args: readonly Value[], result: Type): Value => {
  const open = unknownResult(result, args);
  let most = 1;
  for (const arg of args) {
    const type = typeOf(arg);
    const max = type.kind === "tuple" ? type.elements.length : lengthBounds(unmark(arg))[1];
    most *= max;
    if (max > 1024 || most > 2048) return open;
  }
  const size: Refinement = most === 0 ? { minLength: 0, maxLength: 0 } : { minLength: 1, maxLength: most };
  return open.kind === "unknown" ? refine(open, size) : open;
};

const setType = (args: readonly Value[]): Type | FunctionFailure => {
  const elements: Type[] = [];
  for (const arg of args) {
    const element = elementOf(typeOf(arg));
    if (element.kind !== "dynamic" || !("items" in arg) || arg.items.length > 0) elements.push(element);
  }
  if (elements.length === 0) return { kind: "set", element: dynamicType };
  const element = unify(elements, true);
  return element === undefined ? fail("given sets must all have compatible element types") : { kind: "set", element };
};

const setOperation = (
  names: readonly [string, string],
  variadic: boolean,
  allowUnknowns: boolean,
  work: (a: readonly Value[], b: readonly Value[], element: Type) => readonly Value[],
): FunctionDefinition => {
  const parameter = (name: string): Parameter => ({
    name,
    type: { kind: "set", element: dynamicType },
    allowDynamic: true,
  });
  return {
    parameters: variadic ? [parameter(names[0])] : names.map(parameter),
    ...(variadic ? { variadic: parameter(names[1]) } : {}),
    result: setType,
    refinement: notNull,
    call: (args, result) => {
      let items: readonly Value[] | undefined;
      for (const [position, arg] of args.entries()) {
        const set = convertValue(arg, result);
        if (set.kind === "failure") return fail(set.message, position);
        if (!allowUnknowns && !isWhollyKnown(set)) return unknownResult(result, [set]);
        if (set.kind === "unknown") return unknownResult(result, [set]);
        items = items === undefined ? itemsOf(set) : work(items, itemsOf(set), elementOf(result));
      }
      return setValue(elementOf(result), items ?? []);
    },
  };
};

/** Whether the members of a set include the item, by the set's own rules. */
const membership = (items: readonly Value[], element: Type): ((item: Value) => boolean) => {
  const size = items.length;
  if (items.every((item) => item.kind === "string")) {
    const texts = new Set(items.map((item) => (item.kind === "string" ? item.value : "")));
    return (item) => item.kind === "string" && texts.has(item.value);
  }
  return (item) => itemsOf(unmarkDeep(setValue(element, [...items, item])).value).length === size;
};

/** Functions that build lists, tuples, maps and sets from others. */
export const sequenceFunctions: Readonly<Record<string, FunctionDefinition>> = {
  chunklist,
  concat,
  flatten,
  keys,
  merge,
  range,
  reverse,
  setintersection: setOperation(["first_set", "other_sets"], true, false, (a, b, element) =>
    a.filter(membership(b, element)),
  ),
  setproduct,
  setsubtract: setOperation(["a", "b"], false, false, (a, b, element) => {
    const isMember = membership(b, element);
    return a.filter((item) => !isMember(item));
  }),
  setunion: setOperation(["first_set", "other_sets"], true, true, (a, b) => [...a, ...b]),
  slice,
  values,
  zipmap,
};
