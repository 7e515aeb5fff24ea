import type { CallExpression, Expression, TemplatePart } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import { dynamicType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { evaluate } from "./expression.ts";
import { type EvaluationContext, hasErrors, reportError, withDiagnostics } from "./expression-scope.ts";
import {
  callFunction,
  type FunctionFailure,
  type FunctionTable,
  type LazyArgument,
  type Parameter,
} from "./functions-definition.ts";
import { nameSuggestion } from "./name-suggestion.ts";
import { unknownFrom, unknownValue } from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { marksOf, withMarks } from "./values-marks.ts";
import { typeOf } from "./values-type.ts";

/** `name(args)` (hclsyntax `FunctionCallExpr`, 2.23): arguments are evaluated and converted, problems name the parameter. */
export const callExpression = (expression: CallExpression, context: EvaluationContext): Value => {
  const definition = context.scope.functions.get(expression.name);
  if (definition === undefined) {
    const { summary, detail } = unknownFunction(expression.name, context.scope.functions);
    reportError(context, summary, detail, expression.nameRange);
    return unknownFrom(dynamicType, []);
  }
  const args = expandArguments(expression, context);
  if (!Array.isArray(args)) return args;
  const { parameters, variadic } = definition;
  if (!hasRightCount(expression, args, parameters, variadic, context)) return unknownFrom(dynamicType, []);
  if ("callLazy" in definition) {
    const result = definition.callLazy(
      args.map((arg) => lazyArgument(arg, context)),
      context.scope,
    );
    return result.kind === "failure" ? callFailed(expression, args, result, definition, context) : result;
  }
  const before = context.diagnostics.length;
  const values = args.map((arg, index) => argumentValue(arg, parameters[index] ?? variadic, context));
  if (hasErrors(context.diagnostics, before)) return unknownFrom(dynamicType, values);
  const result = callFunction(definition, values, context.scope);
  if (result.kind === "failure" && result.isUnseen === true) {
    const type = typeof definition.result === "function" ? dynamicType : definition.result;
    return unknownValue(type, result.message);
  }
  return result.kind === "failure" ? callFailed(expression, args, result, definition, context) : result;
};

/** An argument as written, or one element of the last argument with `...`. */
interface Argument {
  readonly expression: Expression;
  readonly value: Value | undefined;
}

const expandArguments = (expression: CallExpression, context: EvaluationContext): Argument[] | Value => {
  const plain = (argument: Expression): Argument => ({ expression: argument, value: undefined });
  const last = expression.arguments.at(-1);
  if (!expression.expandFinal || last === undefined) return expression.arguments.map(plain);
  const before = context.diagnostics.length;
  const value = evaluate(last, context);
  if (hasErrors(context.diagnostics, before)) return unknownFrom(dynamicType, [value]);
  const type = typeOf(value);
  const sequence = type.kind === "tuple" || type.kind === "list" || type.kind === "set";
  if (value.kind === "null" && (sequence || type.kind === "dynamic"))
    return badExpansion("The expanding argument (indicated by ...) must not be null.", last, context);
  if (!sequence && type.kind !== "dynamic")
    return badExpansion(
      "The expanding argument (indicated by ...) must be of a tuple, list, or set type.",
      last,
      context,
    );
  if (!("items" in value)) return unknownFrom(dynamicType, [value]);
  const marks = marksOf(value);
  const items = value.items.map((item): Argument => ({ expression: last, value: withMarks(item, marks) }));
  return [...expression.arguments.slice(0, -1).map(plain), ...items];
};

const badExpansion = (detail: string, argument: Expression, context: EvaluationContext): Value => {
  reportError(context, "Invalid expanding argument value", detail, argument.range);
  return unknownFrom(dynamicType, []);
};

const hasRightCount = (
  expression: CallExpression,
  args: readonly Argument[],
  parameters: readonly Parameter[],
  variadic: Parameter | undefined,
  context: EvaluationContext,
): boolean => {
  const missing = parameters[args.length];
  if (missing !== undefined) {
    reportError(
      context,
      "Not enough function arguments",
      `Function ${JSON.stringify(expression.name)} expects${variadic === undefined ? "" : " at least"} ${parameters.length} argument(s). Missing value for ${JSON.stringify(missing.name)}.`,
      closingParenthesis(expression),
    );
    return false;
  }
  const extra = variadic === undefined ? args[parameters.length] : undefined;
  if (extra === undefined) return true;
  reportError(
    context,
    "Too many function arguments",
    `Function ${JSON.stringify(expression.name)} expects only ${parameters.length} argument(s).`,
    argumentRange(extra),
  );
  return false;
};

const argumentValue = (argument: Argument, parameter: Parameter | undefined, context: EvaluationContext): Value => {
  const value = argument.value ?? evaluate(argument.expression, context);
  if (parameter === undefined) return value;
  const converted = convertValue(value, parameter.type);
  if (converted.kind !== "failure") return converted;
  reportError(
    context,
    "Invalid function argument",
    `Invalid value for ${JSON.stringify(parameter.name)} parameter: ${converted.message}.`,
    argumentRange(argument),
  );
  return unknownFrom(parameter.type, []);
};

const lazyArgument = (argument: Argument, context: EvaluationContext): LazyArgument => ({
  written: argument.value === undefined ? writtenAs(argument.expression) : "other",
  evaluate: () => {
    if (argument.value !== undefined) return { value: argument.value, diagnostics: [] };
    const diagnostics: Diagnostic[] = [];
    return { value: evaluate(argument.expression, withDiagnostics(context, diagnostics)), diagnostics };
  },
});

const writtenAs = (expression: Expression): LazyArgument["written"] => {
  switch (expression.kind) {
    case "variable":
      return "reference";
    case "attribute":
    case "index":
    case "splat":
      return writtenAs(expression.source) === "reference" ? "reference" : "other";
    case "wrap":
    case "template":
      return expression.kind;
    case "literal":
      return typeof expression.value === "string" ? "text" : "other";
    default:
      return "other";
  }
};

const callFailed = (
  expression: CallExpression,
  args: readonly Argument[],
  failure: FunctionFailure,
  definition: { readonly parameters: readonly Parameter[]; readonly variadic?: Parameter },
  context: EvaluationContext,
): Value => {
  const parameter =
    failure.argument === undefined ? undefined : (definition.parameters[failure.argument] ?? definition.variadic);
  const argument = failure.argument === undefined ? undefined : args[failure.argument];
  if (parameter === undefined)
    reportError(
      context,
      "Error in function call",
      // A crash of the function ends with Go's stack in the original, so no full stop follows.
      `Call to function ${JSON.stringify(expression.name)} failed: ${failure.message}${failure.message.startsWith("panic in function") ? "" : "."}`,
      startRange(expression),
    );
  else
    reportError(
      context,
      "Invalid function argument",
      `Invalid value for ${JSON.stringify(parameter.name)} parameter: ${failure.message}.`,
      argument === undefined ? expression.range : argumentRange(argument),
    );
  return unknownFrom(dynamicType, []);
};

const unknownFunction = (
  name: string,
  functions: FunctionTable,
): { readonly summary: string; readonly detail: string } => {
  const parts = name.split("::");
  if (parts.length === 1) {
    const near = nameSuggestion(name, functions.keys());
    const hint = near === undefined ? "" : ` Did you mean ${JSON.stringify(near)}?`;
    return {
      summary: "Call to unknown function",
      detail: `There is no function named ${JSON.stringify(name)}.${hint}`,
    };
  }
  const [namespace = "", provider = "", ...rest] = parts;
  if (namespace !== "provider" || rest.length !== 1)
    return {
      summary: "Unknown provider function",
      detail: `The function namespace ${JSON.stringify(namespace)} is not valid. Provider function calls must use the "provider::" namespace prefix.`,
    };
  const isKnown = [...functions.keys()].some((other) => other.startsWith(`provider::${provider}::`));
  if (isKnown)
    return {
      summary: "Unknown provider function",
      detail: `The function ${JSON.stringify(rest[0])} is not available from the provider ${JSON.stringify(provider)}.`,
    };
  return {
    summary: "Unknown provider function",
    detail: `There is no function named ${JSON.stringify(name)}. Ensure that provider name ${JSON.stringify(provider)} is declared in this module's required_providers block, and that this provider offers a function named ${JSON.stringify(rest[0])}.`,
  };
};

const closingParenthesis = (expression: CallExpression): SourceRange => {
  const { end } = expression.range;
  return { ...expression.range, start: { line: end.line, column: end.column - 1, offset: end.offset - 1 } };
};

/** An element of an expanded argument stands for all of it. */
const argumentRange = (argument: Argument): SourceRange =>
  argument.value === undefined ? startRange(argument.expression) : argument.expression.range;

/** The stretch that Terraform points at when it speaks of an expression's beginning (hclsyntax `StartRange`). */
export const startRange = (expression: Expression): SourceRange => {
  switch (expression.kind) {
    case "call": {
      const { end } = expression.nameRange;
      return { ...expression.nameRange, end: { line: end.line, column: end.column + 1, offset: end.offset + 1 } };
    }
    case "binary":
      return startRange(expression.left);
    case "conditional":
      return startRange(expression.condition);
    case "parentheses":
      return startRange(expression.inner);
    case "tuple":
    case "object":
    case "for":
      return firstCharacters(expression.range, 1);
    case "unary":
      return firstCharacters(expression.range, 1);
    case "index":
      return firstCharacters({ ...expression.range, start: expression.source.range.end }, 1);
    case "splat":
      return firstCharacters(
        { ...expression.range, start: expression.source.range.end },
        expression.style === "full" ? 3 : 2,
      );
    case "literal":
      if (expression.value === "") return behind(expression.range);
      return typeof expression.value === "string" ? insideQuotes(expression.range) : expression.range;
    case "template":
      return partStart(expression.parts[0]) ?? expression.range;
    default:
      return expression.range;
  }
};

/** An empty text has its place behind its quotes. */
const behind = (range: SourceRange): SourceRange => firstCharacters({ ...range, start: range.end }, 1);

/** The text of a quoted string without its quotes; a heredoc stays as it is. */
const insideQuotes = (range: SourceRange): SourceRange => {
  const { start, end } = range;
  if (start.line !== end.line || end.offset - start.offset < 2) return range;
  return {
    ...range,
    start: { line: start.line, column: start.column + 1, offset: start.offset + 1 },
    end: { line: end.line, column: end.column - 1, offset: end.offset - 1 },
  };
};

const partStart = (part: TemplatePart | undefined): SourceRange | undefined =>
  part?.kind === "interpolation" ? startRange(part.value) : part?.range;

const firstCharacters = (range: SourceRange, count: number): SourceRange => ({
  ...range,
  end: { line: range.start.line, column: range.start.column + count, offset: range.start.offset + count },
});
