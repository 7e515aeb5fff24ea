import type { Attribute, Block, Expression } from "../load/hcl/ast.ts";
import { parseHclExpression } from "../load/hcl/parse-file.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import { boolType, stringType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { isJson, readContent } from "./body-content.ts";
import { evaluateInto } from "./expression.ts";
import { startRange } from "./expression-call.ts";
import type { Scope } from "./expression-scope.ts";
import type { CheckRule } from "./module.ts";
import { inputError, inputWarning } from "./problems.ts";
import { parseReference, type Reference, referencesIn } from "./reference.ts";
import { asTraversal, traversalsIn } from "./traversal.ts";
import { invalidValue } from "./values-construct.ts";
import { convertValue, isFailure } from "./values-convert.ts";

/** Where problems of the declarations go. */
export interface DecodeContext {
  readonly report: (problem: Diagnostic) => void;
}

/** The scope of an argument that must be a constant: no name leads anywhere, and no function may be called. */
const constantScope: Scope = {
  resolve: (_root, attributes, range, report) => {
    report(
      inputError(
        "Variables not allowed",
        "Only a constant can stand here: no variable, local value or resource.",
        range,
      ),
    );
    return { value: invalidValue, used: attributes.length };
  },
  functions: new Map(),
  functionContext: { files: undefined },
  shortCircuit: true,
};

/** The value of a constant argument. */
export const literalValue = (expression: Expression, context: DecodeContext): Value => {
  const problems: Diagnostic[] = [];
  const value = evaluateInto(expression, constantScope, problems);
  for (const problem of problems)
    context.report(
      problem.summary === "Call to unknown function"
        ? {
            ...problem,
            summary: "Function calls not allowed",
            detail: "Only a constant can stand here: no function may be called.",
            range: callAt(expression, problem.range) ?? expression.range,
          }
        : problem,
    );
  return value;
};

