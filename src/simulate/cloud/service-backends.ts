import type { Service, ServicePort } from "../../kubernetes/networking.ts";
import { compileLabelMap } from "../../kubernetes/selectors.ts";
import type { PolicyPod } from "./network-policy.ts";

/** Where one port of a Service leads. */
export interface ServicePortBackends {
  readonly port: number;
  readonly name: string;
  readonly protocol: string;
  /** Workloads that take it, each with its own port; a named port may be another number in each. */
  readonly targets: readonly { readonly workload: string; readonly port: number }[];
  /** Workloads that the selector takes, but that have no port of the name. */
  readonly withoutPort: readonly string[];
}

export interface ServiceBackends {
  /** `namespace/name`. */
  readonly service: string;
  /** `unselected` where the endpoints are somebody else's to write, `external` for a mere DNS name. */
  readonly kind: "selected" | "unselected" | "external";
  readonly ports: readonly ServicePortBackends[];
}

/**
 * Which workloads a Service leads to, port by port: a number goes to every pod of the selector, a name to those that have a container
 * port of that name and protocol (pkg/controller/endpointslice `getEndpointPorts`, v1.35).
 */
export const serviceBackends = (service: Service, pods: readonly PolicyPod[]): ServiceBackends => {
  const namespace = service.metadata.namespace ?? "default";
  const name = `${namespace}/${service.metadata.name}`;
  const selector = service.spec?.selector ?? {};
  if (service.spec?.type === "ExternalName") return { service: name, kind: "external", ports: [] };
  const selected = Object.keys(selector).length > 0;
  const matcher = compileLabelMap(selector);
  const chosen = selected ? pods.filter((pod) => pod.namespace === namespace && matcher.matches(pod.labels)) : [];
  return {
    service: name,
    kind: selected ? "selected" : "unselected",
    ports: (service.spec?.ports ?? []).map((port) => portBackends(port, chosen)),
  };
};

const portBackends = (port: ServicePort, pods: readonly PolicyPod[]): ServicePortBackends => {
  const protocol = port.protocol ?? "TCP";
  const targets: { workload: string; port: number }[] = [];
  const withoutPort: string[] = [];
  for (const pod of pods) {
    const number = targetOf(port, protocol, pod);
    if (number === undefined) withoutPort.push(pod.name);
    else targets.push({ workload: pod.name, port: number });
  }
  return { port: port.port, name: port.name ?? "", protocol, targets, withoutPort };
};

const targetOf = (port: ServicePort, protocol: string, pod: PolicyPod): number | undefined => {
  const target = port.targetPort ?? port.port;
  if (typeof target === "number") return target === 0 ? port.port : target;
  if (target === "") return port.port;
  return pod.ports.find((own) => own.name === target && (own.protocol ?? "TCP") === protocol)?.containerPort;
};
