import type { Attribute, Block, Expression } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { dynamicType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { isJson, readContent, readPartialContent } from "./body-content.ts";
import type { Module, ModuleCallBlock, OutputBlock, PassedProvider, VariableBlock } from "./module.ts";
import {
  type DecodeContext,
  decodeCheckRule,
  decodeDependsOn,
  decodeVariableRule,
  expressionOf,
  literalBool,
  literalText,
  literalValue,
  providerKeyOf,
  rejectBoth,
  textRange,
  validName,
} from "./module-decode-parts.ts";
import { decodeResource } from "./module-decode-resource.ts";
import { decodeTerraform } from "./module-decode-terraform.ts";
import { inputError } from "./problems.ts";
import { resourceKey } from "./reference.ts";
import { asTraversal } from "./traversal.ts";
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

/** Turns the top blocks of a directory, overrides merged in, into what they declare. */
export const decodeModule = (
  directory: string,
  blocks: readonly Block[],
  report: (problem: Diagnostic) => void,
): Module => {
  const module: Module = {
    directory,
    variables: new Map(),
    locals: new Map(),
    outputs: new Map(),
    resources: new Map(),
    calls: new Map(),
    providers: new Map(),
    requiredProviders: new Map(),
    requiredVersions: [],
    checks: new Map(),
    moved: [],
    removed: [],
    imports: [],
  };
  const context: DecodeContext = { report };
  for (const block of blocks) decodeTopBlock(module, block, context);
  return module;
};

const decodeTopBlock = (module: Module, block: Block, context: DecodeContext): void => {
  switch (block.type) {
    case "variable":
      declare(module.variables, decodeVariable(block, context), "variable", block, context);
      break;
    case "output":
      declare(module.outputs, decodeOutput(block, context), "output", block, context);
      break;
    case "locals":
      decodeLocals(module, block, context);
      break;
    case "module":
      declare(module.calls, decodeModuleCall(block, context), "module", block, context);
      break;
    case "resource":
    case "data":
    case "ephemeral":
      declareResource(module, block, context, undefined);
      break;
    case "provider":
      decodeProvider(module, block, context);
      break;
    case "terraform":
      decodeTerraform(module, block, context);
      break;
    case "check":
      decodeCheck(module, block, context);
      break;
    case "moved":
    case "removed":
    case "import":
      decodeRefactoring(module, block, context);
  }
};

const duplicateSummary: Readonly<Record<string, string>> = {
  variable: "Duplicate variable declaration",
  output: "Duplicate output definition",
  module: "Duplicate module call",
};

const declare = <T extends { readonly name: string; readonly range: Block["range"] }>(
  into: Map<string, T>,
  item: T,
  kind: string,
  block: Block,
  context: DecodeContext,
): void => {
  const before = into.get(item.name);
  if (before === undefined) into.set(item.name, item);
  else
    context.report(
      inputError(
        duplicateSummary[kind] ?? `Duplicate ${kind}`,
        `"${item.name}" is declared at ${before.range.file}:${before.range.start.line} already. Each name may be used once in a module.`,
        block.headerRange,
      ),
    );
};

const decodeVariable = (block: Block, context: DecodeContext): VariableBlock => {
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

const decodeOutput = (block: Block, context: DecodeContext): OutputBlock => {
  const name = block.labels[0]?.text ?? "";
  validName(name, block.labels[0]?.range ?? block.headerRange, "Invalid output name", context);
  const content = readContent(block.body, {
    required: ["value"],
    optional: ["description", "depends_on", "sensitive", "ephemeral", "deprecated", "type"],
    blocks: { precondition: [], postcondition: [] },
  });
  for (const problem of content.diagnostics) context.report(problem);
  const preconditions = content.blocks.flatMap((rule) => {
    if (rule.type === "precondition") return decodeCheckRule(rule, context);
    context.report(inputError("Postconditions are not allowed", "An output has preconditions only.", rule.typeRange));
    return [];
  });
  return {
    name,
    expression: content.attributes.get("value")?.value,
    sensitive: literalBool(content.attributes.get("sensitive"), false, context),
    ephemeral: literalBool(content.attributes.get("ephemeral"), false, context),
    dependsOn: decodeDependsOn(content.attributes.get("depends_on"), context),
    preconditions,
    range: block.headerRange,
  };
};

const decodeLocals = (module: Module, block: Block, context: DecodeContext): void => {
  const content = readContent({ ...block.body, attributes: [] }, {});
  for (const problem of content.diagnostics) context.report(problem);
  for (const attribute of block.body.attributes) {
    if (isJson(attribute) && attribute.name === "//") continue;
    validName(attribute.name, attribute.nameRange, "Invalid local value name", context);
    const before = module.locals.get(attribute.name);
    if (before === undefined)
      module.locals.set(attribute.name, { name: attribute.name, expression: attribute.value, range: attribute.range });
    else
      context.report(
        inputError(
          "Duplicate local value definition",
          `"${attribute.name}" is defined at ${before.range.file}:${before.range.start.line} already.`,
          attribute.range,
        ),
      );
  }
};

const decodeModuleCall = (block: Block, context: DecodeContext): ModuleCallBlock => {
  const name = block.labels[0]?.text ?? "";
  validName(name, block.labels[0]?.range ?? block.headerRange, "Invalid module instance name", context);
  const content = readPartialContent(block.body, {
    required: ["source"],
    optional: ["version", "count", "for_each", "depends_on", "providers"],
    blocks: { _: [], lifecycle: [], locals: [], provider: ["type"] },
  });
  for (const problem of content.diagnostics) context.report(problem);
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

const declareResource = (module: Module, block: Block, context: DecodeContext, check: string | undefined): void => {
  const resource = decodeResource(block, context, check);
  const key = resourceKey(resource.mode, resource.type, resource.name);
  const before = module.resources.get(key);
  if (before === undefined) {
    module.resources.set(key, resource);
    return;
  }
  const kind = resource.mode === "managed" ? "resource" : resource.mode;
  context.report(
    inputError(
      `Duplicate ${kind} "${resource.type}" configuration`,
      `A ${resource.type} named "${resource.name}" is declared at ${before.range.file}:${before.range.start.line} already. Each name may be used once for a type in a module.`,
      block.headerRange,
    ),
  );
};

const decodeProvider = (module: Module, block: Block, context: DecodeContext): void => {
  const name = block.labels[0]?.text ?? "";
  const content = readPartialContent(block.body, {
    optional: ["alias", "version", "count", "depends_on", "for_each", "source"],
    blocks: { _: [], lifecycle: [], locals: [] },
  });
  for (const problem of content.diagnostics) context.report(problem);
  const alias = literalText(content.attributes.get("alias"), context);
  const key = alias === undefined ? name : `${name}.${alias}`;
  if (module.providers.has(key)) {
    context.report(
      inputError(
        "Duplicate provider configuration",
        alias === undefined
          ? `The default configuration of provider "${name}" is given twice. Further ones need an alias.`
          : `The configuration "${key}" is given twice.`,
        block.headerRange,
      ),
    );
    return;
  }
  module.providers.set(key, {
    name,
    alias,
    body: content.rest,
    version: literalText(content.attributes.get("version"), context),
    range: block.headerRange,
  });
};

const decodeCheck = (module: Module, block: Block, context: DecodeContext): void => {
  const name = block.labels[0]?.text ?? "";
  validName(name, block.labels[0]?.range ?? block.headerRange, "Invalid check block name", context);
  const content = readContent(block.body, { blocks: { data: ["type", "name"], assert: [] } });
  for (const problem of content.diagnostics) context.report(problem);
  const data = content.blocks.filter(({ type }) => type === "data");
  for (const extra of data.slice(1))
    context.report(
      inputError("Multiple data resource blocks", `The check "${name}" has a data block already.`, extra.headerRange),
    );
  const first = data[0];
  if (first !== undefined) declareResource(module, first, context, name);
  const asserts = content.blocks.flatMap((rule) => {
    let isValid = true;
    const watched: DecodeContext = {
      report: (problem) => {
        isValid = false;
        context.report(problem);
      },
    };
    const decoded = rule.type === "assert" ? decodeCheckRule(rule, watched) : [];
    return isValid ? decoded : [];
  });
  if (asserts.length === 0)
    context.report(
      inputError(
        "Zero assert blocks",
        `The check "${name}" asserts nothing: give it an assert block.`,
        block.headerRange,
      ),
    );
  if (module.checks.has(name))
    context.report(
      inputError(
        `Duplicate check "${name}" configuration`,
        `A check named "${name}" is declared already.`,
        block.headerRange,
      ),
    );
  else module.checks.set(name, { name, asserts, range: block.headerRange });
};

const decodeRefactoring = (module: Module, block: Block, context: DecodeContext): void => {
  const content = readContent(block.body, refactoringSchemas[block.type] ?? {});
  for (const problem of content.diagnostics) context.report(problem);
  const expression = (name: string): Expression | undefined => {
    const attribute = content.attributes.get(name);
    return attribute === undefined ? undefined : expressionOf(attribute, context);
  };
  const from = expression("from");
  const to = expression("to");
  if (block.type === "moved" && from !== undefined && to !== undefined)
    module.moved.push({ from, to, range: block.headerRange });
  if (block.type === "removed" && from !== undefined) rejectKeys(from, context);
  if (block.type === "removed" && from !== undefined)
    module.removed.push({ from, destroy: removedDestroys(content.blocks, context), range: block.headerRange });
  if (block.type === "import" && to !== undefined)
    module.imports.push({
      to,
      id: content.attributes.get("id")?.value,
      forEach: content.attributes.get("for_each")?.value,
      range: block.headerRange,
    });
};

/** A `removed` block is about a resource or module as a whole. */
const rejectKeys = (expression: Expression, context: DecodeContext): void => {
  const traversal = asTraversal(expression);
  for (const [index, step] of (traversal?.steps ?? []).entries())
    if (step.kind === "index") {
      const isModule = index === 1 && traversal?.root === "module";
      context.report(
        inputError(
          `${isModule ? "Module" : "Resource"} instance keys not allowed`,
          "All instances are removed together, so no key can be given.",
          step.range,
        ),
      );
    }
};

const refactoringSchemas: Readonly<Record<string, Parameters<typeof readContent>[1]>> = {
  moved: { required: ["from", "to"] },
  removed: { required: ["from"], blocks: { lifecycle: [], connection: [], provisioner: ["type"] } },
  import: { required: ["to"], optional: ["id", "identity", "for_each", "provider"] },
};

const removedDestroys = (blocks: readonly Block[], context: DecodeContext): boolean => {
  const lifecycle = blocks.find(({ type }) => type === "lifecycle");
  if (lifecycle === undefined) return true;
  const content = readContent(lifecycle.body, { required: ["destroy"] });
  for (const problem of content.diagnostics) context.report(problem);
  return literalBool(content.attributes.get("destroy"), true, context);
};
