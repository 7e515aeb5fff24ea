import type { Expression } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Value } from "../model/value.ts";
import { resourceText } from "./address.ts";
import type { Iterators } from "./dynamic-block.ts";
import type { ResourceBlock } from "./module.ts";
import type { ModuleNode } from "./module-tree.ts";
import { didYouMean, inputError } from "./problems.ts";
import { type ParsedReference, type Reference, referencesIn, resourceKey } from "./reference.ts";
import { checkTraversal } from "./schema-traversal.ts";
import type { TraversalStep } from "./traversal.ts";
import { invalidValue } from "./values-construct.ts";
import type { ModuleInstance, Walk, WalkSettings } from "./walk.ts";
import { evaluateIn, type LocalNames } from "./walk-scope.ts";

/** What a place in the configuration may refer to besides the names of its module. */
export interface Place {
  /** `any` where it does not matter yet: the arguments of a module call are looked at before its instances are told apart. */
  readonly repetition: "single" | "count" | "for_each" | "any";
  /** The resource that `self` means. */
  readonly self?: ResourceBlock;
  /** The check block that the place stands in. */
  readonly check?: string;
}

const nowhere: Place = { repetition: "single" };

/** Reports references that lead nowhere (Terraform 1.11, `StaticValidateReferences` and the evaluation data). */
export const checkReferences = (
  settings: WalkSettings,
  module: ModuleNode,
  references: readonly ParsedReference[],
  place: Place = nowhere,
): readonly Diagnostic[] =>
  references.flatMap((reference) =>
    "problem" in reference ? [reference.problem] : checkReference(settings, module, reference, place),
  );

const checkReference = (
  settings: WalkSettings,
  module: ModuleNode,
  reference: Reference,
  place: Place,
): readonly Diagnostic[] => {
  const { subject, range } = reference;
  const content = module.module;
  if (content === undefined) return [];
  switch (subject.kind) {
    case "variable": {
      if (content.variables.has(subject.name)) return [];
      const hint =
        didYouMean(subject.name, content.variables.keys()) ||
        ` A block variable "${subject.name}" {} would declare it.`;
      return [
        inputError(
          "Reference to undeclared input variable",
          `No input variable "${subject.name}" is declared here.${hint}`,
          range,
        ),
      ];
    }
    case "local":
      return content.locals.has(subject.name)
        ? []
        : [
            inputError(
              "Reference to undeclared local value",
              `No local value "${subject.name}" is declared here.${didYouMean(subject.name, content.locals.keys())}`,
              range,
            ),
          ];
    case "module":
      return content.calls.has(subject.name)
        ? []
        : [
            inputError(
              "Reference to undeclared module",
              `No module call "${subject.name}" is declared in ${moduleName(module)}.${didYouMean(subject.name, content.calls.keys())}`,
              range,
            ),
          ];
    case "count":
      if (subject.name !== "index")
        return [
          inputError(
            'Invalid "count" attribute',
            `"count" has one attribute only, count.index, and not "${subject.name}".`,
            range,
          ),
        ];
      return place.repetition === "count" || place.repetition === "any"
        ? []
        : [
            inputError(
              'Reference to "count" in non-counted context',
              'count.index has a meaning only in a block whose "count" is set.',
              range,
            ),
          ];
    case "each":
      if (subject.name !== "key" && subject.name !== "value")
        return [
          inputError(
            'Invalid "each" attribute',
            `"each" has the attributes key and value, and not "${subject.name}".`,
            range,
          ),
        ];
      return place.repetition === "for_each" || place.repetition === "any"
        ? []
        : [
            inputError(
              subject.name === "value"
                ? "each.value cannot be used in this context"
                : 'Reference to "each" in context without for_each',
              'each.key and each.value have a meaning only in a block whose "for_each" is set.',
              range,
            ),
          ];
    case "path":
      return ["cwd", "module", "root"].includes(subject.name)
        ? []
        : [
            inputError(
              'Invalid "path" attribute',
              `"path" has the attributes cwd, module and root, and not "${subject.name}".${didYouMean(subject.name, ["cwd", "module", "root"])}`,
              range,
            ),
          ];
    case "terraform":
      if (subject.name === "workspace" || subject.name === "applying") return [];
      return [inputError('Invalid "terraform" attribute', `"terraform" has no attribute "${subject.name}".`, range)];
    case "self":
      if (place.self !== undefined) return checkSteps(settings, module, place.self, reference.rest, range);
      return [
        inputError(
          'Invalid "self" reference',
          '"self" has a meaning only in the postconditions, provisioners and connections of a resource.',
          range,
        ),
      ];
    case "resource":
      return checkResource(settings, module, reference, subject, place);
  }
};

