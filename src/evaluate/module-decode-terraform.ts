import type { Attribute, Block, Expression } from "../load/hcl/ast.ts";
import { jsonAttributes, readContent, rejectBlocks } from "./body-content.ts";
import type { Module } from "./module.ts";
import { type DecodeContext, literalText, literalValue, providerKeyOf } from "./module-decode-parts.ts";
import { inputError } from "./problems.ts";
import { parseConstraints, type VersionConstraint } from "./version-constraint.ts";

/** A `terraform` block: versions that are required, and providers. */
export const decodeTerraform = (module: Module, block: Block, context: DecodeContext): void => {
  const content = readContent(block.body, {
    optional: ["required_version", "experiments", "language"],
    blocks: { backend: ["type"], cloud: [], required_providers: [], provider_meta: ["provider"] },
  });
  for (const problem of content.diagnostics) context.report(problem);
  const required = content.attributes.get("required_version");
  if (required !== undefined) {
    const text = literalText(required, context) ?? "";
    const constraints = parseConstraints(text);
    if (constraints === undefined)
      context.report(
        inputError(
          "Invalid version constraint",
          `"${text}" is no version constraint; ">= 1.5, < 2.0" is one.`,
          required.value.range,
        ),
      );
    else module.requiredVersions.push({ constraints, text, range: required.range });
  }
  for (const extra of content.blocks.filter(({ type }) => type === "backend" || type === "cloud").slice(1))
    context.report(inputError("Duplicate backend configuration", "A module has one backend.", extra.headerRange));
  for (const inner of content.blocks)
    if (inner.type === "required_providers") decodeRequiredProviders(module, inner, context);
};

const decodeRequiredProviders = (module: Module, block: Block, context: DecodeContext): void => {
  const before = [...module.requiredProviders.values()][0];
  if (before !== undefined) {
    context.report(
      inputError(
        "Duplicate required providers configuration",
        `A module has one required_providers block, and the providers are named at ${before.range.file}:${before.range.start.line} already.`,
        block.headerRange,
      ),
    );
    return;
  }
  for (const problem of rejectBlocks(block.body)) context.report(problem);
  for (const attribute of block.body.attributes) {
    const name = attribute.name;
    const properties = propertiesOf(attribute, context);
    const sourceText = textOf(properties.get("source"), "Invalid source", context);
    const source = sourceText === undefined ? `hashicorp/${name}` : providerSource(sourceText);
    const sourceRange = properties.get("source")?.range ?? attribute.value.range;
    if (source === undefined)
      context.report(
        inputError(
          "Invalid provider source string",
          `"${sourceText}" is no provider address; "hashicorp/azurerm" is one.`,
          sourceRange,
        ),
      );
    module.requiredProviders.set(name, {
      name,
      source: source ?? `hashicorp/${name}`,
      constraints: constraintsOf(properties.get("version"), attribute, context),
      aliases: aliasesOf(properties.get("configuration_aliases")),
      range: attribute.range,
    });
  }
};

/** `azurerm = { source = "…", version = "…" }`, or the old form `azurerm = "~> 3.0"`. */
const propertiesOf = (attribute: Attribute, context: DecodeContext): ReadonlyMap<string, Expression> => {
  const { value } = attribute;
  if (value.kind === "object") {
    const items = jsonAttributes(value);
    for (const { name, nameRange } of items)
      if (!["source", "version", "configuration_aliases"].includes(name))
        context.report(
          inputError(
            "Invalid required_providers object",
            `"${name}" has no meaning here: there are source, version and configuration_aliases.`,
            nameRange,
          ),
        );
    return new Map(items.map((item) => [item.name, item.value]));
  }
  if (value.kind === "literal" && typeof value.value === "string") return new Map([["version", value]]);
  if (value.kind === "invalid" || value.kind === "literal") return new Map();
  context.report(
    inputError(
      "Invalid required_providers object",
      `"${attribute.name}" must be an object with source and version.`,
      value.range,
    ),
  );
  return new Map();
};

const textOf = (expression: Expression | undefined, summary: string, context: DecodeContext): string | undefined => {
  if (expression === undefined || expression.kind === "invalid") return undefined;
  const value = literalValue(expression, { report: () => {} });
  if (value.kind === "string") return value.value;
  context.report(inputError(summary, "A constant text must stand here.", expression.range));
  return undefined;
};

const constraintsOf = (
  expression: Expression | undefined,
  attribute: Attribute,
  context: DecodeContext,
): readonly VersionConstraint[] => {
  const text = textOf(expression, "Invalid version constraint", context);
  if (text === undefined) return [];
  const constraints = parseConstraints(text);
  if (constraints !== undefined) return constraints;
  context.report(
    inputError(
      "Invalid version constraint",
      `"${text}" is no version constraint; "~> 4.0" is one.`,
      expression?.range ?? attribute.value.range,
    ),
  );
  return [];
};

const aliasesOf = (expression: Expression | undefined): readonly string[] =>
  expression?.kind === "tuple" ? expression.items.flatMap((item) => providerKeyOf(item) ?? []) : [];

/** `registry.terraform.io/Hashicorp/azurerm` as `hashicorp/azurerm`; other hosts keep their name. */
export const providerSource = (text: string): string | undefined => {
  const parts = text.toLowerCase().split("/");
  if (parts.some((part) => part === "") || parts.length > 3) return undefined;
  if (parts.length === 1) return `hashicorp/${parts[0]}`;
  return parts.length === 3 && parts[0] === "registry.terraform.io" ? parts.slice(1).join("/") : parts.join("/");
};
