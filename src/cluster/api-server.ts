import { canonicalObject, withoutZeroValues } from "../kubernetes/canonical.ts";
import { applyDefaults } from "../kubernetes/defaults.ts";
import { listAt, objectAt, sameJson, textAt, textsAt, withField } from "../kubernetes/fields.ts";
import { generatedSuffix } from "../kubernetes/generated-name.ts";
import { groupOf, kindInfo, kindKey } from "../kubernetes/kinds.ts";
import type { KubeObject } from "../kubernetes/object.ts";
import { conform, schemaOf } from "../kubernetes/schema.ts";
import type { FieldProblem } from "../kubernetes/validation/field-problem.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { admit, validateAdmission, withPlugins } from "./admission/chain.ts";
import type { AdmissionRequest } from "./admission/plugin.ts";
import { topologyLabels } from "./admission/pod-defaults.ts";
import { createPolicyPlugin } from "./admission/validating-admission-policy.ts";
import { type ApiError, alreadyExists, conflict, invalid, notFound, type ResourceName } from "./api-status.ts";
import type { EvaluateCel } from "./cel.ts";
import { createObjectStore, type IndexedStore } from "./object-store.ts";
import { allocateService, type ServiceRanges } from "./service-allocation.ts";
import { gracePeriodOf, prepareForCreate, prepareForUpdate, withCondition } from "./strategy.ts";

export interface ApiServerOptions {
  /** RFC 3339 time of now, to the second. */
  readonly now: () => string;
  readonly ranges?: ServiceRanges;
  /** Without it ValidatingAdmissionPolicies are stored and not evaluated. */
  readonly cel?: EvaluateCel;
  /** Rules of the fields; without it every shape is taken. */
  readonly validate?: (object: JsonObject, previous: JsonObject | undefined) => readonly FieldProblem[];
}

/** Who asks. */
export interface Caller {
  readonly user: string;
  readonly groups: readonly string[];
}

/** What a request comes to: the object as stored, or why not. */
export type ApiAnswer =
  | { readonly object: KubeObject; readonly error?: undefined; readonly warnings: readonly string[] }
  | { readonly object?: undefined; readonly error: ApiError; readonly warnings: readonly string[] };

/** The API server without HTTP: defaulting, admission, strategies, storage (kube-apiserver v1.35 in its default form). */
export interface ApiServer {
  readonly store: IndexedStore;
  create(object: JsonObject, caller?: Caller): ApiAnswer;
  /** PUT: the whole object without its status. */
  update(object: JsonObject, caller?: Caller): ApiAnswer;
  /** PUT of the status subresource. */
  updateStatus(object: JsonObject): ApiAnswer;
  /** DELETE; objects with finalizers, and pods that run, only get their deletion time. */
  remove(kind: string, namespace: string | undefined, name: string, gracePeriodSeconds?: number): ApiAnswer;
  /** Binds a pod to its node, with the node's zone and region as labels (PodTopologyLabels). */
  bind(namespace: string, name: string, nodeName: string): ApiAnswer;
}

const administrator: Caller = { user: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] };
const standardRanges: ServiceRanges = { clusterIps: "10.0.0.0/16", nodePorts: [30000, 32767] };

