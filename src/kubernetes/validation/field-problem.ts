import type { Json } from "../../model/json.ts";

/** What is wrong with one field, in the API server's words (apimachinery pkg/util/validation/field/errors.go, v0.35). */
export interface FieldProblem {
  readonly type:
    | "FieldValueRequired"
    | "FieldValueInvalid"
    | "FieldValueNotSupported"
    | "FieldValueForbidden"
    | "FieldValueDuplicate"
    | "FieldValueNotFound"
    | "FieldValueTooLong"
    | "FieldValueTooMany";
  readonly field: string;
  /** Without the field's path, as in `details.causes`. */
  readonly message: string;
}

export type Problems = readonly FieldProblem[];

export const required = (field: string, detail = ""): FieldProblem => ({
  type: "FieldValueRequired",
  field,
  message: `Required value${detail === "" ? "" : `: ${detail}`}`,
});

export const invalid = (field: string, value: Json, detail: string): FieldProblem => ({
  type: "FieldValueInvalid",
  field,
  message: `Invalid value: ${shown(value)}: ${detail}`,
});

/** The supported values stand in the order given. */
export const notSupported = (field: string, value: Json, supported: readonly string[]): FieldProblem => ({
  type: "FieldValueNotSupported",
  field,
  message: `Unsupported value: ${shown(value)}: supported values: ${supported.map((one) => JSON.stringify(one)).join(", ")}`,
});

export const forbidden = (field: string, detail: string): FieldProblem => ({
  type: "FieldValueForbidden",
  field,
  message: `Forbidden: ${detail}`,
});

export const duplicate = (field: string, value: Json): FieldProblem => ({
  type: "FieldValueDuplicate",
  field,
  message: `Duplicate value: ${shown(value)}`,
});

export const notFound = (field: string, value: Json): FieldProblem => ({
  type: "FieldValueNotFound",
  field,
  message: `Not found: ${shown(value)}`,
});

export const tooLong = (field: string, most: number): FieldProblem => ({
  type: "FieldValueTooLong",
  field,
  message: `Too long: may not be more than ${most} bytes`,
});

/** A value as Go prints it in an error: texts quoted, objects as JSON. */
const shown = (value: Json): string => (typeof value === "string" ? goQuote(value) : JSON.stringify(value));

const goQuote = (text: string): string => JSON.stringify(text);

export const nonNegative = (field: string, value: Json | undefined): Problems =>
  typeof value === "number" && value < 0 ? [invalid(field, value, "must be greater than or equal to 0")] : [];

export const inRange = (field: string, value: number, least: number, most: number): Problems =>
  value < least || value > most ? [invalid(field, value, `must be between ${least} and ${most}, inclusive`)] : [];

/** One of the supported values. */
export const oneOf = (field: string, value: Json | undefined, supported: readonly string[]): Problems =>
  typeof value === "string" && supported.includes(value) ? [] : [notSupported(field, value ?? "", supported)];
