import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listMember, objectMember, textMember } from "./json-document.ts";

/** The configuration that a plan was made from, as far as its JSON keeps it: references, not expressions. */
export interface PlanModule {
  readonly resources: readonly PlanModuleResource[];
  readonly calls: readonly PlanModuleCall[];
  readonly outputs: readonly { readonly name: string; readonly references: readonly PlanReference[] }[];
}

export interface PlanModuleResource {
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  /** The key in `providers`. */
  readonly providerKey: string;
  readonly references: readonly PlanReference[];
  readonly dependsOn: readonly string[];
}

export interface PlanModuleCall {
  readonly name: string;
  readonly source: string;
  readonly version: string | undefined;
  /** The path begins with the name of the input. */
  readonly references: readonly PlanReference[];
  readonly dependsOn: readonly string[];
  readonly module: PlanModule;
}

/** What an argument refers to: `azurerm_subnet.nodes.id`, `var.x`, `module.net.subnet_id`, `each.value`. */
export interface PlanReference {
  readonly path: readonly (string | number)[];
  readonly to: string;
}

export interface PlanProvider {
  readonly key: string;
  readonly name: string;
  readonly fullName: string;
  readonly versionConstraint: string | undefined;
  readonly module: string;
  readonly references: readonly PlanReference[];
}

/** Reads `configuration.root_module`, or one of the modules below it. */
export const readPlanModule = (module: JsonObject): PlanModule => ({
  resources: listMember(module, "resources").filter(isJsonObject).map(readResource),
  calls: Object.entries(objectMember(module, "module_calls")).map(([name, call]) => readCall(name, objectOf(call))),
  outputs: Object.entries(objectMember(module, "outputs")).map(([name, output]) => ({
    name,
    references: referencesIn(objectOf(output)["expression"] ?? null, []),
  })),
});

/** Reads `configuration.provider_config`. */
export const readPlanProviders = (providers: JsonObject): readonly PlanProvider[] =>
  Object.entries(providers).map(([key, value]) => {
    const provider = objectOf(value);
    return {
      key,
      name: textMember(provider, "name"),
      fullName: textMember(provider, "full_name"),
      versionConstraint: textMember(provider, "version_constraint") || undefined,
      module: textMember(provider, "module_address"),
      references: referencesIn(objectMember(provider, "expressions"), []),
    };
  });

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

const readResource = (resource: JsonObject): PlanModuleResource => ({
  mode: resource["mode"] === "data" ? "data" : "managed",
  type: textMember(resource, "type"),
  name: textMember(resource, "name"),
  providerKey: textMember(resource, "provider_config_key"),
  references: [
    ...referencesIn(objectMember(resource, "expressions"), []),
    ...referencesIn(resource["count_expression"] ?? null, ["count"]),
    ...referencesIn(resource["for_each_expression"] ?? null, ["for_each"]),
  ],
  dependsOn: textsOf(listMember(resource, "depends_on")),
});

const readCall = (name: string, call: JsonObject): PlanModuleCall => ({
  name,
  source: textMember(call, "source"),
  version: textMember(call, "version_constraint") || undefined,
  references: [
    ...referencesIn(objectMember(call, "expressions"), []),
    ...referencesIn(call["count_expression"] ?? null, ["count"]),
    ...referencesIn(call["for_each_expression"] ?? null, ["for_each"]),
  ],
  dependsOn: textsOf(listMember(call, "depends_on")),
  module: readPlanModule(objectMember(call, "module")),
});

const textsOf = (values: readonly Json[]): readonly string[] => values.filter((value) => typeof value === "string");

/** An expression is an object with `references` or `constant_value`; anything else is nested blocks. */
const referencesIn = (value: Json, path: readonly (string | number)[]): readonly PlanReference[] => {
  if (Array.isArray(value)) return value.flatMap((item, at) => referencesIn(item, [...path, at]));
  if (!isJsonObject(value)) return [];
  if (Array.isArray(value["references"])) return mostSpecific(textsOf(value["references"])).map((to) => ({ path, to }));
  if ("constant_value" in value) return [];
  return Object.entries(value).flatMap(([name, child]) => referencesIn(child, [...path, name]));
};

/** Terraform lists `a.b.id` and then, as its prefix, `a.b`; the longer one says it all. */
const mostSpecific = (references: readonly string[]): readonly string[] =>
  references.filter(
    (to) => !references.some((other) => other !== to && (other.startsWith(`${to}.`) || other.startsWith(`${to}[`))),
  );