/** An API server over an empty store; `bootstrap.ts` fills in what a new cluster holds. */
export const createApiServer = (options: ApiServerOptions): ApiServer => {
  const store = createObjectStore();
  const ranges = options.ranges ?? standardRanges;
  const plugins = withPlugins(options.cel === undefined ? [] : [createPolicyPlugin(options.cel)]);
  let drawn = 0;
  const randomSuffix = (): string => generatedSuffix("names", drawn++);

  const write = (object: JsonObject): KubeObject => store.put(canonical(object) as unknown as KubeObject);

  const request = (
    operation: AdmissionRequest["operation"],
    object: JsonObject,
    previous: JsonObject | undefined,
    caller: Caller,
  ): AdmissionRequest => ({
    operation,
    resource: resourceOf(object),
    apiVersion: textAt(object, "apiVersion"),
    namespace: textAt(object, "metadata", "namespace"),
    name: textAt(object, "metadata", "name"),
    subresource: "",
    user: caller.user,
    groups: caller.groups,
    store,
    previous,
    object,
    warnings: [],
    randomSuffix,
  });

  const refuse = (error: ApiError, warnings: readonly string[] = []): ApiAnswer => ({ error, warnings });

  return {
    store,
    create: (given, caller = administrator) => {
      const named = withIdentity(given, options.now(), drawn++);
      const [read, key] = decoded(named);
      const asked = request("CREATE", read, undefined, caller);
      // A name is drawn only after the plugins have changed the object: their refusals show what it is drawn from.
      const isNamed = textAt(given, "metadata", "name") !== "";
      const early = isNamed ? asked : { ...asked, name: textAt(read, "metadata", "generateName") };
      const refusal = admit(plugins, early);
      if (refusal !== undefined) return refuse(refusal, asked.warnings);
      asked.object = early.object;
      const prepared = prepareForCreate(key, asked.object, options.now());
      const problems = options.validate?.(prepared, undefined) ?? [];
      const { resource, name } = asked;
      if (problems.length > 0) return refuse(invalid(resource, name, problems), asked.warnings);
      asked.object = prepared;
      const denied = validateAdmission(plugins, asked);
      if (denied !== undefined) return refuse(denied, asked.warnings);
      if (store.get(kindKey(asked.apiVersion, resource.kind), asked.namespace || undefined, name) !== undefined) {
        return refuse(alreadyExists(resource, name), asked.warnings);
      }
      const allocated = key === "/Service" ? allocateService(prepared, undefined, store, ranges) : prepared;
      if (isError(allocated)) return refuse(allocated, asked.warnings);
      return { object: write(allocated), warnings: asked.warnings };
    },
    update: (given, caller = administrator) => {
      const [read, key] = decoded(withNamespace(given));
      const previous = current(store, read);
      const resource = resourceOf(read);
      const name = textAt(read, "metadata", "name");
      if (previous === undefined) return refuse(notFound(resource, name));
      const version = textAt(read, "metadata", "resourceVersion");
      if (version !== "" && version !== textAt(previous, "metadata", "resourceVersion")) {
        const why = "the object has been modified; please apply your changes to the latest version and try again";
        return refuse(conflict(resource, name, why));
      }
      const asked = request("UPDATE", read, previous, caller);
      const refusal = admit(plugins, asked);
      if (refusal !== undefined) return refuse(refusal, asked.warnings);
      const prepared = prepareForUpdate(key, canonical(asked.object), previous);
      const problems = options.validate?.(prepared, previous) ?? [];
      if (problems.length > 0) return refuse(invalid(resource, name, problems), asked.warnings);
      asked.object = prepared;
      const denied = validateAdmission(plugins, asked);
      if (denied !== undefined) return refuse(denied, asked.warnings);
      const allocated = key === "/Service" ? allocateService(prepared, previous, store, ranges) : prepared;
      if (isError(allocated)) return refuse(allocated, asked.warnings);
      return { object: writeChanged(allocated, previous), warnings: asked.warnings };
    },
    updateStatus: (given) => {
      const previous = current(store, given);
      if (previous === undefined) return refuse(notFound(resourceOf(given), textAt(given, "metadata", "name")));
      return { object: writeChanged(withField(previous, ["status"], given["status"]), previous), warnings: [] };
    },
    remove: (kind, namespace, name, gracePeriodSeconds) => {
      const found = store.get(kind, namespace, name) as unknown as JsonObject | undefined;
      if (found === undefined) return refuse(notFound(resourceOfKind(kind), name));
      const grace = kind === "Pod" ? gracePeriodOf(found, gracePeriodSeconds) : 0;
      const isEnding = textAt(found, "metadata", "deletionTimestamp") !== "";
      const isHeld =
        listAt(found, "metadata", "finalizers").length > 0 ||
        (kind === "Namespace" && listAt(found, "spec", "finalizers").length > 0);
      if (grace > 0 && isEnding) return { object: found as unknown as KubeObject, warnings: [] };
      if (grace > 0 || isHeld) {
        const marked = withField(
          withField(found, ["metadata", "deletionTimestamp"], options.now()),
          ["metadata", "deletionGracePeriodSeconds"],
          grace,
        );
        const phased = kind === "Namespace" ? withField(marked, ["status", "phase"], "Terminating") : marked;
        const generation = objectAt(found, "metadata")["generation"];
        const counted =
          typeof generation === "number" && !isEnding
            ? withField(phased, ["metadata", "generation"], generation + 1)
            : phased;
        return { object: write(counted), warnings: [] };
      }
      store.remove(kind, namespace, name);
      return { object: found as unknown as KubeObject, warnings: [] };
    },
    bind: (namespace, name, nodeName) => {
      const pod = store.get("Pod", namespace, name) as unknown as JsonObject | undefined;
      if (pod === undefined) return refuse(notFound(resourceOfKind("Pod"), name));
      const node = textsAt(
        store.get("Node", undefined, nodeName) as unknown as JsonObject | undefined,
        "metadata",
        "labels",
      );
      const labels: Record<string, Json> = { ...objectAt(pod, "metadata", "labels") };
      for (const label of topologyLabels) {
        const value = node[label];
        if (value !== undefined) labels[label] = value;
      }
      const condition = { type: "PodScheduled", status: "True", lastTransitionTime: options.now() };
      const bound = withField(
        withField(pod, ["spec", "nodeName"], nodeName),
        ["status", "conditions"],
        withCondition(listAt(pod, "status", "conditions"), condition),
      );
      const { nominatedNodeName: _, ...status } = objectAt(bound, "status");
      const labelled = Object.keys(labels).length === 0 ? bound : withField(bound, ["metadata", "labels"], labels);
      return { object: write({ ...labelled, status }), warnings: [] };
    },
  };

  /** A write that changes nothing keeps the version; the last finalizer gone ends an object that is going away. */
  function writeChanged(object: JsonObject, previous: JsonObject): KubeObject {
    const kept = withField(object, ["metadata", "resourceVersion"], objectAt(previous, "metadata")["resourceVersion"]);
    const written = canonical(kept);
    if (sameJson(written, previous)) return previous as unknown as KubeObject;
    const isOver =
      textAt(written, "metadata", "deletionTimestamp") !== "" &&
      listAt(written, "metadata", "finalizers").length === 0 &&
      listAt(written, "spec", "finalizers").length === 0 &&
      Number(objectAt(written, "metadata")["deletionGracePeriodSeconds"] ?? 0) === 0;
    if (!isOver) return store.put(written as unknown as KubeObject);
    const { namespace, name } = (written as unknown as KubeObject).metadata;
    store.remove(kindKey(textAt(written, "apiVersion"), textAt(written, "kind")), namespace, name);
    return written as unknown as KubeObject;
  }
};

