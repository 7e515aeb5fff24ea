import { type Diagnostic, diagnostic, type Outcome } from "../../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listMember, objectMember, openJsonDocument, textMember } from "./json-document.ts";
import { type PlanModule, type PlanProvider, readPlanModule, readPlanProviders } from "./plan-configuration.ts";

/** A plan as `terraform show -json` prints it (JSON output format 1.x), as plain data. Values keep the form of the provider's schema. */
export interface TerraformPlan {
  readonly formatVersion: string;
  readonly terraformVersion: string;
  readonly variables: Readonly<Record<string, Json>>;
  readonly resourceChanges: readonly PlanResourceChange[];
  readonly outputChanges: readonly PlanOutputChange[];
  /** What the refresh found: data sources that could be read, and managed resources as they are. */
  readonly priorResources: readonly PlanResource[];
  readonly providers: readonly PlanProvider[];
  readonly configuration: PlanModule;
  readonly isErrored: boolean;
}

export type PlanAction = "create" | "read" | "update" | "delete" | "no-op" | "forget";

/** Which instance: `module.a["x"].azurerm_subnet.nodes[0]` has `module.a["x"]` as module and 0 as key. */
export interface PlanIdentity {
  readonly address: string;
  readonly module: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly key: string | number | undefined;
  /** `registry.terraform.io/hashicorp/azurerm`. */
  readonly provider: string;
}

export interface PlanResourceChange extends PlanIdentity {
  readonly previousAddress: string | undefined;
  readonly deposedKey: string | undefined;
  readonly actions: readonly PlanAction[];
  /** `null` where there is nothing before, or after. */
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  /** In the form of `after`: true where a value is known after apply, left out elsewhere. */
  readonly afterUnknown: Json;
  readonly beforeSensitive: Json;
  readonly afterSensitive: Json;
  readonly replacePaths: readonly (readonly (string | number)[])[];
  readonly reason: string | undefined;
}

export interface PlanOutputChange {
  readonly name: string;
  readonly actions: readonly PlanAction[];
  readonly after: Json;
  readonly afterUnknown: Json;
  readonly isSensitive: boolean;
}

export interface PlanResource extends PlanIdentity {
  readonly values: JsonObject;
  readonly sensitiveValues: Json;
}

/** Reads a plan, a resource at a time, so that 100 MB of it pass; parts that are not used are not made. */
export const readPlan = (bytes: Uint8Array, file: string): Outcome<TerraformPlan | undefined> => {
  const opened = openJsonDocument(bytes, file, "a plan as JSON");
  const document = opened.value;
  if (document === undefined) return { value: undefined, diagnostics: opened.diagnostics };
  const formatVersion = document.member("format_version");
  if (!document.has("resource_changes") && !document.has("planned_values")) {
    return { value: undefined, diagnostics: [notPlan(file)] };
  }
  const configuration = objectOf(document.member("configuration"));
  const prior = objectOf(document.member("prior_state"));
  const plan: TerraformPlan = {
    formatVersion: typeof formatVersion === "string" ? formatVersion : "",
    terraformVersion: String(document.member("terraform_version") ?? ""),
    variables: variablesOf(objectOf(document.member("variables"))),
    resourceChanges: [...document.items("resource_changes")].filter(isJsonObject).map(readChange),
    outputChanges: Object.entries(objectOf(document.member("output_changes"))).map(readOutputChange),
    priorResources: [...readPlanResources(objectMember(objectMember(prior, "values"), "root_module"), "")],
    providers: readPlanProviders(objectMember(configuration, "provider_config")),
    configuration: readPlanModule(objectMember(configuration, "root_module")),
    isErrored: document.member("errored") === true,
  };
  const version = versionProblem(plan.formatVersion, file);
  const open = document.has("configuration") || !plan.resourceChanges.some(isNew) ? [] : [noConfiguration(file)];
  return { value: plan, diagnostics: [...version, ...open, ...document.diagnostics] };
};

