import type { JsonObject } from "../model/json.ts";
import { objectAt, objectsAt } from "./fields.ts";
import { parseQuantity } from "./quantity.ts";

/** A pod's quality of service class (pkg/apis/core/v1/helper/qos, v1.35). */
export const podQosClass = (spec: JsonObject): "BestEffort" | "Burstable" | "Guaranteed" => {
  const podLevel = objectAt(spec, "resources");
  const all =
    Object.keys(podLevel).length > 0
      ? [podLevel]
      : [...objectsAt(spec, "containers"), ...objectsAt(spec, "initContainers")].map((container) =>
          objectAt(container, "resources"),
        );
  let hasAny = false;
  let isGuaranteed = true;
  const requests = new Map<string, bigint>();
  const limits = new Map<string, bigint>();
  for (const resources of all) {
    const limited = new Set<string>();
    for (const [into, field] of [
      [requests, "requests"],
      [limits, "limits"],
    ] as const) {
      for (const name of ["cpu", "memory"]) {
        const nano = parseQuantity((objectAt(resources, field)[name] ?? "0") as string)?.nano ?? 0n;
        if (nano <= 0n) continue;
        hasAny = true;
        into.set(name, (into.get(name) ?? 0n) + nano);
        if (field === "limits") limited.add(name);
      }
    }
    if (limited.size !== 2) isGuaranteed = false;
  }
  if (!hasAny) return "BestEffort";
  if (!isGuaranteed) return "Burstable";
  const same = requests.size === limits.size && [...requests].every(([name, nano]) => limits.get(name) === nano);
  return same ? "Guaranteed" : "Burstable";
};