const canonical = (object: JsonObject): JsonObject => {
  const type = schemaOf(textAt(object, "apiVersion"), textAt(object, "kind"));
  if (type === undefined) return object;
  return { kind: object["kind"] ?? "", apiVersion: object["apiVersion"] ?? "", ...canonicalObject(object, type) };
};

const isError = (value: JsonObject | ApiError): value is ApiError => "code" in value && "reason" in value;

/** The object with defaults, and the name its strategy goes by: `group/Kind`. */
const decoded = (given: JsonObject): readonly [JsonObject, string] => {
  const apiVersion = textAt(given, "apiVersion");
  const type = schemaOf(apiVersion, textAt(given, "kind"));
  const shaped = type === undefined ? given : withoutZeroValues(conform(given, type).value, type);
  const defaulted = applyDefaults(shaped as unknown as KubeObject) as unknown as JsonObject;
  return [defaulted, `${groupOf(apiVersion)}/${textAt(given, "kind")}`];
};

const withNamespace = (given: JsonObject): JsonObject => {
  const info = kindInfo(textAt(given, "apiVersion"), textAt(given, "kind"));
  if (info?.namespaced !== true || textAt(given, "metadata", "namespace") !== "") return given;
  return withField(given, ["metadata", "namespace"], "default");
};

const withIdentity = (given: JsonObject, now: string, number: number): JsonObject => {
  const placed = withNamespace(given);
  const metadata: Record<string, Json> = { ...objectAt(placed, "metadata") };
  if (textAt(metadata, "name") === "" && textAt(metadata, "generateName") !== "") {
    metadata["name"] =
      textAt(metadata, "generateName").slice(0, 58) + generatedSuffix(textAt(metadata, "generateName"), number);
  }
  metadata["uid"] = `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
  metadata["creationTimestamp"] = now;
  for (const field of [
    "resourceVersion",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
    "generation",
  ])
    delete metadata[field];
  return { ...placed, metadata };
};

const current = (store: IndexedStore, object: JsonObject): JsonObject | undefined => {
  const placed = withNamespace(object);
  const kind = kindKey(textAt(placed, "apiVersion"), textAt(placed, "kind"));
  const namespace = textAt(placed, "metadata", "namespace") || undefined;
  return store.get(kind, namespace, textAt(placed, "metadata", "name")) as unknown as JsonObject | undefined;
};

/** Names for answers; a custom resource's plural is guessed, as kubectl does. */
const resourceOf = (object: JsonObject): ResourceName => {
  const [apiVersion, kind] = [textAt(object, "apiVersion"), textAt(object, "kind")];
  const info = kindInfo(apiVersion, kind);
  return { group: groupOf(apiVersion), kind, plural: info?.plural ?? guessedPlural(kind) };
};

const resourceOfKind = (kind: string): ResourceName => ({ group: "", kind, plural: guessedPlural(kind) });

const guessedPlural = (kind: string): string => {
  const small = kind.toLowerCase();
  return small.endsWith("s") ? `${small}es` : small.endsWith("y") ? `${small.slice(0, -1)}ies` : `${small}s`;
};
