import { bootstrapRoles } from "../kubernetes/bootstrap-rbac.ts";
import { listAt, objectAt, objectsAt, textAt } from "../kubernetes/fields.ts";
import type { JsonObject } from "../model/json.ts";
import type { IndexedStore } from "./object-store.ts";

/** What somebody wants to do, in RBAC's terms. */
export interface Attributes {
  readonly user: string;
  readonly groups: readonly string[];
  readonly verb: string;
  readonly group: string;
  /** With `/subresource` where there is one. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

const everyone = (store: IndexedStore, kind: string, namespace?: string): readonly JsonObject[] => [
  ...bootstrapRoles().filter(
    (object) =>
      object["kind"] === kind && (namespace === undefined || textAt(object, "metadata", "namespace") === namespace),
  ),
  ...(store.list(kind, namespace) as unknown as readonly JsonObject[]),
];

/** The rules that hold for a user in a namespace; cluster-wide ones alone where it is empty (plugin/pkg/auth/authorizer/rbac, v1.35). */
export const rulesFor = (
  store: IndexedStore,
  who: Pick<Attributes, "user" | "groups">,
  namespace: string,
): readonly JsonObject[] => {
  const rules: JsonObject[] = [];
  const add = (binding: JsonObject, space: string): void => {
    if (!objectsAt(binding, "subjects").some((subject) => isMeant(subject, who, space))) return;
    const reference = objectAt(binding, "roleRef");
    const role = everyone(store, textAt(reference, "kind"), reference["kind"] === "Role" ? space : undefined).find(
      (candidate) => textAt(candidate, "metadata", "name") === textAt(reference, "name"),
    );
    if (role !== undefined) rules.push(...objectsAt(role, "rules"));
  };
  for (const binding of everyone(store, "ClusterRoleBinding")) add(binding, "");
  if (namespace !== "") for (const binding of everyone(store, "RoleBinding", namespace)) add(binding, namespace);
  return rules;
};

const isMeant = (
  subject: JsonObject,
  { user, groups }: Pick<Attributes, "user" | "groups">,
  space: string,
): boolean => {
  const name = textAt(subject, "name");
  switch (subject["kind"]) {
    case "User":
      return name === user;
    case "Group":
      return groups.includes(name);
    case "ServiceAccount":
      return user === `system:serviceaccount:${textAt(subject, "namespace") || space}:${name}`;
    default:
      return false;
  }
};

/** Whether RBAC lets it be done. */
export const isAuthorized = (store: IndexedStore, attributes: Attributes): boolean =>
  attributes.groups.includes("system:masters") ||
  rulesFor(store, attributes, attributes.namespace).some((rule) => allows(rule, attributes));

const has = (rule: JsonObject, field: string, value: string): boolean => {
  const values = listAt(rule, field);
  return values.includes("*") || values.includes(value);
};

/** Whether one rule covers one action on one resource. */
export const allows = (
  rule: JsonObject,
  { verb, group, resource, name }: Pick<Attributes, "verb" | "group" | "resource" | "name">,
): boolean => {
  const names = listAt(rule, "resourceNames");
  const [, sub] = resource.split("/");
  return (
    has(rule, "verbs", verb) &&
    has(rule, "apiGroups", group) &&
    (has(rule, "resources", resource) || (sub !== undefined && listAt(rule, "resources").includes(`*/${sub}`))) &&
    (names.length === 0 || names.includes(name))
  );
};

/** Why a request is refused, as the API server words it. */
export const refusalText = ({ user, verb, group, resource, namespace }: Attributes): string =>
  `User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`}`;

/** The rules of a role that its maker does not hold, as the API server lists them; undefined when there are none. */
export const escalation = (
  store: IndexedStore,
  who: Pick<Attributes, "user" | "groups">,
  namespace: string,
  asked: readonly JsonObject[],
): string | undefined => {
  if (who.groups.includes("system:masters")) return undefined;
  const held = rulesFor(store, who, namespace);
  const missing = new Map<string, string[]>();
  for (const rule of asked) {
    for (const group of listAt(rule, "apiGroups")) {
      for (const resource of listAt(rule, "resources")) {
        for (const verb of listAt(rule, "verbs")) {
          const wanted = { verb: String(verb), group: String(group), resource: String(resource), name: "" };
          if (held.some((one) => allows(one, wanted))) continue;
          const key = `{APIGroups:["${group}"], Resources:["${resource}"]`;
          missing.set(key, [...(missing.get(key) ?? []), `"${verb}"`]);
        }
      }
    }
  }
  if (missing.size === 0) return undefined;
  const lines = [...missing].map(([key, verbs]) => `${key}, Verbs:[${verbs.join(" ")}]}`).sort();
  const groups = who.groups.map((group) => `"${group}"`).join(" ");
  return `user "${who.user}" (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${lines.join("\n")}`;
};