/** The whole call whose name stands at the range. */
const callAt = (expression: Expression, name: SourceRange | undefined): SourceRange | undefined => {
  const inside = (parts: readonly Expression[]): SourceRange | undefined => {
    for (const part of parts) {
      const found = callAt(part, name);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  switch (expression.kind) {
    case "call":
      return expression.nameRange === name ? expression.range : inside(expression.arguments);
    case "tuple":
      return inside(expression.items);
    case "object":
      return inside(expression.items.flatMap(({ key, value }) => [key, value]));
    case "parentheses":
    case "wrap":
      return callAt(expression.inner, name);
    case "unary":
      return callAt(expression.operand, name);
    case "binary":
      return inside([expression.left, expression.right]);
    case "conditional":
      return inside([expression.condition, expression.then, expression.otherwise]);
    default:
      return undefined;
  }
};

export const literalBool = (attribute: Attribute | undefined, fallback: boolean, context: DecodeContext): boolean => {
  if (attribute === undefined) return fallback;
  const value = convertValue(literalValue(attribute.value, context), boolType);
  if (isFailure(value)) unsuitable(attribute, value.message, context);
  else if (value.kind === "unknown") unsuitable(attribute, "it must be known", context);
  else if (value.kind === "null") unsuitable(attribute, "it must not be null", context);
  return value.kind === "bool" ? value.value : fallback;
};

export const literalText = (attribute: Attribute | undefined, context: DecodeContext): string | undefined => {
  if (attribute === undefined) return undefined;
  const value = convertValue(literalValue(attribute.value, context), stringType);
  if (isFailure(value)) unsuitable(attribute, value.message, context);
  else if (value.kind === "unknown") unsuitable(attribute, "it must be known", context);
  return value.kind === "string" ? value.value : undefined;
};

const unsuitable = (attribute: Attribute, message: string, context: DecodeContext): void =>
  context.report(
    inputError(
      "Unsuitable value type",
      `The value of "${attribute.name}" does not fit: ${message}.`,
      startRange(attribute.value),
    ),
  );

/** Where an expression begins, as hcl counts it: a text begins behind its quote. */
export const textRange = ({ kind, range, ...rest }: Expression): SourceRange => {
  const value = kind === "literal" && "value" in rest ? rest.value : undefined;
  if (typeof value !== "string" || range.start.line !== range.end.line) return range;
  const { file, start, end } = range;
  return {
    file,
    start: { ...start, column: start.column + 1, offset: start.offset + 1 },
    end: { ...end, column: end.column - 1, offset: end.offset - 1 },
  };
};

const identifier = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

/** Reports a name that is no identifier. */
export const validName = (name: string, range: SourceRange, summary: string, context: DecodeContext): void => {
  if (!identifier.test(name))
    context.report(
      inputError(
        summary,
        `"${name}" is no valid name: a name starts with a letter or underscore and has letters, digits, underscores and dashes.`,
        range,
      ),
    );
};

/** An argument that holds a name or a type, which JSON gives as text. */
export const expressionOf = (attribute: Attribute, context: DecodeContext): Expression =>
  fromText(attribute.value, context);

const fromText = (expression: Expression, context: DecodeContext): Expression => {
  if (!isJson(expression) || expression.kind !== "literal" || typeof expression.value !== "string") return expression;
  const { range } = expression;
  const start = { line: range.start.line, column: range.start.column + 1, offset: range.start.offset + 1 };
  const outcome = parseHclExpression(expression.value, range.file, start);
  for (const problem of outcome.diagnostics) context.report(problem);
  return outcome.value;
};

/** The items of a list of names, as `depends_on` and `replace_triggered_by` have. */
export const namesIn = (attribute: Attribute, context: DecodeContext): readonly Expression[] => {
  const { value } = attribute;
  if (value.kind === "tuple") return value.items.map((item) => fromText(unquoted(item, context), context));
  context.report(inputError("Invalid expression", `"${attribute.name}" must be a list written in place.`, value.range));
  return [];
};

/** `"azurerm_x.y"` in quotes, the way of Terraform 0.11, is still read. */
const unquoted = (expression: Expression, context: DecodeContext): Expression => {
  if (isJson(expression) || expression.kind !== "literal" || typeof expression.value !== "string") return expression;
  const { range } = expression;
  context.report(quotedReference(range));
  const start = { line: range.start.line, column: range.start.column + 1, offset: range.start.offset + 1 };
  const outcome = parseHclExpression(expression.value, range.file, start);
  for (const problem of outcome.diagnostics) context.report(problem);
  return outcome.value;
};

/** A reference in quotes is of Terraform 0.11 and still read. */
export const quotedReference = (range: SourceRange): Diagnostic =>
  inputWarning("Quoted references are deprecated", "A reference is written without quotes: take them away.", range);

export const decodeDependsOn = (attribute: Attribute | undefined, context: DecodeContext): readonly Reference[] => {
  if (attribute === undefined) return [];
  return namesIn(attribute, context).flatMap((expression) => {
    const traversal = asTraversal(expression);
    if (traversal === undefined) {
      context.report(
        inputError(
          "Invalid expression",
          "Only names of resources, modules and the like can stand here.",
          expression.range,
        ),
      );
      return [];
    }
    const reference = parseReference(traversal);
    if ("subject" in reference) return [reference];
    context.report(reference.problem);
    return [];
  });
};

const ruleSchema = { required: ["condition", "error_message"] };

/** A `precondition`, `postcondition`, `assert` or `validation` block. */
export const decodeCheckRule = (block: Block, context: DecodeContext): readonly CheckRule[] => {
  const content = readContent(block.body, ruleSchema);
  for (const problem of content.diagnostics) context.report(problem);
  const condition = content.attributes.get("condition")?.value;
  if (condition === undefined) return [];
  if (traversalsIn(condition).length === 0 && !isBroken(condition))
    context.report(
      inputError(
        `Invalid ${block.type} expression`,
        "The condition refers to nothing outside itself, so it would always come out the same. Name what is to be checked.",
        condition.range,
      ),
    );
  return [{ condition, errorMessage: content.attributes.get("error_message")?.value, range: block.headerRange }];
};

/** True where a part of the expression could not be read, which is told already. */
const isBroken = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (("kind" in value && value.kind === "invalid") || Object.values(value).some(isBroken));

/** A `validation` block must look at its own variable (Terraform 1.9 and later let it look at others too). */
export const decodeVariableRule = (block: Block, name: string, context: DecodeContext): readonly CheckRule[] => {
  const rules = decodeCheckRule(block, context);
  const condition = rules[0]?.condition;
  if (condition === undefined || traversalsIn(condition).length === 0) return rules;
  const mentions = referencesIn(condition).some(
    (reference) => "subject" in reference && reference.subject.kind === "variable" && reference.subject.name === name,
  );
  if (!mentions)
    context.report(
      inputError(
        "Invalid variable validation condition",
        `The condition for the variable "${name}" must look at var.${name}.`,
        condition.range,
      ),
    );
  return rules;
};

/** `count` and `for_each` exclude each other. */
export const rejectBoth = (attributes: ReadonlyMap<string, Attribute>, context: DecodeContext): void => {
  const forEach = attributes.get("for_each");
  if (forEach !== undefined && attributes.has("count"))
    context.report(
      inputError(
        'Invalid combination of "count" and "for_each"',
        'Only one of "count" and "for_each" can say how many instances there are. Remove one of them.',
        forEach.nameRange,
      ),
    );
};

/** `azurerm` or `azurerm.hub`, as an expression or, in JSON and old code, as text. */
export const providerKeyOf = (expression: Expression): string | undefined => {
  switch (expression.kind) {
    case "variable":
      return expression.name;
    case "attribute":
      return expression.source.kind === "variable" ? `${expression.source.name}.${expression.name}` : undefined;
    case "literal":
      return typeof expression.value === "string" ? expression.value : undefined;
    case "parentheses":
      return providerKeyOf(expression.inner);
    default:
      return undefined;
  }
};
