import type { Expression } from "../load/hcl/ast.ts";
import { parseHclTemplate } from "../load/hcl/parse-file.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import { dynamicType, stringType, type Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { evaluateInto } from "./expression.ts";
import { rootNamesOf } from "./expression-roots.ts";
import type { Scope } from "./expression-scope.ts";
import {
  type FunctionDefinition,
  type FunctionFailure,
  type FunctionScope,
  type FunctionTable,
  fail,
  type LazyFunctionDefinition,
} from "./functions-definition.ts";
import { readText } from "./functions-filesystem.ts";
import { unknownValue } from "./values-construct.ts";
import { convertValue } from "./values-convert.ts";
import { joinMarks, type Marks, marksOf, unmark, unmarkDeep, withMarks } from "./values-marks.ts";
import { refineNotNull } from "./values-refine.ts";
import { typeOf } from "./values-type.ts";

const fileFunctions = new Set([
  "file",
  "fileexists",
  "fileset",
  "filebase64",
  "filebase64sha256",
  "filebase64sha512",
  "filemd5",
  "filesha1",
  "filesha256",
  "filesha512",
  "templatefile",
]);

const templateNames = new Set(["templatefile", "templatestring"]);

/** The functions that a template may call: no templates within templates, and no files from texts that come from elsewhere. */
const tables = new WeakMap<FunctionTable, { readonly files: FunctionTable; readonly noFiles: FunctionTable }>();

const tableFor = (table: FunctionTable, allowFiles: boolean): FunctionTable => {
  const known = tables.get(table) ?? { files: restricted(table, true), noFiles: restricted(table, false) };
  tables.set(table, known);
  return allowFiles ? known.files : known.noFiles;
};

const restricted = (table: FunctionTable, allowFiles: boolean): FunctionTable => {
  const own = new Map(table);
  for (const [name, definition] of table) {
    const plain = name.startsWith("core::") ? name.slice(6) : name;
    const message = templateNames.has(plain)
      ? `cannot recursively call ${plain} from inside another template function`
      : !allowFiles && fileFunctions.has(plain)
        ? `cannot use filesystem access functions like ${plain} in templatestring templates; consider passing the function result as a template variable instead`
        : undefined;
    if (message === undefined) continue;
    const { parameters, variadic } = definition;
    const refusal: FunctionDefinition = {
      parameters,
      ...(variadic === undefined ? {} : { variadic }),
      result: () => fail(message),
      call: () => fail(message),
    };
    own.set(name, refusal);
  }
  return own;
};

/** `main.tf:3,5-9`, as HCL writes a place. */
const placeText = ({ file, start, end }: SourceRange): string =>
  start.line === end.line
    ? `${file}:${start.line},${start.column}-${end.column}`
    : `${file}:${start.line},${start.column}-${end.line},${end.column}`;

/** Several problems as one line, as HCL gives them. */
const problemText = (problems: readonly Diagnostic[]): string => {
  const [first] = problems;
  if (first === undefined) return "no diagnostics";
  const place = first.range === undefined ? "" : `${placeText(first.range)}: `;
  const more = problems.length - 1;
  return `${place}${first.summary}; ${first.detail}${more > 0 ? `, and ${more} other diagnostic(s)` : ""}`;
};

const render = (
  expression: Expression,
  given: Value,
  scope: FunctionScope,
  allowFiles: boolean,
): Value | FunctionFailure => {
  const { kind } = typeOf(given);
  if (kind !== "map" && kind !== "object") return fail("invalid vars value: must be a map", 1);
  const variables: ReadonlyMap<string, Value> = "fields" in given ? given.fields : new Map();
  for (const name of variables.keys())
    if (!/^[\p{ID_Start}][\p{ID_Continue}-]*$/u.test(name))
      return fail(
        `invalid template variable name ${JSON.stringify(name)}: must start with a letter, followed by zero or more letters, digits, and underscores`,
        1,
      );
  for (const { name, range } of rootNamesOf(expression))
    if (!variables.has(name))
      return fail(`vars map does not contain key ${JSON.stringify(name)}, referenced at ${placeText(range)}`, 1);
  const inner: Scope = {
    resolve: (root) => {
      const value = variables.get(root);
      return value === undefined ? undefined : { value, used: 0 };
    },
    functions: tableFor(scope.functions, allowFiles),
    functionContext: scope.functionContext,
    shortCircuit: scope.shortCircuit,
  };
  const problems: Diagnostic[] = [];
  const value = evaluateInto(expression, inner, problems);
  if (problems.some(({ severity }) => severity === "error")) return fail(problemText(problems));
  if (value.kind === "null")
    return fail(
      `${placeText(expression.range)}: Template result is null; The result of the template is null, which is not a valid result for a templatestring call.`,
    );
  return value;
};

