import { objectAt, objectsAt, textAt, withField } from "../kubernetes/fields.ts";
import { apiVersionOf, groupOf, type KindInfo, kindInfo, kindKey, knownKinds } from "../kubernetes/kinds.ts";
import { schemaOf } from "../kubernetes/schema.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { ApiServer, Caller } from "./api-server.ts";
import { type ApiError, badRequest, forbidden, type ResourceName, statusOf } from "./api-status.ts";
import { escalation, isAuthorized, refusalText } from "./authorizer.ts";
import { type DuplicateKey, decodeStrictly } from "./decode-request.ts";

/** A body to be stored, and where it is sent. */
export interface WriteRequest {
  readonly method: "POST" | "PUT";
  /** Such as /apis/apps/v1/namespaces/default/deployments; made from the body where it is not given. */
  readonly path?: string;
  readonly body: JsonObject;
  readonly duplicates: readonly DuplicateKey[];
  readonly namespace: string;
  readonly caller: Caller;
}

export interface WriteAnswer {
  readonly request: { readonly method: string; readonly path: string };
  readonly httpStatus: number;
  readonly warnings: readonly string[];
  readonly object?: JsonObject;
  readonly status?: JsonObject;
  /** For answers that are no JSON. */
  readonly text?: string;
}

interface Target {
  readonly info: KindInfo;
  readonly namespace: string;
  readonly path: string;
}

/** Answers one write as kube-apiserver does: routing, rights, strict decoding, admission, validation (v1.35). */
export const answerWrite = (api: ApiServer, request: WriteRequest): WriteAnswer => {
  const { method, body, caller } = request;
  const target = targetOf(api, request);
  if (target === undefined) {
    const path = request.path ?? unservedPath(body, request.namespace);
    return { request: { method, path }, httpStatus: 404, warnings: [], text: "404 page not found\n" };
  }
  const { info, namespace } = target;
  const name = textAt(body, "metadata", "name");
  const path = method === "PUT" ? `${target.path}/${name}` : target.path;
  const refused = (error: ApiError, warnings: readonly string[] = []): WriteAnswer => ({
    request: { method, path },
    httpStatus: error.code,
    warnings,
    status: statusOf(error),
  });
  const resource: ResourceName = { group: info.group, kind: info.kind, plural: info.plural };
  const verb = method === "PUT" ? "update" : "create";
  const attributes = { ...caller, verb, group: info.group, resource: info.plural, namespace, name };
  if (!isAuthorized(api.store, attributes))
    return refused(forbidden(resource, method === "PUT" ? name : "", refusalText(attributes)));
  const apiVersion = apiVersionOf(info);
  const [givenVersion, givenKind] = [textAt(body, "apiVersion") || apiVersion, textAt(body, "kind") || info.kind];
  if (givenKind !== info.kind || givenVersion !== apiVersion) return refused(otherKind(givenVersion, givenKind, info));
  const type = schemaOf(apiVersion, info.kind);
  const named = { apiVersion, kind: info.kind, ...body };
  const unread =
    type === undefined ? undefined : decodeStrictly(named, type, info.kind, info.version, request.duplicates);
  if (unread !== undefined) return refused(unread);
  const own = textAt(body, "metadata", "namespace");
  if (info.namespaced && own !== "" && own !== namespace) {
    return refused(badRequest("the namespace of the provided object does not match the namespace sent on the request"));
  }
  const placed = info.namespaced ? withField(named, ["metadata", "namespace"], namespace) : named;
  if (info.group === "rbac.authorization.k8s.io" && (info.kind === "Role" || info.kind === "ClusterRole")) {
    const why = escalation(api.store, caller, namespace, objectsAt(body, "rules"));
    if (why !== undefined) return refused(forbidden(resource, name, why));
  }
  const answer = method === "PUT" ? api.update(overlaid(api, placed, info), caller) : api.create(placed, caller);
  if (answer.error !== undefined) return refused(answer.error, answer.warnings);
  return {
    request: { method, path },
    httpStatus: method === "PUT" ? 200 : 201,
    warnings: answer.warnings,
    object: answer.object as unknown as JsonObject,
  };
};

