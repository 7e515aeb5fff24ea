import type { Attribute, Block, Body, Expression } from "../load/hcl/ast.ts";
import { isJson, readContent, readPartialContent } from "./body-content.ts";
import type { CheckRule, ResourceBlock } from "./module.ts";
import {
  type DecodeContext,
  decodeCheckRule,
  decodeDependsOn,
  expressionOf,
  literalBool,
  namesIn,
  providerKeyOf,
  quotedReference,
  rejectBoth,
  validName,
} from "./module-decode-parts.ts";
import { inputError } from "./problems.ts";
import { goodReferences, referencesIn, type Subject } from "./reference.ts";
import { asTraversal } from "./traversal.ts";

const metaArguments = ["count", "for_each", "provider", "depends_on"];

/** A `resource`, `data` or `ephemeral` block; what is not Terraform's own is left for the provider's schema. */
export const decodeResource = (block: Block, context: DecodeContext, check: string | undefined): ResourceBlock => {
  const mode = block.type === "resource" ? "managed" : block.type === "data" ? "data" : "ephemeral";
  const [type, name] = [block.labels[0], block.labels[1]];
  const what = mode === "managed" ? "resource" : mode === "data" ? "data source" : "ephemeral resource";
  validName(type?.text ?? "", type?.range ?? block.headerRange, `Invalid ${what} type`, context);
  validName(name?.text ?? "", name?.range ?? block.headerRange, `Invalid ${what} name`, context);
  const content = readPartialContent(block.body, {
    optional: metaArguments,
    blocks: mode === "managed" ? managedBlocks : otherBlocks,
  });
  for (const problem of content.diagnostics) context.report(problem);
  rejectBoth(content.attributes, context);
  const provider = content.attributes.get("provider");
  const isOwn = (subject: Subject): boolean =>
    subject.kind === "resource" && subject.mode === mode && subject.type === type?.text && subject.name === name?.text;
  const lifecycle = decodeLifecycle(
    isOwn,
    content.blocks.filter((inner) => inner.type === "lifecycle"),
    mode,
    context,
  );
  for (const inner of content.blocks)
    if (inner.type === "locals")
      context.report(
        inputError(
          `Reserved block type name in resource block`,
          `"${inner.type}" has no meaning in a resource yet.`,
          inner.typeRange,
        ),
      );
  return {
    mode,
    type: type?.text ?? "",
    name: name?.text ?? "",
    typeRange: type?.range ?? block.headerRange,
    providerKey: providerKey(provider, type?.text ?? "", context),
    providerRange: provider?.value.range,
    count: content.attributes.get("count")?.value,
    forEach: content.attributes.get("for_each")?.value,
    body: withEscaped(content.rest, content.blocks),
    dependsOn: decodeDependsOn(content.attributes.get("depends_on"), context),
    ...lifecycle,
    provisioners: content.blocks
      .filter((inner) => inner.type === "provisioner")
      .map((inner) => ({ type: inner.labels[0]?.text ?? "", body: provisionerBody(inner.body) })),
    connections: content.blocks.filter((inner) => inner.type === "connection").map((inner) => inner.body),
    check,
    range: block.headerRange,
  };
};

/** A provisioner's body without Terraform's own arguments. */
const provisionerBody = (body: Body): Body =>
  readPartialContent(body, { optional: ["when", "on_failure"], blocks: { connection: [], _: [] } }).rest;

const managedBlocks = { lifecycle: [], connection: [], provisioner: ["type"], locals: [], _: [] };
const otherBlocks = { lifecycle: [], locals: [], _: [] };

const providerKey = (attribute: Attribute | undefined, type: string, context: DecodeContext): string => {
  const implied = type.split("_")[0] ?? type;
  if (attribute === undefined) return implied;
  const key = providerKeyOf(attribute.value);
  if (attribute.value.kind === "literal" && !isJson(attribute)) context.report(quotedReference(attribute.value.range));
  if (key !== undefined) return key;
  context.report(
    inputError(
      "Invalid provider configuration reference",
      "A provider is named as NAME or NAME.ALIAS, without quotes or expressions.",
      attribute.value.range,
    ),
  );
  return implied;
};

/** A block `_` holds arguments whose names Terraform would take for its own. */
const withEscaped = (body: Body, blocks: readonly Block[]): Body => {
  const escaped = blocks.find(({ type }) => type === "_");
  return escaped === undefined
    ? body
    : {
        ...body,
        attributes: [...body.attributes, ...escaped.body.attributes],
        blocks: [...body.blocks, ...escaped.body.blocks],
      };
};

