import type { AksCluster } from "../../azure/platform.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { known, knownOr } from "../../model/unknown.ts";
import { allowsPort, type Transport } from "./connections.ts";
import { type HttpBackend, type HttpRoute, routeFor, takesPath } from "./http-route.ts";
import { httpRoutes } from "./http-routes.ts";
import { type HttpWorld, httpWorld } from "./http-world.ts";
import { senderOf } from "./ingress-controllers.ts";
import type { PolicyPod } from "./network-policy.ts";
import { serviceBackends } from "./service-backends.ts";
import { type WorkloadReach, workloadReach } from "./workload-reach.ts";

export interface HttpRequest {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly path: string;
}

/** What becomes of a request at one controller or Gateway that takes its host. */
export interface HttpAnswer {
  readonly route: HttpRoute;
  readonly backends: readonly HttpBackend[];
  /** True where some backend answers. */
  readonly answers: boolean;
  /** What keeps the request out, or worth knowing on its way. */
  readonly notes: readonly string[];
}

export interface HttpVerdict {
  /** One for each class or Gateway that takes the host and path. */
  readonly taken: readonly HttpAnswer[];
  /** Why nobody does; empty where somebody does. */
  readonly nothing: string;
}

/**
 * Who answers a request from outside, by the Ingresses and HTTPRoutes of the input: the rule, the Services behind it and what they
 * select, and what stands in the way: a controller that is off, a certificate that nobody makes, a network policy.
 */
export const answerHttp = (
  cluster: AksCluster | undefined,
  objects: readonly KubeObject[],
  request: HttpRequest,
): HttpVerdict => {
  const routes = httpRoutes(objects);
  const gates = [...new Set(routes.map(({ served }) => served))];
  const taken = gates.flatMap((gate) => {
    const own = routes.filter((route) => route.served === gate && servesScheme(route, request.scheme));
    const working = own.filter(({ problem }) => problem === "");
    const route = routeFor(working, request.host, request.path) ?? routeFor(own, request.host, request.path);
    return route === undefined ? [] : [answerOf(cluster, objects, routes, route, request)];
  });
  return { taken, nothing: taken.length === 0 ? nobodyTakes(routes, request) : "" };
};

/** A listener of a Gateway speaks one of the two; an Ingress both. */
const servesScheme = ({ source, tls, problem }: HttpRoute, scheme: HttpRequest["scheme"]): boolean =>
  source.startsWith("Ingress/") || problem !== "" || (tls !== undefined) === (scheme === "https");

const answerOf = (
  cluster: AksCluster | undefined,
  objects: readonly KubeObject[],
  routes: readonly HttpRoute[],
  route: HttpRoute,
  request: HttpRequest,
): HttpAnswer => {
  const closed = policyBlocks(cluster, objects)(route);
  const backends = route.backends.map((backend): HttpBackend => {
    const problem = backend.problem || (closed.get(backend.service) ?? "");
    return problem === "" ? backend : { ...backend, problem };
  });
  const off = controllerOff(cluster, objects, route);
  const notes = [
    ...(route.problem === "" ? [] : [route.problem]),
    ...(off === "" ? [] : [off]),
    ...(backends.length === 0 ? ["the rule names no Service"] : []),
    ...tlsNotes(route, request),
    ...conditionNotes(routes, route, request),
  ];
  const answers = route.problem === "" && off === "" && backends.some((backend) => answersAt(backend));
  return { route, backends, answers, notes };
};

const answersAt = ({ problem, weight }: HttpBackend): boolean => problem === "" && weight > 0;

/** The add-ons serve their classes only where they are on ("Managed NGINX ingress with the application routing add-on"). */
const controllerOff = (
  cluster: AksCluster | undefined,
  objects: readonly KubeObject[],
  { controller, source, served }: HttpRoute,
): string => {
  if (cluster === undefined || !source.startsWith("Ingress/")) return "";
  const { webAppRouting, applicationGateway } = cluster.addons;
  const ownClass = objects.some(({ kind, metadata }) => kind === "IngressClass" && metadata.name === served);
  if (controller === "application routing" && webAppRouting === undefined)
    return `the cluster has no web_app_routing block, so nobody serves class "${served}"`;
  if (
    served === "webapprouting.kubernetes.azure.com" &&
    knownOr(webAppRouting?.defaultNginxController, "").toLowerCase() === "none"
  )
    return 'default_nginx_controller is "None": the add-on makes no controller of its own class';
  if (controller === "application gateway ingress controller" && applicationGateway === undefined && !ownClass)
    return `the cluster has no ingress_application_gateway block, so nobody serves class "${served}" unless AGIC is installed otherwise`;
  return "";
};

