import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { type AccessRequest, createAuthorizer, type Identity, identityOf } from "../../src/cluster/rbac.ts";
import type { KubeObject } from "../../src/kubernetes/object.ts";

const apiVersion = "rbac.authorization.k8s.io/v1";

const role = (
  kind: string,
  name: string,
  rules: readonly object[],
  parts: object = {},
  namespace?: string,
): KubeObject =>
  ({
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...("labels" in parts ? parts : {}) },
    rules,
    ...("aggregationRule" in parts ? parts : {}),
  }) as KubeObject;

const binding = (name: string, to: string, subjects: readonly object[], namespace?: string): KubeObject => {
  const [kind, roleName] = to.split("/");
  return {
    apiVersion,
    kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    subjects,
    roleRef: { kind, name: roleName },
  } as KubeObject;
};

const read = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods", "pods/log", "*/status"] };
const one = { verbs: ["update"], apiGroups: ["apps"], resources: ["deployments"], resourceNames: ["web"] };

const authorizer = createAuthorizer([
  role("ClusterRole", "reader", [read]),
  role("Role", "web-owner", [one], {}, "shop"),
  role("ClusterRole", "piece", [{ verbs: ["*"], apiGroups: ["*"], resources: ["secrets"] }], {
    labels: { part: "all" },
  }),
  role("ClusterRole", "whole", [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: "all" } }] } }),
  role("ClusterRole", "health", [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/healthz/*"] }]),
  binding("readers", "ClusterRole/reader", [{ kind: "Group", name: "dev" }], "shop"),
  binding("owner", "Role/web-owner", [{ kind: "ServiceAccount", name: "deployer" }], "shop"),
  binding("keepers", "ClusterRole/whole", [{ kind: "User", name: "ann" }]),
  binding("health", "ClusterRole/health", [{ kind: "Group", name: "system:unauthenticated" }]),
  binding("lost", "ClusterRole/nowhere", [{ kind: "User", name: "bob" }]),
]);

const dev = identityOf("carol", ["dev"]);
const deployer = identityOf("system:serviceaccount:shop:deployer");

test.each([
  ["a group reads pods in its namespace", dev, { verb: "get", resource: "pods", namespace: "shop" }, true],
  ["but not in another", dev, { verb: "get", resource: "pods", namespace: "default" }, false],
  ["nor in all", dev, { verb: "list", resource: "pods" }, false],
  [
    "logs are a subresource of their own",
    dev,
    { verb: "get", resource: "pods", subresource: "log", namespace: "shop" },
    true,
  ],
  ["exec is not among them", dev, { verb: "get", resource: "pods", subresource: "exec", namespace: "shop" }, false],
  ["every status", dev, { verb: "get", resource: "services", subresource: "status", namespace: "shop" }, true],
  [
    "a name that the rule gives",
    deployer,
    { verb: "update", apiGroup: "apps", resource: "deployments", namespace: "shop", name: "web" },
    true,
  ],
  [
    "another name",
    deployer,
    { verb: "update", apiGroup: "apps", resource: "deployments", namespace: "shop", name: "api" },
    false,
  ],
  ["rules gathered by aggregation", identityOf("ann"), { verb: "delete", resource: "secrets", namespace: "x" }, true],
  ["a path below", identityOf("system:anonymous"), { verb: "get", path: "/healthz/etcd" }, true],
  ["a path beside", identityOf("system:anonymous"), { verb: "get", path: "/metrics" }, false],
  ["masters are let in", identityOf("root", ["system:masters"]), { verb: "delete", resource: "nodes" }, true],
])("%s", (_, identity, request, allowed) => {
  expect(authorizer.canI(identity, request).allowed).toBe(allowed);
});

test("the reason is the API server's", () => {
  expect(
    authorizer.canI(deployer, {
      verb: "update",
      apiGroup: "apps",
      resource: "deployments",
      namespace: "shop",
      name: "web",
    }).reason,
  ).toBe('RBAC: allowed by RoleBinding "owner/shop" of Role "web-owner" to ServiceAccount "deployer/shop"');
  expect(authorizer.canI(identityOf("bob"), { verb: "get", resource: "pods" }).reason).toBe(
    'RBAC: clusterrole.rbac.authorization.k8s.io "nowhere" not found',
  );
});

test("who may read secrets", () => {
  expect(authorizer.whoCan({ verb: "get", resource: "secrets", namespace: "shop" })).toEqual([
    {
      kind: "User",
      name: "ann",
      namespace: undefined,
      reason: 'ClusterRoleBinding "keepers" of ClusterRole "whole" to User "ann"',
    },
  ]);
  expect(authorizer.rulesFor(dev, "shop")).toEqual([read]);
});

const recorded = JSON.parse(
  gunzipSync(readFileSync(new URL("../conformance/rbac/answers.json.gz", import.meta.url))).toString("utf8"),
) as {
  readonly bootstrap: readonly KubeObject[];
  readonly cases: readonly {
    readonly objects: readonly KubeObject[];
    readonly queries: readonly (Identity & AccessRequest)[];
    readonly answers: readonly { readonly allowed: boolean; readonly reason?: string }[];
  }[];
};

// Recorded from the authorizer of Kubernetes v1.35.4.
test.each(recorded.cases.map((item, index) => [index, item] as const))("recorded answers, case %i", (_, item) => {
  const real = createAuthorizer([...recorded.bootstrap, ...item.objects]);
  const ours = item.queries.map((query) => {
    const answer = real.canI(query, query);
    return answer.allowed ? answer : { allowed: false };
  });
  expect(ours).toEqual(item.answers);
});
