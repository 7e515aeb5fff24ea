import type { Service } from "../../kubernetes/networking.ts";
import type { Placement, Prediction } from "../prediction.ts";
import type { PolicyPod } from "./network-policy.ts";
import { serviceBackends } from "./service-backends.ts";

/** A pod that takes requests of a Service's port. */
export interface ServiceEndpoint {
  readonly pod: string;
  readonly workload: string;
  readonly port: number;
  readonly node: string;
  readonly zone: string;
}

export interface ServicePortEndpoints {
  readonly port: number;
  readonly name: string;
  readonly protocol: string;
  /** In order of workload and pod. */
  readonly endpoints: readonly ServiceEndpoint[];
  /** Pods of the selector that stay Pending. */
  readonly pending: number;
  /** Workloads of the selector without a container port of the name that the Service gives. */
  readonly withoutPort: readonly string[];
}

/** Which nodes answer where a traffic policy is Local. */
export interface LocalTraffic {
  readonly answers: readonly string[];
  readonly drops: readonly string[];
}

/** What kube-proxy, or Cilium in its place, makes of one Service at the highest predicted load. */
export interface ServiceEndpoints {
  /** `namespace/name`. */
  readonly service: string;
  readonly type: string;
  readonly headless: boolean;
  /** `unselected` where the endpoints are somebody else's to write, `external` for a mere DNS name. */
  readonly kind: "selected" | "unselected" | "external";
  readonly ports: readonly ServicePortEndpoints[];
  /** Seconds that a client keeps its pod; absent without session affinity. */
  readonly affinitySeconds?: number;
  /** With externalTrafficPolicy Local: nodes that the load balancer's probe finds, and those it leaves out. */
  readonly external?: LocalTraffic;
  /** With internalTrafficPolicy Local: nodes whose pods are served, and those whose pods get no answer. */
  readonly internal?: LocalTraffic;
  /** `PreferSameZone` or `PreferSameNode`, where the Service asks for it. */
  readonly distribution?: "PreferSameZone" | "PreferSameNode";
}

/** Where the pods are, by their workload. */
export interface PlacedPods {
  readonly placements: ReadonlyMap<string, readonly Placement[]>;
  readonly pending: ReadonlyMap<string, number>;
  readonly nodes: Prediction["nodes"];
}

export const placedPods = (prediction: Prediction | undefined): PlacedPods => {
  const placements = new Map<string, Placement[]>();
  for (const placement of prediction?.placements ?? []) {
    const known = placements.get(placement.owner);
    if (known === undefined) placements.set(placement.owner, [placement]);
    else known.push(placement);
  }
  const pending = new Map<string, number>();
  for (const { owner } of prediction?.pending ?? []) pending.set(owner, (pending.get(owner) ?? 0) + 1);
  return { placements, pending, nodes: prediction?.nodes ?? [] };
};

/**
 * The endpoints of a Service, port by port, with the pods as predicted, all of them taken to be ready; and what session affinity and
 * traffic policies make of them (pkg/proxy/topology.go and pkg/controller/endpointslice, v1.35).
 */
export const serviceEndpoints = (
  service: Service,
  pods: readonly PolicyPod[],
  { placements, pending, nodes }: PlacedPods,
): ServiceEndpoints => {
  const { service: name, kind, ports } = serviceBackends(service, pods);
  const zones = new Map(nodes.map((node) => [node.name, node.zone]));
  const { spec } = service;
  const headless = spec.clusterIP === "None";
  const found = ports.map(
    ({ targets, ...port }): ServicePortEndpoints => ({
      port: port.port,
      name: port.name,
      protocol: port.protocol,
      endpoints: targets.flatMap(({ workload, port: number }) =>
        (placements.get(workload) ?? []).map(({ pod, node }) => ({
          pod,
          workload,
          port: number,
          node,
          zone: zones.get(node) ?? "",
        })),
      ),
      pending: targets.reduce((sum, { workload }) => sum + (pending.get(workload) ?? 0), 0),
      withoutPort: port.withoutPort,
    }),
  );
  const counts = kind === "selected" && !headless;
  const fromOutside = spec.type === "LoadBalancer" || spec.type === "NodePort" || (spec.externalIPs ?? []).length > 0;
  const distribution = distributionOf(service);
  return {
    service: name,
    type: spec.type ?? "ClusterIP",
    headless,
    kind,
    ports: found,
    ...(spec.sessionAffinity === "ClientIP" && !headless
      ? { affinitySeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds }
      : {}),
    ...(counts && fromOutside && spec.externalTrafficPolicy === "Local"
      ? { external: localTraffic(found, nodes) }
      : {}),
    ...(counts && spec.internalTrafficPolicy === "Local" ? { internal: localTraffic(found, nodes) } : {}),
    ...(counts && distribution !== undefined ? { distribution } : {}),
  };
};

/** Three hours, the API's default (core/v1 `DefaultClientIPServiceAffinitySeconds`). */
const defaultAffinitySeconds = 10_800;

/** A node answers where one of its pods takes at least one port; kube-proxy's health check is per Service, not per port. */
const localTraffic = (ports: readonly ServicePortEndpoints[], nodes: PlacedPods["nodes"]): LocalTraffic => {
  const withPods = new Set(ports.flatMap(({ endpoints }) => endpoints.map(({ node }) => node)));
  const names = nodes.map(({ name }) => name);
  return {
    answers: names.filter((name) => withPods.has(name)),
    drops: names.filter((name) => !withPods.has(name)),
  };
};

/** `PreferClose` is the older name of PreferSameZone (KEP-3015); the annotation for topology aware routing comes before the field. */
const distributionOf = ({ spec, metadata }: Service): ServiceEndpoints["distribution"] => {
  if (metadata.annotations?.["service.kubernetes.io/topology-mode"]?.toLowerCase() === "auto") return undefined;
  const asked = spec.trafficDistribution;
  if (asked === "PreferSameNode") return asked;
  return asked === "PreferClose" || asked === "PreferSameZone" ? "PreferSameZone" : undefined;
};
