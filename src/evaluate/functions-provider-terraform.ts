import { parseHcl } from "../load/hcl/parse-file.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { dynamicType, stringType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { evaluateInto } from "./expression.ts";
import { expressionError, type Scope } from "./expression-scope.ts";
import { type FunctionDefinition, type FunctionResult, fail, notNull, unknownResult } from "./functions-definition.ts";
import { writeHcl, writeTfvars } from "./functions-hcl-write.ts";
import { invalidValue, isWhollyKnown, objectValue, stringValue } from "./values-construct.ts";
import { definitelyNotNull, refine } from "./values-refine.ts";
import { typeOf } from "./values-type.ts";

const value = { name: "value", type: dynamicType, allowUnknown: true, allowDynamic: true } as const;

const encodeExpr: FunctionDefinition = {
  parameters: [value],
  result: stringType,
  refinement: notNull,
  call: ([given]) => {
    if (given === undefined) return fail("exactly one argument is required");
    if (isWhollyKnown(given)) return stringValue(writeHcl(given));
    const open = unknownResult(stringType, [given]);
    const { kind } = typeOf(given);
    const prefix =
      kind === "object" || kind === "map" ? "{" : kind === "tuple" || kind === "list" || kind === "set" ? "[" : "";
    return open.kind === "unknown" && prefix !== "" && definitelyNotNull(given) ? refine(open, { prefix }) : open;
  },
};

const encodeTfvars: FunctionDefinition = {
  parameters: [value],
  result: stringType,
  refinement: notNull,
  call: ([given]): FunctionResult => {
    if (given === undefined || !isWhollyKnown(given))
      return unknownResult(stringType, given === undefined ? [] : [given]);
    if (!("fields" in given))
      return fail(
        "invalid value to encode: must be an object whose attribute names will become the encoded variable names",
      );
    for (const name of given.fields.keys())
      if (!/^[\p{ID_Start}][\p{ID_Continue}-]*$/u.test(name))
        return fail(
          `invalid variable name ${JSON.stringify(name)}: must be a valid identifier, per Terraform's rules for input variable declarations`,
        );
    return stringValue(writeTfvars(given.fields));
  },
};

const file = "<decode_tfvars argument>";

const withoutVariables: Scope = {
  resolve: (_root, attributes, range, report) => {
    report(expressionError("Variables not allowed", "Variables may not be used here.", range));
    return { value: invalidValue, used: attributes.length };
  },
  functions: new Map(),
  functionContext: { files: undefined },
  shortCircuit: true,
};

const problemText = (problems: readonly Diagnostic[]): string => {
  const [first] = problems;
  if (first?.range === undefined) return first?.summary ?? "";
  const { start, end } = first.range;
  const place =
    start.line === end.line
      ? `${start.line},${start.column}-${end.column}`
      : `${start.line},${start.column}-${end.line},${end.column}`;
  const more = problems.length - 1;
  return `${file}:${place}: ${first.summary}; ${first.detail}${more > 0 ? `, and ${more} other diagnostic(s)` : ""}`;
};

const decodeTfvars = (text: string): FunctionResult => {
  const { value: body, diagnostics } = parseHcl(text, file);
  if (diagnostics.length > 0) return fail(`invalid tfvars syntax: ${problemText(diagnostics)}`);
  const [block] = body.blocks;
  if (block !== undefined)
    return fail(
      `invalid tfvars content: ${problemText([expressionError(`Unexpected ${JSON.stringify(block.type)} block`, "Blocks are not allowed here.", block.typeRange)])}`,
    );
  const fields: [string, Value][] = [];
  for (const attribute of body.attributes) {
    const problems: Diagnostic[] = [];
    fields.push([attribute.name, evaluateInto(attribute.value, withoutVariables, problems)]);
    if (problems.length > 0)
      return fail(`invalid expression for variable ${JSON.stringify(attribute.name)}: ${problemText(problems)}`);
  }
  return objectValue(fields);
};

/** Functions of the provider that Terraform itself brings (terraform.io/builtin/terraform, 1.11.4). */
export const terraformProviderFunctions: Readonly<Record<string, FunctionDefinition>> = {
  decode_tfvars: {
    parameters: [{ name: "src", type: stringType }],
    result: ([source]) => {
      if (source?.kind !== "string") return dynamicType;
      const decoded = decodeTfvars(source.value);
      return decoded.kind === "failure" ? decoded : typeOf(decoded);
    },
    call: ([source]) => decodeTfvars(source?.kind === "string" ? source.value : ""),
  },
  encode_expr: encodeExpr,
  encode_tfvars: encodeTfvars,
};
