import type { KubeObject, LabelSelector } from "../kubernetes/object.ts";
import { compileLabelSelector } from "../kubernetes/selectors.ts";

/** Who asks: a user name and groups, as authentication gives them. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

/** What is asked for: a verb on a resource, or on a path outside resources. */
export interface AccessRequest {
  readonly verb: string;
  readonly apiGroup?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly path?: string;
}

export interface AccessAnswer {
  readonly allowed: boolean;
  /** The API server's words: which binding allows it, or which role a binding names in vain. */
  readonly reason: string;
}

/** One subject that is allowed something, and through which binding. */
export interface AllowedSubject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly reason: string;
}

export interface Authorizer {
  readonly canI: (identity: Identity, request: AccessRequest) => AccessAnswer;
  readonly whoCan: (request: AccessRequest) => readonly AllowedSubject[];
  /** The rules that hold for an identity in a namespace, cluster-wide ones among them. */
  readonly rulesFor: (identity: Identity, namespace: string | undefined) => readonly PolicyRule[];
}

export interface PolicyRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

interface RoleObject extends KubeObject {
  readonly rules?: readonly PolicyRule[] | null;
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelector[] };
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

interface BindingObject extends KubeObject {
  readonly subjects?: readonly Subject[] | null;
  readonly roleRef: { readonly kind: string; readonly name: string };
}

/**
 * The RBAC authorizer over a cluster's roles and bindings. Bindings are looked at in the order given, cluster-wide ones first; which of several
 * that allow is named in the reason depends on that order, as it does on the real server's cache.
 * Source: Kubernetes v1.35 `plugin/pkg/auth/authorizer/rbac`, `pkg/registry/rbac/validation`.
 */
export const createAuthorizer = (objects: Iterable<KubeObject>): Authorizer => {
  const world = readObjects(objects);
  return {
    canI: (identity, request) => canI(world, identity, request),
    whoCan: (request) => whoCan(world, request),
    rulesFor: (identity, namespace) => {
      const rules: PolicyRule[] = [];
      for (const { binding, inNamespace } of bindingsFor(world, namespace)) {
        if (subjectOf(binding, identity, inNamespace) === undefined) continue;
        const found = rulesOf(world, binding, inNamespace);
        if (typeof found !== "string") rules.push(...found);
      }
      return rules;
    },
  };
};

/** An identity with the groups that the API server adds: all authenticated, and those of service accounts. */
export const identityOf = (user: string, groups: readonly string[] = []): Identity => {
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user);
  const own = account === null ? [] : ["system:serviceaccounts", `system:serviceaccounts:${account[1] ?? ""}`];
  const last = user === "system:anonymous" ? "system:unauthenticated" : "system:authenticated";
  return { user, groups: [...new Set([...groups, ...own, last])] };
};

interface World {
  readonly roles: ReadonlyMap<string, readonly PolicyRule[]>;
  readonly clusterRoles: ReadonlyMap<string, readonly PolicyRule[]>;
  readonly clusterBindings: readonly BindingObject[];
  readonly bindings: ReadonlyMap<string, readonly BindingObject[]>;
}

const readObjects = (objects: Iterable<KubeObject>): World => {
  const roles = new Map<string, readonly PolicyRule[]>();
  const clusterRoles = new Map<string, RoleObject>();
  const clusterBindings: BindingObject[] = [];
  const bindings = new Map<string, BindingObject[]>();
  for (const object of objects) {
    if (!object.apiVersion.startsWith("rbac.authorization.k8s.io/")) continue;
    const { name, namespace = "default" } = object.metadata;
    if (object.kind === "Role") roles.set(`${namespace}/${name}`, (object as RoleObject).rules ?? []);
    else if (object.kind === "ClusterRole") clusterRoles.set(name, object);
    else if (object.kind === "ClusterRoleBinding") clusterBindings.push(object as BindingObject);
    else if (object.kind === "RoleBinding") {
      const list = bindings.get(namespace) ?? [];
      list.push(object as BindingObject);
      bindings.set(namespace, list);
    }
  }
  return { roles, clusterRoles: aggregated(clusterRoles), clusterBindings, bindings };
};

/** Rules of cluster roles, those of aggregated roles gathered from the roles that their selectors match, by name, each rule once. */
const aggregated = (objects: ReadonlyMap<string, RoleObject>): ReadonlyMap<string, readonly PolicyRule[]> => {
  const done = new Map<string, readonly PolicyRule[]>();
  const names = [...objects.keys()].sort();
  const rulesOf = (name: string, above: readonly string[]): readonly PolicyRule[] => {
    const before = done.get(name);
    if (before !== undefined) return before;
    const object = objects.get(name);
    const selectors = object?.aggregationRule?.clusterRoleSelectors?.map(compileLabelSelector);
    if (object === undefined || selectors === undefined || above.includes(name)) return object?.rules ?? [];
    const rules = new Map<string, PolicyRule>();
    for (const other of names) {
      if (other === name || !selectors.some((selector) => selector.matches(objects.get(other)?.metadata.labels)))
        continue;
      for (const rule of rulesOf(other, [...above, name])) rules.set(JSON.stringify(rule), rule);
    }
    const all = [...rules.values()];
    done.set(name, all);
    return all;
  };
  for (const name of names) done.set(name, rulesOf(name, []));
  return done;
};

