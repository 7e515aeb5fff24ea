import type { Diagnostic } from "../model/diagnostic.ts";
import { diagnostic } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import type { Value } from "../model/value.ts";
import type { FunctionContext, FunctionTable } from "./functions-definition.ts";

/** Where the names of an expression lead: one scope for each module instance, resource instance, or template. */
export interface Scope {
  /**
   * The value of a root name. `attributes` are the names that follow it in the text (`var.pools.user` has `pools`, `user`),
   * so that the scope can compute just what is asked for; `used` says how many of them the value already covers.
   * `undefined` where there is no such name. Problems go to `report`; then the value should be unknown.
   */
  readonly resolve: (
    root: string,
    attributes: readonly string[],
    range: SourceRange,
    report: (problem: Diagnostic) => void,
  ) => Resolved | undefined;
  readonly functions: FunctionTable;
  readonly functionContext: FunctionContext;
  /** From Terraform 1.12 on `&&` and `||` stop at the side that decides; before, both sides are evaluated. */
  readonly shortCircuit: boolean;
}

export interface Resolved {
  readonly value: Value;
  /** How many of the attribute names are covered by the value. */
  readonly used: number;
}

/** Names bound by `for`; the innermost comes first. */
export interface LocalName {
  readonly name: string;
  readonly value: Value;
  readonly outer: LocalName | undefined;
}

/** What one evaluation carries along. */
export interface EvaluationContext {
  readonly scope: Scope;
  readonly diagnostics: Diagnostic[];
  readonly locals: LocalName | undefined;
  readonly budget: Budget;
}

/** Steps left before an expression is given up, so that a hostile one cannot hold the run. */
export interface Budget {
  steps: number;
  depth: number;
  exceeded: boolean;
}

export const maxSteps = 5_000_000;
export const maxDepth = 1_500;

/** Code of every problem that evaluating an expression can meet. */
export const expressionProblem = "AKS9020";

/** An error in an expression in Terraform's words. */
export const expressionError = (summary: string, detail: string, range: SourceRange): Diagnostic =>
  diagnostic({ code: expressionProblem, severity: "error", summary, detail, range });

export const reportError = (context: EvaluationContext, summary: string, detail: string, range: SourceRange): void => {
  context.diagnostics.push(expressionError(summary, detail, range));
};

export const hasErrors = (diagnostics: readonly Diagnostic[], from = 0): boolean => {
  for (let index = from; index < diagnostics.length; index++) if (diagnostics[index]?.severity === "error") return true;
  return false;
};

/** The same evaluation with problems kept apart. */
export const withDiagnostics = (context: EvaluationContext, diagnostics: Diagnostic[]): EvaluationContext => ({
  scope: context.scope,
  diagnostics,
  locals: context.locals,
  budget: context.budget,
});

/** The same evaluation with a name of `for` in sight. */
export const withLocal = (context: EvaluationContext, name: string, value: Value): EvaluationContext => ({
  scope: context.scope,
  diagnostics: context.diagnostics,
  locals: { name, value, outer: context.locals },
  budget: context.budget,
});