const moduleName = (module: ModuleNode): string => (module.address === "" ? "the root module" : module.address);

type ResourceSubject = Reference["subject"] & { readonly kind: "resource" };

const checkResource = (
  settings: WalkSettings,
  module: ModuleNode,
  { rest, range }: Reference,
  subject: ResourceSubject,
  place: Place,
): readonly Diagnostic[] => {
  const text = resourceText(subject.mode, subject.type, subject.name);
  const block = module.module?.resources.get(resourceKey(subject.mode, subject.type, subject.name));
  if (block === undefined) {
    const article = subject.mode === "ephemeral" ? "An ephemeral" : `A ${subject.mode}`;
    const data = subject.mode === "managed" && module.module?.resources.has(`data.${text}`);
    return [
      inputError(
        "Reference to undeclared resource",
        `${article} resource "${subject.type}" "${subject.name}" is not declared in ${moduleName(module)}.${data ? ` Did you mean the data source data.${text}?` : ""}`,
        range,
      ),
    ];
  }
  const problems: Diagnostic[] = [];
  if (subject.key === undefined) {
    const [repeated, key] = block.count !== undefined ? ["count", "count.index"] : ["for_each", "each.key"];
    if (rest.length > 0 && (block.count !== undefined || block.forEach !== undefined))
      problems.push(
        inputError(
          "Missing resource instance key",
          `${text} has "${repeated}" set, so an attribute belongs to one of its instances: ${text}[${key}].`,
          range,
        ),
      );
  } else if (block.count === undefined && block.forEach === undefined)
    problems.push(
      inputError(
        "Unexpected resource instance key",
        `${text} has neither "count" nor "for_each", so it takes no index. Remove the brackets.`,
        range,
      ),
    );
  if (block.check !== undefined && block.check !== place.check)
    problems.push(
      inputError(
        "Reference to scoped resource",
        `${text} belongs to the check "${block.check}" and is not to be seen from here.`,
        range,
      ),
    );
  return [...problems, ...checkSteps(settings, module, block, rest, range)];
};

const checkSteps = (
  settings: WalkSettings,
  module: ModuleNode,
  block: ResourceBlock,
  steps: readonly TraversalStep[],
  range: Diagnostic["range"],
): readonly Diagnostic[] => {
  const provider = settings.providerOf(module, block.providerKey);
  if (!provider.known) return [];
  const kind = block.mode === "managed" ? "resource" : block.mode;
  const schema = provider.find(kind, block.type);
  if (schema === undefined) {
    if (provider.isOutdated && !provider.wasKnown(kind, block.type)) return [];
    const article = block.mode === "ephemeral" ? "An ephemeral" : `A ${block.mode}`;
    return [
      inputError(
        "Invalid resource type",
        `${article} resource type "${block.type}" is not known to the provider ${provider.source}.`,
        range,
      ),
    ];
  }
  const first = steps[0];
  if (first?.kind === "attribute" && first.key === "count")
    return [
      inputError(
        "Invalid resource count attribute",
        `The number of instances is length(${resourceText(block.mode, block.type, block.name)}); there is no attribute "count".`,
        range,
      ),
    ];
  return checkTraversal(schema.block, steps);
};

/** The value of an expression of a body. Inside a `dynamic` block the references are looked at first; elsewhere that has been done. */
export const evaluateChecked = (
  walk: Walk,
  instance: ModuleInstance,
  expression: Expression,
  names: LocalNames & { readonly iterators: Iterators },
  place: Place,
  problems: Diagnostic[],
): Value => {
  if (names.iterators.size > 0) {
    const found = checkReferences(
      walk,
      instance.node,
      referencesIn(expression, new Set(names.iterators.keys())),
      place,
    );
    if (found.length > 0) {
      problems.push(...found);
      return invalidValue;
    }
  }
  return evaluateIn(walk, instance, expression, names, problems);
};
