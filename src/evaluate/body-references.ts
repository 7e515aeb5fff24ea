import type { Attribute, Block, Body } from "../load/hcl/ast.ts";
import { blocksOfJson, isJson } from "./body-content.ts";
import { type ParsedReference, referencesIn } from "./reference.ts";
import type { BlockSchema } from "./schema.ts";

const collected = new WeakMap<Body, readonly ParsedReference[]>();

/** Every reference in a body and its nested blocks; iterators of `dynamic` blocks are none. */
export const bodyReferences = (body: Body): readonly ParsedReference[] => {
  const known = collected.get(body);
  if (known !== undefined) return known;
  const found: ParsedReference[] = [];
  collect(body, new Set(), found);
  collected.set(body, found);
  return found;
};

/** As `bodyReferences`, without the content of `dynamic` blocks: that is looked at where it is evaluated, and never if there is no block. */
export const fixedReferences = (body: Body): readonly ParsedReference[] => {
  const known = collectedFixed.get(body);
  if (known !== undefined) return known;
  const found: ParsedReference[] = [];
  collect(body, new Set(), found, false);
  collectedFixed.set(body, found);
  return found;
};

const collectedFixed = new WeakMap<Body, readonly ParsedReference[]>();

type Names = ReadonlySet<string>;

const collect = (body: Body, hidden: Names, found: ParsedReference[], isWhole = true): void => {
  for (const attribute of body.attributes) {
    if (isJson(attribute) && attribute.name === "dynamic")
      for (const block of blocksOfJson(attribute, ["type"])) collectDynamic(block, hidden, found, isWhole);
    else found.push(...referencesIn(attribute.value, hidden));
  }
  for (const block of body.blocks)
    if (block.type === "dynamic") collectDynamic(block, hidden, found, isWhole);
    else collect(block.body, hidden, found, isWhole);
};

const collectDynamic = (block: Block, hidden: Names, found: ParsedReference[], isWhole: boolean): void => {
  const iterator = block.body.attributes.find(({ name }) => name === "iterator");
  const inner = new Set([...hidden, iteratorName(iterator) ?? block.labels[0]?.text ?? ""]);
  for (const attribute of block.body.attributes) {
    if (attribute.name === "for_each" || attribute.name === "labels")
      found.push(...referencesIn(attribute.value, hidden));
    if (isWhole && isJson(attribute) && attribute.name === "content")
      for (const content of blocksOfJson(attribute, [])) collect(content.body, inner, found);
  }
  if (isWhole) for (const content of block.body.blocks) collect(content.body, inner, found);
};

const iteratorName = (attribute: Attribute | undefined): string | undefined => {
  if (attribute?.value.kind === "variable") return attribute.value.name;
  return attribute?.value.kind === "literal" && typeof attribute.value.value === "string"
    ? attribute.value.value
    : undefined;
};

/** The body without arguments and blocks that the schema does not know: nothing in them is looked at. */
export const knownPart = (body: Body, schema: BlockSchema): Body => {
  const attributes = body.attributes.filter(({ name }) => schema.attributes.has(name) || schema.blocks.has(name));
  const blocks = body.blocks.flatMap((block) => {
    const type = block.type === "dynamic" ? (block.labels[0]?.text ?? "") : block.type;
    const inner = schema.blocks.get(type);
    if (inner === undefined) return schema.attributes.has(type) ? [block] : [];
    if (block.type === "dynamic") return [block];
    const known = knownPart(block.body, inner.block);
    return [known === block.body ? block : { ...block, body: known }];
  });
  const isSame =
    attributes.length === body.attributes.length &&
    blocks.length === body.blocks.length &&
    blocks.every((block, index) => block === body.blocks[index]);
  return isSame ? body : { ...body, attributes, blocks };
};
