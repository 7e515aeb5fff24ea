import { parseYamlDocuments } from "../load/yaml/documents.ts";
import { type Diagnostic, diagnostic } from "../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { SourceRange } from "../model/source-range.ts";
import type { Value } from "../model/value.ts";
import { rawText, textFact } from "./azure-facts.ts";
import { partAt } from "./azure-view.ts";
import { draftDocuments, draftOf } from "./draft.ts";
import { type DocumentPath, objectOfBlocks, type PlaceSink, plainJson } from "./kubernetes-blocks.ts";
import { kubernetesKind } from "./kubernetes-kinds.ts";
import type { ResourceInstance } from "./resource-instance.ts";
import { type StandIn, standIns } from "./stand-ins.ts";

/** A Kubernetes object that Terraform makes, as the API would be sent it. */
export interface TerraformObject {
  readonly address: string;
  readonly instance: ResourceInstance;
  readonly document: JsonObject;
  /** Some of it is known after apply and left out. */
  readonly partial: boolean;
  readonly range: SourceRange | undefined;
  /** The range of the value at a path of the document, or of its nearest ancestor that has one. */
  readonly rangeAt: (path: DocumentPath) => SourceRange | undefined;
}

/** A Helm release that Terraform makes; what it renders to is for who has the chart to say. */
export interface HelmRelease {
  readonly address: string;
  readonly instance: ResourceInstance;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly chart: string | undefined;
  readonly repository: string | undefined;
  readonly version: string | undefined;
  /** YAML texts in the order in which they are merged; those that are not known are left out. */
  readonly values: readonly string[];
  readonly set: readonly { readonly name: string; readonly value: string; readonly type: string | undefined }[];
  readonly range: SourceRange | undefined;
}

