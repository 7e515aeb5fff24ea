import type { Taint } from "../../kubernetes/node.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { quantityMilliValue, quantityValue } from "../../kubernetes/quantity.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { type Requirement, requirement } from "./karpenter-requirement.ts";

/** What node auto-provisioning reads of a NodePool (karpenter.sh/v1 and v1beta1). */
export interface KarpenterNodePool {
  readonly name: string;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly startupTaints: readonly Taint[];
  readonly requirements: readonly Requirement[];
  readonly nodeClass: { readonly group: string; readonly kind: string; readonly name: string } | undefined;
  /** CPU in thousandths, all others in whole units; `nodes` counts machines. */
  readonly limits: ReadonlyMap<string, number>;
  /** A static pool keeps so many nodes whatever waits. */
  readonly replicas: number | undefined;
  readonly disruption: KarpenterDisruption;
  /** Milliseconds; undefined where nodes never expire. */
  readonly expireAfter: number | undefined;
}

export interface KarpenterDisruption {
  readonly policy: "WhenEmpty" | "WhenEmptyOrUnderutilized" | "Balanced";
  /** Milliseconds without a pod coming or going; undefined where consolidation is off (`Never`). */
  readonly after: number | undefined;
  readonly budgets: readonly KarpenterBudget[];
}

export interface KarpenterBudget {
  /** A count or a share such as `10%`. */
  readonly nodes: string;
  /** All reasons where left out. */
  readonly reasons: readonly string[] | undefined;
  readonly schedule: string | undefined;
  /** Milliseconds from each time of the schedule. */
  readonly duration: number | undefined;
}

export const isNodePool = ({ kind, apiVersion }: KubeObject): boolean =>
  kind === "NodePool" && apiVersion.startsWith("karpenter.sh/");

/**
 * Reads a NodePool with the defaults of its CRD: consolidateAfter 0s, WhenEmptyOrUnderutilized, one budget of 10 %, expireAfter 720h
 * (kubernetes-sigs/karpenter v1.14.0 `pkg/apis/v1/nodepool.go`; v1beta1 keeps expireAfter under disruption).
 */
export const readNodePool = (object: KubeObject): KarpenterNodePool => {
  const spec = child(object as unknown as JsonObject, "spec");
  const template = child(spec, "template");
  const templateSpec = child(template, "spec");
  const disruption = child(spec, "disruption");
  const reference = child(templateSpec, "nodeClassRef");
  const policy = text(disruption["consolidationPolicy"]);
  return {
    name: object.metadata.name,
    weight: number(spec["weight"]) ?? 0,
    labels: texts(child(child(template, "metadata"), "labels")),
    taints: taintsOf(templateSpec["taints"]),
    startupTaints: taintsOf(templateSpec["startupTaints"]),
    requirements: objects(templateSpec["requirements"]).flatMap(readRequirement),
    nodeClass:
      text(reference["name"]) === undefined
        ? undefined
        : {
            group:
              text(reference["group"]) ?? (text(reference["apiVersion"]) ?? "karpenter.azure.com/").split("/")[0] ?? "",
            kind: text(reference["kind"]) ?? "AKSNodeClass",
            name: text(reference["name"]) ?? "",
          },
    limits: limitsOf(child(spec, "limits")),
    replicas: number(spec["replicas"]),
    disruption: {
      policy: policy === "WhenEmpty" || policy === "Balanced" ? policy : "WhenEmptyOrUnderutilized",
      after: durationOf(disruption["consolidateAfter"], 0),
      budgets:
        disruption["budgets"] === undefined
          ? [{ nodes: "10%", reasons: undefined, schedule: undefined, duration: undefined }]
          : objects(disruption["budgets"]).map(readBudget),
    },
    expireAfter: durationOf(templateSpec["expireAfter"] ?? disruption["expireAfter"], 720 * 3_600_000),
  };
};

/** Higher weights first; of equal weights the name that is later in the alphabet (`pkg/utils/nodepool/nodepool.go`). */
export const byWeight = (a: KarpenterNodePool, b: KarpenterNodePool): number =>
  b.weight - a.weight || (a.name > b.name ? -1 : a.name < b.name ? 1 : 0);

const readRequirement = (given: JsonObject): readonly Requirement[] => {
  const key = text(given["key"]);
  const operator = text(given["operator"]);
  if (key === undefined || operator === undefined) return [];
  const { values } = given;
  const list = Array.isArray(values) ? values.map(String) : [];
  return [requirement(key, operator, list, number(given["minValues"]))];
};

const readBudget = (given: JsonObject): KarpenterBudget => {
  const { reasons } = given;
  return {
    nodes: String(given["nodes"] ?? "10%"),
    reasons: Array.isArray(reasons) ? reasons.map(String) : undefined,
    schedule: text(given["schedule"]),
    duration: given["duration"] === undefined ? undefined : durationOf(given["duration"], 0),
  };
};

const taintsOf = (given: Json | undefined): readonly Taint[] =>
  objects(given).flatMap((taint) => {
    const key = text(taint["key"]);
    const effect = text(taint["effect"]);
    if (key === undefined || effect === undefined) return [];
    const value = taint["value"];
    return [{ key, effect, ...(value === undefined || value === null ? {} : { value: String(value) }) }];
  });

const limitsOf = (given: JsonObject): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(given).flatMap(([name, quantity]): (readonly [string, number])[] => {
      if (typeof quantity !== "string" && typeof quantity !== "number") return [];
      const value = name === "cpu" ? quantityMilliValue(quantity) : quantityValue(quantity);
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** `1h30m` in milliseconds; undefined for `Never`; what stands where nothing is given or nothing can be read. */
const durationOf = (given: Json | undefined, otherwise: number): number | undefined => {
  if (given === "Never") return undefined;
  const written = text(given);
  if (written === undefined || !/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(written)) return otherwise;
  let sum = 0;
  for (const [, count = "0", unit = "s"] of written.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    sum += Number(count) * (unitMs[unit] ?? 0);
  return sum;
};

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export const child = (of: JsonObject, key: string): JsonObject => {
  const value = of[key];
  return isJsonObject(value) ? value : {};
};

const objects = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

export const text = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);

export const number = (value: Json | undefined): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

const texts = (given: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
