import type { Attribute, Block, Body } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { inputError } from "./problems.ts";

const missingBase: Readonly<Record<string, string>> = {
  variable: "Missing base variable declaration to override",
  output: "Missing base output definition to override",
  module: "Missing module call to override",
  resource: "Missing resource to override",
  data: "Missing data resource to override",
  ephemeral: "Missing ephemeral resource to override",
};

/**
 * Merges the blocks of override files into those of the ordinary files (Terraform language, "Override Files"): an argument replaces
 * the argument of the same name, nested blocks replace all of the same type, and `lifecycle` is merged argument by argument.
 */
export const mergeOverrides = (
  blocks: readonly Block[],
  overrides: readonly Block[],
  report: (problem: Diagnostic) => void,
): readonly Block[] => {
  if (overrides.length === 0) return blocks;
  const merged = [...blocks];
  for (const override of overrides) applyOverride(merged, override, report);
  return merged;
};

const applyOverride = (merged: Block[], override: Block, report: (problem: Diagnostic) => void): void => {
  switch (override.type) {
    case "locals":
      overrideLocals(merged, override, report);
      return;
    case "terraform":
      overrideTerraform(merged, override);
      return;
    case "check":
    case "moved":
    case "removed":
    case "import":
      report(
        inputError(
          override.type === "check" ? "Can't override check blocks" : `Cannot override '${override.type}' blocks`,
          `A block "${override.type}" cannot stand in an override file.`,
          override.headerRange,
        ),
      );
      return;
    default:
      overrideNamed(merged, override, report);
  }
};

const overrideNamed = (merged: Block[], override: Block, report: (problem: Diagnostic) => void): void => {
  const at = merged.findIndex((block) => sameBlock(block, override));
  const base = merged[at];
  if (base !== undefined) merged[at] = { ...base, body: mergeBody(base.body, override.body) };
  else if (override.type === "provider") merged.push(override);
  else
    report(
      inputError(
        missingBase[override.type] ?? "Missing block to override",
        `An override file changes what other files declare, and no file declares ${override.type} ${override.labels.map(({ text }) => `"${text}"`).join(" ")}.`,
        override.headerRange,
      ),
    );
};

const sameBlock = (a: Block, b: Block): boolean =>
  a.type === b.type &&
  a.labels.length === b.labels.length &&
  a.labels.every((label, index) => label.text === b.labels[index]?.text) &&
  (a.type !== "provider" || aliasOf(a) === aliasOf(b));

const aliasOf = (block: Block): string | undefined => {
  const value = block.body.attributes.find(({ name }) => name === "alias")?.value;
  return value?.kind === "literal" && typeof value.value === "string" ? value.value : undefined;
};

const mergeBody = (base: Body, override: Body): Body => {
  const replaced = new Set(override.blocks.filter(({ type }) => type !== "lifecycle").map(blockKind));
  const lifecycle = override.blocks.find(({ type }) => type === "lifecycle");
  const kept = base.blocks
    .filter((block) => !replaced.has(blockKind(block)))
    .map((block) =>
      block.type === "lifecycle" && lifecycle !== undefined
        ? { ...block, body: mergeBody(block.body, lifecycle.body) }
        : block,
    );
  const added = override.blocks.filter(
    (block) => block.type !== "lifecycle" || !base.blocks.some(({ type }) => type === "lifecycle"),
  );
  return { ...base, attributes: mergeAttributes(base.attributes, override.attributes), blocks: [...kept, ...added] };
};

/** A `dynamic "x"` block counts as a block of type `x`. */
const blockKind = (block: Block): string =>
  block.type === "dynamic" && block.labels[0] !== undefined ? block.labels[0].text : block.type;

const mergeAttributes = (base: readonly Attribute[], override: readonly Attribute[]): readonly Attribute[] => {
  const byName = new Map(override.map((attribute) => [attribute.name, attribute]));
  const names = new Set(base.map(({ name }) => name));
  // `count` and `for_each` override each other, since they exclude each other.
  const dropped = byName.has("count") ? "for_each" : byName.has("for_each") ? "count" : undefined;
  return [
    ...base.filter(({ name }) => name !== dropped).map((attribute) => byName.get(attribute.name) ?? attribute),
    ...override.filter(({ name }) => !names.has(name)),
  ];
};

const overrideLocals = (merged: Block[], override: Block, report: (problem: Diagnostic) => void): void => {
  for (const attribute of override.body.attributes) {
    const at = merged.findIndex(
      (block) => block.type === "locals" && block.body.attributes.some(({ name }) => name === attribute.name),
    );
    const base = merged[at];
    if (base === undefined)
      report(
        inputError(
          "Missing base local value definition to override",
          `No file defines the local value "${attribute.name}" that is to be overridden.`,
          attribute.range,
        ),
      );
    else
      merged[at] = {
        ...base,
        body: {
          ...base.body,
          attributes: base.body.attributes.map((item) => (item.name === attribute.name ? attribute : item)),
        },
      };
  }
};

/** `required_providers` is merged provider by provider; `required_version` and the backend are replaced. */
const overrideTerraform = (merged: Block[], override: Block): void => {
  const providers = override.body.blocks.filter(({ type }) => type === "required_providers");
  const entries = providers.flatMap(({ body }) => body.attributes);
  const names = new Set(entries.map(({ name }) => name));
  const replacesVersion = override.body.attributes.some(({ name }) => name === "required_version");
  const replacesBackend = override.body.blocks.some(({ type }) => type === "backend" || type === "cloud");
  for (const [index, block] of merged.entries()) {
    if (block.type !== "terraform") continue;
    merged[index] = {
      ...block,
      body: {
        ...block.body,
        attributes: block.body.attributes.filter(({ name }) => !(replacesVersion && name === "required_version")),
        blocks: block.body.blocks
          .filter(({ type }) => !(replacesBackend && (type === "backend" || type === "cloud")))
          .map((inner) =>
            inner.type === "required_providers"
              ? {
                  ...inner,
                  body: { ...inner.body, attributes: inner.body.attributes.filter(({ name }) => !names.has(name)) },
                }
              : inner,
          ),
      },
    };
  }
  merged.push(override);
};
