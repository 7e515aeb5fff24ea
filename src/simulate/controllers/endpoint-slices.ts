import { listAt, objectsAt, sameJson, textAt, textsAt } from "../../kubernetes/fields.ts";
import type { Service } from "../../kubernetes/networking.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { controllerReference, uidOf } from "../../kubernetes/owner.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { compileLabelMap } from "../../kubernetes/selectors.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { millis } from "../../model/quantity.ts";
import { type Controller, type ControllerContext, keyOf, partsOf } from "./controller.ts";
import { isReady } from "./pod-state.ts";

const most = 100;

/** Lists the pods behind each Service (pkg/controller/endpointslice, v1.35). */
export const endpointSliceController: Controller = {
  name: "endpointslice",
  watches: ["Service", "Pod"],
  latency: millis(1),
  pause: millis(25),
  keysOf: ({ object, previous, type }, { store }) => {
    if (object.kind === "Service") return [keyOf(object)];
    const pod = object as Pod;
    if (type !== "DELETED" && previous !== undefined && sameEndpoint(pod, previous as Pod)) return [];
    const { namespace, labels } = pod.metadata;
    return store
      .list<Service>("Service", namespace)
      .filter(({ spec }) => {
        if (spec.selector === undefined || Object.keys(spec.selector).length === 0) return false;
        const matcher = compileLabelMap(spec.selector);
        return matcher.matches(labels ?? {}) || matcher.matches((previous as Pod | undefined)?.metadata.labels ?? {});
      })
      .map(keyOf);
  },
  reconcile: (key, context) => {
    const service = context.store.get<Service>("Service", ...partsOf(key));
    if (service === undefined || service.spec.type === "ExternalName") return "done";
    const selector = service.spec.selector;
    if (selector === undefined || Object.keys(selector).length === 0) return "done";
    reconcileSlices(service, context);
    return "done";
  },
};

/** Changes of a pod that no endpoint shows are passed over. */
const sameEndpoint = (pod: Pod, previous: Pod): boolean =>
  pod.status?.podIP === previous.status?.podIP &&
  isReady(pod) === isReady(previous) &&
  pod.status?.phase === previous.status?.phase &&
  pod.metadata.deletionTimestamp === previous.metadata.deletionTimestamp &&
  pod.spec.nodeName === previous.spec.nodeName &&
  sameJson((pod.metadata.labels ?? {}) as JsonObject, (previous.metadata.labels ?? {}) as JsonObject);

const reconcileSlices = (service: Service, context: ControllerContext): void => {
  const matcher = compileLabelMap(service.spec.selector ?? {});
  const pods = context.store
    .list<Pod>("Pod", service.metadata.namespace)
    .filter((pod) => matcher.matches(pod.metadata.labels ?? {}) && isEndpoint(pod));
  const groups = new Map<string, { readonly ports: readonly Json[]; readonly endpoints: JsonObject[] }>();
  for (const pod of pods) {
    const ports = portsFor(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpointOf(service, pod, context));
    groups.set(key, group);
  }
  const existing = [...context.store.ownedBy<KubeObject>("EndpointSlice", uidOf(service))];
  const wanted = [...groups.values()].flatMap(({ ports, endpoints }) =>
    chunks(endpoints).map((part) => ({ ports, endpoints: part })),
  );
  if (wanted.length === 0) wanted.push({ ports: [], endpoints: [] });
  const labels = labelsOf(service);
  // Slices that have the ports already stay with them; one that is left over becomes a new one rather than going.
  const placed = wanted.map(({ ports }) => {
    const place = existing.findIndex((slice) => sameJson(listAt(slice as unknown as JsonObject, "ports"), ports));
    return place === -1 ? undefined : existing.splice(place, 1)[0];
  });
  wanted.forEach(({ ports, endpoints }, index) => {
    const slice = placed[index] ?? existing.shift();
    if (slice === undefined) context.api.create(sliceOf(service, labels, ports, endpoints));
    else updateSlice(slice, labels, ports, endpoints, context);
  });
  for (const slice of existing) context.api.remove("EndpointSlice", slice.metadata.namespace, slice.metadata.name);
};

