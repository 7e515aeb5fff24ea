import { listAt, objectAt, objectsAt, textAt, withField } from "../../kubernetes/fields.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { RecordedEvent } from "../event-recorder.ts";
import { byText, type Recorded } from "./recorded-objects.ts";

const letters = "[bcdfghjklmnpqrstvwxz2456789]";

/** Events of a cluster's own start. */
const startUp = new Set([
  "Node RegisteredNode",
  "Node CIDRNotAvailable",
  "Node CIDRAssignmentFailed",
  "Node NodeReady",
  "Node NodeNotReady",
  "Service ClusterIPNotAllocated",
]);

export interface PlayedStep {
  readonly step: string;
  readonly commands: readonly JsonObject[];
  readonly quiet: boolean;
  readonly after: JsonObject;
}

/**
 * Takes out of a history what is drawn at random or depends on the clock, in the form of recorded control-plane cases: names `PREFIX~1`
 * ordered by node, `~x` for pods that are gone, PODIP(…), CLUSTERIP(…), NODEPORT, TIME, UID(…). `given` is the text of all manifests:
 * what stands there stays.
 */
export const normalise = (
  steps: readonly PlayedStep[],
  recorded: Recorded,
  events: readonly RecordedEvent[],
  given: string,
): JsonObject => {
  const replace = replacements(recorded, given);
  const objects = Object.fromEntries(
    [...recorded]
      .filter(([, list]) => list.length > 0)
      .map(([plural, list]) => [plural, list.map((object) => stripped(plural, object, given))]),
  );
  const shownEvents = events
    .filter((event) => !startUp.has(`${event.kind} ${event.reason}`))
    .map(({ type, reason, kind, namespace, name, message, from }) => ({
      type,
      reason,
      kind,
      namespace: namespace ?? null,
      name,
      message,
      from,
    }));
  const text = hideCronTimes(replace(JSON.stringify({ steps, objects, events: shownEvents })), given);
  const result = JSON.parse(text) as {
    steps: JsonObject[];
    objects: Record<string, JsonObject[]>;
    events: JsonObject[];
  };
  for (const step of result.steps) {
    const after = step["after"] as JsonObject;
    (after as Record<string, Json>)["pods"] = [...listAt(after, "pods")].sort(byText);
  }
  for (const list of Object.values(result.objects)) list.sort(byPlace);
  for (const slice of result.objects["endpointslices"] ?? []) {
    (slice as Record<string, Json>)["endpoints"] = [...objectsAt(slice, "endpoints")].sort(byTarget);
  }
  const unique = new Map(result.events.map((event) => [JSON.stringify(event), event]));
  return {
    steps: result.steps,
    objects: result.objects,
    events: [...unique.values()].sort((a, b) => compare(eventKey(a), eventKey(b))),
  };
};

const compare = (a: readonly string[], b: readonly string[]): number => {
  for (const [index, text] of a.entries()) {
    const other = b[index] ?? "";
    if (text !== other) return text < other ? -1 : 1;
  }
  return 0;
};

const eventKey = (event: JsonObject): readonly string[] =>
  ["kind", "name", "reason", "message"].map((field) => textAt(event, field));
const byPlace = (a: JsonObject, b: JsonObject): number => compare(placeOf(a), placeOf(b));
const placeOf = (object: JsonObject): readonly string[] => [
  textAt(object, "metadata", "namespace"),
  textAt(object, "metadata", "name"),
];
const byTarget = (a: JsonObject, b: JsonObject): number =>
  compare(
    [textAt(a, "targetRef", "name"), JSON.stringify(a["addresses"] ?? [])],
    [textAt(b, "targetRef", "name"), JSON.stringify(b["addresses"] ?? [])],
  );

/** An object without what no two runs share. */
const stripped = (plural: string, object: JsonObject, given: string): JsonObject => {
  const metadata: Record<string, Json> = { ...objectAt(object, "metadata") };
  for (const field of ["uid", "resourceVersion", "creationTimestamp", "managedFields", "selfLink"])
    delete metadata[field];
  const owners = objectsAt(metadata, "ownerReferences");
  if (owners.length > 0) metadata["ownerReferences"] = owners.map(({ uid: _, ...owner }) => owner);
  const annotations = Object.entries(objectAt(metadata, "annotations")).filter(
    ([name]) =>
      name !== "kubectl.kubernetes.io/last-applied-configuration" &&
      !name.includes("last-change") &&
      !name.includes("lastTransition"),
  );
  if (annotations.length === 0) delete metadata["annotations"];
  else metadata["annotations"] = Object.fromEntries(annotations);
  const kept: JsonObject = { ...object, metadata };
  switch (plural) {
    case "services":
      return strippedService(kept, given);
    case "nodes":
      return strippedNode(kept);
    case "persistentvolumes":
      return kept["spec"] !== undefined && objectAt(kept, "spec")["claimRef"] !== undefined
        ? withField(kept, ["spec", "claimRef", "resourceVersion"], undefined)
        : kept;
    default:
      return kept;
  }
};

const strippedService = (service: JsonObject, given: string): JsonObject => {
  const ports = objectsAt(service, "spec", "ports").map((port) =>
    typeof port["nodePort"] === "number" && !given.includes(String(port["nodePort"]))
      ? { ...port, nodePort: "NODEPORT" }
      : port,
  );
  const spec: Record<string, Json> = { ...objectAt(service, "spec") };
  if (ports.length > 0) spec["ports"] = ports;
  if (spec["healthCheckNodePort"] !== undefined) spec["healthCheckNodePort"] = "NODEPORT";
  return { ...service, spec };
};

