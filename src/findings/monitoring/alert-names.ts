import type { AlertCondition, AlertRule } from "../../azure/platform.ts";
import { known } from "../../model/unknown.ts";

/** Something of a cluster that an alert is limited to. */
export interface AlertName {
  readonly kind: "pool" | "namespace" | "cluster";
  readonly value: string;
  /** True where the value is only how the name begins. */
  readonly isPrefix: boolean;
  readonly path: string;
}

/** The pools, namespaces and clusters that the conditions of an alert are limited to, as dimensions, in KQL or in PromQL. */
export const alertNames = (alert: AlertRule): readonly AlertName[] => {
  const found = alert.conditions
    .filter(({ enabled }) => enabled !== false)
    .flatMap((condition) => [...ofDimensions(condition), ...ofQuery(alert.kind, condition)]);
  const cluster = known(alert.clusterName);
  const own: readonly AlertName[] =
    cluster === undefined ? [] : [{ kind: "cluster", value: cluster, isPrefix: false, path: "cluster_name" }];
  const all = [...own, ...found];
  return all.filter(
    ({ kind, value }, index) => all.findIndex((other) => other.kind === kind && other.value === value) === index,
  );
};

/** Dimensions of AKS's metrics, and the column names that log alerts split by ("Monitoring data reference for AKS"). */
const dimensionKinds: Readonly<Record<string, AlertName["kind"]>> = {
  agentpool: "pool",
  clustername: "cluster",
  "kubernetes namespace": "namespace",
  kubernetesnamespace: "namespace",
  namespace: "namespace",
  node: "pool",
  nodepool: "pool",
};

const ofDimensions = ({ dimensions, path }: AlertCondition): readonly AlertName[] =>
  dimensions.flatMap((dimension) => {
    const operator = known(dimension.operator)?.toLowerCase() ?? "include";
    const name = known(dimension.name)?.toLowerCase() ?? "";
    const kind = dimensionKinds[name];
    if (kind === undefined || !["include", "equals", "startswith"].includes(operator)) return [];
    return (known(dimension.values) ?? []).flatMap((value): readonly AlertName[] => {
      if (name === "node") return ofNode(value, path);
      return value === "*" || value === "" ? [] : [{ kind, value, isPrefix: operator === "startswith", path }];
    });
  });

/** The pool in a node's name, `aks-<pool>-<hash>-vmss…`. */
const ofNode = (node: string, path: string): readonly AlertName[] => {
  const pool = /^\^?aks-([a-z0-9]{1,12})-/.exec(node)?.[1];
  return pool === undefined ? [] : [{ kind: "pool", value: pool, isPrefix: false, path }];
};

const ofQuery = (kind: AlertRule["kind"], { query, path }: AlertCondition): readonly AlertName[] => {
  const text = known(query);
  if (text === undefined) return [];
  return kind === "prometheus" ? ofPromQl(text, path) : ofKql(withoutComments(text), path);
};

const withoutComments = (kql: string): string => kql.replace(/\/\/[^\n]*/g, "");

const columns: readonly (readonly [pattern: string, kind: AlertName["kind"]])[] = [
  ["ClusterName", "cluster"],
  ["(?:Namespace|PodNamespace|KubernetesNamespace|k8sNamespace)", "namespace"],
  ["(?:agentpool|nodepool)[\"'\\])]*", "pool"],
];

const ofKql = (text: string, path: string): readonly AlertName[] => [
  ...columns.flatMap(([column, kind]) => [
    ...[...text.matchAll(new RegExp(`\\b${column}\\s*(?:==|=~)\\s*(["'])([^"']+)\\1`, "g"))].map(
      ([, , value = ""]): AlertName => ({ kind, value, isPrefix: false, path }),
    ),
    ...[...text.matchAll(new RegExp(`\\b${column}\\s+in~?\\s*\\(([^()]*)\\)`, "g"))].flatMap(([, list = ""]) =>
      [...list.matchAll(/["']([^"']+)["']/g)].map(
        ([, value = ""]): AlertName => ({ kind, value, isPrefix: false, path }),
      ),
    ),
  ]),
  ...[
    ...text.matchAll(
      /\b(?:Computer|Node|NodeName)\s+(?:startswith(?:_cs)?|hasprefix|contains|has|==|=~|matches regex)\s+["'](\^?aks-[^"']*)["']/g,
    ),
  ].flatMap(([, node = ""]) => ofNode(node, path)),
];

const labels: Readonly<Record<string, AlertName["kind"]>> = {
  agentpool: "pool",
  cluster: "cluster",
  exported_namespace: "namespace",
  label_agentpool: "pool",
  label_kubernetes_azure_com_agentpool: "pool",
  namespace: "namespace",
  nodepool: "pool",
};

/** A matcher of exact text, or of plain names with bars between them; other expressions may match anything. */
const ofPromQl = (text: string, path: string): readonly AlertName[] =>
  [...text.matchAll(/\b(\w+)\s*(=~?)\s*"([^"]*)"/g)].flatMap(([, label = "", operator, value = ""]) => {
    if (label === "node" || label === "instance") return ofNode(value, path);
    const kind = labels[label];
    const isPlain = operator === "=" || /^[a-z0-9|-]+$/.test(value);
    if (kind === undefined || value === "" || !isPlain) return [];
    const values = operator === "=" ? [value] : value.split("|").filter((name) => name !== "");
    return values.map((name): AlertName => ({ kind, value: name, isPrefix: false, path }));
  });
