import type { JsonObject } from "../model/json.ts";
import { kindInfo } from "./kinds.ts";
import { schemaOf } from "./schema.ts";
import { strategicMerge } from "./strategic-merge.ts";

/** What building a kustomization takes of the API: patches merged by the kind's own merge keys, and kinds without a namespace. */
export const kustomizeTools = {
  merge: (object: JsonObject, patch: JsonObject): JsonObject =>
    strategicMerge(object, patch, schemaOf(String(object["apiVersion"] ?? ""), String(object["kind"] ?? ""))),
  isClusterScoped: (apiVersion: string, kind: string): boolean => kindInfo(apiVersion, kind)?.namespaced === false,
};