const strippedNode = (node: JsonObject): JsonObject => {
  const spec: Record<string, Json> = { ...objectAt(node, "spec") };
  if (spec["podCIDR"] !== undefined) {
    spec["podCIDR"] = "PODCIDR";
    spec["podCIDRs"] = ["PODCIDR"];
  }
  const { nodeInfo: _, daemonEndpoints: __, addresses: ___, ...status } = objectAt(node, "status");
  const conditions = objectsAt(status, "conditions").map(({ type, status: value }) => ({
    type: type ?? "",
    status: value ?? "",
  }));
  return { ...node, spec, status: { ...status, conditions } };
};

/** A function that puts the stand-ins in the place of names, addresses, uids and times. */
const replacements = (recorded: Recorded, given: string): ((text: string) => string) => {
  const names = standInNames(recorded);
  const named = (name: string): string => names.get(name) ?? name;
  const uids = new Map<string, string>();
  for (const [plural, list] of recorded) {
    for (const object of list)
      uids.set(textAt(object, "metadata", "uid"), `UID(${plural}/${named(textAt(object, "metadata", "name"))})`);
  }
  const ips = new Map<string, string>();
  for (const pod of recorded.get("pods") ?? []) {
    const ip = textAt(pod, "status", "podIP");
    if (ip !== "" && objectAt(pod, "spec")["hostNetwork"] !== true)
      ips.set(ip, `PODIP(${named(textAt(pod, "metadata", "name"))})`);
  }
  for (const service of recorded.get("services") ?? []) {
    for (const ip of listAt(service, "spec", "clusterIPs")) {
      if (ip !== "None" && !given.includes(String(ip)))
        ips.set(String(ip), `CLUSTERIP(${textAt(service, "metadata", "name")})`);
    }
  }
  const prefixes = podPrefixes(recorded);
  const byLength = [...names].sort(([a], [b]) => b.length - a.length);
  return (original) => {
    let text = original;
    for (const [name, standIn] of byLength) text = text.replaceAll(name, standIn);
    for (const prefix of prefixes) {
      text = text.replace(
        new RegExp(`${escaped(prefix)}(\\d+-)?${letters}{5}\\b`, "g"),
        (_, index: string | undefined) => `${prefix}${index ?? ""}~x`,
      );
    }
    for (const [uid, standIn] of uids) if (uid !== "") text = text.replaceAll(uid, standIn);
    text = text.replace(
      /\b(?:\d+\.){3}\d+\b/g,
      (ip) => ips.get(ip) ?? (ip.startsWith("10.244.") && !given.includes(ip) ? "PODIP(gone)" : ip),
    );
    text = text.replace(/kube-api-access-[a-z0-9]{5}/g, "kube-api-access-XXXXX");
    text = text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "TIME");
    return text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (uid) =>
      given.includes(uid) ? uid : "UID",
    );
  };
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const standInNames = (recorded: Recorded): ReadonlyMap<string, string> => {
  const names = new Map<string, string>();
  for (const plural of ["pods", "endpointslices", "jobs"]) {
    const groups = new Map<string, { readonly prefix: string; readonly members: JsonObject[] }>();
    for (const object of recorded.get(plural) ?? []) {
      const prefix = prefixOf(plural, object);
      if (prefix === "") continue;
      const key = `${textAt(object, "metadata", "namespace")}/${prefix}`;
      const group = groups.get(key) ?? { prefix, members: [] };
      group.members.push(object);
      groups.set(key, group);
    }
    for (const { prefix, members } of groups.values()) {
      const sorted = members.sort((a, b) => compare(orderOf(a), orderOf(b)));
      for (const [index, object] of sorted.entries())
        names.set(textAt(object, "metadata", "name"), `${prefix}~${index + 1}`);
    }
  }
  return names;
};

const orderOf = (object: JsonObject): readonly string[] => [
  textAt(object, "spec", "nodeName") || "~",
  textAt(object, "status", "phase"),
  textAt(object, "metadata", "creationTimestamp"),
  textAt(object, "metadata", "name"),
];

/** The part of a name that is not drawn; empty where nothing is. */
const prefixOf = (plural: string, object: JsonObject): string => {
  if (plural === "jobs") return /^(.*-)\d{8}$/.exec(textAt(object, "metadata", "name"))?.[1] ?? "";
  return isOfStatefulSet(object) ? "" : textAt(object, "metadata", "generateName");
};

const isOfStatefulSet = (object: JsonObject): boolean =>
  objectsAt(object, "metadata", "ownerReferences").some((owner) => owner["kind"] === "StatefulSet");

const podPrefixes = (recorded: Recorded): readonly string[] => {
  const prefixes = new Set<string>();
  for (const pod of recorded.get("pods") ?? [])
    if (!isOfStatefulSet(pod)) prefixes.add(textAt(pod, "metadata", "generateName"));
  for (const plural of ["replicasets", "jobs", "daemonsets"]) {
    for (const object of recorded.get(plural) ?? []) prefixes.add(`${textAt(object, "metadata", "name")}-`);
  }
  prefixes.delete("");
  return [...prefixes].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
};

/** Names of Jobs that carry the minute they were started for. */
const hideCronTimes = (text: string, given: string): string =>
  text
    .replace(new RegExp(`-2\\d{7}-${letters}{5}\\b`, "g"), "-~T-~x")
    .replace(/-(2\d{7})\b/g, (whole, minute: string) => (given.includes(minute) ? whole : "-~T"));
