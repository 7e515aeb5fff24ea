import type { ClusterLoadBalancer, LabelRequirements } from "../azure/platform.ts";
import { type Fact, isUnknown, unknown } from "../model/unknown.ts";
import type { Value } from "../model/value.ts";
import { boolFact, textFact, textsFact } from "./azure-facts.ts";
import { azureResource, type Mapping } from "./azure-resource.ts";
import { partAt, type ResourceView, settingAt } from "./azure-view.ts";

/** One of a cluster's several load balancers, which azapi alone can write. */
export const clusterLoadBalancer = (mapping: Mapping, view: ResourceView): ClusterLoadBalancer => {
  const { resolver } = mapping;
  return {
    ...azureResource(view),
    cluster: resolver.at(view, "kubernetes_cluster_id") ?? { address: undefined, id: undefined },
    primaryPool: textFact(settingAt(view, "primary_agent_pool_name")),
    allowServicePlacement: boolFact(settingAt(view, "allow_service_placement")),
    serviceLabelSelector: requirements(settingAt(view, "service_label_selector")),
    serviceNamespaceSelector: requirements(settingAt(view, "service_namespace_selector")),
    nodeSelector: requirements(settingAt(view, "node_selector")),
  };
};

/** A selector as ARM has it: `matchLabels` is a list of `key=value`. Known only when all of it is. */
const requirements = (value: Value | undefined): Fact<LabelRequirements> => {
  if (value === undefined) return undefined;
  if (value.kind === "unknown") return unknown(value.because);
  const labels = textsFact(partAt(value, "matchLabels"));
  if (isUnknown(labels)) return labels;
  const expressions = partAt(value, "matchExpressions");
  if (expressions?.kind === "unknown") return unknown(expressions.because);
  const read = expressions !== undefined && "items" in expressions ? expressions.items.map(expression) : [];
  const open = read.find(isUnknown);
  if (open !== undefined) return open;
  return {
    ...(labels === undefined ? {} : { matchLabels: Object.fromEntries(labels.map(keyAndValue)) }),
    ...(expressions === undefined ? {} : { matchExpressions: read.flatMap((item) => (isUnknown(item) ? [] : [item])) }),
  };
};

const expression = (value: Value) => {
  const key = textFact(partAt(value, "key"));
  const operator = textFact(partAt(value, "operator"));
  const values = textsFact(partAt(value, "values"));
  if (isUnknown(key)) return key;
  if (isUnknown(operator)) return operator;
  if (isUnknown(values)) return values;
  return { key: key ?? "", operator: operator ?? "", ...(values === undefined ? {} : { values }) };
};

const keyAndValue = (text: string): readonly [string, string] => {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
};