/** Resources of a module and of those below it, as `planned_values`, `prior_state` and a shown state list them. */
export function* readPlanResources(module: JsonObject, address: string): Iterable<PlanResource> {
  for (const resource of listMember(module, "resources")) {
    if (!isJsonObject(resource)) continue;
    yield {
      ...readIdentity(resource, address),
      values: objectMember(resource, "values"),
      sensitiveValues: resource["sensitive_values"] ?? {},
    };
  }
  for (const child of listMember(module, "child_modules")) {
    if (isJsonObject(child)) yield* readPlanResources(child, textMember(child, "address"));
  }
}

const isNew = ({ actions }: PlanResourceChange): boolean => actions.includes("create");

/** Without it nobody can tell which identity has a role, or whose subnet a pool is in, where ids are known after apply. */
const noConfiguration = (file: string): Diagnostic =>
  diagnostic({
    code: "AKS9117",
    severity: "warning",
    summary: "The plan does not say what refers to what",
    detail: `"${file}" has no section "configuration": what new resources take of each other (identities, subnets, registries) is not known, and nothing is said of it. Give the whole output of "terraform show -json PLAN".`,
  });

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

const variablesOf = (variables: JsonObject): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [
      name,
      isJsonObject(variable) ? (variable["value"] ?? null) : null,
    ]),
  );

const readIdentity = (resource: JsonObject, module: string): PlanIdentity => {
  const key = resource["index"];
  return {
    address: textMember(resource, "address"),
    module,
    mode: resource["mode"] === "data" ? "data" : "managed",
    type: textMember(resource, "type"),
    name: textMember(resource, "name"),
    key: typeof key === "string" || typeof key === "number" ? key : undefined,
    provider: textMember(resource, "provider_name"),
  };
};

const readChange = (resource: JsonObject): PlanResourceChange => {
  const change = objectMember(resource, "change");
  const { before, after } = change;
  return {
    ...readIdentity(resource, textMember(resource, "module_address")),
    previousAddress: textMember(resource, "previous_address") || undefined,
    deposedKey: textMember(resource, "deposed") || undefined,
    actions: actionsOf(change),
    before: isJsonObject(before) ? before : null,
    after: isJsonObject(after) ? after : null,
    afterUnknown: change["after_unknown"] ?? {},
    beforeSensitive: change["before_sensitive"] ?? {},
    afterSensitive: change["after_sensitive"] ?? {},
    replacePaths: listMember(change, "replace_paths").filter(isPath),
    reason: textMember(resource, "action_reason") || undefined,
  };
};

const isPath = (value: Json): value is readonly (string | number)[] =>
  Array.isArray(value) && value.every((step) => typeof step === "string" || typeof step === "number");

const knownActions: ReadonlySet<Json> = new Set(["create", "read", "update", "delete", "no-op", "forget"]);

const actionsOf = (change: JsonObject): readonly PlanAction[] =>
  listMember(change, "actions").filter((action): action is PlanAction => knownActions.has(action));

const readOutputChange = ([name, value]: readonly [string, Json]): PlanOutputChange => {
  const change = objectOf(value);
  return {
    name,
    actions: actionsOf(change),
    after: change["after"] ?? null,
    afterUnknown: change["after_unknown"] ?? false,
    isSensitive: change["after_sensitive"] === true,
  };
};

const notPlan = (file: string): Diagnostic =>
  diagnostic({
    code: "AKS9032",
    severity: "error",
    summary: "Not a plan",
    detail: `"${file}" is JSON, but has neither resource_changes nor planned_values. Make it with "terraform show -json PLANFILE".`,
    range: { file, start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 1, offset: 0 } },
  });

const versionProblem = (version: string, file: string): readonly Diagnostic[] =>
  /^(?:0|1)\./.test(version)
    ? []
    : [
        diagnostic({
          code: "AKS9033",
          severity: "warning",
          summary: "Unknown format version",
          detail: `"${file}" has the format version "${version}"; versions 0 and 1 are known. It is read as version 1.`,
        }),
      ];
