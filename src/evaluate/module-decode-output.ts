import type { Block } from "../load/hcl/ast.ts";
import { readContent } from "./body-content.ts";
import type { OutputBlock } from "./module.ts";
import { type DecodeContext, decodeCheckRule, decodeDependsOn, literalBool, validName } from "./module-decode-parts.ts";
import { inputError } from "./problems.ts";

/** An `output` block. */
export const decodeOutput = (block: Block, context: DecodeContext): OutputBlock => {
  const name = block.labels[0]?.text ?? "";
  validName(name, block.labels[0]?.range ?? block.headerRange, "Invalid output name", context);
  const content = readContent(block.body, {
    required: ["value"],
    optional: ["description", "depends_on", "sensitive", "ephemeral", "deprecated", "type"],
    blocks: { precondition: [], postcondition: [] },
  });
  for (const problem of content.diagnostics) context.report(problem);
  const preconditions = content.blocks.flatMap((rule) => {
    if (rule.type === "precondition") return decodeCheckRule(rule, context);
    context.report(inputError("Postconditions are not allowed", "An output has preconditions only.", rule.typeRange));
    return [];
  });
  return {
    name,
    expression: content.attributes.get("value")?.value,
    sensitive: literalBool(content.attributes.get("sensitive"), false, context),
    ephemeral: literalBool(content.attributes.get("ephemeral"), false, context),
    dependsOn: decodeDependsOn(content.attributes.get("depends_on"), context),
    preconditions,
    range: block.headerRange,
  };
};
