import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { contentHash, type Generated } from "./kustomize-generators.ts";
import { withNewNames } from "./kustomize-names.ts";

/** What a kustomization asks of the API: how patches are merged, and which kinds have no namespace. */
export interface KustomizeTools {
  readonly merge: (object: JsonObject, patch: JsonObject) => JsonObject;
  readonly isClusterScoped: (apiVersion: string, kind: string) => boolean;
}

/** An object on its way through a kustomization. */
export interface Carried<T> {
  readonly object: JsonObject;
  /** Where it comes from; nothing for what is generated. */
  readonly from: T | undefined;
  readonly isHashed: boolean;
}

/** A patch as written: the texts of `patches`, `patchesStrategicMerge` and `patchesJson6902`, read. */
export interface ReadPatch {
  readonly target: JsonObject | undefined;
  readonly documents: readonly Json[];
}

/** Fields of a kustomization that are followed here; with others only kustomize itself knows what comes out. */
export const followed: ReadonlySet<string> = new Set([
  "apiVersion",
  "bases",
  "buildMetadata",
  "commonAnnotations",
  "commonLabels",
  "components",
  "configMapGenerator",
  "generatorOptions",
  "images",
  "kind",
  "labels",
  "metadata",
  "namePrefix",
  "nameSuffix",
  "namespace",
  "patches",
  "patchesJson6902",
  "patchesStrategicMerge",
  "replicas",
  "resources",
  "secretGenerator",
  "sortOptions",
]);

/** Lays the transformers of one kustomization over its objects, in kustomize's order (api/internal/target/kusttarget_configplugin.go, v5). */
export const transformed = <T>(
  given: readonly Carried<T>[],
  content: JsonObject,
  generated: readonly Generated[],
  patches: readonly ReadPatch[],
  tools: KustomizeTools,
): { readonly objects: readonly Carried<T>[]; readonly problems: readonly string[] } => {
  const problems: string[] = [];
  let objects = generated.reduce(withGenerated, given);
  for (const patch of patches) objects = patched(objects, patch, tools, problems);
  const change = (by: (object: JsonObject) => JsonObject): void => {
    objects = objects.map((each) => ({ ...each, object: by(each.object) }));
  };
  const { namespace, namePrefix, nameSuffix } = content;
  if (typeof namespace === "string" && namespace !== "") change((object) => inNamespace(object, namespace, tools));
  const [prefix, suffix] = [textOf(namePrefix), textOf(nameSuffix)];
  if (prefix !== "" || suffix !== "")
    objects = renamed(objects, (object) =>
      unnamed.has(textOf(object["kind"])) ? undefined : `${prefix}${nameOf(object)}${suffix}`,
    );
  for (const entry of labelsOf(content)) change((object) => withLabels(object, entry));
  const annotations = objectOf(content["commonAnnotations"]);
  if (Object.keys(annotations).length > 0) change((object) => withAnnotations(object, annotations));
  for (const { name, count } of listOf(content["replicas"])) {
    if (typeof name === "string" && typeof count === "number") change((object) => withReplicas(object, name, count));
  }
  const images = listOf(content["images"]);
  if (images.length > 0) change((object) => withImages(object, images) as JsonObject);
  return { objects, problems };
};

const withGenerated = <T>(
  objects: readonly Carried<T>[],
  { object, isHashed, behavior }: Generated,
): readonly Carried<T>[] => {
  const is = ({ object: other }: Carried<T>): boolean =>
    other["kind"] === object["kind"] && nameOf(other) === nameOf(object);
  if (behavior === "create" || !objects.some(is)) return [...objects, { object, from: undefined, isHashed }];
  const data = (other: JsonObject): JsonObject => (behavior === "merge" ? objectOf(other["data"]) : {});
  return objects.map((each) =>
    is(each)
      ? { ...each, object: { ...each.object, data: { ...data(each.object), ...objectOf(object["data"]) } } }
      : each,
  );
};

/** Generated names get their hash once everything else is done. */
export const withHashes = <T>(objects: readonly Carried<T>[]): readonly Carried<T>[] =>
  renamed(objects, (object, isHashed) => (isHashed ? `${nameOf(object)}-${contentHash(object)}` : undefined));

const renamed = <T>(
  objects: readonly Carried<T>[],
  nameFor: (object: JsonObject, isHashed: boolean) => string | undefined,
): readonly Carried<T>[] => {
  const renames = new Map<string, string>();
  const named = objects.map((each) => {
    const name = nameFor(each.object, each.isHashed);
    if (name === undefined) return each;
    renames.set(`${textOf(each.object["kind"])}/${nameOf(each.object)}`, name);
    return { ...each, object: { ...each.object, metadata: { ...objectOf(each.object["metadata"]), name } } };
  });
  return named.map((each) => ({ ...each, object: withNewNames(each.object, renames) }));
};

