import { listAt, objectsAt } from "../../kubernetes/fields.ts";
import type { Ingress } from "../../kubernetes/networking.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import type { SourceRange } from "../../model/source-range.ts";
import type { HttpRoute } from "../../simulate/cloud/http-route.ts";
import { httpRoutes } from "../../simulate/cloud/http-routes.ts";
import { fieldsOf } from "../../simulate/cloud/http-world.ts";
import type { World } from "../rule.ts";
import { type Entrance, routeEntrance, serviceEntrance } from "./entrances.ts";
import { loadBalancersOf } from "./services.ts";

/** A name under which something of the cluster is meant to be reached. */
export interface PublishedHost {
  /** In lower case; `*.shop.example` where it is a wildcard. */
  readonly host: string;
  readonly source: SourcedObject;
  readonly address: string;
  readonly kind: "Ingress" | "HTTPRoute" | "Service";
  readonly range: SourceRange;
  /** Where its requests come in, where that is certain. */
  readonly entrance: Entrance | undefined;
  readonly ingressClass: string | undefined;
}

export const hostnameAnnotation = "external-dns.alpha.kubernetes.io/hostname";

const cache = new WeakMap<World, readonly PublishedHost[]>();

/** The hosts of Ingresses and HTTPRoutes, and those that a Service of type LoadBalancer asks external-dns for. */
export const publishedHosts = (world: World): readonly PublishedHost[] => {
  const cached = cache.get(world);
  if (cached !== undefined) return cached;
  const found = world.objects.some(({ object }) => isPublisher(object.kind)) ? collect(world) : [];
  cache.set(world, found);
  return found;
};

const isPublisher = (kind: string): boolean => kind === "Ingress" || kind === "HTTPRoute" || kind === "Service";

const collect = (world: World): readonly PublishedHost[] => {
  const routes = new Map<string, HttpRoute>();
  for (const route of httpRoutes(world.objects.map(({ object }) => object))) {
    const key = `${route.source} ${route.host.toLowerCase()}`;
    if (!routes.has(key)) routes.set(key, route);
  }
  const entrances = new Map<string, Entrance | undefined>();
  const entranceOf = (route: HttpRoute | undefined): Entrance | undefined => {
    if (route === undefined) return undefined;
    const key = `${route.source.split("/")[0]} ${route.controller} ${route.served} ${route.problem === ""}`;
    if (!entrances.has(key)) entrances.set(key, routeEntrance(world, route));
    return entrances.get(key);
  };
  const hosts = world.objects.flatMap((source) =>
    hostsOf(source).map(({ host, path, kind }): PublishedHost => {
      const { namespace = "default", name } = source.object.metadata;
      const route = routes.get(`${kind}/${namespace}/${name} ${host}`);
      return {
        host,
        source,
        address: addressOf(source.object),
        kind,
        range: source.rangeAt(path),
        entrance: entranceOf(route),
        ingressClass: kind === "Ingress" ? route?.served : undefined,
      };
    }),
  );
  return [...hosts, ...serviceHosts(world)];
};

interface NamedHost {
  readonly host: string;
  readonly path: readonly (string | number)[];
  readonly kind: "Ingress" | "HTTPRoute";
}

const hostsOf = ({ object }: SourcedObject): readonly NamedHost[] => {
  const named = new Map<string, NamedHost>();
  const add = (host: unknown, path: NamedHost["path"], kind: NamedHost["kind"]): void => {
    const name = typeof host === "string" ? host.toLowerCase() : "";
    if (isHost(name) && !named.has(name)) named.set(name, { host: name, path, kind });
  };
  if (object.kind === "Ingress" && object.apiVersion.startsWith("networking.k8s.io/")) {
    for (const [index, rule] of ((object as Ingress).spec?.rules ?? []).entries())
      add(rule.host, ["spec", "rules", index, "host"], "Ingress");
  } else if (object.kind === "HTTPRoute" && object.apiVersion.startsWith("gateway.networking.k8s.io/")) {
    for (const [index, host] of listAt(fieldsOf(object), "spec", "hostnames").entries())
      if (objectsAt(fieldsOf(object), "spec", "parentRefs").length > 0)
        add(host, ["spec", "hostnames", index], "HTTPRoute");
  }
  return [...named.values()];
};

const serviceHosts = (world: World): readonly PublishedHost[] =>
  loadBalancersOf(world).flatMap((view) => {
    const text = view.service.metadata.annotations?.[hostnameAnnotation] ?? "";
    return text
      .split(",")
      .map((host) => host.trim().replace(/\.$/, "").toLowerCase())
      .filter(isHost)
      .map(
        (host): PublishedHost => ({
          host,
          source: view.source,
          address: view.address,
          kind: "Service",
          range: view.source.rangeAt(["metadata", "annotations", hostnameAnnotation]),
          entrance: serviceEntrance(world, view),
          ingressClass: undefined,
        }),
      );
  });

/** A name with a dot, as DNS writes it; placeholders of a template are none. */
const isHost = (text: string): boolean => /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$/.test(text);
