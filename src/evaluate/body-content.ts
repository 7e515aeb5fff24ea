import type { Attribute, Block, Body, Expression } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import { didYouMean, inputError } from "./problems.ts";

/** Which attributes and blocks a body may have; a block type comes with the names of its labels. */
export interface ContentSchema {
  readonly required?: readonly string[];
  readonly optional?: readonly string[];
  readonly blocks?: Readonly<Record<string, readonly string[]>>;
}

export interface Content {
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly blocks: readonly Block[];
  /** What the schema does not name; empty unless asked for. */
  readonly rest: Body;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a body by a schema and reports everything that it does not name (hcl `Body.Content`). */
export const readContent = (body: Body, schema: ContentSchema): Content => {
  const content = readPartialContent(body, schema);
  const diagnostics = [...content.diagnostics];
  const names = [...(schema.required ?? []), ...(schema.optional ?? [])];
  const blockTypes = Object.keys(schema.blocks ?? {});
  for (const attribute of content.rest.attributes)
    diagnostics.push(
      unexpectedArgument(
        attribute,
        names.filter((name) => !content.attributes.has(name)),
        blockTypes,
      ),
    );
  for (const block of content.rest.blocks) diagnostics.push(unexpectedBlock(block, names, blockTypes));
  return { ...content, diagnostics };
};

/** Reads what the schema names and leaves the rest for another schema (hcl `Body.PartialContent`). */
export const readPartialContent = (body: Body, schema: ContentSchema): Content => {
  const attributeNames = new Set([...(schema.required ?? []), ...(schema.optional ?? [])]);
  const blocksByType = schema.blocks ?? {};
  const attributes = new Map<string, Attribute>();
  const blocks: Block[] = [];
  const restAttributes: Attribute[] = [];
  const restBlocks: Block[] = [];
  const diagnostics: Diagnostic[] = [];
  const takeBlock = (block: Block): void => {
    const labels = blocksByType[block.type] ?? [];
    const problem = labelProblem(block, labels);
    if (problem === undefined) blocks.push(block);
    else diagnostics.push(problem);
  };
  for (const attribute of body.attributes) {
    if (attributeNames.has(attribute.name)) attributes.set(attribute.name, attribute);
    else if (isJson(attribute) && Object.hasOwn(blocksByType, attribute.name))
      for (const block of blocksOfJson(attribute, blocksByType[attribute.name] ?? [])) takeBlock(block);
    else if (!(isJson(attribute) && attribute.name === "//")) restAttributes.push(attribute);
  }
  for (const block of body.blocks)
    if (Object.hasOwn(blocksByType, block.type)) takeBlock(block);
    else restBlocks.push(block);
  for (const name of schema.required ?? []) if (!attributes.has(name)) diagnostics.push(missingArgument(name, body));
  const rest = {
    ...body,
    attributes: restAttributes,
    blocks: restBlocks,
    range: { ...body.range, start: bodyStart(body).start },
  };
  return { attributes, blocks, rest, diagnostics };
};

/** Read from a `.tf.json` file, where a property may be an argument or a block. */
export const isJson = (part: { readonly range: SourceRange }): boolean => part.range.file.endsWith(".json");

/** Where a missing item is reported: the opening brace of the body, or the one argument of a block on one line (hclsyntax). */
export const bodyStart = (body: Body): SourceRange => {
  const { file, end } = body.range;
  const only = body.range.start.line === end.line ? body.attributes[0] : undefined;
  const start = only?.range.start ?? body.range.start;
  return { file, start, end: { line: start.line, column: start.column + 1, offset: start.offset + 1 } };
};

export const missingArgument = (name: string, body: Body): Diagnostic =>
  inputError("Missing required argument", `The argument "${name}" must be set here, and is not.`, bodyStart(body));

export const unexpectedArgument = (
  attribute: Attribute,
  free: readonly string[],
  blockTypes: Iterable<string>,
): Diagnostic => {
  const suggestion =
    didYouMean(attribute.name, free) ||
    ([...blockTypes].includes(attribute.name) ? ` Did you mean a block of type "${attribute.name}"?` : "");
  return inputError(
    "Unsupported argument",
    `No argument named "${attribute.name}" is known here.${suggestion}`,
    attribute.nameRange,
  );
};

export const unexpectedBlock = (block: Block, names: Iterable<string>, blockTypes: Iterable<string>): Diagnostic => {
  const suggestion =
    didYouMean(block.type, blockTypes) ||
    ([...names].includes(block.type)
      ? ` Did you mean the argument "${block.type}"? It is set with an equals sign.`
      : "");
  return inputError(
    "Unsupported block type",
    `No block of type "${block.type}" is known here.${suggestion}`,
    block.typeRange,
  );
};

/** False where the header could not be read, and nothing after it was. */
const hasBody = ({ body: { range } }: Block): boolean => range.start.offset !== range.end.offset;

/** Reports blocks where only arguments can stand: the first of them (hcl `Body.JustAttributes`). */
export const rejectBlocks = ({ blocks }: Body): readonly Diagnostic[] =>
  blocks
    .slice(0, 1)
    .map(({ type, typeRange }) =>
      inputError(`Unexpected "${type}" block`, "Only arguments can stand here, and no blocks.", typeRange),
    );

const labelProblem = (block: Block, labels: readonly string[]): Diagnostic | undefined => {
  if (block.labels.length > labels.length)
    return inputError(
      `Extraneous label for ${block.type}`,
      labels.length === 0
        ? `Blocks of type "${block.type}" take no label.`
        : `Blocks of type "${block.type}" take ${labels.length} labels: ${labels.join(", ")}.`,
      block.labels[labels.length]?.range ?? block.typeRange,
    );
  if (block.labels.length < labels.length)
    return inputError(
      `Missing ${labels[block.labels.length]} for ${block.type}`,
      `Blocks of type "${block.type}" take ${labels.length} labels: ${labels.join(", ")}.`,
      hasBody(block) ? bodyStart(block.body) : block.typeRange,
    );
  return undefined;
};

/** The blocks that a JSON property stands for: an object for each label, then a body or a list of bodies (hcl JSON syntax). */
export const blocksOfJson = (attribute: Attribute, labels: readonly string[]): readonly Block[] =>
  jsonBodies(attribute.value, labels.length, []).map(({ labels: texts, value }) => ({
    type: attribute.name,
    typeRange: attribute.nameRange,
    labels: texts,
    body: bodyOfJson(value),
    headerRange: attribute.nameRange,
    range: attribute.range,
  }));

type Labels = Block["labels"];

const jsonBodies = (
  value: Expression,
  depth: number,
  labels: Labels,
): readonly { readonly labels: Labels; readonly value: Expression }[] => {
  if (value.kind === "literal" && value.value === null) return [];
  if (value.kind === "tuple") return value.items.flatMap((item) => jsonBodies(item, depth, labels));
  if (depth === 0) return [{ labels, value }];
  if (value.kind !== "object") return [];
  return value.items.flatMap((item) =>
    jsonBodies(item.value, depth - 1, [...labels, { text: keyText(item.key), range: item.key.range }]),
  );
};

const bodyOfJson = (value: Expression): Body => ({
  attributes: value.kind === "object" ? jsonAttributes(value) : [],
  blocks: [],
  range: value.range,
});

/** The properties of a JSON object as attributes. */
export const jsonAttributes = (value: Expression & { readonly kind: "object" }): readonly Attribute[] =>
  value.items.map((item) => ({
    name: keyText(item.key),
    nameRange: item.key.range,
    value: item.value,
    range: { file: item.key.range.file, start: item.key.range.start, end: item.value.range.end },
  }));

const keyText = (key: Expression): string =>
  key.kind === "literal" && typeof key.value === "string" ? key.value : key.kind === "variable" ? key.name : "";
