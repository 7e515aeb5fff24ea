import type { NodeAffinity, TopologySpreadConstraint } from "../../kubernetes/pod.ts";
import { type Diagnostic, diagnostic, type Outcome } from "../../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { filterPlugins, scorePlugins } from "./plugins.ts";
import { defaultProfile, type ResourceWeight, type SchedulerProfile, type ScoringStrategy } from "./profile.ts";

/**
 * Reads the profiles of a KubeSchedulerConfiguration: enabled and disabled plugins with their weights, and the arguments of the default
 * plugins. Sources: `pkg/scheduler/apis/config/v1` and `framework/runtime/framework.go` (expandMultiPointPlugins), v1.35.4.
 */
export const readSchedulerConfiguration = (object: Json): Outcome<readonly SchedulerProfile[]> => {
  const diagnostics: Diagnostic[] = [];
  if (!isJsonObject(object) || object["kind"] !== "KubeSchedulerConfiguration") {
    const detail = "Give an object of kind KubeSchedulerConfiguration, apiVersion kubescheduler.config.k8s.io/v1.";
    return { value: [defaultProfile], diagnostics: [problem("The file is no scheduler configuration", detail)] };
  }
  const profiles = list(object["profiles"]).filter(isJsonObject);
  const read = (profiles.length === 0 ? [{}] : profiles).map((profile) => readProfile(profile, diagnostics));
  return { value: read, diagnostics };
};

const problem = (summary: string, detail: string): Diagnostic =>
  diagnostic({ code: "AKS9602", severity: "error", summary, detail });

interface Enabled {
  readonly name: string;
  /** 0 where none is given. */
  readonly weight: number;
}

/** The default list from which every extension point takes the plugins that implement it. */
const defaultMultiPoint: readonly Enabled[] = [
  ...["SchedulingGates", "PrioritySort", "NodeUnschedulable", "NodeName"].map((name) => ({ name, weight: 0 })),
  { name: "TaintToleration", weight: 3 },
  { name: "NodeAffinity", weight: 2 },
  { name: "NodePorts", weight: 0 },
  { name: "NodeResourcesFit", weight: 1 },
  ...["VolumeRestrictions", "NodeVolumeLimits", "VolumeBinding", "VolumeZone"].map((name) => ({ name, weight: 0 })),
  { name: "PodTopologySpread", weight: 2 },
  { name: "InterPodAffinity", weight: 2 },
  { name: "DynamicResources", weight: 0 },
  { name: "DefaultPreemption", weight: 0 },
  { name: "NodeResourcesBalancedAllocation", weight: 1 },
  { name: "ImageLocality", weight: 1 },
  { name: "DefaultBinder", weight: 0 },
];

const postFilterPlugins = ["DynamicResources", "DefaultPreemption"];

const readProfile = (profile: JsonObject, diagnostics: Diagnostic[]): SchedulerProfile => {
  const plugins = objectAt(profile, "plugins");
  const multiPoint = mergeMultiPoint(objectAt(plugins, "multiPoint"));
  for (const name of [
    ...multiPoint,
    ...enabledIn(objectAt(plugins, "score")),
    ...enabledIn(objectAt(plugins, "filter")),
  ]) {
    if (defaultMultiPoint.some((each) => each.name === name.name)) continue;
    const detail = `Plugin "${name.name}" is not one of the default plugins of 1.35 and is left out. Take it out of the profile to be rid of this.`;
    diagnostics.push(problem("A scheduler plugin is not known", detail));
  }
  const point = (name: string, implementers: readonly string[]) =>
    expand(multiPoint, objectAt(plugins, name), implementers);
  const config = (name: string): JsonObject => {
    const entry = list(profile["pluginConfig"]).find((each) => isJsonObject(each) && each["name"] === name);
    return isJsonObject(entry) ? objectAt(entry, "args") : {};
  };
  const fit = config("NodeResourcesFit");
  const spread = config("PodTopologySpread");
  const interPod = config("InterPodAffinity");
  const balanced = resourceWeights(config("NodeResourcesBalancedAllocation")["resources"]);
  const added = config("NodeAffinity")["addedAffinity"];
  return {
    schedulerName: typeof profile["schedulerName"] === "string" ? profile["schedulerName"] : "default-scheduler",
    filters: point(
      "filter",
      filterPlugins.map(({ name }) => name),
    ).map(({ name }) => name),
    scores: point(
      "score",
      scorePlugins.map(({ name }) => name),
    ).map(({ name, weight }) => ({ name, weight: weight || 1 })),
    postFilters: point("postFilter", postFilterPlugins).map(({ name }) => name),
    scoringStrategy: readStrategy(objectAt(fit, "scoringStrategy"), diagnostics),
    balancedResources: balanced.length === 0 ? defaultProfile.balancedResources : balanced,
    ignoredResources: strings(fit["ignoredResources"]),
    ignoredResourceGroups: strings(fit["ignoredResourceGroups"]),
    addedAffinity: isJsonObject(added) ? (added as unknown as NodeAffinity) : undefined,
    defaultConstraints:
      spread["defaultingType"] === "List"
        ? (list(spread["defaultConstraints"]) as unknown as readonly TopologySpreadConstraint[])
        : undefined,
    hardPodAffinityWeight: numberAt(interPod, "hardPodAffinityWeight", defaultProfile.hardPodAffinityWeight),
    ignorePreferredTermsOfExistingPods: interPod["ignorePreferredTermsOfExistingPods"] === true,
  };
};

