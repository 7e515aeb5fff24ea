import { allows, type RoleAnswer, type ScopedRole } from "./role-check.ts";

/** A request to the API server of a cluster with Azure RBAC. */
export interface KubernetesRequest {
  readonly verb: string;
  readonly apiGroup?: string | undefined;
  readonly resource?: string | undefined;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  /** A path outside resources, such as `/healthz`. */
  readonly path?: string | undefined;
}

const operations: Readonly<Record<string, string>> = {
  get: "read",
  list: "read",
  watch: "read",
  create: "write",
  patch: "write",
  update: "write",
  delete: "delete",
  deletecollection: "delete",
  bind: "bind/action",
  escalate: "escalate/action",
  use: "use/action",
  impersonate: "impersonate/action",
};

/**
 * The data action that a Kubernetes request needs. Subresources do not count, but for `pods/exec`, which no verb tells apart; a verb that
 * Azure has no word for needs an action that no role lists (kubeguard/guard, authz/providers/azure/rbac).
 */
export const kubernetesDataAction = (request: KubernetesRequest): string => {
  const { verb, apiGroup, resource = "", subresource, path } = request;
  const operation = operations[verb] ?? "";
  const parts =
    path === undefined
      ? [
          apiGroup ?? "",
          ...(resource === "pods" && subresource === "exec" ? ["pods/exec/action"] : [resource, operation]),
        ]
      : [path, operation];
  const joined = parts
    .join("/")
    .split("/")
    .filter((part) => part !== "")
    .join("/");
  return `Microsoft.ContainerService/managedClusters/${joined}`;
};

/**
 * Whether Azure roles allow a request to a cluster: at the cluster or above, or at the namespace (`…/namespaces/shop`). The roles add to
 * Kubernetes' own bindings, which are asked when Azure says no ("Use Azure RBAC for Kubernetes Authorization").
 */
export const allowsKubernetes = (
  roles: readonly ScopedRole[],
  clusterId: string,
  request: KubernetesRequest,
): RoleAnswer => {
  const scope = request.namespace ? `${clusterId}/namespaces/${request.namespace}` : clusterId;
  return allows(roles, kubernetesDataAction(request), scope, "dataAction");
};
