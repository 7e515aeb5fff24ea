/** A type of Terraform's value system (cty). `dynamic` is the type of a value whose type is not known yet. */
export type Type =
  | { readonly kind: "string" | "number" | "bool" | "dynamic" }
  | { readonly kind: "list" | "set" | "map"; readonly element: Type }
  | { readonly kind: "tuple"; readonly elements: readonly Type[] }
  | {
      readonly kind: "object";
      /** In order of name. */
      readonly attributes: ReadonlyMap<string, Type>;
      /** Names given with `optional(...)` in a type constraint; absent in the type of a value. */
      readonly optional?: ReadonlySet<string>;
    };

export const stringType: Type = { kind: "string" };
export const numberType: Type = { kind: "number" };
export const boolType: Type = { kind: "bool" };
export const dynamicType: Type = { kind: "dynamic" };
export const listOf = (element: Type): Type => ({ kind: "list", element });
export const mapOf = (element: Type): Type => ({ kind: "map", element });