/** The default list with the profile's own entries: disabled ones leave, known ones are replaced in place, others come last. */
const mergeMultiPoint = (custom: JsonObject): readonly Enabled[] => {
  const disabled = disabledIn(custom);
  const enabled = enabledIn(custom);
  const kept = disabled.has("*") ? [] : defaultMultiPoint.filter(({ name }) => !disabled.has(name));
  const replaced = kept.map((each) => enabled.find(({ name }) => name === each.name) ?? each);
  return [...replaced, ...enabled.filter(({ name }) => !kept.some((each) => each.name === name))];
};

/** One extension point: what is enabled there by name comes before the rest of the list, other names after it. */
const expand = (
  multiPoint: readonly Enabled[],
  custom: JsonObject,
  implementers: readonly string[],
): readonly Enabled[] => {
  const explicit = enabledIn(custom).filter(({ name }) => implementers.includes(name));
  const disabled = disabledIn(custom);
  const fromList = disabled.has("*")
    ? []
    : multiPoint.filter(({ name }) => implementers.includes(name) && !disabled.has(name));
  const isListed = ({ name }: Enabled) => fromList.some((each) => each.name === name);
  return [
    ...explicit.filter(isListed),
    ...fromList.filter(({ name }) => !explicit.some((each) => each.name === name)),
    ...explicit.filter((each) => !isListed(each)),
  ];
};

const enabledIn = (set: JsonObject): readonly Enabled[] =>
  list(set["enabled"])
    .filter(isJsonObject)
    .map((each) => ({ name: String(each["name"] ?? ""), weight: numberAt(each, "weight", 0) }));

const disabledIn = (set: JsonObject): ReadonlySet<string> =>
  new Set(
    list(set["disabled"])
      .filter(isJsonObject)
      .map((each) => String(each["name"] ?? "")),
  );

const readStrategy = (strategy: JsonObject, diagnostics: Diagnostic[]): ScoringStrategy => {
  const type = strategy["type"] ?? "LeastAllocated";
  const given = resourceWeights(strategy["resources"]);
  const resources = given.length === 0 ? defaultProfile.scoringStrategy.resources : given;
  const shape = list(objectAt(strategy, "requestedToCapacityRatio")["shape"])
    .filter(isJsonObject)
    .map((point) => ({ utilization: numberAt(point, "utilization", 0), score: numberAt(point, "score", 0) }));
  switch (type) {
    case "LeastAllocated":
    case "MostAllocated":
      return { type, resources, shape };
    case "RequestedToCapacityRatio":
      if (shape.length > 0) return { type, resources, shape };
      diagnostics.push(
        problem("A scoring strategy lacks its shape", "RequestedToCapacityRatio needs a shape of at least one point."),
      );
      break;
    default:
      diagnostics.push(
        problem(
          "A scoring strategy is not known",
          `Strategy "${JSON.stringify(type)}" is none of LeastAllocated, MostAllocated, RequestedToCapacityRatio; LeastAllocated is used.`,
        ),
      );
  }
  return { type: "LeastAllocated", resources, shape: [] };
};

const resourceWeights = (value: Json | undefined): readonly ResourceWeight[] =>
  list(value)
    .filter(isJsonObject)
    .map((each) => ({ name: String(each["name"] ?? ""), weight: numberAt(each, "weight", 1) || 1 }));

const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

const strings = (value: Json | undefined): readonly string[] =>
  list(value).filter((each): each is string => typeof each === "string");

const objectAt = (object: JsonObject, key: string): JsonObject => {
  const value = object[key];
  return isJsonObject(value) ? value : {};
};

const numberAt = (object: JsonObject, key: string, fallback: number): number => {
  const value = object[key];
  return typeof value === "number" ? value : fallback;
};
