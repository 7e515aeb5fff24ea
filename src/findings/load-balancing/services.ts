import type { PublicIp } from "../../azure/platform.ts";
import { type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import type { Service } from "../../kubernetes/networking.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import { compileLabelMap } from "../../kubernetes/selectors.ts";
import type { SourceRange } from "../../model/source-range.ts";
import { known } from "../../model/unknown.ts";
import type { World } from "../rule.ts";

const prefix = "service.beta.kubernetes.io/";

/** A Service, what its annotations ask of Azure, and the workloads that it selects. */
export interface ServiceView {
  readonly source: SourcedObject;
  readonly service: Service;
  readonly address: string;
  readonly namespace: string;
  readonly isLoadBalancer: boolean;
  readonly internal: boolean;
  /** An annotation by its name without `service.beta.kubernetes.io/`. */
  readonly annotation: (name: string) => string | undefined;
  readonly annotationRange: (name: string) => SourceRange;
  /** The address that the Service asks for. */
  readonly requestedIp: string | undefined;
  /** `undefined` where the Service has no selector. */
  readonly backends: readonly Workload[] | undefined;
}

const cache = new WeakMap<World, readonly ServiceView[]>();

export const servicesOf = (world: World): readonly ServiceView[] => {
  const cached = cache.get(world);
  if (cached !== undefined) return cached;
  const byNamespace = new Map<string, Workload[]>();
  for (const workload of workloadsOf(world.objects)) {
    const list = byNamespace.get(workload.namespace);
    if (list === undefined) byNamespace.set(workload.namespace, [workload]);
    else list.push(workload);
  }
  const views = world.objects.flatMap((source) =>
    source.object.kind === "Service" && source.object.apiVersion === "v1" ? [viewOf(source, byNamespace)] : [],
  );
  cache.set(world, views);
  return views;
};

export const loadBalancersOf = (world: World): readonly ServiceView[] =>
  servicesOf(world).filter((view) => view.isLoadBalancer);

const podName = "statefulset.kubernetes.io/pod-name";

/** Labels that no template carries: controllers put them on the pods. */
const labelsOfControllers: ReadonlySet<string> = new Set([
  podName,
  "apps.kubernetes.io/pod-index",
  "controller-revision-hash",
  "pod-template-generation",
  "pod-template-hash",
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-name",
  "controller-uid",
  "job-name",
]);

/** Whether a StatefulSet makes the pod of that name; true of any workload where no pod is named. */
const isOrdinalOf = ({ kind, name }: Workload, pod: string | undefined): boolean =>
  pod === undefined ||
  (kind === "StatefulSet" && pod.startsWith(`${name}-`) && /^\d+$/.test(pod.slice(name.length + 1)));

const viewOf = (source: SourcedObject, byNamespace: ReadonlyMap<string, readonly Workload[]>): ServiceView => {
  const service = source.object as Service;
  const namespace = service.metadata.namespace ?? "default";
  const annotations = service.metadata.annotations ?? {};
  const annotation = (name: string): string | undefined => annotations[prefix + name];
  const selector = service.spec?.selector ?? {};
  const written = Object.entries(selector).filter(([key]) => !labelsOfControllers.has(key));
  const matcher = Object.keys(selector).length === 0 ? undefined : compileLabelMap(Object.fromEntries(written));
  return {
    source,
    service,
    address: addressOf(service),
    namespace,
    isLoadBalancer: service.spec?.type === "LoadBalancer" && service.spec.loadBalancerClass === undefined,
    internal: annotation("azure-load-balancer-internal") === "true",
    annotation,
    annotationRange: (name) => source.rangeAt(["metadata", "annotations", prefix + name]),
    requestedIp: annotation("azure-load-balancer-ipv4") ?? service.spec?.loadBalancerIP,
    backends:
      matcher === undefined
        ? undefined
        : (byNamespace.get(namespace) ?? []).filter(
            (workload) => isOrdinalOf(workload, selector[podName]) && matcher.matches(workload.labels),
          ),
  };
};

/** The public IP of the configuration that a Service asks for, by name or address. */
export const publicIpOf = (world: World, view: ServiceView): PublicIp | undefined => {
  const name = view.annotation("azure-pip-name");
  return world.platform.publicIps.find(
    (ip) =>
      (name !== undefined && known(ip.name)?.toLowerCase() === name.toLowerCase()) ||
      (view.requestedIp !== undefined && known(ip.ipAddress) === view.requestedIp),
  );
};
