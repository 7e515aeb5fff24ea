import type { KubeObject } from "../../kubernetes/object.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import { type HttpRoute, inOrder } from "./http-route.ts";
import { httpWorld } from "./http-world.ts";
import { ingressRoutes } from "./ingress-routes.ts";

/**
 * Every host and path that the objects bring to a controller, with where it leads, its certificate, and why nothing gets there where
 * nothing does. In order of precedence.
 */
export const httpRoutes = (objects: readonly KubeObject[]): readonly HttpRoute[] => {
  const world = httpWorld(objects);
  return inOrder(withShadowed([...ingressRoutes(world), ...gatewayRoutes(world)]));
};

/** Of two routes that are alike one is never used: the first here, which on a cluster is the older one. */
const withShadowed = (routes: readonly HttpRoute[]): readonly HttpRoute[] => {
  const first = new Map<string, HttpRoute>();
  return routes.map((route) => {
    if (route.problem !== "" || route.conditions > 0) return route;
    const key = [gateOf(route), route.host.toLowerCase(), route.match, route.path].join(" ");
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, route);
    if (earlier === undefined || earlier.source === route.source) return route;
    return { ...route, problem: `${earlier.source} has the same host and path, and the older of the two wins` };
  });
};

/** Listeners of one Gateway take the same route each, so the certificate tells them apart; an Ingress has no listeners. */
const gateOf = ({ source, served, tls }: HttpRoute): string =>
  source.startsWith("Ingress/") ? served : `${served} ${tls?.secret ?? ""}`;