interface BindingInPlace {
  readonly binding: BindingObject;
  /** Empty for a cluster-wide binding. */
  readonly inNamespace: string;
}

function* bindingsFor(world: World, namespace: string | undefined): Generator<BindingInPlace> {
  for (const binding of world.clusterBindings) yield { binding, inNamespace: "" };
  if (!namespace) return;
  for (const binding of world.bindings.get(namespace) ?? []) yield { binding, inNamespace: namespace };
}

const canI = (world: World, identity: Identity, request: AccessRequest): AccessAnswer => {
  // Members of this group are let in before any rule is read.
  if (identity.groups.includes("system:masters")) return { allowed: true, reason: "" };
  const problems: string[] = [];
  for (const { binding, inNamespace } of bindingsFor(world, request.namespace)) {
    const subject = subjectOf(binding, identity, inNamespace);
    if (subject === undefined) continue;
    const rules = rulesOf(world, binding, inNamespace);
    if (typeof rules === "string") problems.push(rules);
    else if (rules.some((rule) => ruleAllows(rule, request)))
      return { allowed: true, reason: `RBAC: allowed by ${describe(binding, subject, inNamespace)}` };
  }
  const distinct = [...new Set(problems)];
  if (distinct.length === 0) return { allowed: false, reason: "" };
  return { allowed: false, reason: `RBAC: ${distinct.length === 1 ? distinct[0] : `[${distinct.join(", ")}]`}` };
};

const whoCan = (world: World, request: AccessRequest): readonly AllowedSubject[] => {
  const found: AllowedSubject[] = [];
  for (const { binding, inNamespace } of bindingsFor(world, request.namespace)) {
    const rules = rulesOf(world, binding, inNamespace);
    if (typeof rules === "string" || !rules.some((rule) => ruleAllows(rule, request))) continue;
    for (const subject of binding.subjects ?? [])
      found.push({
        kind: subject.kind,
        name: subject.name,
        namespace: subject.kind === "ServiceAccount" ? subject.namespace || inNamespace || undefined : undefined,
        reason: describe(binding, subject, inNamespace),
      });
  }
  return found;
};

const subjectOf = (binding: BindingObject, identity: Identity, namespace: string): Subject | undefined =>
  (binding.subjects ?? []).find((subject) => {
    if (subject.kind === "User") return subject.name === identity.user;
    if (subject.kind === "Group") return identity.groups.includes(subject.name);
    if (subject.kind !== "ServiceAccount") return false;
    const home = subject.namespace || namespace;
    return home !== "" && identity.user === `system:serviceaccount:${home}:${subject.name}`;
  });

/** The rules behind a binding, or why there are none. */
const rulesOf = (world: World, binding: BindingObject, namespace: string): readonly PolicyRule[] | string => {
  const { kind, name } = binding.roleRef;
  if (kind === "ClusterRole")
    return world.clusterRoles.get(name) ?? `clusterrole.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;
  if (kind === "Role")
    return (
      world.roles.get(`${namespace}/${name}`) ?? `role.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`
    );
  return `unsupported role reference kind: ${JSON.stringify(kind)}`;
};

const describe = (binding: BindingObject, subject: Subject, namespace: string): string => {
  const inside = namespace !== "";
  const name = inside ? `${binding.metadata.name}/${namespace}` : binding.metadata.name;
  const role = `${binding.roleRef.kind} ${JSON.stringify(binding.roleRef.name)}`;
  const home = subject.namespace || namespace;
  const who = subject.kind === "ServiceAccount" ? `${subject.name}/${home}` : subject.name;
  return `${inside ? "RoleBinding" : "ClusterRoleBinding"} ${JSON.stringify(name)} of ${role} to ${subject.kind} ${JSON.stringify(who)}`;
};

const ruleAllows = (rule: PolicyRule, request: AccessRequest): boolean => {
  if (!has(rule.verbs, request.verb)) return false;
  const { path } = request;
  if (path !== undefined) return (rule.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, path));
  const { resource = "", subresource = "" } = request;
  const whole = subresource === "" ? resource : `${resource}/${subresource}`;
  return (
    has(rule.apiGroups, request.apiGroup ?? "") &&
    (rule.resources ?? []).some(
      (item) => item === "*" || item === whole || (subresource !== "" && item === `*/${subresource}`),
    ) &&
    ((rule.resourceNames ?? []).length === 0 || (rule.resourceNames ?? []).includes(request.name ?? ""))
  );
};

const has = (list: readonly string[] | undefined, wanted: string): boolean =>
  (list ?? []).some((item) => item === "*" || item === wanted);

const pathMatches = (pattern: string, path: string): boolean =>
  pattern === "*" || pattern === path || (pattern.endsWith("*") && path.startsWith(pattern.replace(/\*+$/, "")));
