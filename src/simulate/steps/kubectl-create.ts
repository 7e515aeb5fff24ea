import type { JsonObject } from "../../model/json.ts";
import type { KubectlArguments } from "./kubectl-arguments.ts";
import { createdService } from "./kubectl-services.ts";

const rbac = "rbac.authorization.k8s.io";

/** The object that `kubectl create KIND NAME …` sends; undefined for kinds that it does not make here. */
export const createObject = (args: KubectlArguments): JsonObject | undefined => {
  const [kind = "", name = ""] = args.words;
  const namespace = args.flags.get("namespace") ?? "default";
  const metadata = { name, namespace };
  switch (kind) {
    case "namespace":
    case "ns":
      return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    case "serviceaccount":
    case "sa":
      return { apiVersion: "v1", kind: "ServiceAccount", metadata };
    case "configmap":
    case "cm":
      return { apiVersion: "v1", kind: "ConfigMap", metadata, data: literals(args) };
    case "secret":
      if (args.words[1] !== "generic") return undefined;
      return {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: args.words[2] ?? "", namespace },
        type: args.flags.get("type") ?? "Opaque",
        stringData: literals(args),
      };
    case "service":
    case "svc":
      return createdService(args);
    case "cronjob":
    case "cj":
      return {
        apiVersion: "batch/v1",
        kind: "CronJob",
        metadata,
        spec: {
          schedule: args.flags.get("schedule") ?? "",
          jobTemplate: {
            metadata: { name },
            spec: {
              template: {
                spec: {
                  containers: [{ name, image: args.flags.get("image") ?? "" }],
                  restartPolicy: args.flags.get("restart") ?? "OnFailure",
                },
              },
            },
          },
        },
      };
    case "deployment":
    case "deploy":
      return deployment(args, name, metadata);
    case "rolebinding":
      return { ...binding("RoleBinding", args, namespace), metadata };
    case "clusterrolebinding":
      return { ...binding("ClusterRoleBinding", args, namespace), metadata: { name } };
    case "job":
      return {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata,
        spec: {
          template: { spec: { containers: [{ name, image: args.flags.get("image") ?? "" }], restartPolicy: "Never" } },
        },
      };
    case "priorityclass":
    case "pc":
      return {
        apiVersion: "scheduling.k8s.io/v1",
        kind: "PriorityClass",
        metadata: { name },
        value: Number(args.flags.get("value") ?? 0),
      };
    case "quota":
    case "resourcequota":
      return { apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard: pairs(args.flags.get("hard")) } };
    case "poddisruptionbudget":
    case "pdb":
      return {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata,
        spec: {
          selector: { matchLabels: pairs(args.flags.get("selector")) },
          ...(args.flags.has("min-available") ? { minAvailable: count(args.flags.get("min-available")) } : {}),
          ...(args.flags.has("max-unavailable") ? { maxUnavailable: count(args.flags.get("max-unavailable")) } : {}),
        },
      };
    default:
      return undefined;
  }
};

const count = (text = ""): number | string => (/^\d+$/.test(text) ? Number(text) : text);

export const pairs = (text: string | undefined): JsonObject =>
  Object.fromEntries(
    (text ?? "")
      .split(",")
      .filter((pair) => pair !== "")
      .map((pair) => pair.split("=") as [string, string]),
  );

const literals = (args: KubectlArguments): JsonObject =>
  Object.fromEntries(
    args.values("from-literal").map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );

const deployment = (args: KubectlArguments, name: string, metadata: JsonObject): JsonObject => {
  const labels = { app: name };
  const images = args.values("image");
  const port = args.flags.get("port");
  const containers = images.map((image, index) => ({
    name: (image.split("/").at(-1) ?? image).split(/[:@]/)[0] ?? name,
    image,
    ...(port === undefined || index > 0 ? {} : { ports: [{ containerPort: Number(port) }] }),
  }));
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...metadata, labels },
    spec: {
      replicas: Number(args.flags.get("replicas") ?? 1),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
};

const binding = (kind: string, args: KubectlArguments, namespace: string): JsonObject => {
  const role = args.flags.get("role");
  return {
    apiVersion: `${rbac}/v1`,
    kind,
    roleRef: {
      apiGroup: rbac,
      kind: role === undefined ? "ClusterRole" : "Role",
      name: role ?? args.flags.get("clusterrole") ?? "",
    },
    subjects: [
      ...args.values("user").map((name) => ({ kind: "User", apiGroup: rbac, name })),
      ...args.values("group").map((name) => ({ kind: "Group", apiGroup: rbac, name })),
      ...args.values("serviceaccount").map((given) => {
        const [space = namespace, name = ""] = given.split(":");
        return { kind: "ServiceAccount", namespace: space, name };
      }),
    ],
  };
};
