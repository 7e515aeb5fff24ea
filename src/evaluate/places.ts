import type { Attribute, Expression } from "../load/hcl/ast.ts";
import type { SourceRange } from "../model/source-range.ts";
import { jsonAttributes } from "./body-content.ts";

/** Where the parts of a block were written, in the form of its value. */
export interface Places {
  readonly range: SourceRange;
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Nested blocks by type, in the order that the value has them. */
  readonly blocks: ReadonlyMap<string, readonly Places[]>;
}

export type Path = readonly (string | number)[];

/** The range of what stands at the path, or of its nearest ancestor that was written. */
export const rangeAtPath = (places: Places, path: Path): SourceRange => {
  let here = places;
  let index = 0;
  while (index < path.length) {
    const name = String(path[index]);
    const attribute = here.attributes.get(name);
    if (attribute !== undefined) return inExpression(attribute.value, path, index + 1) ?? attribute.range;
    const blocks = here.blocks.get(name);
    if (blocks === undefined) return here.range;
    index++;
    let at = 0;
    if (typeof path[index] === "number") at = Number(path[index++]);
    const next = blocks[at] ?? blocks[0];
    if (next === undefined) return here.range;
    here = next;
  }
  return here.range;
};

/** Follows the path into object and tuple constructors. */
const inExpression = (expression: Expression, path: Path, from: number): SourceRange | undefined => {
  if (from === path.length) return undefined;
  const step = path[from];
  let next: Expression | undefined;
  if (expression.kind === "tuple" && typeof step === "number") next = expression.items[step];
  if (expression.kind === "object") next = jsonAttributes(expression).find(({ name }) => name === String(step))?.value;
  if (next === undefined) return from === 1 ? undefined : expression.range;
  return inExpression(next, path, from + 1) ?? next.range;
};

/** Every attribute written in the block and its nested blocks, with its path. */
export function* writtenAttributes(places: Places, path: Path = []): Iterable<{ path: Path; attribute: Attribute }> {
  for (const [name, attribute] of places.attributes) yield { path: [...path, name], attribute };
  for (const [name, blocks] of places.blocks)
    for (const [index, block] of blocks.entries()) yield* writtenAttributes(block, [...path, name, index]);
}