const renderFile = (path: string, marks: Marks, variables: Value, scope: FunctionScope): Value | FunctionFailure => {
  const text = readText(path, marks, scope);
  if (typeof text !== "string") return text;
  const { value, diagnostics } = parseHclTemplate(text, path);
  if (diagnostics.length > 0) return fail(problemText(diagnostics));
  return render(value, variables, scope, true);
};

const templatefile: FunctionDefinition = {
  parameters: [
    { name: "path", type: stringType, allowMarked: true, allowUnknown: true },
    { name: "vars", type: dynamicType, allowMarked: true, allowUnknown: true },
  ],
  result: ([path, variables], scope): Type | FunctionFailure => {
    if (path?.kind !== "string" || variables === undefined || variables.kind === "unknown") return dynamicType;
    const rendered = renderFile(path.value, marksOf(path), unmarkDeep(variables).value, scope);
    return rendered.kind === "failure" ? rendered : typeOf(rendered);
  },
  call: ([path, variables], type, scope) => {
    if (path === undefined || variables === undefined) return fail("a path and variables are required");
    const plain = unmarkDeep(variables);
    const marks = joinMarks(marksOf(path), plain.marks);
    if (path.kind !== "string" || plain.value.kind === "unknown") {
      const cause = path.kind === "unknown" ? path : plain.value.kind === "unknown" ? plain.value : undefined;
      return withMarks(unknownValue(type, cause?.because ?? "its template is not known"), marks);
    }
    const rendered = renderFile(path.value, marksOf(path), plain.value, scope);
    return rendered.kind === "failure" ? rendered : withMarks(rendered, marks);
  },
};

const refusals: Readonly<Record<string, string>> = {
  wrap: "invalid template expression: templatestring is only for rendering templates retrieved dynamically from elsewhere; to treat the inner expression as template syntax, write the reference expression directly without any template interpolation syntax",
  text: "invalid template expression: templatestring is only for rendering templates retrieved dynamically from elsewhere, and so does not support providing a literal template; consider using a template string expression instead",
  template:
    "invalid template expression: templatestring is only for rendering templates retrieved dynamically from elsewhere; to render an inline template, consider using a plain template string expression",
  other:
    "invalid template expression: must be a direct reference to a single string from elsewhere, containing valid Terraform template syntax",
};

const templatestring: LazyFunctionDefinition = {
  parameters: [
    { name: "template", type: dynamicType },
    { name: "vars", type: dynamicType },
  ],
  callLazy: ([template, variables], scope) => {
    if (template === undefined || variables === undefined) return fail("a template and variables are required");
    const given = variables.evaluate();
    const plain = unmarkDeep(given.value);
    if (plain.value.kind === "null") return fail("argument must not be null", 1);
    const refusal = refusals[template.written];
    if (refusal !== undefined) return fail(refusal, 0);
    const { value, diagnostics } = template.evaluate();
    if (diagnostics.some(({ severity }) => severity === "error"))
      return fail(`invalid template expression: ${problemText(diagnostics)}`, 0);
    if (value.kind === "unknown" || plain.value.kind === "unknown") {
      const because =
        value.kind === "unknown" ? value.because : plain.value.kind === "unknown" ? plain.value.because : "";
      return withMarks(refineNotNull(unknownValue(stringType, because)), joinMarks(marksOf(value), plain.marks));
    }
    const text = unmark(value);
    if (text.kind !== "string") return fail("invalid template value: a string is required", 0);
    const parsed = parseHclTemplate(text.value, "<templatestring argument>");
    if (parsed.diagnostics.length > 0) return fail(`invalid template: ${problemText(parsed.diagnostics)}`, 0);
    const rendered = render(parsed.value, plain.value, scope, false);
    if (rendered.kind === "failure") return rendered;
    const converted = convertValue(rendered, stringType);
    if (converted.kind === "failure") return fail(`invalid template result: ${converted.message}`);
    return withMarks(converted, joinMarks(marksOf(value), plain.marks));
  },
};

/** templatefile and templatestring. */
export const templateFunctions: Readonly<Record<string, FunctionDefinition | LazyFunctionDefinition>> = {
  templatefile: { ...templatefile, refinement: {} },
  templatestring,
};
