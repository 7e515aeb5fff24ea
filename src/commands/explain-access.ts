import type { AksCluster } from "../azure/platform.ts";
import { type AccessRequest, createAuthorizer, identityOf } from "../cluster/rbac.ts";
import {
  adminCredentialGrants,
  azureKubernetesAccess,
  heldBy,
  isAzurePrincipal,
  type KubernetesAnswer,
  type KubernetesGrant,
  kubernetesGrants,
} from "../graph/kubernetes-grants.ts";
import { bootstrapRoles } from "../kubernetes/bootstrap-rbac.ts";
import type { KubeObject } from "../kubernetes/object.ts";
import { known } from "../model/unknown.ts";
import type { ReadPlatform } from "../read-platform.ts";
import { plainLine } from "../report/escape.ts";
import type { ExplainFlags } from "./explain-platform.ts";

/**
 * `get pods`, `create deployments.apps`, `get pods/log`: whether Kubernetes RBAC of the manifests or, where the cluster has it, Azure RBAC
 * allows it, and through what.
 */
export const explainAccess = (read: ReadPlatform, question: string, flags: ExplainFlags): string => {
  const request = requestOf(question, flags.namespace);
  const cluster = read.platform.clusters.find((each) => !each.isData);
  return flags.as === undefined
    ? whoMay(read, cluster, request, question, flags.json === true)
    : whetherMay(read, cluster, request, flags.as, flags);
};

const requestOf = (question: string, namespace: string | undefined): AccessRequest => {
  const [verb = "", target = "", name] = question.trim().split(/\s+/);
  const [dotted = "", subresource] = target.split("/");
  const [resource = "", ...group] = dotted.split(".");
  return {
    verb,
    apiGroup: group.join("."),
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  };
};

const hasAzureRbac = (cluster: AksCluster | undefined): cluster is AksCluster =>
  cluster?.entra !== undefined && known(cluster.entra.azureRbac) === true;

const whoMay = (
  read: ReadPlatform,
  cluster: AksCluster | undefined,
  request: AccessRequest,
  question: string,
  asJson: boolean,
): string => {
  // The API server's own bindings are of its controllers and nodes, whom nobody asks about; their roles are for everybody to bind.
  const subjects = createAuthorizer(withRoles(read, (kind) => kind === "ClusterRole")).whoCan(request);
  const grants = hasAzureRbac(cluster) ? kubernetesGrants(read.platform, cluster, request) : [];
  const azure = grants.map((grant) => ({
    kind: "Azure principal",
    name: grant.principal ?? "(not known before apply)",
    namespace: grant.namespace,
    reason: grantText(grant),
  }));
  const admins = (cluster?.entra?.adminGroups ?? []).map((group) => ({
    kind: "Group",
    name: group,
    namespace: undefined,
    reason: "admin_group_object_ids, which AKS binds to cluster-admin",
  }));
  const credentials = (cluster === undefined ? [] : adminCredentialGrants(read.platform, cluster)).map((grant) => ({
    kind: "Azure principal",
    name: grant.principal ?? "(not known before apply)",
    namespace: undefined,
    reason: credentialText(grant),
  }));
  const who = [...subjects, ...admins, ...azure, ...credentials];
  if (asJson) return `${JSON.stringify(who, null, 2)}\n`;
  if (who.length === 0) {
    const beside = hasAzureRbac(cluster) ? ", nor by role assignments of the configuration" : "";
    return `${plainLine(`Nobody may ${question} by the roles and bindings in the manifests${beside}.`)}\n`;
  }
  return who
    .map(({ kind, namespace, name, reason }) => {
      const of = kind === "Azure principal" || namespace === undefined ? "" : `${namespace}/`;
      return `${plainLine(`${kind} ${of}${name}: ${reason}`)}\n`;
    })
    .join("");
};

