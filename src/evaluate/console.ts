import type { Expression } from "../load/hcl/ast.ts";
import { parseHclExpression } from "../load/hcl/parse-file.ts";
import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import { boolType, dynamicType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import type { Evaluation } from "./evaluate.ts";
import { evaluateInto } from "./expression.ts";
import { expressionProblem, type Scope } from "./expression-scope.ts";
import type { FunctionDefinition, FunctionTable } from "./functions-definition.ts";
import { referencesIn } from "./reference.ts";
import { firstUnknown, invalidValue, trueValue, unknownValue } from "./values-construct.ts";
import { checkReferences } from "./walk-references.ts";
import { scopeOf } from "./walk-scope.ts";

/** The type of a value, as the console-only function `type` gives it; it stands for itself only. */
export interface ConsoleAnswer {
  readonly value: Value;
  /** The expression is one call of `type`, and this is the value whose type is asked for. */
  readonly typeOf?: Value;
}

/** Answers expressions in the root module of a configuration that has been evaluated. */
export const openConsole = (evaluation: Evaluation): ((text: string) => Outcome<ConsoleAnswer>) => {
  const { walk } = evaluation;
  const root = walk?.instances.get(walk.root)?.[0];
  if (walk === undefined || root === undefined) return () => ({ value: { value: invalidValue }, diagnostics: [] });
  const scope = consoleScope(scopeOf(walk, root, {}));
  return (text) => {
    const { value: expression, diagnostics } = parseHclExpression(text, "<console-input>");
    if (diagnostics.length > 0) return { value: { value: invalidValue }, diagnostics };
    const misled = checkReferences(walk, walk.root, referencesIn(expression));
    if (misled.length > 0) return { value: { value: invalidValue }, diagnostics: misled };
    return answer(expression, scope);
  };
};

const answer = (expression: Expression, scope: Scope): Outcome<ConsoleAnswer> => {
  const diagnostics: Diagnostic[] = [];
  const asked =
    expression.kind === "call" && /^(?:core::)?type$/.test(expression.name) && expression.arguments.length === 1
      ? expression.arguments[0]
      : undefined;
  const value = evaluateInto(asked ?? expression, scope, diagnostics);
  if (firstUnknown(value)?.because === standsAlone)
    diagnostics.push(
      diagnostic({
        code: expressionProblem,
        severity: "error",
        summary: "Invalid use of type function",
        detail: 'The console-only "type" function cannot be used as part of an expression.',
      }),
    );
  return { value: asked === undefined ? { value } : { value: trueValue, typeOf: value }, diagnostics };
};

/** `type` is there in the console only; `plantimestamp` is not. */
const consoleScope = (scope: Scope): Scope => ({ ...scope, functions: consoleTable(scope.functions) });

const consoleTable = (functions: FunctionTable): FunctionTable => {
  const table = new Map(functions);
  table.delete("plantimestamp");
  table.delete("core::plantimestamp");
  table.set("type", typeFunction).set("core::type", typeFunction);
  return table;
};

const standsAlone = "the type function stands alone";

const typeFunction: FunctionDefinition = {
  parameters: [{ name: "value", type: dynamicType, allowDynamic: true, allowUnknown: true, allowNull: true }],
  result: boolType,
  call: () => unknownValue(boolType, standsAlone),
};
