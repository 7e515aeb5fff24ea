import { listAt, numberAt, objectAt, objectsAt, textAt } from "../../kubernetes/fields.ts";
import { addressOf, type KubeObject, type LabelSelector } from "../../kubernetes/object.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { JsonObject } from "../../model/json.ts";
import type { HttpBackend, HttpController, HttpRoute, HttpTls, PathMatch } from "./http-route.ts";
import {
  backendOf,
  classController,
  fieldsOf,
  type HttpWorld,
  namespaceLabels,
  namespaceOf,
  tlsOf,
} from "./http-world.ts";

/** The routes that HTTPRoutes bring to Gateways (Gateway API v1). */
export const gatewayRoutes = (world: HttpWorld): readonly HttpRoute[] =>
  world.objects
    .filter((object) => object.kind === "HTTPRoute" && object.apiVersion.startsWith("gateway.networking.k8s.io/"))
    .flatMap((route) =>
      objectsAt(fieldsOf(route), "spec", "parentRefs")
        .filter((parent) => (textAt(parent, "kind") || "Gateway") === "Gateway")
        .flatMap((parent) => routesThrough(world, route, parent)),
    );

const routesThrough = (world: HttpWorld, route: KubeObject, parent: JsonObject): readonly HttpRoute[] => {
  const namespace = namespaceOf(route);
  const place = `${textAt(parent, "namespace") || namespace}/${textAt(parent, "name")}`;
  const gateway = world.objects.find(
    (object) => object.kind === "Gateway" && `${namespaceOf(object)}/${object.metadata.name}` === place,
  );
  const hosts = listAt(fieldsOf(route), "spec", "hostnames").filter((host) => typeof host === "string");
  const wanted = hosts.length === 0 ? ["*"] : hosts;
  if (gateway === undefined)
    return wanted.flatMap((host) =>
      rulesOf(world, route, {
        served: place,
        controller: "none",
        host,
        tls: undefined,
        problem: `Gateway ${place} is not in the input`,
      }),
    );
  const fields = fieldsOf(gateway);
  const className = textAt(fields, "spec", "gatewayClassName");
  const controller = controllerOf(className, classController(world, "GatewayClass", className));
  const named = textAt(parent, "sectionName");
  const port = numberAt(parent, "port");
  const listeners = objectsAt(fields, "spec", "listeners").filter(
    (listener) =>
      (named === "" || textAt(listener, "name") === named) &&
      (port === undefined || numberAt(listener, "port") === port),
  );
  const common = { served: place, controller };
  const found = listeners.flatMap((listener) =>
    allows(world, gateway, listener, namespace)
      ? wanted.flatMap((host) => {
          const shared = commonHost(textAt(listener, "hostname") || "*", host);
          if (shared === undefined) return [];
          const tls = listenerTls(world, gateway, listener);
          return rulesOf(world, route, { ...common, host: shared, tls, problem: "" });
        })
      : [],
  );
  if (found.length > 0) return found;
  const problem =
    listeners.length === 0
      ? `Gateway ${place} has no listener that ${addressOf(route)} names`
      : listeners.some((listener) => allows(world, gateway, listener, namespace))
        ? `no listener of Gateway ${place} has a hostname of ${addressOf(route)}`
        : `no listener of Gateway ${place} takes routes of namespace ${namespace}`;
  return wanted.flatMap((host) => rulesOf(world, route, { ...common, host, tls: undefined, problem }));
};

const controllerOf = (className: string, behind: string): HttpController => {
  if (className.startsWith("azure-alb-") || behind.startsWith("alb.networking.azure.io/"))
    return "application gateway for containers";
  if (className === "approuting-istio" || behind.startsWith("webapprouting.")) return "application routing";
  return className.startsWith("istio") || behind.startsWith("istio.io/") ? "istio" : "other";
};

