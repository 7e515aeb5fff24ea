import { usesNodeProvisioning } from "../../azure/node-provisioning.ts";
import type { KubeObject, SourcedObject } from "../../kubernetes/object.ts";
import { quantityMilliValue } from "../../kubernetes/quantity.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { wellKnownLabels } from "../../simulate/autoscaling/karpenter-labels.ts";
import { isNodeClass } from "../../simulate/autoscaling/karpenter-node-class.ts";
import { isNodePool } from "../../simulate/autoscaling/karpenter-node-pool.ts";
import { managedClusters } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";
import { provisionedNodePools } from "./node-pool-facts.ts";

/** Rules about what NodePools and AKSNodeClasses say. */

export const disruptionNever: Rule = {
  code: "AKS6021",
  title: "NodePool's budget lets no node be renewed",
  severity: "warning",
  perCluster: true,
  explain: `Nodes of node auto-provisioning get new Kubernetes versions and node images by drift: each is replaced by a new one, as far as the budgets of the NodePool allow. Of several
budgets the smallest counts at every moment, so one of 0 without a schedule forbids it for good, whatever the others say.
What happens: the nodes stay on old images and versions and are never consolidated; only expireAfter renews them, without regard to budgets.
Mend: give the budget of 0 a schedule and a duration, or reasons (Underutilized, Empty) that leave Drifted out.
Source: "Configure disruption policies for node auto-provisioning", disruption budgets; "Upgrade node images for node auto-provisioning".`,
  *check(world) {
    for (const { source, pool } of provisionedNodePools(world)) {
      const index = pool.disruption.budgets.findIndex(
        ({ nodes, schedule, reasons }) =>
          /^0%?$/.test(nodes) && schedule === undefined && (reasons === undefined || reasons.includes("Drifted")),
      );
      if (index < 0) continue;
      yield violation(disruptionNever, {
        subject: `NodePool/${pool.name}`,
        range: source.rangeAt(["spec", "disruption", "budgets", index]),
        detail: `NodePool "${pool.name}" has a budget of 0 nodes without a schedule: its nodes are never replaced for a new version or image. Give the budget a schedule and a duration.`,
      });
    }
  },
};

export const misplacedExpiry: Rule = {
  code: "AKS6022",
  title: "NodePool's expireAfter stands where karpenter.sh/v1 has none",
  severity: "warning",
  perCluster: true,
  explain: `In karpenter.sh/v1 expireAfter moved from spec.disruption to spec.template.spec. Under spec.disruption it is an unknown field: kubectl refuses it, other ways of applying drop it.
What happens: "unknown field "spec.disruption.expireAfter""; or the default of 720h holds and nodes go after 30 days without regard to budgets.
Mend: move expireAfter to spec.template.spec.
Source: Karpenter, "v1 Migration"; kubernetes-sigs/karpenter pkg/apis/v1/nodepool.go.`,
  *check(world) {
    for (const { source, pool } of provisionedNodePools(world)) {
      const given = child(child(source.object as unknown as JsonObject, "spec"), "disruption")["expireAfter"];
      if (given === undefined || source.object.apiVersion !== "karpenter.sh/v1") continue;
      yield violation(misplacedExpiry, {
        subject: `NodePool/${pool.name}`,
        range: source.rangeAt(["spec", "disruption", "expireAfter"]),
        detail: `NodePool "${pool.name}" has expireAfter ${String(given)} under spec.disruption, which karpenter.sh/v1 does not know: it is refused, or nodes expire after 720h. Move it to spec.template.spec.`,
      });
    }
  },
};

export const nodePoolRefused: Rule = {
  code: "AKS6023",
  title: "NodePool or AKSNodeClass that the API server refuses",
  severity: "error",
  perCluster: true,
  explain: `The CRDs of Karpenter and of the Azure provider validate what they are given: bounds of weight, maxPods and osDiskSizeGB, values of operators, budgets with a schedule and a duration, no
labels of Karpenter's own domains.
What happens: the object is refused, and what was there before stays.
Mend: as the finding says.
Source: kubernetes-sigs/karpenter v1.14.0 and Azure/karpenter-provider-azure v1.14.2, pkg/apis (CRDs).`,
  *check(world) {
    const isRead = managedClusters(world).some(usesNodeProvisioning);
    for (const source of isRead ? world.objects : []) {
      const { object } = source;
      const problems = isNodePool(object)
        ? nodePoolProblems(object)
        : isNodeClass(object)
          ? nodeClassProblems(object as unknown as JsonObject)
          : [];
      for (const { path, text } of problems)
        yield violation(nodePoolRefused, {
          subject: `${object.kind}/${object.metadata.name}`,
          range: source.rangeAt(path),
          detail: `${object.kind} "${object.metadata.name}": ${text}.`,
        });
    }
  },
};

interface Problem {
  readonly path: Parameters<SourcedObject["rangeAt"]>[0];
  readonly text: string;
}

