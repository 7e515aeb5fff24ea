import type { Attribute, Block, Body } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import { dynamicType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { bodyStart, isJson, readContent } from "./body-content.ts";
import { inputError } from "./problems.ts";
import { numberValue, objectValue, stringValue, unknownValue } from "./values-construct.ts";
import { type Marks, marksOf, unmark, withMarks } from "./values-marks.ts";
import { friendlyName, typeOf } from "./values-type.ts";

/** The iterator objects in scope inside the content of `dynamic` blocks, by name. */
export type Iterators = ReadonlyMap<string, Value>;

/** A nested block as if it had been written, with the iterators that its expressions may name. */
export interface ExpandedBlock {
  readonly body: Body;
  readonly headerRange: SourceRange;
  readonly iterators: Iterators;
  readonly labels: readonly string[];
  /** Set where the number of blocks is not known: why. */
  readonly unknown: string | undefined;
  /** Marks of `for_each`, which the values in the block take on. */
  readonly marks?: Marks;
}

interface Reader {
  readonly evaluate: (expression: Attribute["value"], iterators: Iterators) => Value;
  readonly report: (problem: Diagnostic) => void;
}

/** Unrolls a `dynamic` block (hcl ext/dynblock). An unknown `for_each` gives one block that stands for any number of them. */
export const expandDynamic = (
  block: Block,
  type: string,
  reader: Reader,
  iterators: Iterators,
): readonly ExpandedBlock[] => {
  const content = readContent(block.body, {
    required: ["for_each"],
    optional: ["iterator", "labels"],
    blocks: { content: [] },
  });
  for (const problem of content.diagnostics) reader.report(problem);
  const forEach = content.attributes.get("for_each");
  const inner = content.blocks[0];
  if (inner === undefined)
    reader.report(
      inputError(
        "Missing dynamic content block",
        `A dynamic block needs a block "content" that says what each generated "${type}" block holds.`,
        bodyStart(block.body),
      ),
    );
  if (forEach === undefined || inner === undefined) return [];
  const name = iteratorName(content.attributes.get("iterator"), block.body) ?? type;
  const given = reader.evaluate(forEach.value, iterators);
  const marks = marksOf(given);
  const collection = unmark(given);
  const expanded = (key: Value, value: Value, unknown: string | undefined): ExpandedBlock => ({
    body: inner.body,
    headerRange: block.headerRange,
    labels: [],
    unknown,
    iterators: new Map([
      ...iterators,
      [
        name,
        objectValue([
          ["key", withMarks(key, marks)],
          ["value", withMarks(value, marks)],
        ]),
      ],
    ]),
    ...(marks.size === 0 ? {} : { marks }),
  });
  const anything = (because: string): Value => unknownValue(dynamicType, because);
  switch (collection.kind) {
    case "unknown":
      return isIterable(collection.type.kind)
        ? [expanded(anything(collection.because), anything(collection.because), collection.because)]
        : problem(reader, forEach, collection);
    case "list":
    case "tuple":
      return collection.items.map((item, index) => expanded(numberValue(index), item, undefined));
    case "set":
      return collection.items.map((item) => expanded(item, item, undefined));
    case "map":
    case "object":
      return [...collection.fields].map(([key, item]) => expanded(stringValue(key), item, undefined));
    default:
      return problem(reader, forEach, collection);
  }
};

const isIterable = (kind: string): boolean => !["string", "number", "bool"].includes(kind);

const problem = (reader: Reader, forEach: Attribute, value: Value): readonly ExpandedBlock[] => {
  reader.report(
    inputError(
      "Invalid dynamic for_each value",
      value.kind === "null"
        ? "A null value cannot be iterated over: use an empty list where no block is wanted."
        : `A ${friendlyName(typeOf(value))} cannot be iterated over: a list, set, tuple, map or object is needed.`,
      forEach.value.range,
    ),
  );
  return [];
};

const iteratorName = (attribute: Attribute | undefined, body: Body): string | undefined => {
  if (attribute === undefined) return undefined;
  if (attribute.value.kind === "variable") return attribute.value.name;
  return isJson(body) && attribute.value.kind === "literal" && typeof attribute.value.value === "string"
    ? attribute.value.value
    : undefined;
};