/** Routes of the Gateway's own namespace, unless the listener says otherwise. */
const allows = (world: HttpWorld, gateway: KubeObject, listener: JsonObject, namespace: string): boolean => {
  const rule = objectAt(listener, "allowedRoutes", "namespaces");
  const from = textAt(rule, "from") || "Same";
  if (from === "All") return true;
  if (from === "Same") return namespaceOf(gateway) === namespace;
  const selector = compileLabelSelector(objectAt(rule, "selector") as unknown as LabelSelector);
  return from === "Selector" && selector.matches(namespaceLabels(world, namespace));
};

/** The narrower of two hosts where one covers the other. */
const commonHost = (listener: string, host: string): string | undefined => {
  if (listener === "*") return host;
  if (host === "*" || host.toLowerCase() === listener.toLowerCase()) return listener;
  const covers = (wide: string, narrow: string): boolean =>
    wide.startsWith("*.") && narrow.toLowerCase().endsWith(wide.slice(1).toLowerCase());
  if (covers(listener, host)) return host;
  return covers(host, listener) ? listener : undefined;
};

const listenerTls = (world: HttpWorld, gateway: KubeObject, listener: JsonObject): HttpTls | undefined => {
  const [first] = objectsAt(listener, "tls", "certificateRefs");
  if (first === undefined) return undefined;
  return tlsOf(world, textAt(first, "namespace") || namespaceOf(gateway), textAt(first, "name"));
};

type Through = Pick<HttpRoute, "served" | "controller" | "host" | "tls" | "problem">;

const rulesOf = (world: HttpWorld, route: KubeObject, through: Through): readonly HttpRoute[] => {
  const source = `HTTPRoute/${namespaceOf(route)}/${route.metadata.name}`;
  return objectsAt(fieldsOf(route), "spec", "rules").flatMap((rule) => {
    const backends = objectsAt(rule, "backendRefs").map((reference) => routeBackend(world, route, reference));
    const given = objectsAt(rule, "matches");
    return (given.length === 0 ? [{}] : given).map((match): HttpRoute => {
      const type = textAt(match, "path", "type");
      return {
        source,
        ...through,
        path: textAt(match, "path", "value") || "/",
        match: matches[type] ?? "prefix",
        conditions:
          listAt(match, "headers").length +
          listAt(match, "queryParams").length +
          (textAt(match, "method") === "" ? 0 : 1),
        backends,
      };
    });
  });
};

const matches: Readonly<Record<string, PathMatch>> = { Exact: "exact", RegularExpression: "pattern" };

const routeBackend = (world: HttpWorld, route: KubeObject, reference: JsonObject): HttpBackend => {
  const own = namespaceOf(route);
  const namespace = textAt(reference, "namespace") || own;
  const kind = textAt(reference, "kind") || "Service";
  const name = textAt(reference, "name");
  const weight = numberAt(reference, "weight") ?? 1;
  const port = numberAt(reference, "port");
  const base = { service: `${namespace}/${name}`, port: String(port ?? ""), weight, workloads: [] };
  if (kind !== "Service") return { ...base, problem: "" };
  if (namespace !== own && !isGranted(world, own, namespace, name))
    return {
      ...base,
      problem: `no ReferenceGrant of namespace ${namespace} lets HTTPRoutes of ${own} use its Services`,
    };
  return backendOf(world, namespace, name, port, weight);
};

const isGranted = (world: HttpWorld, from: string, to: string, name: string): boolean =>
  world.objects.some((object) => {
    if (object.kind !== "ReferenceGrant" || namespaceOf(object) !== to) return false;
    const spec = objectAt(fieldsOf(object), "spec");
    const given = objectsAt(spec, "from").some(
      (item) => textAt(item, "kind") === "HTTPRoute" && textAt(item, "namespace") === from,
    );
    const taken = objectsAt(spec, "to").some(
      (item) => textAt(item, "kind") === "Service" && ["", name].includes(textAt(item, "name")),
    );
    return given && taken;
  });