/** What the API server refuses a NodePool for. */
export const nodePoolProblems = (object: KubeObject): readonly Problem[] => {
  const spec = child(object as unknown as JsonObject, "spec");
  const template = child(spec, "template");
  const at = ["spec", "template", "spec", "requirements"];
  const { weight, replicas, limits } = spec;
  const budgets = child(spec, "disruption")["budgets"];
  const found: Problem[] = [];
  if (typeof weight === "number" && (weight < 1 || weight > 100 || !Number.isInteger(weight)))
    found.push({ path: ["spec", "weight"], text: `weight ${weight} is not within 1 to 100` });
  if (replicas !== undefined && weight !== undefined)
    found.push({ path: ["spec", "weight"], text: "a static NodePool (replicas) has no weight" });
  if (replicas !== undefined && isJsonObject(limits) && Object.keys(limits).some((name) => name !== "nodes"))
    found.push({ path: ["spec", "limits"], text: "a static NodePool (replicas) has no limits but nodes" });
  for (const [name, quantity] of Object.entries(isJsonObject(limits) ? limits : {}))
    if ((typeof quantity !== "string" && typeof quantity !== "number") || quantityMilliValue(quantity) === undefined)
      found.push({ path: ["spec", "limits", name], text: `limits.${name} "${String(quantity)}" is no quantity` });
  for (const [index, item] of objects(child(template, "spec")["requirements"]).entries())
    for (const text of requirementProblems(item)) found.push({ path: [...at, index], text });
  for (const key of Object.keys(child(child(template, "metadata"), "labels")))
    if (isForbidden(key))
      found.push({ path: ["spec", "template", "metadata", "labels", key], text: `label "${key}" is Karpenter's own` });
  for (const [index, item] of objects(budgets).entries()) {
    const path = ["spec", "disruption", "budgets", index];
    if ((item["schedule"] === undefined) !== (item["duration"] === undefined))
      found.push({ path, text: "a budget's schedule and duration go together" });
    if (item["nodes"] !== undefined && !/^((100|\d{1,2})%|\d+)$/.test(String(item["nodes"])))
      found.push({
        path,
        text: `a budget's nodes "${String(item["nodes"])}" is neither a count nor a share up to 100%`,
      });
  }
  return found;
};

const operators: ReadonlySet<string> = new Set(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Gte", "Lte"]);

const requirementProblems = (item: JsonObject): readonly string[] => {
  const { key, operator, values, minValues } = item;
  const list = Array.isArray(values) ? values.map(String) : [];
  const found: string[] = [];
  const odd = Array.isArray(values) ? values.find((value) => typeof value !== "string") : undefined;
  if (odd !== undefined)
    found.push(
      `a value of ${String(key)} reads as ${typeof odd === "boolean" ? "a truth value" : "a number"} (${String(odd)}) and must be text: quote it${odd === false ? ', such as "N"' : ""}`,
    );
  if (typeof key !== "string" || typeof operator !== "string") return found;
  if (isForbidden(key)) found.push(`a requirement on "${key}" is not allowed`);
  if (!operators.has(operator)) found.push(`operator "${operator}" of ${key} is none of ${[...operators].join(", ")}`);
  if (operator === "In" && list.length === 0) found.push(`operator In of ${key} has no values`);
  if (/^[GL]te?$/.test(operator) && !(list.length === 1 && /^\d+$/.test(list[0] ?? "")))
    found.push(`operator ${operator} of ${key} takes one whole number`);
  if (operator === "In" && typeof minValues === "number" && list.length < minValues)
    found.push(`minValues ${minValues} of ${key} is more than its ${list.length} values`);
  return found;
};

/** Labels of Karpenter's domains, but for those it knows by name, and the node's own name. */
const isForbidden = (key: string): boolean => {
  const domain = key.includes("/") ? (key.split("/")[0] ?? "") : "";
  const isOwn = /(^|\.)karpenter\.(sh|azure\.com)$/.test(domain);
  return key === "kubernetes.io/hostname" || key === "karpenter.sh/nodepool" || (isOwn && !wellKnownLabels.has(key));
};

const imageFamilies: ReadonlySet<string> = new Set(["Ubuntu", "Ubuntu2204", "Ubuntu2404", "AzureLinux"]);

const nodeClassProblems = (object: JsonObject): readonly Problem[] => {
  const spec = child(object, "spec");
  const { maxPods, osDiskSizeGB, imageFamily, fipsMode, vnetSubnetID } = spec;
  const found: Problem[] = [];
  const within = (name: string, value: Json | undefined, least: number, most: number): void => {
    if (typeof value === "number" && (value < least || value > most))
      found.push({ path: ["spec", name], text: `${name} ${value} is not within ${least} to ${most}` });
  };
  within("maxPods", maxPods, 10, 250);
  within("osDiskSizeGB", osDiskSizeGB, 30, 2048);
  if (typeof imageFamily === "string" && !imageFamilies.has(imageFamily))
    found.push({
      path: ["spec", "imageFamily"],
      text: `imageFamily "${imageFamily}" is none of ${[...imageFamilies].join(", ")}`,
    });
  if (fipsMode === "FIPS" && (imageFamily === undefined || imageFamily === "Ubuntu2404"))
    found.push({ path: ["spec", "fipsMode"], text: "fipsMode FIPS needs an imageFamily, and not Ubuntu2404" });
  if (typeof vnetSubnetID === "string" && !subnetId.test(vnetSubnetID))
    found.push({ path: ["spec", "vnetSubnetID"], text: "vnetSubnetID is no id of a subnet" });
  return found;
};

const subnetId =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]{1,90}\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i;

const child = (of: JsonObject, key: string): JsonObject => {
  const value = of[key];
  return isJsonObject(value) ? value : {};
};

const objects = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];
