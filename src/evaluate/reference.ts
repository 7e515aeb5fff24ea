import type { Expression } from "../load/hcl/ast.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { type SourceRange, spanOf } from "../model/source-range.ts";
import { inputError } from "./problems.ts";
import { type Traversal, type TraversalStep, traversalsIn } from "./traversal.ts";

/** What an expression refers to, as Terraform reads it (addrs `ParseRef`). */
export interface Reference {
  readonly subject: Subject;
  /** The steps after the subject. */
  readonly rest: readonly TraversalStep[];
  /** The text of the subject alone. */
  readonly range: SourceRange;
  /** The text with all the steps. */
  readonly fullRange: SourceRange;
}

export type ResourceMode = "managed" | "data" | "ephemeral";

export type Subject =
  | { readonly kind: "variable" | "local"; readonly name: string }
  | { readonly kind: "count" | "each" | "path" | "terraform"; readonly name: string }
  | { readonly kind: "self" }
  | { readonly kind: "module"; readonly name: string; readonly key?: string | number; readonly output?: string }
  | {
      readonly kind: "resource";
      readonly mode: ResourceMode;
      readonly type: string;
      readonly name: string;
      readonly key?: string | number;
    };

export type ParsedReference = Reference | { readonly problem: Diagnostic };

const parsed = new WeakMap<Traversal, ParsedReference>();

/** The references of an expression; names in `hidden` (iterators of dynamic blocks) are not references. */
export const referencesIn = (expression: Expression, hidden?: ReadonlySet<string>): readonly ParsedReference[] => {
  const traversals = traversalsIn(expression);
  const visible =
    hidden === undefined || hidden.size === 0 ? traversals : traversals.filter(({ root }) => !hidden.has(root));
  return visible.map(parseReference);
};

/** The references that could be read; the problems of the others are reported where the expression is evaluated. */
export const goodReferences = (references: readonly ParsedReference[]): readonly Reference[] =>
  references.filter((reference): reference is Reference => "subject" in reference);

export const parseReference = (traversal: Traversal): ParsedReference => {
  const known = parsed.get(traversal);
  if (known !== undefined) return known;
  const reference = read(traversal);
  parsed.set(traversal, reference);
  return reference;
};

const singleAttribute: Readonly<Record<string, Subject["kind"]>> = {
  var: "variable",
  local: "local",
  count: "count",
  each: "each",
  path: "path",
  terraform: "terraform",
};

const read = (traversal: Traversal): ParsedReference => {
  const { root, steps } = traversal;
  const simple = Object.hasOwn(singleAttribute, root) ? singleAttribute[root] : undefined;
  if (simple !== undefined) {
    const first = steps[0];
    if (first?.kind !== "attribute")
      return invalid(
        first === undefined
          ? `The "${root}" object cannot be used as a whole: name one of its attributes.`
          : `The "${root}" object has attributes and no index: write ${root}.NAME.`,
        first === undefined ? traversal.rootRange : first.range,
      );
    return at(traversal, { kind: simple, name: String(first.key) } as Subject, 1);
  }
  switch (root) {
    case "self":
      return at(traversal, { kind: "self" }, 0);
    case "module":
      return readModule(traversal);
    case "data":
    case "ephemeral":
    case "resource":
      if (steps.length < 2 || steps[0]?.kind !== "attribute" || steps[1]?.kind !== "attribute")
        return invalid(
          `The "${root}" object must be followed by two attribute names: the type and the name of the resource.`,
          whole(traversal),
        );
      return readResource(traversal, root === "resource" ? "managed" : root, String(steps[0].key), 1);
    case "template":
    case "lazy":
    case "arg":
      return {
        problem: inputError(
          "Reserved symbol name",
          `The name "${root}" is kept for later versions of the language. A resource of this type is written resource.${root}.NAME.`,
          traversal.rootRange,
        ),
      };
    default:
      if (steps[0]?.kind !== "attribute")
        return invalid(
          `"${root}" alone is no reference: a resource is named by its type and its name, and a text is written in quotes.`,
          whole(traversal),
        );
      return readResource(traversal, "managed", root, 0);
  }
};

const readModule = (traversal: Traversal): ParsedReference => {
  const { steps } = traversal;
  const first = steps[0];
  if (first?.kind !== "attribute")
    return invalid(
      'The "module" object cannot be used as a whole: name a module call.',
      first?.range ?? traversal.rootRange,
    );
  const name = String(first.key);
  const second = steps[1];
  if (second === undefined) return at(traversal, { kind: "module", name }, 1);
  if (second.kind === "attribute") return at(traversal, { kind: "module", name, output: String(second.key) }, 2);
  const third = steps[2];
  const key = second.key;
  if (third?.kind !== "attribute") return at(traversal, { kind: "module", name, key }, 2);
  return at(traversal, { kind: "module", name, key, output: String(third.key) }, 3);
};

const readResource = (traversal: Traversal, mode: ResourceMode, type: string, nameAt: number): ParsedReference => {
  const name = traversal.steps[nameAt];
  if (name === undefined || name.kind !== "attribute")
    return invalid("The name of a resource must follow its type.", whole(traversal));
  const next = traversal.steps[nameAt + 1];
  const subject = { kind: "resource" as const, mode, type, name: String(name.key) };
  return next?.kind === "index"
    ? at(traversal, { ...subject, key: next.key }, nameAt + 2)
    : at(traversal, subject, nameAt + 1);
};

const whole = (traversal: Traversal): SourceRange => {
  const last = traversal.steps.at(-1);
  return last === undefined ? traversal.rootRange : spanOf(traversal.rootRange, last.range);
};

const at = (traversal: Traversal, subject: Subject, used: number): Reference => {
  const last = used === 0 ? undefined : traversal.steps[used - 1];
  return {
    subject,
    rest: traversal.steps.slice(used),
    range: last === undefined ? traversal.rootRange : spanOf(traversal.rootRange, last.range),
    fullRange: whole(traversal),
  };
};

const invalid = (detail: string, range: SourceRange): ParsedReference => ({
  problem: inputError("Invalid reference", detail, range),
});

/** `data.azurerm_subnet.nodes`: how a resource block is found in its module. */
export const resourceKey = (mode: ResourceMode, type: string, name: string): string =>
  mode === "managed" ? `${type}.${name}` : `${mode}.${type}.${name}`;
