import type { Diagnostic } from "../model/diagnostic.ts";
import { dynamicType, stringType, type Type } from "../model/type.ts";
import type { Refinement, Value } from "../model/value.ts";
import { firstUnknown, unknownValue } from "./values-construct.ts";
import { conforms } from "./values-equality.ts";
import { joinMarks, type Marks, noMarks, unmarkDeep, withMarks } from "./values-marks.ts";
import { refine } from "./values-refine.ts";
import { friendlyName, typeOf } from "./values-type.ts";

/** A parameter of a function; what is not allowed is dealt with before the function is called. */
export interface Parameter {
  readonly name: string;
  readonly type: Type;
  readonly allowNull?: boolean;
  readonly allowUnknown?: boolean;
  /** The function gets marked values and minds the marks itself. */
  readonly allowMarked?: boolean;
  /** The function also takes values whose type is not known yet. */
  readonly allowDynamic?: boolean;
}

/** A call that went wrong: why, and which argument is at fault, if one is. */
export interface FunctionFailure {
  readonly kind: "failure";
  readonly message: string;
  readonly argument?: number;
  /** Terraform would have an answer, where it runs; here there is none, so the result is unknown and nothing is wrong. */
  readonly isUnseen?: true;
}

export const fail = (message: string, argument?: number): FunctionFailure => ({
  kind: "failure",
  message,
  ...(argument === undefined ? {} : { argument }),
});

export type FunctionResult = Value | FunctionFailure;

/** A built-in function: what it takes, the type it gives for given arguments, and the work itself. */
export interface FunctionDefinition {
  readonly parameters: readonly Parameter[];
  readonly variadic?: Parameter;
  readonly result: Type | ((args: readonly Value[], scope: FunctionScope) => Type | FunctionFailure);
  readonly call: (args: readonly Value[], result: Type, scope: FunctionScope) => FunctionResult;
  /** What holds of every result, also of an unknown one. */
  readonly refinement?: Refinement | ((args: readonly Value[]) => Refinement);
}

/** A function that gets its arguments unevaluated: `try`, `can`, `templatestring`. */
export interface LazyFunctionDefinition {
  readonly parameters: readonly Parameter[];
  readonly variadic?: Parameter;
  readonly callLazy: (args: readonly LazyArgument[], scope: FunctionScope) => FunctionResult;
}

export interface LazyArgument {
  readonly evaluate: () => { readonly value: Value; readonly diagnostics: readonly Diagnostic[] };
  /** How the argument is written: a reference (with steps), a template, a text, or anything else. */
  readonly written: "reference" | "wrap" | "template" | "text" | "other";
}

export type FunctionTable = ReadonlyMap<string, FunctionDefinition | LazyFunctionDefinition>;

/** What functions may touch besides their arguments. */
export interface FunctionContext {
  /** Absent where no files may be read; then file functions fail. */
  readonly files: FileReader | undefined;
  /** The directory in which Terraform would run, for `abspath`; where it is not given, the result is unknown. */
  readonly workingDirectory?: string;
}

/** The part of a scope that functions see. */
export interface FunctionScope {
  readonly functions: FunctionTable;
  readonly functionContext: FunctionContext;
  readonly shortCircuit: boolean;
}

/** Files below the root that is read. Paths come as written in the configuration. */
export interface FileReader {
  /** The module's directory relative to the root module, `"."` for the root itself; messages show paths below it. */
  readonly base: string;
  /** The bytes of a file, or why they cannot be had: it is not there, it is a folder, it lies outside the root. */
  readonly read: (path: string) => Uint8Array | FileProblem;
  /** What stands at a path. */
  readonly kindOf: (path: string) => "file" | "directory" | "other" | "missing" | "outside";
  /** Paths of all files below a folder, relative to it, sorted; no folder, no files. */
  readonly list: (path: string) => readonly string[];
}

export interface FileProblem {
  readonly problem: "missing" | "directory" | "outside" | "unreadable";
}

/** Calls a function as cty does (`function.Call`, 1.16): null, unknown and marked arguments are dealt with here. */
export const callFunction = (
  definition: FunctionDefinition,
  given: readonly Value[],
  scope: FunctionScope,
): FunctionResult => {
  const args = [...given];
  let marks: Marks = noMarks;
  let open = false;
  let untyped = false;
  for (const [index, value] of args.entries()) {
    const parameter = definition.parameters[index] ?? definition.variadic;
    if (parameter === undefined)
      return fail(`wrong number of arguments (${definition.parameters.length} required; ${args.length} given)`);
    if (value.kind === "null" && parameter.allowNull !== true) return fail("argument must not be null", index);
    if (!untyped) {
      const type = typeOf(value);
      if (type.kind === "dynamic") untyped = parameter.allowDynamic !== true;
      else if (!conforms(type, parameter.type))
        return fail(`${friendlyName(parameter.type)} required, but received ${friendlyName(type)}`, index);
    }
    open ||= value.kind === "unknown" && parameter.allowUnknown !== true;
    if (parameter.allowMarked === true) continue;
    const plain = unmarkDeep(value);
    args[index] = plain.value;
    marks = joinMarks(marks, plain.marks);
  }
  if (untyped) return withMarks(unknownResult(dynamicType, args), marks);
  const type = typeof definition.result === "function" ? definition.result(args, scope) : definition.result;
  if (type.kind === "failure") return type;
  const result = open ? unknownResult(type, args) : definition.call(args, type, scope);
  if (result.kind === "failure") return result;
  const marked = withMarks(result, marks);
  if (marked.kind !== "unknown" || definition.refinement === undefined) return marked;
  const { refinement } = definition;
  return refine(marked, typeof refinement === "function" ? refinement(args) : refinement);
};

/** An unknown result takes over the reason of the argument that is not known. */
export const unknownResult = (type: Type, args: readonly Value[]): Value => {
  for (const arg of args) {
    const cause = firstUnknown(arg);
    if (cause !== undefined) return unknownValue(type, cause.because);
  }
  return unknownValue(type, "it is known after apply");
};

export const notNull: Refinement = { notNull: true };

/** The usual function: strings in, one value out. */
export const stringFunction = (
  names: readonly string[],
  result: Type,
  work: (...texts: readonly string[]) => FunctionResult,
): FunctionDefinition => ({
  parameters: names.map((name) => ({ name, type: stringType })),
  result,
  refinement: notNull,
  call: (args) => work(...args.map((arg) => (arg.kind === "string" ? arg.value : ""))),
});
