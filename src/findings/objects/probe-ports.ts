import { containersOf, workloadsOf } from "../../graph/pod-templates.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

const probes = ["livenessProbe", "readinessProbe", "startupProbe"] as const;

export const probePort: Rule = {
  code: "AKS2035",
  title: "Probe names a port that the container does not have",
  severity: "error",
  perCluster: true,
  explain: `A probe may name its port, and the kubelet looks the name up among the ports of the same container. The API server takes any name.
What happens: the probe fails each time. With a liveness or startup probe the container is killed again and again (CrashLoopBackOff); with a readiness probe the pod never gets traffic.
Mend: name the container's port, or give the number.
Source: Kubernetes, "Configure Liveness, Readiness and Startup Probes"; pkg/probe/util.go, v1.35.`,
  *check(world) {
    for (const workload of workloadsOf(world.objects)) {
      for (const { container, path } of containersOf(workload.spec)) {
        const names = new Set((container.ports ?? []).map(({ name }) => name));
        for (const probe of probes) {
          const given: unknown = (container as unknown as Readonly<Record<string, unknown>>)[probe];
          if (typeof given !== "object" || given === null) continue;
          for (const way of ["httpGet", "tcpSocket"]) {
            const action = (given as Readonly<Record<string, unknown>>)[way];
            const port = isJsonObject(action as never)
              ? (action as Readonly<Record<string, unknown>>)["port"]
              : undefined;
            if (typeof port !== "string" || /^\d+$/.test(port) || /[${}<>]/.test(port) || names.has(port)) continue;
            yield violation(probePort, {
              subject: workload.address,
              range: workload.rangeAt([...path, probe, way, "port"]),
              detail: `${probe} of container "${container.name}" of ${workload.address} asks port "${port}", which the container does not name${
                names.size === 0
                  ? ""
                  : ` (it has ${
                      [...names]
                        .filter((name) => name !== undefined)
                        .map((name) => `"${name}"`)
                        .join(", ") || "ports without names"
                    })`
              }: ${probe === "readinessProbe" ? "its pods never become ready" : "the container is killed again and again"}. Name the port, or give its number.`,
            });
          }
        }
      }
    }
  },
};
