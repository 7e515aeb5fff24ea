import type { Attribute, Block, Expression } from "../load/hcl/ast.ts";
import { readPartialContent } from "./body-content.ts";
import type { ModuleCallBlock, PassedProvider } from "./module.ts";
import {
  type DecodeContext,
  decodeDependsOn,
  literalText,
  providerKeyOf,
  rejectBoth,
  textRange,
  validName,
} from "./module-decode-parts.ts";
import { inputError } from "./problems.ts";

/** A `module` block. */
export const decodeModuleCall = (block: Block, context: DecodeContext): ModuleCallBlock => {
  const name = block.labels[0]?.text ?? "";
  validName(name, block.labels[0]?.range ?? block.headerRange, "Invalid module instance name", context);
  const content = readPartialContent(block.body, {
    required: ["source"],
    optional: ["version", "count", "for_each", "depends_on", "providers"],
    blocks: { _: [], lifecycle: [], locals: [], provider: ["type"] },
  });
  for (const problem of content.diagnostics) context.report(problem);
  for (const { type, typeRange } of content.blocks)
    if (type !== "_")
      context.report(
        inputError("Reserved block type name in module block", `"${type}" has no meaning in a module call.`, typeRange),
      );
  const { attributes } = content;
  const source = attributes.get("source");
  const passedProviders = decodePassedProviders(attributes.get("providers"), context);
  rejectBoth(attributes, context);
  return {
    name,
    source: literalText(source, context) ?? "",
    sourceRange: source?.value.range ?? block.headerRange,
    version: literalText(attributes.get("version"), context),
    count: attributes.get("count")?.value,
    forEach: attributes.get("for_each")?.value,
    body: content.rest,
    wholeBody: block.body,
    arguments: new Map(content.rest.attributes.map((attribute) => [attribute.name, attribute])),
    passedProviders,
    providers: new Map(passedProviders.map(({ inside, outside }) => [inside, outside])),
    dependsOn: decodeDependsOn(attributes.get("depends_on"), context),
    range: block.headerRange,
  };
};

const decodePassedProviders = (attribute: Attribute | undefined, context: DecodeContext): readonly PassedProvider[] => {
  if (attribute === undefined) return [];
  const { value } = attribute;
  if (value.kind !== "object") {
    context.report(
      inputError(
        "Invalid providers argument",
        'The argument "providers" is a map from provider names inside the module to those outside.',
        value.range,
      ),
    );
    return [];
  }
  return value.items.flatMap(({ key, value: given }) => {
    const inside = providerKeyOf(key);
    const outside = providerKeyOf(given);
    if (inside !== undefined && outside !== undefined)
      return [{ inside, outside, insideRange: nameRange(key), outsideRange: nameRange(given) }];
    context.report(
      inputError(
        "Invalid provider configuration reference",
        "A provider is named as NAME or NAME.ALIAS.",
        (inside === undefined ? key : given).range,
      ),
    );
    return [];
  });
};

/** The name of a provider without its alias. */
const nameRange = (expression: Expression): Expression["range"] =>
  expression.kind === "attribute" ? expression.source.range : textRange(expression);
