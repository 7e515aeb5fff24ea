import type { Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import { formatNum } from "./values-number-text.ts";
import { quoteGo } from "./values-set.ts";
import { friendlyName } from "./values-type.ts";

/** A value as `terraform console` prints it (repl `FormatValue`, 1.11.4); sensitive values are never shown. */
export const formatValue = (value: Value, indent = 0): string => {
  if (value.kind === "unknown") return "(known after apply)";
  if (value.marks?.has("sensitive") === true) return "(sensitive value)";
  if (value.marks?.has("ephemeral") === true) return "(ephemeral value)";
  switch (value.kind) {
    case "null":
      return formatNull(value.type);
    case "string":
      return formatText(value.value, indent);
    case "number":
      return formatNum(value.value, value.precision);
    case "bool":
      return String(value.value);
    case "object":
      return formatFields(value.fields, indent);
    case "map":
      return `tomap(${formatFields(value.fields, indent)})`;
    case "tuple":
      return formatItems(value.items, indent);
    default:
      return `to${value.kind}(${formatItems(value.items, indent)})`;
  }
};

const formatNull = (type: Type): string => {
  switch (type.kind) {
    case "dynamic":
      return "null";
    case "string":
    case "number":
    case "bool":
      return `to${type.kind}(null)`;
    case "list":
    case "set":
    case "map":
      return `to${type.kind}(null) /* of ${friendlyName(type.element)} */`;
    default:
      return `null /* ${friendlyName(type)} */`;
  }
};

/** Text of several lines becomes a heredoc whose end no line is mistaken for. */
const formatText = (text: string, indent: number): string => {
  const lines = text.split("\n");
  if (lines.length < 2) return quoteGo(text);
  let delimiter = "EOT";
  while (lines.some((line) => line.trim() === delimiter)) delimiter += "_";
  const margin = " ".repeat(indent);
  const body = lines.map((line) => `\n${margin}${line}`).join("");
  return `<<${indent > 0 ? "-" : ""}${delimiter}${body}\n${margin}${delimiter}`;
};

const formatFields = (fields: ReadonlyMap<string, Value>, indent: number): string => {
  if (fields.size === 0) return "{}";
  const margin = " ".repeat(indent + 2);
  const lines = [...fields].map(
    ([key, item]) => `\n${margin}${formatText(key, indent + 2)} = ${formatValue(item, indent + 2)}`,
  );
  return `{${lines.join("")}\n${" ".repeat(indent)}}`;
};

const formatItems = (items: readonly Value[], indent: number): string => {
  if (items.length === 0) return "[]";
  const margin = " ".repeat(indent + 2);
  const lines = items.map((item) => `\n${margin}${formatValue(item, indent + 2)},`);
  return `[${lines.join("")}\n${" ".repeat(indent)}]`;
};

/** A type as the console's `type` function prints it (repl `typeString`, 1.11.4). */
export const formatType = (type: Type, level = 0): string => {
  const margin = "    ".repeat(level);
  switch (type.kind) {
    case "object": {
      if (type.attributes.size === 0) return "object({})";
      const lines = [...type.attributes].map(
        ([name, attribute]) => `${margin}    ${name}: ${formatType(attribute, level + 1)},\n`,
      );
      return `object({\n${lines.join("")}${margin}})`;
    }
    case "tuple": {
      if (type.elements.length === 0) return "tuple([])";
      const lines = type.elements.map((element) => `${margin}    ${formatType(element, level + 1)},\n`);
      return `tuple([\n${lines.join("")}${margin}])`;
    }
    case "list":
    case "set":
    case "map": {
      const isComplex = type.element.kind === "object" || type.element.kind === "tuple";
      return isComplex
        ? `${type.kind}(\n${margin}    ${formatType(type.element, level + 1)},\n${margin})`
        : `${type.kind}(${formatType(type.element, level)})`;
    }
    default:
      return type.kind;
  }
};
