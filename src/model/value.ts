import type { Type } from "./type.ts";

/**
 * A value of Terraform's language, as cty has it: typed, possibly null, possibly unknown with a reason and refinements,
 * possibly marked. Plain data; the operations live in `evaluate/`.
 */
export type Value = StringValue | NumberValue | BoolValue | SequenceValue | MappingValue | NullValue | UnknownValue;

/** `sensitive` is never printed; `ephemeral` may not reach state. */
export type Mark = "sensitive" | "ephemeral";

interface Marked {
  readonly marks?: ReadonlySet<Mark>;
}

/** Strings are in Unicode normal form C. */
export interface StringValue extends Marked {
  readonly kind: "string";
  readonly value: string;
}

/** A safe integer, -0 or an infinity is a plain number; all else is a binary float, mantissa × 2^exponent, as Go's big.Float in cty. */
export interface NumberValue extends Marked {
  readonly kind: "number";
  readonly value: number | BigFloat;
  /** Bits that quotients are rounded to and that print reads: 512 where absent, 64 from machine integers (`length`), 53 from doubles (`pow`). */
  readonly precision?: number;
}

export interface BigFloat {
  readonly mantissa: bigint;
  readonly exponent: number;
}

export interface BoolValue extends Marked {
  readonly kind: "bool";
  readonly value: boolean;
}

/** Sets hold no equal items and are kept in cty's iteration order. */
export interface SequenceValue extends Marked {
  readonly kind: "list" | "set" | "tuple";
  /** The type of the whole: a list, set or tuple type of the same kind. */
  readonly type: Type;
  readonly items: readonly Value[];
}

/** Keys in order of their UTF-8 bytes. */
export interface MappingValue extends Marked {
  readonly kind: "map" | "object";
  readonly type: Type;
  readonly fields: ReadonlyMap<string, Value>;
}

export interface NullValue extends Marked {
  readonly kind: "null";
  readonly type: Type;
}

export interface UnknownValue extends Marked {
  readonly kind: "unknown";
  readonly type: Type;
  /** Why it is not known: `azurerm_user_assigned_identity.app.principal_id is known after apply`. */
  readonly because: string;
  /**
   * The attribute of a resource instance that this value is, unchanged: `{ address: "azurerm_subnet.nodes[0]", path: ["id"] }`. It travels
   * through locals, module inputs and outputs, indexing and conversions, and is dropped by any operation that makes a new value.
   */
  readonly origin?: { readonly address: string; readonly path: readonly (string | number)[] };
  readonly refinement?: Refinement;
  /**
   * The text as far as it is known: what `jsonencode` or `yamlencode` was given, or the parts of a template in a row. It lets a reader of
   * the text (an azapi body, a manifest) see the known rest of it; like `origin`, it is dropped by any operation that makes a new value.
   */
  readonly draft?:
    | { readonly kind: "json" | "yaml"; readonly value: Value }
    | { readonly kind: "text"; readonly parts: readonly Value[] };
}

export interface Refinement {
  readonly notNull?: boolean;
  readonly prefix?: string;
  readonly min?: { readonly value: number; readonly inclusive: boolean };
  readonly max?: { readonly value: number; readonly inclusive: boolean };
  readonly minLength?: number;
  readonly maxLength?: number;
}