const tlsNotes = ({ source, tls, controller }: HttpRoute, { scheme }: HttpRequest): readonly string[] => {
  const isIngress = source.startsWith("Ingress/");
  if (scheme === "http")
    return isIngress && tls !== undefined && controller === "application routing"
      ? ["NGINX answers plain http with a redirect to https (308), since the host has a certificate"]
      : [];
  if (tls === undefined && isIngress)
    return ["the Ingress names no certificate for the host: the controller shows its own, which no browser trusts"];
  return tls?.from === "missing"
    ? [`nothing of the input makes secret ${tls.secret}, which holds the certificate`]
    : [];
};

/** Routes of the same place that take a request with certain headers, queries or methods before this one; patterns are not run. */
const conditionNotes = (routes: readonly HttpRoute[], route: HttpRoute, { path }: HttpRequest): readonly string[] =>
  routes
    .filter(
      (other) =>
        other.served === route.served &&
        other.host === route.host &&
        ((other.conditions > 0 && takesPath(other, path)) || other.match === "pattern"),
    )
    .map((other) =>
      other.match === "pattern"
        ? `${other.source} has pattern "${other.path}" for the host, which is not run here and may take the request first`
        : `${other.source} takes requests there that meet ${other.conditions === 1 ? "a further condition" : `${other.conditions} further conditions`}`,
    );

/** Services of a route whose pods no policy lets the controller reach, each with the policies that select the pods. */
export const policyBlocks = (
  cluster: AksCluster | undefined,
  objects: readonly KubeObject[],
): ((route: HttpRoute) => ReadonlyMap<string, string>) => {
  const view = workloadReach(cluster, objects);
  const world = httpWorld(objects);
  return (route) => blockedBackends(view, world, route);
};

const blockedBackends = (
  { reach, pods, engine }: WorkloadReach,
  world: HttpWorld,
  route: HttpRoute,
): ReadonlyMap<string, string> => {
  const blocked = new Map<string, string>();
  const found = engine === "none" ? undefined : senderOf(world, route);
  if (found === undefined) return blocked;
  // The same pod object as the policies know, where it is one of the manifests.
  const sender = pods.find(({ name }) => name === found.name) ?? found;
  for (const { service: name, port: wanted } of route.backends) {
    const service = world.services.get(name);
    const port =
      service === undefined
        ? undefined
        : serviceBackends(service, pods).ports.find((own) => String(own.port) === wanted || own.name === wanted);
    if (port === undefined || port.targets.length === 0) continue;
    const shut = port.targets.flatMap(({ workload, port: number }) => {
      const pod = pods.find((candidate) => candidate.name === workload);
      if (pod === undefined) return [];
      const { ingress, egress, connections } = reach.explain(sender, pod);
      return allowsPort(connections, port.protocol as Transport, number)
        ? []
        : [
            {
              workload,
              number,
              policies: allowsPort(ingress.connections, port.protocol as Transport, number)
                ? egress.selectedBy
                : ingress.selectedBy,
            },
          ];
    });
    const [first] = shut;
    if (first === undefined || shut.length < port.targets.length) continue;
    blocked.set(
      name,
      `no NetworkPolicy lets ${senderText(sender)} reach port ${first.number} of ${first.workload} (${first.policies.join(", ")}, enforced by ${engine})`,
    );
  }
  return blocked;
};

const senderText = ({ name, namespace }: PolicyPod): string => (namespace === "app-routing-system" ? namespace : name);

const nobodyTakes = (routes: readonly HttpRoute[], { scheme, host, path }: HttpRequest): string => {
  if (routes.length === 0) return "The manifests have no Ingress and no HTTPRoute.";
  const atHost = routes.filter((route) => routeFor([{ ...route, path: "/", match: "prefix" }], host, path));
  if (atHost.length === 0) {
    const hosts = [...new Set(routes.map((route) => route.host))].sort();
    return `No Ingress and no HTTPRoute has host "${host}"; there ${hosts.length === 1 ? "is" : "are"} ${listed(hosts)}.`;
  }
  const schemed = atHost.filter((route) => servesScheme(route, scheme));
  if (schemed.length === 0)
    return `The listeners for host "${host}" ${scheme === "https" ? "have no certificate: none speaks https" : "speak https only"}.`;
  return `No path of host "${host}" takes "${path}"; there ${schemed.length === 1 ? "is" : "are"} ${listed(schemed.map((route) => `${route.path} (${route.match})`))}.`;
};

const listed = (names: readonly string[]): string =>
  names.length > 10 ? `${names.slice(0, 10).join(", ")} and ${names.length - 10} more` : names.join(", ");

/** How the add-on's controller is reached from outside; `undefined` where it is not known. */
export const appRoutingReach = (cluster: AksCluster | undefined): string | undefined =>
  known(cluster?.addons.webAppRouting?.defaultNginxController)?.toLowerCase() === "internal"
    ? "from within the network only (default_nginx_controller Internal)"
    : undefined;
