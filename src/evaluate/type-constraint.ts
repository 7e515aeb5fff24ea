import type { CallExpression, Expression } from "../load/hcl/ast.ts";
import type { Diagnostic, Outcome } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import { boolType, dynamicType, numberType, stringType, type Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { evaluateInto } from "./expression.ts";
import { expressionError, type Scope } from "./expression-scope.ts";
import type { TypeDefaults } from "./type-defaults.ts";
import { convertValue } from "./values-convert.ts";
import { objectOf, tupleOf } from "./values-type.ts";

/** A type constraint as written for a variable, and the defaults given with `optional(type, default)`. */
export interface TypeConstraint {
  readonly type: Type;
  readonly defaults: TypeDefaults | undefined;
}

/** Reads a type expression: `map(object({ size = optional(string, "small") }))` (hcl typeexpr, 2.23). */
export const parseTypeConstraint = (expression: Expression): Outcome<TypeConstraint> => {
  const diagnostics: Diagnostic[] = [];
  return { value: read(expression, diagnostics), diagnostics };
};

const any: TypeConstraint = { type: dynamicType, defaults: undefined };

const plain = (type: Type): TypeConstraint => ({ type, defaults: undefined });

const invalid = (diagnostics: Diagnostic[], detail: string, range: SourceRange): TypeConstraint => {
  diagnostics.push(expressionError("Invalid type specification", detail, range));
  return any;
};

const needsArgument: Readonly<Record<string, string>> = {
  list: "The list type constructor requires one argument specifying the element type.",
  map: "The map type constructor requires one argument specifying the element type.",
  set: "The set type constructor requires one argument specifying the element type.",
  object: "The object type constructor requires one argument specifying the attribute types and values as a map.",
  tuple: "The tuple type constructor requires one argument specifying the element types as a list.",
};

const read = (expression: Expression, diagnostics: Diagnostic[]): TypeConstraint => {
  if (expression.kind === "variable") return readKeyword(expression.name, expression.range, diagnostics);
  if (expression.kind === "literal" && typeof expression.value !== "string" && typeof expression.value !== "object")
    return readKeyword(String(expression.value), expression.range, diagnostics);
  if (expression.kind === "literal" && expression.value === null)
    return readKeyword("null", expression.range, diagnostics);
  if (expression.kind === "parentheses") return read(expression.inner, diagnostics);
  if (expression.kind === "call") return readCall(expression, diagnostics);
  if (expression.kind === "invalid") return any;
  return invalid(
    diagnostics,
    "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).",
    expression.range,
  );
};

const readKeyword = (keyword: string, range: SourceRange, diagnostics: Diagnostic[]): TypeConstraint => {
  switch (keyword) {
    case "string":
      return plain(stringType);
    case "number":
      return plain(numberType);
    case "bool":
      return plain(boolType);
    case "any":
      return any;
    default:
      return invalid(
        diagnostics,
        (Object.hasOwn(needsArgument, keyword) ? needsArgument[keyword] : undefined) ??
          `The keyword ${JSON.stringify(keyword)} is not a valid type specification.`,
        range,
      );
  }
};

const readCall = (call: CallExpression, diagnostics: Diagnostic[]): TypeConstraint => {
  const { name } = call;
  const argumentsRange = { ...call.range, start: call.nameRange.end };
  if (name === "bool" || name === "string" || name === "number")
    return invalid(diagnostics, `Primitive type keyword "${name}" does not expect arguments.`, argumentsRange);
  if (name === "any")
    return invalid(diagnostics, 'Type constraint keyword "any" does not expect arguments.', argumentsRange);
  const [argument, extra] = call.arguments;
  const wanted = Object.hasOwn(needsArgument, name) ? needsArgument[name] : undefined;
  if (wanted !== undefined && (argument === undefined || extra !== undefined))
    return invalid(
      diagnostics,
      wanted,
      extra === undefined ? argumentsRange : { ...argumentsRange, start: extra.range.start },
    );
  if (argument === undefined || wanted === undefined)
    return name === "optional"
      ? invalid(
          diagnostics,
          'Keyword "optional" is valid only as a modifier for object type attributes.',
          call.nameRange,
        )
      : invalid(diagnostics, `Keyword ${JSON.stringify(name)} is not a valid type constructor.`, call.range);
  if (name === "object") return readObject(argument, diagnostics);
  if (name === "tuple") return readTuple(argument, diagnostics);
  const element = read(argument, diagnostics);
  const type: Type = { kind: name === "list" ? "list" : name === "set" ? "set" : "map", element: element.type };
  return {
    type,
    defaults:
      element.defaults === undefined
        ? undefined
        : { type, values: new Map(), children: new Map([["", element.defaults]]) },
  };
};

const readTuple = (argument: Expression, diagnostics: Diagnostic[]): TypeConstraint => {
  if (argument.kind !== "tuple")
    return invalid(diagnostics, "Tuple type constructor requires a list of element types.", argument.range);
  const elements = argument.items.map((item) => read(item, diagnostics));
  const type = tupleOf(elements.map((element) => element.type));
  const children = new Map<string, TypeDefaults>();
  for (const [index, { defaults }] of elements.entries())
    if (defaults !== undefined) children.set(String(index), defaults);
  return { type, defaults: children.size === 0 ? undefined : { type, values: new Map(), children } };
};

const readObject = (argument: Expression, diagnostics: Diagnostic[]): TypeConstraint => {
  if (argument.kind !== "object")
    return invalid(
      diagnostics,
      "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types.",
      argument.range,
    );
  const attributes = new Map<string, Type>();
  const optional = new Set<string>();
  const values = new Map<string, Value>();
  const children = new Map<string, TypeDefaults>();
  for (const { key, value } of argument.items) {
    const name = keyword(key);
    if (name === undefined) {
      invalid(diagnostics, "Object constructor map keys must be attribute names.", key.range);
      continue;
    }
    if (attributes.has(name)) {
      invalid(diagnostics, "Object constructor map keys must be unique.", key.range);
      continue;
    }
    const attribute = readAttribute(value, diagnostics);
    if (attribute === undefined) continue;
    attributes.set(name, attribute.type);
    if (attribute.optional) optional.add(name);
    if (attribute.value !== undefined) values.set(name, attribute.value);
    if (attribute.defaults !== undefined) children.set(name, attribute.defaults);
  }
  const type = objectOf(attributes, optional);
  return { type, defaults: values.size === 0 && children.size === 0 ? undefined : { type, values, children } };
};

const keyword = (key: Expression): string | undefined => {
  if (key.kind === "variable") return key.name;
  return key.kind === "literal" && (typeof key.value === "boolean" || key.value === null)
    ? String(key.value)
    : undefined;
};

interface AttributeConstraint extends TypeConstraint {
  readonly optional: boolean;
  readonly value: Value | undefined;
}

const readAttribute = (expression: Expression, diagnostics: Diagnostic[]): AttributeConstraint | undefined => {
  if (expression.kind !== "call" || expression.name !== "optional")
    return { ...read(expression, diagnostics), optional: false, value: undefined };
  const [type, given, extra] = expression.arguments;
  const argumentsRange = { ...expression.range, start: expression.nameRange.end };
  if (type === undefined) {
    invalid(diagnostics, "Optional attribute modifier requires the attribute type as its argument.", argumentsRange);
    return undefined;
  }
  if (extra !== undefined)
    invalid(
      diagnostics,
      "Optional attribute modifier expects at most two arguments: the attribute type, and a default value.",
      argumentsRange,
    );
  const constraint = read(type, diagnostics);
  const value = given === undefined ? undefined : defaultValue(given, constraint.type, diagnostics);
  return { ...constraint, optional: extra === undefined, value };
};

/** Defaults are written without references and functions. */
const constants: Scope = {
  resolve: (_root, attributes, range, report) => {
    report(expressionError("Variables not allowed", "Variables may not be used here.", range));
    return {
      value: { kind: "unknown", type: dynamicType, because: "variables may not be used here" },
      used: attributes.length,
    };
  },
  functions: new Map(),
  functionContext: { files: undefined },
  shortCircuit: true,
};

const defaultValue = (expression: Expression, type: Type, diagnostics: Diagnostic[]): Value | undefined => {
  const problems: Diagnostic[] = [];
  const value = evaluateInto(expression, constants, problems);
  diagnostics.push(
    ...problems.map((problem) =>
      problem.summary === "Call to unknown function"
        ? { ...problem, summary: "Function calls not allowed", detail: "Functions may not be called here." }
        : problem,
    ),
  );
  if (problems.length > 0) return undefined;
  const converted = convertValue(value, type);
  if (converted.kind !== "failure") return converted;
  diagnostics.push(
    expressionError(
      "Invalid default value for optional attribute",
      `This default value is not compatible with the attribute's type constraint: ${converted.message}.`,
      expression.range,
    ),
  );
  return undefined;
};
