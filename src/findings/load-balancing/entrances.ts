import { parseIp } from "../../azure/cidr.ts";
import type { PublicIp } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { textAt, textsAt } from "../../kubernetes/fields.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import type { SourceRange } from "../../model/source-range.ts";
import { known } from "../../model/unknown.ts";
import type { Value } from "../../model/value.ts";
import type { HttpRoute } from "../../simulate/cloud/http-route.ts";
import { fieldsOf, httpWorld } from "../../simulate/cloud/http-world.ts";
import { senderOf } from "../../simulate/cloud/ingress-controllers.ts";
import { hasUnseenObjects, onlyCluster } from "../cluster-facts.ts";
import { instanceAt, referenceAt, valueAt } from "../instance-values.ts";
import type { World } from "../rule.ts";
import { loadBalancersOf, publicIpOf, type ServiceView, servicesOf } from "./services.ts";

/** Where requests from outside come in, and the address that it asks for. */
export interface Entrance {
  readonly what: string;
  readonly range: SourceRange | undefined;
  readonly internal: boolean;
  /** Addresses that are asked for, as text. */
  readonly addresses: readonly string[];
  /** Public IPs of the configuration that are asked for. */
  readonly publicIps: readonly PublicIp[];
  readonly dnsLabel: string | undefined;
  /** True where it asks for something that cannot be read here. */
  readonly isOpen: boolean;
}

const prefix = "service.beta.kubernetes.io/";

/** The entrance of a Service of type LoadBalancer. */
export const serviceEntrance = (world: World, view: ServiceView): Entrance => {
  const ip = view.internal ? undefined : publicIpOf(world, view);
  const given = terraformValues(world, view);
  const bound = world.platform.publicIps.filter(({ address }) => given.some((value) => takes(value, address)));
  const annotations = view.service.metadata.annotations ?? {};
  return entrance({
    what: view.address,
    range: view.source.range,
    annotations,
    requestedIp: view.service.spec.loadBalancerIP,
    publicIps: [...new Set([...(ip === undefined ? [] : [ip]), ...bound])],
    // An unknown value of the Service may be an address, unless it is one of the configuration.
    isOpen: bound.length === 0 && given.some(hasUnknown),
  });
};

interface Asked {
  readonly what: string;
  readonly range: SourceRange | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly requestedIp: string | undefined;
  readonly publicIps: readonly PublicIp[];
  readonly isOpen: boolean;
}

const entrance = ({ annotations, requestedIp, ...rest }: Asked): Entrance => {
  const of = (name: string): string | undefined => annotations[prefix + name];
  const asked = [of("azure-load-balancer-ipv4") ?? requestedIp, of("azure-load-balancer-ipv6")].filter(
    (text): text is string => text !== undefined && text !== "",
  );
  const addresses = asked.filter((text) => parseIp(text) !== undefined);
  const names = [of("azure-pip-name"), of("azure-pip-name-ipv6")].filter((name) => name !== undefined && name !== "");
  const isFound = (name: string | undefined): boolean =>
    rest.publicIps.some((ip) => known(ip.name)?.toLowerCase() === name?.toLowerCase());
  return {
    what: rest.what,
    range: rest.range,
    internal: of("azure-load-balancer-internal") === "true",
    addresses,
    publicIps: rest.publicIps,
    dnsLabel: of("azure-dns-label-name") || undefined,
    isOpen:
      rest.isOpen ||
      addresses.length < asked.length ||
      names.some((name) => !isFound(name)) ||
      of("azure-pip-prefix-id") !== undefined,
  };
};

/** Every entrance of the manifests: Services, and the controllers that the application routing add-on is asked to make. */
export const entrancesOf = (world: World): readonly Entrance[] => [
  ...loadBalancersOf(world).map((view) => serviceEntrance(world, view)),
  ...controllersOf(world).map((source) => controllerEntrance(world, source)),
];

/** Where the requests of a route come in, where it is certain. */
export const routeEntrance = (world: World, route: HttpRoute): Entrance | undefined => {
  if (route.problem !== "") return undefined;
  switch (route.controller) {
    case "application routing":
      return route.source.startsWith("Ingress/") ? addOnEntrance(world, route.served) : undefined;
    case "application gateway ingress controller":
      return gatewayEntrance(world);
    case "other":
      return senderEntrance(world, route);
    default:
      return undefined;
  }
};

const controllersOf = (world: World): readonly SourcedObject[] =>
  world.objects.filter(({ object }) => object.kind === "NginxIngressController");