/** The manifests' objects, and what every cluster holds from its start: `view`, `edit`, `admin`, `cluster-admin` and those of the system. */
const withRoles = (read: ReadPlatform, wanted: (kind: string) => boolean = () => true): readonly KubeObject[] => [
  ...(bootstrapRoles() as unknown as readonly KubeObject[]).filter(({ kind }) => wanted(kind)),
  ...read.objects.map(({ object }) => object),
];

const whetherMay = (
  read: ReadPlatform,
  cluster: AksCluster | undefined,
  request: AccessRequest,
  user: string,
  flags: ExplainFlags,
): string => {
  const authorizer = createAuthorizer(withRoles(read));
  const groups = flags.asGroup.map((group) => userNameOf(read, group));
  const bound = authorizer.canI(identityOf(userNameOf(read, user), groups), request);
  const adminGroup = cluster?.entra?.adminGroups.find((group) => groups.includes(group));
  const own = [user, ...flags.asGroup];
  const azure =
    hasAzureRbac(cluster) && own.some(isAzurePrincipal)
      ? azureKubernetesAccess(read.platform, cluster, own, request)
      : undefined;
  const kubernetes =
    bound.allowed || adminGroup === undefined ? bound : { allowed: true, reason: adminText(adminGroup) };
  const credential =
    cluster === undefined ? undefined : heldBy(read.platform, adminCredentialGrants(read.platform, cluster), own)[0];
  if (credential !== undefined && credential.doubt === "" && !kubernetes.allowed && azure?.allowed !== "yes")
    return flags.json
      ? `${JSON.stringify({ allowed: true, reason: credentialText(credential) }, null, 2)}\n`
      : `${plainLine(`yes - ${credentialText(credential)}`)}\n`;
  const allowed = kubernetes.allowed || azure?.allowed === "yes";
  if (flags.json) {
    const reason =
      kubernetes.allowed || azure?.by === undefined ? kubernetes.reason : `${grantText(azure.by)}${doubtOf(azure)}`;
    return `${JSON.stringify({ allowed, reason, ...(azure === undefined ? {} : { azure }) }, null, 2)}\n`;
  }
  const reasons = [
    ...(kubernetes.reason === "" || (!kubernetes.allowed && azure?.allowed === "yes") ? [] : [kubernetes.reason]),
    ...(azure === undefined ? silence(cluster, own) : [azureText(azure)]),
  ];
  const word = allowed ? "yes" : azure?.allowed === "unsure" ? "unsure" : "no";
  return `${plainLine([word, ...reasons].join(" - "))}\n`;
};

/** Managed identities and groups are known to Kubernetes by their object ids ("Use Kubernetes role-based access control with Microsoft Entra ID"). */
const userNameOf = (read: ReadPlatform, name: string): string =>
  known(read.platform.identities.find(({ address }) => address === name)?.principalId) ?? name;

const silence = (cluster: AksCluster | undefined, who: readonly string[]): readonly string[] =>
  cluster !== undefined && who.some(isAzurePrincipal)
    ? ["the cluster has no azure_rbac_enabled, so role assignments give nothing inside it"]
    : [];

const azureText = (answer: KubernetesAnswer): string =>
  answer.by === undefined
    ? `no role assignment of the configuration gives ${answer.action}`
    : `Azure RBAC: ${grantText(answer.by)}${doubtOf(answer)}`;

const doubtOf = ({ by }: KubernetesAnswer): string =>
  by === undefined || by.doubt === "" ? "" : `, if it holds: ${by.doubt}`;

const grantText = ({ role, scope, namespace, assignment }: KubernetesGrant): string =>
  `role "${role}" over ${namespace === undefined ? scope : `namespace ${namespace} of ${scope}`} (${assignment})`;

const credentialText = (grant: KubernetesGrant): string =>
  `${grantText(grant)} fetches the administrator's credential, which may do anything${grant.doubt === "" ? "" : `, if it holds: ${grant.doubt}`}`;

const adminText = (group: string): string =>
  `"${group}" is in admin_group_object_ids, which AKS binds to cluster-admin`;
