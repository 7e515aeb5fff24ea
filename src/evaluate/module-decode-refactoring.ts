import type { Block, Expression } from "../load/hcl/ast.ts";
import { readContent } from "./body-content.ts";
import type { Module } from "./module.ts";
import { type DecodeContext, expressionOf, literalBool } from "./module-decode-parts.ts";
import { inputError } from "./problems.ts";
import { asTraversal } from "./traversal.ts";

/** A `moved`, `removed` or `import` block. */
export const decodeRefactoring = (module: Module, block: Block, context: DecodeContext): void => {
  const content = readContent(block.body, refactoringSchemas[block.type] ?? {});
  for (const problem of content.diagnostics) context.report(problem);
  const expression = (name: string): Expression | undefined => {
    const attribute = content.attributes.get(name);
    return attribute === undefined ? undefined : expressionOf(attribute, context);
  };
  const from = expression("from");
  const to = expression("to");
  if (block.type === "moved" || block.type === "removed")
    for (const address of [from, to])
      if (address !== undefined && address.kind !== "invalid" && asTraversal(address) === undefined)
        context.report(
          inputError(
            "Invalid expression",
            "The address of a resource or module must stand here, with constant keys and without calculations.",
            address.range,
          ),
        );
  if (block.type === "moved" && from !== undefined && to !== undefined)
    module.moved.push({ from, to, range: block.headerRange });
  if (block.type === "removed" && from !== undefined) rejectKeys(from, context);
  if (block.type === "removed" && from !== undefined)
    module.removed.push({ from, destroy: removedDestroys(content.blocks, context), range: block.headerRange });
  if (block.type === "import" && to !== undefined)
    module.imports.push({
      to,
      id: content.attributes.get("id")?.value,
      forEach: content.attributes.get("for_each")?.value,
      range: block.headerRange,
    });
};

/** A `removed` block is about a resource or module as a whole. */
const rejectKeys = (expression: Expression, context: DecodeContext): void => {
  const traversal = asTraversal(expression);
  for (const [index, step] of (traversal?.steps ?? []).entries())
    if (step.kind === "index") {
      const isModule = index === 1 && traversal?.root === "module";
      context.report(
        inputError(
          `${isModule ? "Module" : "Resource"} instance keys not allowed`,
          "All instances are removed together, so no key can be given.",
          step.range,
        ),
      );
    }
};

const refactoringSchemas: Readonly<Record<string, Parameters<typeof readContent>[1]>> = {
  moved: { required: ["from", "to"] },
  removed: { required: ["from"], blocks: { lifecycle: [], connection: [], provisioner: ["type"] } },
  import: { required: ["to"], optional: ["id", "identity", "for_each", "provider"] },
};

const removedDestroys = (blocks: readonly Block[], context: DecodeContext): boolean => {
  const lifecycle = blocks.find(({ type }) => type === "lifecycle");
  if (lifecycle === undefined) return true;
  const content = readContent(lifecycle.body, { required: ["destroy"] });
  for (const problem of content.diagnostics) context.report(problem);
  return literalBool(content.attributes.get("destroy"), true, context);
};
