import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { fnv32a, safeEncode } from "./generated-name.ts";
import { goTypeOf } from "./go-types.ts";
import type { PodTemplate } from "./pod.ts";
import { printedQuantity } from "./quantity-print.ts";
import { itemCodeOf, referencedType, type SchemaField, type SchemaType, schemaOf } from "./schema.ts";

/**
 * The `pod-template-hash` of a Deployment's template, and the revision hash of a DaemonSet: FNV-1a over the template as Go prints it
 * (pkg/controller/controller_utils.go, ComputeHash; apimachinery pkg/util/dump, ForHash; v1.35). The template must be defaulted.
 */
export const podTemplateHash = (template: PodTemplate, collisionCount?: number): string => {
  const known = collisionCount === undefined ? hashes.get(template) : undefined;
  if (known !== undefined) return known;
  // The collision count follows as four bytes and a zero for each of its eight: Go adds it as a little-endian uint32 in an 8-byte slice.
  const text = printedTemplate(template);
  const hash = safeEncode(String(collisionCount === undefined ? fnv32a(text) : fnv32aWithCount(text, collisionCount)));
  if (collisionCount === undefined) hashes.set(template, hash);
  return hash;
};

const hashes = new WeakMap<PodTemplate, string>();

const fnv32aWithCount = (text: string, count: number): number => {
  let hash = fnv32a(text);
  for (let place = 0; place < 8; place++) {
    const byte = place < 4 ? (count >>> (8 * place)) & 0xff : 0;
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
};

/** The template as spew prints it with `%#v`: every field with its Go type. */
export const printedTemplate = (template: PodTemplate): string => {
  const type = templateType();
  return `(${type.name})${printStruct(template as unknown as JsonObject, type)}`;
};

let cachedType: SchemaType | undefined;
const templateType = (): SchemaType => {
  cachedType ??= referencedType(
    referencedType(schemaOf("apps/v1", "Deployment")?.fields.get("spec")?.code ?? "")?.fields.get("template")?.code ??
      "",
  );
  if (cachedType === undefined) throw new Error("the schema has no PodTemplateSpec");
  return cachedType;
};

const printStruct = (value: JsonObject, type: SchemaType): string => {
  let text = "{";
  type.goFields.forEach((field, index) => {
    if (index > 0) text += " ";
    text += `${field.goName}:`;
    if (field.inline) {
      const inner = referencedType(field.code);
      if (inner !== undefined) text += `(${inner.name})${printStruct(value, inner)}`;
    } else text += `(${field.pointer ? "*" : ""}${goTypeOf(field.code)})${printField(value[field.name], field)}`;
  });
  return `${text}}`;
};

const printField = (value: Json | undefined, field: SchemaField): string => {
  if (value === undefined || value === null) return field.pointer ? "<nil>" : printZero(field.code);
  return printValue(value, field.code);
};

const printZero = (code: string): string => {
  switch (code[0]) {
    case "#": {
      const type = referencedType(code);
      return type === undefined ? "{}" : printStruct({}, type);
    }
    case "[":
    case "{":
    case "y":
      return "<nil>";
    case "b":
      return "false";
    case "s":
      return "";
    case "q":
      return printedQuantity("0");
    case "x":
      return printIntOrString(0);
    case "t":
      return "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}";
    default:
      return "0";
  }
};

const printValue = (value: Json, code: string): string => {
  switch (code[0]) {
    case "#": {
      const type = referencedType(code);
      return type === undefined || !isJsonObject(value) ? "{}" : printStruct(value, type);
    }
    case "[": {
      const items = value as readonly Json[];
      if (items.length === 0) return "<nil>";
      return `[${items.map((item) => printValue(item, itemCodeOf(code))).join(" ")}]`;
    }
    case "{": {
      const keys = Object.keys(value as JsonObject).sort();
      if (keys.length === 0) return "<nil>";
      return `map[${keys.map((key) => `${key}:${printValue((value as JsonObject)[key] ?? null, itemCodeOf(code))}`).join(" ")}]`;
    }
    case "q":
      return printedQuantity(value as string | number);
    case "x":
      return printIntOrString(value as string | number);
    default:
      return String(value);
  }
};

const printIntOrString = (value: string | number): string =>
  typeof value === "number"
    ? `{Type:(intstr.Type)0 IntVal:(int32)${value} StrVal:(string)}`
    : `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}`;
