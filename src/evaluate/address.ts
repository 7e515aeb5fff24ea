import type { Expression } from "../load/hcl/ast.ts";
import type { ResourceMode } from "./reference.ts";

export type InstanceKey = string | number | undefined;

/** `[0]`, `["a"]`, or nothing. Strings are quoted as HCL quotes them. */
export const keyText = (key: InstanceKey): string => {
  if (key === undefined) return "";
  return typeof key === "number" ? `[${key}]` : `[${quote(key)}]`;
};

const quote = (text: string): string =>
  `"${text
    .replace(/\\/g, "\\\\")
    .replace(/"/g, '\\"')
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t")
    .replace(/([$%])\{/g, "$1$1{")}"`;

/** The address of a thing within a module, where `module` is `""` for the root. */
export const inModule = (module: string, local: string): string => (module === "" ? local : `${module}.${local}`);

/** `data.azurerm_subnet.nodes`, without module and key. */
export const resourceText = (mode: ResourceMode, type: string, name: string): string =>
  mode === "managed" ? `${type}.${name}` : `${mode}.${type}.${name}`;

/** The address of a resource instance. */
export const instanceAddress = (
  module: string,
  mode: ResourceMode,
  type: string,
  name: string,
  key: InstanceKey,
): string => `${inModule(module, resourceText(mode, type, name))}${keyText(key)}`;

/** One step of an address: a name and the keys after it. */
export interface AddressPart {
  readonly name: string;
  readonly key: InstanceKey;
}

/** Splits `module.m["a"].azurerm_subnet.x[0]` into its names and keys. */
export const splitAddress = (address: string): readonly AddressPart[] => {
  const parts: { name: string; key: InstanceKey }[] = [];
  const pattern = /([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\./gy;
  for (let match = pattern.exec(address); match !== null; match = pattern.exec(address)) {
    const last = parts.at(-1);
    if (match[1] !== undefined) parts.push({ name: match[1], key: undefined });
    else if (match[2] !== undefined && last !== undefined) last.key = Number(match[2]);
    else if (match[3] !== undefined && last !== undefined) last.key = unquote(match[3]);
  }
  return parts;
};

const unquote = (text: string): string =>
  text
    .replace(/\\n/g, "\n")
    .replace(/\\r/g, "\r")
    .replace(/\\t/g, "\t")
    .replace(/\\(.)/g, "$1")
    .replace(/([$%])\1\{/g, "$1{");

/** Orders addresses as Terraform lists instances: by module, then type and name, then key, numbers by value. */
export const compareKeys = (a: InstanceKey, b: InstanceKey): number => {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : 1;
};

/** The names in an address expression without its keys: `module.m.azurerm_resource_group.x`. */
export const addressNames = (expression: Expression): string => {
  switch (expression.kind) {
    case "variable":
      return expression.name;
    case "attribute":
      return `${addressNames(expression.source)}.${expression.name}`;
    case "index":
      return addressNames(expression.source);
    default:
      return "";
  }
};
