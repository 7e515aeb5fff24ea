import type { Attribute, Block } from "../load/hcl/ast.ts";
import { dynamicType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { isJson, readContent } from "./body-content.ts";
import type { VariableBlock } from "./module.ts";
import {
  type DecodeContext,
  decodeVariableRule,
  expressionOf,
  literalBool,
  literalText,
  literalValue,
  validName,
} from "./module-decode-parts.ts";
import { inputError } from "./problems.ts";
import { parseTypeConstraint, type TypeConstraint } from "./type-constraint.ts";
import { applyDefaults } from "./type-defaults.ts";
import { nullValue } from "./values-construct.ts";
import { convertValue, formatPath, isFailure } from "./values-convert.ts";

/** Names that module blocks keep for themselves, so that no variable may have them. */
const reservedVariableNames = new Set([
  "source",
  "version",
  "providers",
  "count",
  "for_each",
  "depends_on",
  "lifecycle",
  "locals",
]);

/** A `variable` block: its type, default and rules. */
export const decodeVariable = (block: Block, context: DecodeContext): VariableBlock => {
  const name = block.labels[0]?.text ?? "";
  const label = block.labels[0]?.range ?? block.headerRange;
  validName(name, label, "Invalid variable name", context);
  if (reservedVariableNames.has(name))
    context.report(inputError("Invalid variable name", `"${name}" has a meaning of its own in module blocks.`, label));
  const content = readContent(block.body, {
    optional: ["description", "default", "type", "sensitive", "ephemeral", "nullable", "deprecated"],
    blocks: { validation: [] },
  });
  for (const problem of content.diagnostics) context.report(problem);
  const { attributes } = content;
  const typeAttribute = attributes.get("type");
  const constraint = typeAttribute === undefined ? anyType : variableType(typeAttribute, context);
  const nullable = literalBool(attributes.get("nullable"), true, context);
  return {
    name,
    constraint,
    typed: typeAttribute !== undefined,
    default: defaultOf(attributes.get("default"), constraint, nullable, context),
    nullable,
    sensitive: literalBool(attributes.get("sensitive"), false, context),
    ephemeral: literalBool(attributes.get("ephemeral"), false, context),
    description: literalText(attributes.get("description"), context),
    validations: content.blocks.flatMap((rule) => decodeVariableRule(rule, name, context)),
    range: block.headerRange,
  };
};

const anyType: TypeConstraint = { type: dynamicType, defaults: undefined };

const variableType = (attribute: Attribute, context: DecodeContext): TypeConstraint => {
  const { value } = attribute;
  if (!isJson(attribute) && value.kind === "literal" && typeof value.value === "string") {
    const quoted = ["string", "list", "map"].includes(value.value);
    context.report(
      inputError(
        quoted ? "Invalid quoted type constraints" : "Invalid legacy variable type hint",
        "A type is written without quotes: string, list(string), map(string).",
        value.range,
      ),
    );
    return anyType;
  }
  const expression = expressionOf(attribute, context);
  if (expression.kind === "variable" && (expression.name === "list" || expression.name === "map"))
    return { type: { kind: expression.name, element: dynamicType }, defaults: undefined };
  const outcome = parseTypeConstraint(expression);
  for (const problem of outcome.diagnostics) context.report(problem);
  return outcome.value;
};

const defaultOf = (
  attribute: Attribute | undefined,
  constraint: TypeConstraint,
  nullable: boolean,
  context: DecodeContext,
): Value | undefined => {
  if (attribute === undefined) return undefined;
  const given = literalValue(attribute.value, context);
  const filled =
    constraint.defaults === undefined || given.kind === "null" ? given : applyDefaults(constraint.defaults, given);
  const value = convertValue(filled, constraint.type);
  if (isFailure(value)) {
    const path = formatPath(value.path);
    context.report(
      inputError(
        "Invalid default value for variable",
        `The default does not fit the type of the variable: ${path === "" ? "" : `${path}: `}${value.message}.`,
        attribute.value.range,
      ),
    );
    return nullValue(constraint.type);
  }
  if (!nullable && value.kind === "null")
    context.report(
      inputError(
        "Invalid default value for variable",
        "The default is null, and the variable is not nullable.",
        attribute.value.range,
      ),
    );
  return value;
};