/** Kinds that prefixes and suffixes leave alone (builtinpluginconsts/nameprefix.go). */
const unnamed: ReadonlySet<string> = new Set(["APIService", "CustomResourceDefinition", "Namespace"]);

const patched = <T>(
  objects: readonly Carried<T>[],
  { target, documents }: ReadPatch,
  tools: KustomizeTools,
  problems: string[],
): readonly Carried<T>[] => {
  const operations = documents.length === 1 && Array.isArray(documents[0]) ? documents[0] : undefined;
  if (operations !== undefined) {
    return objects.map((each) => {
      if (target === undefined || !isTarget(each.object, target)) return each;
      const result = applyJsonPatch(each.object, operations);
      if ("problem" in result)
        problems.push(`a patch of ${textOf(each.object["kind"])} "${nameOf(each.object)}": ${result.problem}`);
      return "value" in result && isJsonObject(result.value) ? { ...each, object: result.value } : each;
    });
  }
  return documents.filter(isJsonObject).reduce<readonly Carried<T>[]>((before, patch) => {
    const wanted = target ?? {
      kind: patch["kind"] ?? "",
      name: nameOf(patch),
      ...(objectOf(patch["metadata"])["namespace"] === undefined
        ? {}
        : { namespace: textOf(objectOf(patch["metadata"])["namespace"]) }),
    };
    let found = false;
    const after = before.flatMap((each) => {
      if (!isTarget(each.object, wanted)) return [each];
      found = true;
      if (patch["$patch"] === "delete") return [];
      const { apiVersion, kind, metadata } = each.object;
      const { name } = objectOf(metadata);
      const merged = tools.merge(each.object, patch);
      // A patch with a target may carry another name, which does not count.
      return [
        {
          ...each,
          object: {
            ...merged,
            ...(apiVersion === undefined ? {} : { apiVersion }),
            ...(kind === undefined ? {} : { kind }),
            metadata: { ...objectOf(merged["metadata"]), ...(name === undefined ? {} : { name }) },
          },
        },
      ];
    });
    if (!found && target === undefined)
      problems.push(`a patch finds no ${textOf(wanted["kind"])} "${textOf(wanted["name"])}"`);
    return after;
  }, objects);
};

/** Whether a target means the object: name, namespace and kind are patterns of the whole text (kustomize api/types/selector.go). */
const isTarget = (object: JsonObject, target: JsonObject): boolean => {
  const [group, version] = groupAndVersion(textOf(object["apiVersion"]));
  const metadata = objectOf(object["metadata"]);
  const fits = (wanted: Json | undefined, text: string): boolean =>
    typeof wanted !== "string" || wanted === "" || wholePattern(wanted).test(text);
  return (
    fits(target["group"], group) &&
    fits(target["version"], version) &&
    fits(target["kind"], textOf(object["kind"])) &&
    fits(target["name"], nameOf(object)) &&
    fits(target["namespace"], textOf(metadata["namespace"]) || "default") &&
    hasAll(objectOf(metadata["labels"]), target["labelSelector"]) &&
    hasAll(objectOf(metadata["annotations"]), target["annotationSelector"])
  );
};

const wholePattern = (text: string): RegExp => {
  try {
    return new RegExp(`^(?:${text})$`);
  } catch {
    return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
  }
};

/** `a=b,c!=d,e,!f`. */
const hasAll = (labels: JsonObject, selector: Json | undefined): boolean =>
  typeof selector !== "string" ||
  selector
    .split(",")
    .map((term) => term.trim())
    .filter((term) => term !== "")
    .every((term) => {
      const [, key = "", operator, value = ""] = /^(!?[^=!]+?)\s*(?:(==?|!=)\s*(.*))?$/.exec(term) ?? [];
      if (operator === "!=") return labels[key] !== value;
      if (operator !== undefined) return labels[key] === value;
      return key.startsWith("!") ? labels[key.slice(1)] === undefined : labels[key] !== undefined;
    });

const inNamespace = (object: JsonObject, namespace: string, tools: KustomizeTools): JsonObject => {
  const kind = textOf(object["kind"]);
  const metadata = objectOf(object["metadata"]);
  if (kind === "Namespace") return { ...object, metadata: { ...metadata, name: namespace } };
  const moved: JsonObject = tools.isClusterScoped(textOf(object["apiVersion"]), kind)
    ? object
    : { ...object, metadata: { ...metadata, namespace } };
  if (!kind.endsWith("RoleBinding")) return moved;
  const subjects = listOf(moved["subjects"]).map((subject) =>
    subject["kind"] === "ServiceAccount" && subject["namespace"] !== undefined ? { ...subject, namespace } : subject,
  );
  return { ...moved, subjects };
};

interface LabelEntry {
  readonly pairs: JsonObject;
  readonly selectors: boolean;
  readonly templates: boolean;
}