export interface TerraformObjects {
  readonly objects: readonly TerraformObject[];
  readonly releases: readonly HelmRelease[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The Kubernetes objects and Helm releases among the instances. Values that are not known yet are left out of the documents. */
export const kubernetesObjectsOf = (instances: readonly ResourceInstance[]): TerraformObjects => {
  const objects: TerraformObject[] = [];
  const releases: HelmRelease[] = [];
  const diagnostics: Diagnostic[] = [];
  const standIn = standIns(instances);
  for (const instance of instances) {
    if (instance.mode === "data" || instance.actions.every((action) => action === "delete" || action === "forget"))
      continue;
    if (instance.type === "helm_release") releases.push(helmRelease(instance));
    else if (instance.type === "kubernetes_manifest")
      add(manifestObject(instance, standIn), instance, objects, diagnostics);
    else if (instance.type === "kubectl_manifest")
      addAll(kubectlObjects(instance, standIn), instance, objects, diagnostics);
    else if (kubernetesKind(instance.type) !== undefined)
      add(typedObject(instance, standIn), instance, objects, diagnostics);
  }
  return { objects, releases, diagnostics };
};

const add = (
  object: TerraformObject | undefined,
  instance: ResourceInstance,
  objects: TerraformObject[],
  diagnostics: Diagnostic[],
): void => addAll(object === undefined ? [] : [object], instance, objects, diagnostics);

const addAll = (
  found: readonly TerraformObject[],
  instance: ResourceInstance,
  objects: TerraformObject[],
  diagnostics: Diagnostic[],
): void => {
  objects.push(...found);
  if (found.length === 0) diagnostics.push(notSeen(instance));
};

const notSeen = (instance: ResourceInstance): Diagnostic =>
  diagnostic({
    code: "AKS9042",
    severity: "info",
    summary: "Kubernetes object not seen",
    detail: `What ${instance.address} makes is not known before apply, so it takes no part in the prediction.`,
    subject: instance.address,
    ...(instance.range === undefined ? {} : { range: instance.range }),
  });

/** `kubernetes_deployment_v1` and the like: blocks in snake case become fields in camel case. */
const typedObject = (instance: ResourceInstance, standIn: StandIn): TerraformObject | undefined => {
  const kind = kubernetesKind(instance.type);
  if (kind === undefined) return undefined;
  const fields = objectOfBlocks(instance.values, kind, standIn);
  if (!isNamed(fields) && instance.type.startsWith("kubernetes_default_") === false) return undefined;
  const apiVersion = kind.apiVersionOf?.(fields) ?? kind.apiVersion;
  let places: ReadonlyMap<string, DocumentPath> | undefined;
  return {
    address: instance.address,
    instance,
    document: { apiVersion, kind: kind.kind, ...fields },
    partial: isPartial(instance.values, instance, standIn),
    range: instance.range,
    rangeAt: (path) => {
      places ??= placesOf((sink) => objectOfBlocks(instance.values, kind, standIn, sink));
      return rangeOf(instance, places, path);
    },
  };
};

const placesOf = (read: (sink: PlaceSink) => void): ReadonlyMap<string, DocumentPath> => {
  const places = new Map<string, DocumentPath>();
  read((path, source) => places.set(JSON.stringify(path), source));
  return places;
};

const rangeOf = (
  instance: ResourceInstance,
  places: ReadonlyMap<string, DocumentPath>,
  path: DocumentPath,
): SourceRange | undefined => {
  for (let length = path.length; length > 0; length--) {
    const source = places.get(JSON.stringify(path.slice(0, length)));
    if (source !== undefined) return instance.rangeAt(source);
  }
  return instance.range;
};

/** The `manifest` argument is the object itself. */
const manifestObject = (instance: ResourceInstance, standIn: StandIn): TerraformObject | undefined => {
  const manifest = instance.values.fields.get("manifest");
  const document = manifest === undefined ? undefined : plainJson(manifest, standIn);
  if (!isJsonObject(document) || typeof document["kind"] !== "string" || !isNamed(document)) return undefined;
  return {
    address: instance.address,
    instance,
    document,
    partial: isPartial(manifest, instance, standIn),
    range: instance.range,
    rangeAt: (path) => instance.rangeAt(["manifest", ...path]),
  };
};

/** False where the name is not known before apply. */
const isNamed = ({ metadata }: JsonObject): boolean =>
  isJsonObject(metadata) && (metadata["name"] !== undefined || metadata["generateName"] !== undefined);

/** The `yaml_body` argument is a document of YAML. */
const kubectlObjects = (instance: ResourceInstance, standIn: StandIn): readonly TerraformObject[] => {
  const body = instance.values.fields.get("yaml_body");
  const range = instance.rangeAt(["yaml_body"]) ?? instance.range;
  const namespace = rawText(instance.values.fields.get("override_namespace"));
  const partial = isPartial(body, instance, standIn);
  return documentsOf(body, range?.file ?? "", standIn).flatMap((value) => {
    if (!isJsonObject(value) || typeof value["kind"] !== "string") return [];
    const { metadata } = value;
    if (!isJsonObject(metadata) || (metadata["name"] === undefined && metadata["generateName"] === undefined))
      return [];
    const document = namespace === undefined ? value : { ...value, metadata: { ...metadata, namespace } };
    return [{ address: instance.address, instance, document, partial, range, rangeAt: () => range }];
  });
};

/** True where something is taken from elsewhere that is known after apply; what the provider fills in itself does not count. */
const isPartial = (value: Value | undefined, instance: ResourceInstance, standIn: StandIn): boolean => {
  if (value === undefined) return false;
  if (value.kind === "unknown") {
    // A plan without its configuration does not say what is taken from elsewhere.
    const isOwn = value.origin?.address === instance.address && !isWithoutConfiguration(instance);
    return !isOwn && standIn(value) === undefined;
  }
  if ("items" in value) return value.items.some((item) => isPartial(item, instance, standIn));
  if (value.kind === "map" || value.kind === "object")
    return [...value.fields.values()].some((field) => isPartial(field, instance, standIn));
  return false;
};

const isWithoutConfiguration = ({ range, references, dependsOn }: ResourceInstance): boolean =>
  range === undefined && references.length === 0 && dependsOn.length === 0;

const documentsOf = (body: Value | undefined, file: string, standIn: StandIn): readonly Json[] => {
  const text = rawText(body);
  if (text !== undefined) return parseYamlDocuments(text, file).value.map(({ value }) => value);
  if (body?.kind !== "unknown") return [];
  if (body.draft?.kind === "text") return draftDocuments(body, standIn);
  const whole = draftOf(body);
  const json = whole === undefined ? undefined : plainJson(whole, standIn);
  return json === undefined ? [] : [json];
};

const helmRelease = (instance: ResourceInstance): HelmRelease => {
  const { fields } = instance.values;
  const text = (name: string): string | undefined => knownText(fields.get(name));
  const values = fields.get("values");
  const sets = fields.get("set");
  return {
    address: instance.address,
    instance,
    name: text("name"),
    namespace: text("namespace"),
    chart: text("chart"),
    repository: text("repository"),
    version: text("version"),
    values: listed(values).flatMap((item) => knownText(item) ?? []),
    set: listed(sets).flatMap((item) => {
      const name = knownText(partAt(item, "name"));
      const value = knownText(partAt(item, "value"));
      return name === undefined || value === undefined ? [] : [{ name, value, type: knownText(partAt(item, "type")) }];
    }),
    range: instance.range,
  };
};

const listed = (value: Value | undefined): readonly Value[] =>
  value !== undefined && "items" in value ? value.items : [];

const knownText = (value: Value | undefined): string | undefined => {
  const fact = textFact(value);
  return typeof fact === "string" ? fact : undefined;
};
