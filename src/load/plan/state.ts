import { type Diagnostic, diagnostic, type Outcome } from "../../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { type JsonDocument, listMember, objectMember, openJsonDocument, textMember } from "./json-document.ts";
import { type PlanIdentity, readPlanResources } from "./plan.ts";

/** What Terraform's state says exists, whether it came as a state file (version 4) or from `terraform show -json`. */
export interface TerraformState {
  readonly terraformVersion: string;
  readonly resources: readonly StateInstance[];
  readonly outputs: Readonly<Record<string, { readonly value: Json; readonly isSensitive: boolean }>>;
}

export interface StateInstance extends PlanIdentity {
  readonly schemaVersion: number;
  readonly values: JsonObject;
  /** Paths of attributes that are sensitive beyond what the schema says. */
  readonly sensitivePaths: readonly (readonly (string | number)[])[];
  /** Addresses without instance keys. */
  readonly dependencies: readonly string[];
  readonly createBeforeDestroy: boolean;
  readonly deposedKey: string | undefined;
  readonly isTainted: boolean;
}

/** Reads a state file or the JSON of a shown state. */
export const readState = (bytes: Uint8Array, file: string): Outcome<TerraformState | undefined> => {
  const opened = openJsonDocument(bytes, file, "a state");
  const document = opened.value;
  if (document === undefined) return { value: undefined, diagnostics: opened.diagnostics };
  const version = document.member("version");
  const isShown = version === undefined && document.has("format_version");
  if (version !== 4 && !isShown) return { value: undefined, diagnostics: [unknownVersion(file, version)] };
  const state = isShown ? shownState(document) : fileState(document);
  return { value: state, diagnostics: document.diagnostics };
};

const fileState = (document: JsonDocument): TerraformState => ({
  terraformVersion: String(document.member("terraform_version") ?? ""),
  resources: [...document.items("resources")].filter(isJsonObject).flatMap(readResource),
  outputs: readOutputs(document.member("outputs")),
});

const shownState = (document: JsonDocument): TerraformState => {
  const values = document.member("values");
  const content = isJsonObject(values) ? values : {};
  return {
    terraformVersion: String(document.member("terraform_version") ?? ""),
    resources: [...readPlanResources(objectMember(content, "root_module"), "")].map(
      ({ sensitiveValues, ...resource }) => ({
        ...resource,
        schemaVersion: 0,
        sensitivePaths: [...truePaths(sensitiveValues, [])],
        dependencies: [],
        createBeforeDestroy: false,
        deposedKey: undefined,
        isTainted: false,
      }),
    ),
    outputs: readOutputs(content["outputs"]),
  };
};

const readOutputs = (outputs: Json | undefined): TerraformState["outputs"] =>
  Object.fromEntries(
    Object.entries(isJsonObject(outputs) ? outputs : {}).map(([name, value]) => {
      const output = isJsonObject(value) ? value : {};
      return [name, { value: output["value"] ?? null, isSensitive: output["sensitive"] === true }];
    }),
  );

const readResource = (resource: JsonObject): readonly StateInstance[] => {
  const module = textMember(resource, "module");
  const mode = resource["mode"] === "data" ? "data" : "managed";
  const type = textMember(resource, "type");
  const name = textMember(resource, "name");
  const parts = [module, mode === "data" ? "data" : "", type, name].filter((part) => part !== "");
  const provider = /\["([^"]+)"\]/.exec(textMember(resource, "provider"))?.[1] ?? "";
  const identity = { module, mode, type, name, provider } as const;
  return listMember(resource, "instances")
    .filter(isJsonObject)
    .map((instance) => ({ ...identity, ...readInstance(instance, parts.join(".")) }));
};

const readInstance = (instance: JsonObject, resource: string) => {
  const index = instance["index_key"];
  const key = typeof index === "string" || typeof index === "number" ? index : undefined;
  const version = instance["schema_version"];
  return {
    address: key === undefined ? resource : `${resource}[${JSON.stringify(key)}]`,
    key,
    schemaVersion: typeof version === "number" ? version : 0,
    values: objectMember(instance, "attributes"),
    sensitivePaths: listMember(instance, "sensitive_attributes").flatMap(readPath),
    dependencies: listMember(instance, "dependencies").filter((address) => typeof address === "string"),
    createBeforeDestroy: instance["create_before_destroy"] === true,
    deposedKey: textMember(instance, "deposed") || undefined,
    isTainted: instance["status"] === "tainted",
  };
};

/** `[{"type": "get_attr", "value": "input"}, {"type": "index", "value": {"value": 0, "type": "number"}}]`. */
const readPath = (steps: Json): readonly (readonly (string | number)[])[] => {
  if (!Array.isArray(steps)) return [];
  const path = steps.map((step: Json) => {
    const value = isJsonObject(step) ? step["value"] : undefined;
    return isJsonObject(value) ? value["value"] : value;
  });
  return path.every((step) => typeof step === "string" || typeof step === "number") ? [path] : [];
};

function* truePaths(value: Json, path: readonly (string | number)[]): Iterable<readonly (string | number)[]> {
  if (value === true) yield path;
  else if (Array.isArray(value)) for (const [at, item] of value.entries()) yield* truePaths(item, [...path, at]);
  else if (isJsonObject(value))
    for (const [name, item] of Object.entries(value)) yield* truePaths(item, [...path, name]);
}

const unknownVersion = (file: string, version: Json | undefined): Diagnostic =>
  diagnostic({
    code: "AKS9034",
    severity: "error",
    summary: "Unsupported state file format",
    detail: `"${file}" ${version === undefined ? "is not a state" : `has the version ${JSON.stringify(version)}`}; version 4 is read, which Terraform writes since 0.12.`,
    range: { file, start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 1, offset: 0 } },
  });