const labelsOf = (content: JsonObject): readonly LabelEntry[] => [
  ...listOf(content["labels"]).map((entry) => ({
    pairs: objectOf(entry["pairs"]),
    selectors: entry["includeSelectors"] === true,
    templates: entry["includeTemplates"] === true || entry["includeSelectors"] === true,
  })),
  ...(content["commonLabels"] === undefined
    ? []
    : [{ pairs: objectOf(content["commonLabels"]), selectors: true, templates: true }]),
];

const withLabels = (object: JsonObject, { pairs, selectors, templates }: LabelEntry): JsonObject => {
  let result = atPath(object, ["metadata", "labels"], pairs, true);
  const kind = textOf(object["kind"]);
  if (templates) {
    result = atPath(result, ["spec", "template", "metadata", "labels"], pairs, hasTemplate.has(kind));
    result = atPath(result, ["spec", "jobTemplate", "metadata", "labels"], pairs, kind === "CronJob");
    result = atPath(
      result,
      ["spec", "jobTemplate", "spec", "template", "metadata", "labels"],
      pairs,
      kind === "CronJob",
    );
  }
  if (!selectors) return result;
  if (kind === "Service" || kind === "ReplicationController") return atPath(result, ["spec", "selector"], pairs, false);
  if (kind === "NetworkPolicy") return atPath(result, ["spec", "podSelector", "matchLabels"], pairs, false);
  return atPath(result, ["spec", "selector", "matchLabels"], pairs, hasSelector.has(kind));
};

const hasTemplate: ReadonlySet<string> = new Set([
  "Deployment",
  "ReplicaSet",
  "ReplicationController",
  "StatefulSet",
  "DaemonSet",
  "Job",
]);
const hasSelector: ReadonlySet<string> = new Set(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"]);

const withAnnotations = (object: JsonObject, pairs: JsonObject): JsonObject => {
  const kind = textOf(object["kind"]);
  const own = atPath(object, ["metadata", "annotations"], pairs, true);
  const ofPods = atPath(own, ["spec", "template", "metadata", "annotations"], pairs, hasTemplate.has(kind));
  return atPath(
    ofPods,
    ["spec", "jobTemplate", "spec", "template", "metadata", "annotations"],
    pairs,
    kind === "CronJob",
  );
};

/** Adds the pairs to the mapping at a path; where nothing is there it is made only when `create` says so, and only below `spec`'s parts that are there. */
const atPath = (
  object: JsonObject,
  [field, ...rest]: readonly string[],
  pairs: JsonObject,
  create: boolean,
): JsonObject => {
  if (field === undefined) return { ...object, ...pairs };
  const inner = object[field];
  if (!isJsonObject(inner ?? null)) {
    if (!create || rest.some((name) => name === "template" || name === "spec")) return object;
    return { ...object, [field]: atPath({}, rest, pairs, create) };
  }
  return { ...object, [field]: atPath(inner as JsonObject, rest, pairs, create) };
};

const withReplicas = (object: JsonObject, name: string, count: number): JsonObject =>
  nameOf(object) === name && /^(Deployment|ReplicaSet|ReplicationController|StatefulSet)$/.test(textOf(object["kind"]))
    ? { ...object, spec: { ...objectOf(object["spec"]), replicas: count } }
    : object;

/** Every `image` of a `containers` or `initContainers` list, at any depth, custom kinds too. */
const withImages = (value: Json, images: readonly JsonObject[]): Json => {
  if (Array.isArray(value)) return value.map((item) => withImages(item, images));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, item]) => [
      field,
      (field === "containers" || field === "initContainers") && Array.isArray(item)
        ? item.map((container) =>
            isJsonObject(container) && typeof container["image"] === "string"
              ? { ...container, image: newImage(container["image"], images) }
              : container,
          )
        : withImages(item, images),
    ]),
  );
};

const newImage = (image: string, images: readonly JsonObject[]): string => {
  const [, name = image, end = ""] = /^(.*?)((?::[\w][\w.-]*)?(?:@[\w:+.-]+)?)$/.exec(image) ?? [];
  for (const entry of images) {
    if (entry["name"] !== name) continue;
    const { newName, newTag, digest } = entry;
    const base = typeof newName === "string" ? newName : name;
    if (typeof digest === "string") return `${base}@${digest}`;
    return newTag === undefined || newTag === null ? `${base}${end}` : `${base}:${String(newTag)}`;
  }
  return image;
};

const groupAndVersion = (apiVersion: string): readonly [string, string] => {
  const at = apiVersion.indexOf("/");
  return at < 0 ? ["", apiVersion] : [apiVersion.slice(0, at), apiVersion.slice(at + 1)];
};

const nameOf = (object: JsonObject): string => textOf(objectOf(object["metadata"])["name"]);
const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value ?? null) ? (value as JsonObject) : {});
const listOf = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];
