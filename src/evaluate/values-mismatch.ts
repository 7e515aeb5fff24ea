import type { Type } from "../model/type.ts";
import { friendlyConstraintName, isCollection, typeEquals } from "./values-type.ts";
import { canConvert } from "./values-unify.ts";

/** Why no value of type `got` can become one of type `want`, in Terraform's words (cty `MismatchMessage`, 1.16). */
export const mismatchMessage = (got: Type, want: Type): string => {
  if (got.kind === "object" && want.kind === "object") return objectMismatch(got, want);
  const structural = got.kind === "tuple" || got.kind === "object";
  if (
    isCollection(want) &&
    want.element.kind === "dynamic" &&
    structural &&
    (got.kind === "object") === (want.kind === "map")
  )
    return `all ${want.kind} elements must have the same type`;
  if (structural && isCollection(want)) return structuralMismatch(got, want);
  if (isCollection(got) && isCollection(want)) return collectionMismatch(got, want);
  return `${friendlyConstraintName(want)} required`;
};

type ObjectType = Type & { readonly kind: "object" };
type CollectionType = Type & { readonly kind: "list" | "set" | "map" };

const objectMismatch = (got: ObjectType, want: ObjectType): string => {
  const missing: string[] = [];
  let unsafe: string | undefined;
  let safe: string | undefined;
  for (const [name, type] of want.attributes) {
    const own = got.attributes.get(name);
    if (own === undefined) {
      if (want.optional?.has(name) !== true) missing.push(name);
      continue;
    }
    if (typeEquals(own, type) || unsafe !== undefined) continue;
    const text = (): string => `attribute ${JSON.stringify(name)}: ${mismatchMessage(own, type)}`;
    if (!canConvert(own, type, true)) unsafe = text();
    else if (safe === undefined && !canConvert(own, type, false)) safe = text();
  }
  return missing.length > 0 ? missingMessage(missing) : (unsafe ?? safe ?? "incorrect object attributes");
};

const missingMessage = (names: readonly string[]): string => {
  const quoted = names.map((name) => JSON.stringify(name));
  const [first, second] = quoted;
  if (quoted.length === 1) return `attribute ${first} is required`;
  if (quoted.length === 2) return `attributes ${first} and ${second} are required`;
  return `attributes ${quoted.slice(0, -1).join(", ")}, and ${quoted.at(-1)} are required`;
};

const structuralMismatch = (got: Type, want: CollectionType): string => {
  if ((want.kind === "map") !== (got.kind === "object")) return `${friendlyConstraintName(want)} required`;
  const elements: Iterable<readonly [string | number, Type]> =
    got.kind === "tuple" ? got.elements.entries() : got.kind === "object" ? got.attributes : [];
  for (const [key, own] of elements)
    if (!canConvert(own, want.element, true))
      return `element ${typeof key === "number" ? key : JSON.stringify(key)}: ${mismatchMessage(own, want.element)}`;
  return `all elements must be ${friendlyConstraintName(want.element)}`;
};

const collectionMismatch = (got: CollectionType, want: CollectionType): string =>
  (want.kind === "map") === (got.kind === "map")
    ? `incorrect ${want.kind} element type: ${mismatchMessage(got.element, want.element)}`
    : `${friendlyConstraintName(want)} required`;
