import type { Body } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { bodyStart } from "./body-content.ts";
import type { ExpandedBlock } from "./dynamic-block.ts";
import { inputError } from "./problems.ts";
import type { NestedBlockSchema } from "./schema.ts";

/** Holds the number of nested blocks against the schema. */
export const checkCount = (
  name: string,
  nested: NestedBlockSchema,
  blocks: readonly ExpandedBlock[],
  body: Body,
  report: (problem: Diagnostic) => void,
): void => {
  if (nested.mode === "single" || nested.mode === "group") {
    const second = blocks[1];
    if (second !== undefined)
      report(inputError(`Duplicate ${name} block`, `One block of type "${name}" is allowed here.`, second.headerRange));
    if (blocks.length === 0 && nested.min > 0 && nested.mode === "single")
      report(inputError(`Missing ${name} block`, `A block of type "${name}" is required here.`, bodyStart(body)));
    return;
  }
  if (blocks.length < nested.min)
    report(
      inputError(
        `Insufficient ${name} blocks`,
        `At least ${nested.min} blocks of type "${name}" are required here.`,
        bodyStart(body),
      ),
    );
  const extra: { readonly body: Body } | undefined = nested.max > 0 ? blocks[nested.max] : undefined;
  if (extra !== undefined)
    report(
      inputError(
        `Too many ${name} blocks`,
        `At most ${nested.max} blocks of type "${name}" are allowed here.`,
        bodyStart(extra.body),
      ),
    );
};