const targetOf = (api: ApiServer, { path, body, namespace }: WriteRequest): Target | undefined => {
  if (path !== undefined) return targetOfPath(path);
  const [apiVersion, kind] = [textAt(body, "apiVersion"), textAt(body, "kind")];
  const info = kindInfo(apiVersion, kind) ?? customKind(api, apiVersion, kind);
  if (info === undefined) return undefined;
  const space = info.namespaced ? textAt(body, "metadata", "namespace") || namespace : "";
  const base = info.group === "" ? `/api/${info.version}` : `/apis/${apiVersion}`;
  return { info, namespace: space, path: `${base}${space === "" ? "" : `/namespaces/${space}`}/${info.plural}` };
};

const targetOfPath = (path: string): Target | undefined => {
  const match = /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+))?\/([a-z]+)(?:\/[^/]+)?$/.exec(path);
  if (match === null) return undefined;
  const [, group = "", version = "", namespace = "", plural = ""] = match;
  const info = knownKinds().find((one) => one.group === group && one.version === version && one.plural === plural);
  return info === undefined ? undefined : { info, namespace, path: path.replace(new RegExp(`(/${plural})/.*$`), "$1") };
};

/** A kind that a CustomResourceDefinition in the cluster serves. */
const customKind = (api: ApiServer, apiVersion: string, kind: string): KindInfo | undefined => {
  for (const definition of api.store.list("CustomResourceDefinition") as unknown as readonly JsonObject[]) {
    const spec = objectAt(definition, "spec");
    const names = objectAt(spec, "names");
    const version = apiVersion.split("/")[1] ?? "";
    const isServed = objectsAt(spec, "versions").some((one) => one["name"] === version && one["served"] !== false);
    if (textAt(names, "kind") === kind && textAt(spec, "group") === groupOf(apiVersion) && isServed) {
      return {
        group: groupOf(apiVersion),
        version,
        kind,
        plural: textAt(names, "plural"),
        namespaced: spec["scope"] !== "Cluster",
      };
    }
  }
  return undefined;
};

const unservedPath = (body: JsonObject, namespace: string): string => {
  const apiVersion = textAt(body, "apiVersion");
  const kind = textAt(body, "kind").toLowerCase();
  const plural = knownKinds().find((info) => info.kind.toLowerCase() === kind)?.plural ?? `${kind}s`;
  return `${apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`}/namespaces/${textAt(body, "metadata", "namespace") || namespace}/${plural}`;
};

const otherKind = (apiVersion: string, kind: string, info: KindInfo): ApiError => {
  const version = apiVersion.split("/").at(-1) ?? "";
  const internal = info.group === "" ? "core" : (info.group.split(".")[0] ?? "");
  return badRequest(
    `${kind} in version "${version}" cannot be handled as a ${info.kind}: converting (${version}.${kind}) to (${internal}.${info.kind}): unknown conversion`,
  );
};

/** The live object with the body's fields laid over it: maps key by key, lists of one length element by element. */
const overlaid = (api: ApiServer, body: JsonObject, info: KindInfo): JsonObject => {
  const namespace = textAt(body, "metadata", "namespace") || undefined;
  const live = api.store.get(kindKey(apiVersionOf(info), info.kind), namespace, textAt(body, "metadata", "name"));
  return live === undefined ? body : (laid(live as unknown as Json, body) as JsonObject);
};

const laid = (a: Json | undefined, b: Json): Json => {
  if (isJsonObject(a ?? null) && isJsonObject(b)) {
    const base = a as JsonObject;
    return {
      ...base,
      ...Object.fromEntries(
        Object.entries(b).map(([key, value]) => [key, key in base ? laid(base[key], value) : value]),
      ),
    };
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    return (b as readonly Json[]).map((item, index) => laid((a as readonly Json[])[index], item));
  }
  return b;
};
