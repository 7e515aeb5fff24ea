import { listAt, objectAt, objectsAt, sameJson, textAt, textsAt, withField } from "../../kubernetes/fields.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { forbidden } from "../api-status.ts";
import { type AdmissionPlugin, createsPod } from "./plugin.ts";

/** Pods wait five minutes on a node that is not ready or not reachable (plugin/pkg/admission/defaulttolerationseconds, v1.35). */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  admit: (request) => {
    if (!createsPod(request)) return undefined;
    const tolerations = objectsAt(request.object, "spec", "tolerations");
    const tolerated = (key: string): boolean =>
      tolerations.some(
        (toleration) =>
          ["", key].includes(textAt(toleration, "key")) && ["", "NoExecute"].includes(textAt(toleration, "effect")),
      );
    const added = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
      .filter((key) => !tolerated(key))
      .map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }));
    if (added.length > 0)
      request.object = withField(request.object, ["spec", "tolerations"], [...tolerations, ...added]);
    return undefined;
  },
};

/** Turns a pod's PriorityClass into its number; without one the default class counts (plugin/pkg/admission/priority, v1.35). */
export const priority: AdmissionPlugin = {
  name: "Priority",
  admit: (request) => {
    if (!createsPod(request)) return undefined;
    const spec = objectAt(request.object, "spec");
    const classes = request.store.list("PriorityClass") as unknown as readonly JsonObject[];
    let name = textAt(spec, "priorityClassName");
    let found: JsonObject | undefined;
    if (name === "") {
      found = classes
        .filter((candidate) => candidate["globalDefault"] === true)
        .sort((a, b) => Number(a["value"] ?? 0) - Number(b["value"] ?? 0))[0];
      name = found === undefined ? "" : textAt(found, "metadata", "name");
    } else {
      found = classes.find((candidate) => textAt(candidate, "metadata", "name") === name);
      if (found === undefined)
        return forbidden(request.resource, request.name, `no PriorityClass with name ${name} was found`);
    }
    const value = Number(found?.["value"] ?? 0);
    const given = spec["priority"];
    if (typeof given === "number" && given !== value) {
      return forbidden(
        request.resource,
        request.name,
        `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    }
    const policy = textAt(found, "preemptionPolicy") || "PreemptLowerPriority";
    const givenPolicy = textAt(spec, "preemptionPolicy");
    if (givenPolicy !== "" && givenPolicy !== policy) {
      return forbidden(
        request.resource,
        request.name,
        `the string value of PreemptionPolicy (${givenPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
      );
    }
    request.object = withField(request.object, ["spec"], {
      ...spec,
      ...(name === "" ? {} : { priorityClassName: name }),
      priority: value,
      preemptionPolicy: policy,
    });
    return undefined;
  },
  validate: (request) => {
    if (request.resource.plural !== "priorityclasses" || request.operation === "DELETE") return undefined;
    if (request.object["globalDefault"] !== true) return undefined;
    const other = (request.store.list("PriorityClass") as unknown as readonly JsonObject[]).find(
      (known) => known["globalDefault"] === true && textAt(known, "metadata", "name") !== request.name,
    );
    return other === undefined
      ? undefined
      : forbidden(
          request.resource,
          request.name,
          `PriorityClass ${textAt(other, "metadata", "name")} is already marked as default. Only one default can exist`,
        );
  },
};

/** Adds a RuntimeClass's overhead, node selector and tolerations to its pods (plugin/pkg/admission/runtimeclass, v1.35). */
export const runtimeClass: AdmissionPlugin = {
  name: "RuntimeClass",
  admit: (request) => {
    if (!createsPod(request)) return undefined;
    const spec = objectAt(request.object, "spec");
    const name = textAt(spec, "runtimeClassName");
    if (name === "") {
      return spec["overhead"] === undefined
        ? undefined
        : forbidden(
            request.resource,
            request.name,
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
          );
    }
    const found = request.store.get("RuntimeClass", undefined, name) as unknown as JsonObject | undefined;
    if (found === undefined) {
      return forbidden(request.resource, request.name, `pod rejected: RuntimeClass "${name}" not found`);
    }
    const changed: Record<string, Json> = { ...spec };
    const overhead = objectAt(found, "overhead")["podFixed"];
    if (overhead !== undefined) {
      if (spec["overhead"] !== undefined && !sameJson(spec["overhead"], overhead)) {
        return forbidden(
          request.resource,
          request.name,
          "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
        );
      }
      changed["overhead"] = overhead;
    }
    const scheduling = objectAt(found, "scheduling");
    const selector = objectAt(scheduling, "nodeSelector");
    const own = objectAt(spec, "nodeSelector");
    const clash = Object.entries(selector).find(([key, value]) => own[key] !== undefined && own[key] !== value);
    if (clash !== undefined) {
      return forbidden(
        request.resource,
        request.name,
        `conflict: runtimeClass.scheduling.nodeSelector[${clash[0]}] = ${clash[1]}; pod.spec.nodeSelector[${clash[0]}] = ${own[clash[0]]}`,
      );
    }
    if (Object.keys(selector).length > 0) changed["nodeSelector"] = { ...own, ...selector };
    const added = listAt(scheduling, "tolerations");
    if (added.length > 0) {
      const tolerations = [...listAt(spec, "tolerations")];
      for (const toleration of added)
        if (!tolerations.some((known) => sameJson(known, toleration))) tolerations.push(toleration);
      changed["tolerations"] = tolerations;
    }
    request.object = withField(request.object, ["spec"], changed);
    return undefined;
  },
};

export const topologyLabels = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"] as const;

/** A pod that names its node takes over the node's zone and region (plugin/pkg/admission/podtopologylabels, v1.35). */
export const podTopologyLabels: AdmissionPlugin = {
  name: "PodTopologyLabels",
  admit: (request) => {
    if (!createsPod(request)) return undefined;
    const nodeName = textAt(request.object, "spec", "nodeName");
    if (nodeName === "") return undefined;
    const node = request.store.get("Node", undefined, nodeName) as unknown as JsonObject | undefined;
    const known = textsAt(node, "metadata", "labels");
    const taken = topologyLabels.filter((label) => known[label] !== undefined);
    if (taken.length === 0) return undefined;
    const labels = { ...objectAt(request.object, "metadata", "labels") };
    for (const label of taken) labels[label] = known[label] ?? "";
    request.object = withField(request.object, ["metadata", "labels"], labels);
    return undefined;
  },
};