const controllerEntrance = (world: World, { object, range }: SourcedObject): Entrance => {
  const annotations = textsAt(fieldsOf(object), "spec", "loadBalancerAnnotations");
  const name = annotations[`${prefix}azure-pip-name`];
  const address = annotations[`${prefix}azure-load-balancer-ipv4`];
  const publicIps = world.platform.publicIps.filter(
    (ip) =>
      (name !== undefined && known(ip.name)?.toLowerCase() === name.toLowerCase()) ||
      (address !== undefined && known(ip.ipAddress) === address),
  );
  return entrance({ what: addressOf(object), range, annotations, requestedIp: undefined, publicIps, isOpen: false });
};

/** The controller of the class, or the one that the add-on makes by itself ("Advanced NGINX ingress controller configurations"). */
const addOnEntrance = (world: World, served: string): Entrance | undefined => {
  const own = controllersOf(world).find(
    ({ object }) => textAt(fieldsOf(object), "spec", "ingressClassName") === served,
  );
  if (own !== undefined) return controllerEntrance(world, own);
  const cluster = onlyCluster(world);
  const routing = cluster?.addons.webAppRouting;
  if (cluster === undefined || routing === undefined || hasUnseenObjects(world)) return undefined;
  if (served !== "webapprouting.kubernetes.azure.com") return undefined;
  const kind = known(routing.defaultNginxController)?.toLowerCase();
  if (kind === "none") return undefined;
  const service = servicesOf(world).find(({ address }) => address === "Service/app-routing-system/nginx");
  if (service !== undefined) return serviceEntrance(world, service);
  return {
    what: "the NGINX of the application routing add-on",
    range: cluster.rangeAt("web_app_routing"),
    internal: kind === "internal",
    addresses: [],
    publicIps: [],
    dnsLabel: undefined,
    isOpen: false,
  };
};

/** The Application Gateway that AGIC writes to, with the addresses of its frontends. */
const gatewayEntrance = (world: World): Entrance | undefined => {
  const reference = onlyCluster(world)?.addons.applicationGateway?.gateway;
  const gateway = resolve(world.platform.others, reference);
  const instance = gateway === undefined ? undefined : instanceAt(world, gateway.address);
  if (gateway === undefined || instance === undefined || gateway.isData) return undefined;
  const frontends = valueAt(instance.values, ["frontend_ip_configuration"]);
  const count = frontends !== undefined && "items" in frontends ? frontends.items.length : 0;
  const ips = Array.from({ length: count }, (_, index) =>
    resolve(
      world.platform.publicIps,
      referenceAt(instance, ["frontend_ip_configuration", index, "public_ip_address_id"]),
    ),
  ).filter((ip) => ip !== undefined);
  if (ips.length === 0) return undefined;
  return {
    what: gateway.address,
    range: gateway.range,
    internal: false,
    addresses: [],
    publicIps: ips,
    dnsLabel: undefined,
    // It may have a private frontend besides.
    isOpen: count > ips.length,
  };
};

/** The one Service in front of the controller's pods. */
const senderEntrance = (world: World, route: HttpRoute): Entrance | undefined => {
  const sender = senderOf(httpWorld(world.objects.map(({ object }) => object)), route);
  if (sender === undefined) return undefined;
  const [service, ...others] = loadBalancersOf(world).filter(({ backends }) =>
    backends?.some(({ address }) => address === sender.name),
  );
  return service === undefined || others.length > 0 ? undefined : serviceEntrance(world, service);
};

/** What Terraform says of a Service that it makes. */
const terraformValues = (world: World, { service }: ServiceView): readonly Value[] =>
  world.instances.flatMap(({ type, mode, values }) => {
    if (mode === "data" || !/^kubernetes_service(_v1)?$|^kubernetes_manifest$/.test(type)) return [];
    const top = type === "kubernetes_manifest" ? ["manifest"] : [];
    const name = valueAt(values, [...top, "metadata", "name"]);
    if (name?.kind !== "string" || name.value !== service.metadata.name) return [];
    return [
      ["metadata", "annotations"],
      ["spec", "load_balancer_ip"],
      ["spec", "loadBalancerIP"],
    ].flatMap((path) => valueAt(values, [...top, ...path]) ?? []);
  });

/** True where some part of the value is an attribute of that resource. */
const takes = (value: Value, address: string): boolean =>
  value.kind === "unknown" ? value.origin?.address === address : partsOf(value).some((part) => takes(part, address));

const hasUnknown = (value: Value): boolean =>
  value.kind === "unknown" ? !isOwn(value.origin?.address) : partsOf(value).some(hasUnknown);

/** What the provider will fill in by itself is nothing that somebody asks for. */
const isOwn = (address: string | undefined): boolean => /(^|\.)kubernetes_/.test(address ?? "");

const partsOf = (value: Value): readonly Value[] =>
  "items" in value ? value.items : value.kind === "object" || value.kind === "map" ? [...value.fields.values()] : [];
