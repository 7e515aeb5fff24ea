import { dynamicType, listOf, mapOf, stringType, type Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import {
  type FunctionDefinition,
  type FunctionTable,
  fail,
  type LazyFunctionDefinition,
  type Parameter,
} from "./functions-definition.ts";
import { mapValue, objectValue, stringValue, unknownValue } from "./values-construct.ts";
import { objectOf } from "./values-type.ts";

/**
 * The built-in functions and those of providers, `provider::azapi::build_resource_id`. What azapi and azurerm compute from texts alone is
 * computed here (azapi 2.x and azurerm 4.x documentation, "Functions"); of any other provider function the result is unknown.
 */
export const withProviderFunctions = (builtin: FunctionTable): FunctionTable => new ProviderFunctions(builtin);

class ProviderFunctions extends Map<string, FunctionDefinition | LazyFunctionDefinition> {
  override get(name: string): FunctionDefinition | LazyFunctionDefinition | undefined {
    const known = super.get(name);
    if (known !== undefined || !name.startsWith("provider::")) return known;
    const [, , short = ""] = name.split("::");
    return (Object.hasOwn(resourceIdFunctions, short) ? resourceIdFunctions[short] : undefined) ?? opaque(name);
  }
}

const anything: Parameter = {
  name: "argument",
  type: dynamicType,
  allowNull: true,
  allowUnknown: true,
  allowDynamic: true,
};

const opaque = (name: string): FunctionDefinition => ({
  parameters: [],
  variadic: anything,
  result: dynamicType,
  call: () => unknownValue(dynamicType, `${name} is computed by the provider`),
});

const text = (value: Value | undefined): string => (value?.kind === "string" ? value.value : "");

const texts = (value: Value | undefined): readonly string[] =>
  value?.kind === "list" ? value.items.map((item) => text(item)) : [];

const textFunction = (
  parameters: Readonly<Record<string, Type>>,
  result: Type,
  work: (args: readonly Value[]) => ReturnType<FunctionDefinition["call"]>,
): FunctionDefinition => ({
  parameters: Object.entries(parameters).map(([name, type]) => ({ name, type })),
  result,
  call: work,
});

const names = listOf(stringType);

const parsedType = objectOf([
  ...["id", "name", "parent_id", "provider_namespace", "resource_group_name", "subscription_id", "type"].map(
    (name) => [name, stringType] as const,
  ),
  ["parts", mapOf(stringType)],
]);

const resourceIdFunctions: Readonly<Record<string, FunctionDefinition>> = {
  build_resource_id: textFunction(
    { parent_id: stringType, resource_type: stringType, name: stringType },
    stringType,
    ([parent, type, name]) => stringValue(childId(text(parent), text(type), text(name))),
  ),
  parse_resource_id: textFunction({ resource_type: stringType, resource_id: stringType }, parsedType, ([type, id]) =>
    parseId(text(type), text(id)),
  ),
  subscription_resource_id: textFunction(
    { subscription_id: stringType, resource_type: stringType, resource_names: names },
    stringType,
    ([subscription, type, named]) => scoped(`/subscriptions/${text(subscription)}`, text(type), texts(named)),
  ),
  resource_group_resource_id: textFunction(
    { subscription_id: stringType, resource_group_name: stringType, resource_type: stringType, resource_names: names },
    stringType,
    ([subscription, group, type, named]) =>
      scoped(`/subscriptions/${text(subscription)}/resourceGroups/${text(group)}`, text(type), texts(named)),
  ),
  management_group_resource_id: textFunction(
    { management_group_name: stringType, resource_type: stringType, resource_names: names },
    stringType,
    ([group, type, named]) =>
      scoped(`/providers/Microsoft.Management/managementGroups/${text(group)}`, text(type), texts(named)),
  ),
  tenant_resource_id: textFunction({ resource_type: stringType, resource_names: names }, stringType, ([type, named]) =>
    scoped("", text(type), texts(named)),
  ),
  extension_resource_id: textFunction(
    { base_resource_id: stringType, resource_type: stringType, resource_names: names },
    stringType,
    ([base, type, named]) => scoped(text(base), text(type), texts(named)),
  ),
};

/** `Microsoft.Network/virtualNetworks` below a scope; of a nested type the last part below its parent. */
const childId = (parent: string, type: string, name: string): string => {
  const base = parent === "/" ? "" : parent;
  const parts = type.split("/");
  if (type.toLowerCase() === "microsoft.resources/resourcegroups") return `${base}/resourceGroups/${name}`;
  return parts.length > 2 ? `${base}/${parts.at(-1)}/${name}` : `${base}/providers/${type}/${name}`;
};

const scoped = (scope: string, type: string, named: readonly string[]): ReturnType<FunctionDefinition["call"]> => {
  const [namespace, ...types] = type.split("/");
  if (types.length !== named.length)
    return fail(`the type ${type} has ${types.length} parts, and ${named.length} names are given`);
  return stringValue(
    `${scope}/providers/${namespace}${types.map((part, index) => `/${part}/${named[index]}`).join("")}`,
  );
};

const parseId = (type: string, id: string): ReturnType<FunctionDefinition["call"]> => {
  const segments = id.replace(/^\/|\/$/g, "").split("/");
  if (segments.length % 2 !== 0 || !id.startsWith("/")) return fail(`"${id}" is no resource ID`);
  const parts = new Map<string, string>();
  for (let index = 0; index + 1 < segments.length; index += 2)
    parts.set(segments[index] ?? "", segments[index + 1] ?? "");
  const part = (name: string): string => [...parts].find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
  const isTop = segments.length > 4 && segments.at(-4)?.toLowerCase() === "providers";
  return objectValue([
    ["id", stringValue(id)],
    ["type", stringValue(type)],
    ["name", stringValue(segments.at(-1) ?? "")],
    ["parent_id", stringValue(`/${segments.slice(0, isTop ? -4 : -2).join("/")}`)],
    ["resource_group_name", stringValue(part("resourcegroups"))],
    ["subscription_id", stringValue(part("subscriptions"))],
    ["provider_namespace", stringValue(part("providers"))],
    [
      "parts",
      mapValue(
        stringType,
        [...parts].map(([name, value]) => [name, stringValue(value)] as const),
      ),
    ],
  ]);
};
