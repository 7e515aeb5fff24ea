import { objectAt, objectsAt, textAt, withField } from "../../kubernetes/fields.ts";
import type { JsonObject } from "../../model/json.ts";
import { millis } from "../../model/quantity.ts";
import type { Controller } from "../controllers/controller.ts";

const healthy: readonly (readonly [type: string, status: string, reason: string, message: string])[] = [
  ["Ready", "True", "KubeletReady", "kubelet is posting ready status"],
  ["MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
];

/** Makes new nodes ready with the capacity that their manifests state, and gives each a range of pod addresses. */
export const createNodeStart = (): Controller => {
  let ranges = 0;
  return {
    name: "node-start",
    watches: ["Node"],
    latency: millis(10),
    keysOf: ({ object, type }) => (type === "ADDED" ? [object.metadata.name] : []),
    reconcile: (name, context) => {
      const node = context.store.get("Node", undefined, name) as unknown as JsonObject | undefined;
      if (node === undefined) return "done";
      const range = `10.244.${ranges++}.0/24`;
      const placed =
        textAt(node, "spec", "podCIDR") === ""
          ? withField(node, ["spec"], { ...objectAt(node, "spec"), podCIDR: range, podCIDRs: [range] })
          : node;
      const answer = context.api.update(placed);
      const current = (answer.object ?? node) as unknown as JsonObject;
      if (objectsAt(current, "status", "conditions").some(({ type }) => type === "Ready")) return "done";
      const { time } = context;
      context.api.updateStatus(
        withField(current, ["status"], {
          ...objectAt(current, "status"),
          phase: "Running",
          addresses: [
            { type: "InternalIP", address: "127.0.0.1" },
            { type: "Hostname", address: name },
          ],
          conditions: healthy.map(([type, status, reason, message]) => ({
            type,
            status,
            reason,
            message,
            lastHeartbeatTime: time,
            lastTransitionTime: time,
          })),
        }),
      );
      return "done";
    },
  };
};
