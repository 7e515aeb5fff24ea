import type { Mark, Value } from "../model/value.ts";
import { setFromItems } from "./values-set.ts";

export type Marks = ReadonlySet<Mark>;

export const noMarks: Marks = new Set();
export const sensitiveMark: Marks = new Set<Mark>(["sensitive"]);

/** The marks of the value itself. */
export const marksOf = (value: Value): Marks => value.marks ?? noMarks;

/** The union; no new set is made where one side adds nothing. */
export const joinMarks = (a: Marks, b: Marks): Marks => {
  if (b.size === 0 || a === b) return a;
  if (a.size === 0) return b;
  return new Set([...a, ...b]);
};

/** The value with the marks added. */
export const withMarks = (value: Value, marks: Marks): Value => {
  if (marks.size === 0) return value;
  const joined = joinMarks(marksOf(value), marks);
  return joined === value.marks ? value : { ...value, marks: joined };
};

/** The value without its own marks; marks of its parts stay. */
export const unmark = (value: Value): Value => {
  if (value.marks === undefined) return value;
  const { marks: _, ...plain } = value;
  return plain as Value;
};

/** True where the value or a part of it is marked. */
export const containsMarks = (value: Value): boolean => {
  if (value.marks !== undefined && value.marks.size > 0) return true;
  switch (value.kind) {
    case "list":
    case "tuple":
    case "set":
      return value.items.some(containsMarks);
    case "map":
    case "object":
      for (const item of value.fields.values()) if (containsMarks(item)) return true;
      return false;
    default:
      return false;
  }
};

/** The value free of marks throughout, and all the marks that it had. */
export const unmarkDeep = (value: Value): { readonly value: Value; readonly marks: Marks } => {
  if (!containsMarks(value)) return { value, marks: noMarks };
  const marks = new Set<Mark>();
  return { value: strip(value, marks), marks };
};

const strip = (value: Value, marks: Set<Mark>): Value => {
  for (const mark of marksOf(value)) marks.add(mark);
  const plain = unmark(value);
  switch (plain.kind) {
    case "list":
    case "tuple":
      return { ...plain, items: plain.items.map((item) => strip(item, marks)) };
    case "set":
      return plain;
    case "map":
    case "object":
      return { ...plain, fields: new Map([...plain.fields].map(([key, item]) => [key, strip(item, marks)])) };
    default:
      return plain;
  }
};

/** All marks in the value, at any depth. */
export const marksDeep = (value: Value): Marks => (containsMarks(value) ? unmarkDeep(value).marks : noMarks);

/** A set of the items; marks of items rise to the set, since a set's members have no place of their own (cty `SetVal`). */
export const setValue = (element: Parameters<typeof setFromItems>[0], items: readonly Value[]): Value => {
  if (!items.some(containsMarks)) return setFromItems(element, items);
  let marks: Marks = noMarks;
  const plain = items.map((item) => {
    const bare = unmarkDeep(item);
    marks = joinMarks(marks, bare.marks);
    return bare.value;
  });
  return withMarks(setFromItems(element, plain), marks);
};
