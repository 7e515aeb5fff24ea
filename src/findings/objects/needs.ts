import { containersOf, type Workload } from "../../graph/pod-templates.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";

/** An object that the pods of a workload cannot do without, and where they name it. */
export interface Need {
  readonly kind: "ConfigMap" | "Secret" | "ServiceAccount" | "PriorityClass";
  readonly name: string;
  /** Keys that must be in it. */
  readonly keys: readonly string[];
  /** How they use it. */
  readonly as: "environment" | "volume" | "pod" | "pull";
  /** In the pod's spec. */
  readonly path: readonly (string | number)[];
}

/** What a pod template names and does not call optional. */
export const needsOf = ({ spec }: Workload): readonly Need[] => {
  const needs: Need[] = [];
  const { serviceAccountName, priorityClassName } = spec;
  if (serviceAccountName !== undefined && serviceAccountName !== "" && serviceAccountName !== "default") {
    needs.push({ kind: "ServiceAccount", name: serviceAccountName, keys: [], as: "pod", path: ["serviceAccountName"] });
  }
  if (priorityClassName !== undefined && priorityClassName !== "" && !priorityClassName.startsWith("system-")) {
    needs.push({ kind: "PriorityClass", name: priorityClassName, keys: [], as: "pod", path: ["priorityClassName"] });
  }
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries()) {
    if (name !== undefined && name !== "")
      needs.push({ kind: "Secret", name, keys: [], as: "pull", path: ["imagePullSecrets", index] });
  }
  for (const { container, path } of containersOf(spec)) {
    needs.push(...environmentNeeds(container as unknown as JsonObject, path));
  }
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    const at = ["volumes", index];
    push(needs, "ConfigMap", volume.configMap, "name", [...at, "configMap"]);
    push(needs, "Secret", volume.secret, "secretName", [...at, "secret"]);
    for (const [number, source] of list(volume.projected?.["sources"]).entries()) {
      const inner = [...at, "projected", "sources", number];
      push(needs, "ConfigMap", source["configMap"], "name", [...inner, "configMap"]);
      push(needs, "Secret", source["secret"], "name", [...inner, "secret"]);
    }
  }
  return needs;
};

const environmentNeeds = (container: JsonObject, path: readonly (string | number)[]): readonly Need[] => {
  const needs: Need[] = [];
  const add = (kind: Need["kind"], given: Json | undefined, at: readonly (string | number)[]): void => {
    if (!isJsonObject(given) || given["optional"] === true || typeof given["name"] !== "string") return;
    const keys = typeof given["key"] === "string" ? [given["key"]] : [];
    needs.push({ kind, name: given["name"], keys, as: "environment", path: [...path, ...at] });
  };
  for (const [index, source] of list(container["envFrom"]).entries()) {
    add("ConfigMap", source["configMapRef"], ["envFrom", index, "configMapRef"]);
    add("Secret", source["secretRef"], ["envFrom", index, "secretRef"]);
  }
  for (const [index, variable] of list(container["env"]).entries()) {
    const from = variable["valueFrom"];
    if (!isJsonObject(from)) continue;
    add("ConfigMap", from["configMapKeyRef"], ["env", index, "valueFrom", "configMapKeyRef"]);
    add("Secret", from["secretKeyRef"], ["env", index, "valueFrom", "secretKeyRef"]);
  }
  return needs;
};

const push = (
  needs: Need[],
  kind: Need["kind"],
  given: Json | undefined,
  nameField: string,
  path: readonly (string | number)[],
): void => {
  if (!isJsonObject(given) || given["optional"] === true) return;
  const name = given[nameField];
  if (typeof name !== "string" || name === "") return;
  const keys = list(given["items"]).flatMap(({ key }) => (typeof key === "string" ? [key] : []));
  needs.push({ kind, name, keys, as: "volume", path });
};

const list = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];
