import type { Block } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { isJson, readContent, readPartialContent, rejectBlocks } from "./body-content.ts";
import type { Module } from "./module.ts";
import { decodeModuleCall } from "./module-decode-call.ts";
import { decodeOutput } from "./module-decode-output.ts";
import { type DecodeContext, decodeCheckRule, literalText, validName } from "./module-decode-parts.ts";
import { decodeRefactoring } from "./module-decode-refactoring.ts";
import { decodeResource } from "./module-decode-resource.ts";
import { decodeTerraform } from "./module-decode-terraform.ts";
import { decodeVariable } from "./module-decode-variable.ts";
import { inputError } from "./problems.ts";
import { resourceKey } from "./reference.ts";

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

const decodeLocals = (module: Module, block: Block, context: DecodeContext): void => {
  for (const problem of rejectBlocks(block.body)) context.report(problem);
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