type Lifecycle = Pick<
  ResourceBlock,
  "ignoreChanges" | "preventDestroy" | "createBeforeDestroy" | "replaceTriggeredBy" | "preconditions" | "postconditions"
>;

const decodeLifecycle = (
  isOwn: (subject: Subject) => boolean,
  blocks: readonly Block[],
  mode: ResourceBlock["mode"],
  context: DecodeContext,
): Lifecycle => {
  const second = blocks[1];
  if (second !== undefined)
    context.report(inputError("Duplicate lifecycle block", "A resource has one lifecycle block.", second.headerRange));
  const body = blocks[0]?.body;
  if (body === undefined)
    return {
      ignoreChanges: [],
      preventDestroy: false,
      createBeforeDestroy: false,
      replaceTriggeredBy: [],
      preconditions: [],
      postconditions: [],
    };
  const content = readContent(body, {
    optional:
      mode === "managed" ? ["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"] : [],
    blocks: { precondition: [], postcondition: [] },
  });
  for (const problem of content.diagnostics) context.report(problem);
  const rules = (kind: string): readonly CheckRule[] =>
    content.blocks
      .filter(({ type }) => type === kind)
      .flatMap((rule) => {
        const decoded = decodeCheckRule(rule, context);
        for (const { condition, errorMessage } of decoded)
          for (const expression of errorMessage === undefined ? [condition] : [condition, errorMessage])
            if (goodReferences(referencesIn(expression)).some(({ subject }) => isOwn(subject)))
              context.report(
                inputError(
                  `Invalid reference in ${kind}`,
                  kind === "postcondition"
                    ? "The resource itself is self here."
                    : "The resource does not exist yet here.",
                  expression.range,
                ),
              );
        return decoded;
      });
  const triggers = content.attributes.get("replace_triggered_by");
  return {
    ignoreChanges: ignoreChanges(content.attributes.get("ignore_changes"), context),
    preventDestroy: literalBool(content.attributes.get("prevent_destroy"), false, context),
    createBeforeDestroy: literalBool(content.attributes.get("create_before_destroy"), false, context),
    replaceTriggeredBy: triggers === undefined ? [] : decodeTriggers(triggers, context),
    preconditions: rules("precondition"),
    postconditions: rules("postcondition"),
  };
};

/** Only resources and their attributes can trigger a replacement. */
const decodeTriggers = (attribute: Attribute, context: DecodeContext): readonly Expression[] => {
  const names = namesIn(attribute, context);
  for (const name of names) {
    const references = goodReferences(referencesIn(name)).filter(
      ({ subject }) => !["each", "count"].includes(subject.kind),
    );
    for (const reference of referencesIn(name)) if ("problem" in reference) context.report(reference.problem);
    const others = references.filter(({ subject }) => subject.kind !== "resource");
    for (const { range } of others)
      context.report(
        inputError(
          "Invalid reference in replace_triggered_by expression",
          "Only resources and their attributes can be named here.",
          range,
        ),
      );
    if (references.length === others.length && referencesIn(name).every((reference) => "subject" in reference))
      context.report(
        inputError(
          "Invalid replace_triggered_by expression",
          "A resource must be named here, or an attribute of one.",
          name.range,
        ),
      );
  }
  return names;
};

const ignoreChanges = (attribute: Attribute | undefined, context: DecodeContext): readonly Expression[] | "all" => {
  if (attribute === undefined) return [];
  const value = isJson(attribute) ? expressionOf(attribute, context) : attribute.value;
  if (value.kind === "variable" && value.name === "all") return "all";
  const names = namesIn({ ...attribute, value }, context);
  const star = names.find((name) => name.kind === "literal" && name.value === "*");
  if (star !== undefined)
    context.report(
      inputError(
        "Invalid ignore_changes wildcard",
        'The form ["*"] is no longer valid: write "ignore_changes = all".',
        value.range,
      ),
    );
  for (const name of star === undefined ? names : [])
    if (name.kind !== "invalid" && name.kind !== "literal" && asTraversal(name) === undefined)
      context.report(
        inputError("Invalid expression", "Only arguments can be named here, with constant keys.", name.range),
      );
  return names;
};
