import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** New names by `Kind/name` (kustomize api/internal/konfig/builtinpluginconsts/namereference.go). */
export type Renames = ReadonlyMap<string, string>;

/** The object with every reference to a renamed object under its new name. */
export const withNewNames = (object: JsonObject, renames: Renames): JsonObject =>
  renames.size === 0 ? object : (walk(object, renames, [object]) as JsonObject);

const walk = (value: Json, renames: Renames, above: readonly Json[], key = ""): Json => {
  if (Array.isArray(value)) return value.map((item) => walk(item, renames, above, key));
  if (!isJsonObject(value)) return value;
  const inside = [...above, value];
  return Object.fromEntries(
    Object.entries(value).map(([field, item]) => {
      if (typeof item !== "string") return [field, walk(item, renames, inside, field)];
      const kind = kindNamedBy(field, key, value);
      return [field, (kind === undefined ? undefined : renames.get(`${kind}/${item}`)) ?? item];
    }),
  );
};

/** The kind that a text field names, by the field and by the field that its mapping lies in. */
const kindNamedBy = (field: string, parent: string, mapping: JsonObject): string | undefined => {
  const direct = byField[field];
  if (direct !== undefined) return direct;
  if (field !== "name") return undefined;
  if (parent === "scaleTargetRef" || parent === "targetRef" || parent === "roleRef" || parent === "subjects") {
    const { kind } = mapping;
    return typeof kind === "string" ? kind : undefined;
  }
  return byParent[parent];
};

const byField: Readonly<Record<string, string>> = {
  claimName: "PersistentVolumeClaim",
  priorityClassName: "PriorityClass",
  secretName: "Secret",
  serviceAccountName: "ServiceAccount",
  serviceName: "Service",
  storageClassName: "StorageClass",
  volumeName: "PersistentVolume",
};

const byParent: Readonly<Record<string, string>> = {
  configMap: "ConfigMap",
  configMapKeyRef: "ConfigMap",
  configMapRef: "ConfigMap",
  imagePullSecrets: "Secret",
  secret: "Secret",
  secretKeyRef: "Secret",
  secretRef: "Secret",
  service: "Service",
};
