import type { Body } from "../load/hcl/ast.ts";
import { dynamicType } from "../model/type.ts";
import {
  type AttributeSchema,
  type BlockSchema,
  type NestedBlockSchema,
  optionalAttribute,
  type ResourceSchema,
} from "./schema.ts";

/** A schema made from what is written, for a provider whose schema is not known; what is only referred to counts as computed. */
export const openSchema = (body: Body, referred: ReadonlySet<string>): ResourceSchema => ({
  version: 0,
  block: openBlock(body, ["id", ...referred]),
  defaults: new Map(),
  forceNew: new Set(),
  computedBlocks: new Set(),
  open: true,
});

const openBlock = (body: Body, referred: readonly string[]): BlockSchema => {
  const attributes = new Map<string, AttributeSchema>();
  for (const name of referred) attributes.set(name, { ...optionalAttribute(dynamicType), computed: true });
  const blocks = new Map<string, NestedBlockSchema>();
  for (const attribute of body.attributes) attributes.set(attribute.name, optionalAttribute(dynamicType));
  for (const block of body.blocks) {
    const isDynamic = block.type === "dynamic";
    const type = isDynamic ? (block.labels[0]?.text ?? "") : block.type;
    attributes.delete(type);
    const inner = isDynamic
      ? block.body.blocks.filter((content) => content.type === "content").map(({ body: content }) => content)
      : [block.body];
    const whole: Body = {
      ...block.body,
      attributes: inner.flatMap((content) => content.attributes),
      blocks: inner.flatMap((content) => content.blocks),
    };
    const known = blocks.get(type);
    const nested = openBlock(whole, []);
    blocks.set(type, {
      mode: "list",
      min: 0,
      max: 0,
      block: known === undefined ? nested : merge(known.block, nested),
    });
  }
  return { attributes, blocks };
};

const merge = (a: BlockSchema, b: BlockSchema): BlockSchema => ({
  attributes: new Map([...a.attributes, ...b.attributes]),
  blocks: new Map([...a.blocks, ...b.blocks]),
});
