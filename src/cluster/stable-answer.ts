import { objectAt, objectsAt, textAt } from "../kubernetes/fields.ts";
import type { Json, JsonObject } from "../model/json.ts";

/**
 * A stored object without what no two servers share: identity and times gone, its uid written UID, drawn names XXXXX, drawn addresses
 * and ports RANDOM. `sent` is the body: what it names stays.
 */
export const stableObject = (stored: JsonObject, sent: JsonObject): JsonObject => {
  const uid = textAt(stored, "metadata", "uid");
  const metadata: Record<string, Json> = { ...objectAt(stored, "metadata") };
  for (const field of ["uid", "resourceVersion", "creationTimestamp", "managedFields", "selfLink"])
    delete metadata[field];
  const owners = objectsAt(metadata, "ownerReferences");
  if (owners.length > 0) metadata["ownerReferences"] = owners.map(({ uid: _, ...owner }) => owner);
  const kept = { ...stored, metadata } as JsonObject;
  const text = JSON.stringify(kept)
    .replaceAll(uid === "" ? "\u0000" : uid, "UID")
    .replace(/kube-api-access-[a-z0-9]{5}\b/g, "kube-api-access-XXXXX");
  const object = JSON.parse(text) as Record<string, Json>;
  if (object["kind"] === "Service") object["spec"] = stableService(objectAt(object, "spec"), objectAt(sent, "spec"));
  const status = objectAt(object, "status");
  const conditions = objectsAt(status, "conditions");
  if (conditions.length > 0) {
    object["status"] = {
      ...status,
      conditions: conditions.map(({ lastTransitionTime: _, ...condition }) => condition),
    };
  }
  const prefix = textAt(sent, "metadata", "generateName");
  if (prefix === "" || textAt(sent, "metadata", "name") !== "") return object;
  return { ...object, metadata: { ...objectAt(object, "metadata"), name: `${prefix}XXXXX` } };
};

const stableService = (spec: JsonObject, sent: JsonObject): JsonObject => {
  const result: Record<string, Json> = { ...spec };
  const address = textAt(spec, "clusterIP");
  if (address !== "" && address !== "None" && textAt(sent, "clusterIP") === "") {
    result["clusterIP"] = "RANDOM";
    result["clusterIPs"] = ["RANDOM"];
  }
  const given = objectsAt(sent, "ports");
  const ports = objectsAt(spec, "ports").map((port, index) =>
    port["nodePort"] !== undefined && Number(given[index]?.["nodePort"] ?? 0) === 0
      ? { ...port, nodePort: "RANDOM" }
      : port,
  );
  if (ports.length > 0) result["ports"] = ports;
  if (spec["healthCheckNodePort"] !== undefined && sent["healthCheckNodePort"] === undefined)
    result["healthCheckNodePort"] = "RANDOM";
  return result;
};

/** A refusal with drawn names and uids written as stand-ins. */
export const stableStatus = (status: JsonObject, sent: JsonObject): JsonObject => {
  const prefix = textAt(sent, "metadata", "generateName");
  let text = JSON.stringify(status)
    .replace(/00000000-0000-4000-8000-[0-9a-f]{12}/g, "UID")
    .replace(/kube-api-access-[a-z0-9]{5}/g, "kube-api-access-XXXXX");
  if (prefix !== "")
    text = text.replaceAll(
      new RegExp(`${prefix.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}[a-z0-9]{5}`, "g"),
      `${prefix}XXXXX`,
    );
  return JSON.parse(text) as JsonObject;
};