const chunks = (endpoints: readonly JsonObject[]): readonly (readonly JsonObject[])[] =>
  Array.from({ length: Math.ceil(endpoints.length / most) }, (_, index) =>
    endpoints.slice(index * most, (index + 1) * most),
  );

const updateSlice = (
  slice: KubeObject,
  labels: JsonObject,
  ports: readonly Json[],
  endpoints: readonly JsonObject[],
  context: ControllerContext,
): void => {
  const given = slice as unknown as JsonObject;
  // Known endpoints keep their place, as upstream's slices do.
  const order = new Map(
    objectsAt(given, "endpoints").map((endpoint, index) => [String(listAt(endpoint, "addresses")[0]), index]),
  );
  const place = (endpoint: JsonObject): number => order.get(String(listAt(endpoint, "addresses")[0])) ?? order.size;
  const sorted = [...endpoints].sort((a, b) => place(a) - place(b));
  if (
    sameJson(listAt(given, "endpoints"), sorted) &&
    sameJson(listAt(given, "ports"), ports) &&
    sameJson(textsAt(given, "metadata", "labels"), labels)
  )
    return;
  context.api.update({
    ...given,
    metadata: { ...(given["metadata"] as JsonObject), labels },
    endpoints: sorted,
    ports: ports.length === 0 ? null : ports,
  });
};

const sliceOf = (
  service: Service,
  labels: JsonObject,
  ports: readonly Json[],
  endpoints: readonly JsonObject[],
): JsonObject => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    generateName: `${service.metadata.name}-`,
    namespace: service.metadata.namespace ?? "default",
    labels,
    ownerReferences: [controllerReference(service) as unknown as JsonObject],
  },
  addressType: "IPv4",
  endpoints,
  // An empty list is lost on its way into the store.
  ports: ports.length === 0 ? null : ports,
});

/** The Service's own labels, its name, who manages the slice, and a mark for services without an address. */
const labelsOf = (service: Service): JsonObject => ({
  ...service.metadata.labels,
  "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
  "kubernetes.io/service-name": service.metadata.name,
  ...(service.spec.clusterIP === "None" ? { "service.kubernetes.io/headless": "" } : {}),
});

const isEndpoint = (pod: Pod): boolean =>
  (pod.status?.podIP ?? "") !== "" && pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed";

const portsFor = (service: Service, pod: Pod): readonly Json[] =>
  (service.spec.ports ?? []).flatMap((port) => {
    const number = targetPort(port.targetPort ?? port.port, port.protocol ?? "TCP", pod);
    if (number === undefined) return [];
    return [
      {
        name: port.name ?? "",
        protocol: port.protocol ?? "TCP",
        port: number,
        ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
      },
    ];
  });

const targetPort = (target: number | string, protocol: string, pod: Pod): number | undefined => {
  if (typeof target === "number") return target;
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === "Always");
  return [...pod.spec.containers, ...sidecars]
    .flatMap((container) => container.ports ?? [])
    .find((port) => port.name === target && (port.protocol ?? "TCP") === protocol)?.containerPort;
};

const endpointOf = (service: Service, pod: Pod, context: ControllerContext): JsonObject => {
  const isLeaving = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !isLeaving);
  const nodeName = pod.spec.nodeName ?? "";
  const node = context.store.get("Node", undefined, nodeName);
  const zone = node?.metadata.labels?.["topology.kubernetes.io/zone"];
  const given = pod as unknown as JsonObject;
  const hostname = textAt(given, "spec", "hostname");
  const isNamed = hostname !== "" && textAt(given, "spec", "subdomain") === service.metadata.name;
  return {
    addresses: (pod.status?.podIPs ?? []).map(({ ip }) => ip),
    conditions: { ready, serving, terminating: isLeaving },
    ...(isNamed ? { hostname } : {}),
    targetRef: {
      kind: "Pod",
      namespace: pod.metadata.namespace ?? "",
      name: pod.metadata.name,
      uid: pod.metadata.uid ?? "",
    },
    ...(nodeName === "" ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
  };
};
