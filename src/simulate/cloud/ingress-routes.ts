import { listAt, numberAt, objectAt, objectsAt, textAt } from "../../kubernetes/fields.ts";
import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import type { JsonObject } from "../../model/json.ts";
import type { HttpBackend, HttpController, HttpRoute, HttpTls, PathMatch } from "./http-route.ts";
import { backendOf, classController, fieldsOf, type HttpWorld, namespaceOf, tlsOf } from "./http-world.ts";

/** The routes that Ingress objects ask for, in their own order (Kubernetes, "Ingress"). */
export const ingressRoutes = (world: HttpWorld): readonly HttpRoute[] =>
  world.objects
    .filter((object) => object.kind === "Ingress" && object.apiVersion.startsWith("networking.k8s.io/"))
    .flatMap((ingress) => routesOf(world, ingress));

const routesOf = (world: HttpWorld, ingress: KubeObject): readonly HttpRoute[] => {
  const spec = objectAt(fieldsOf(ingress), "spec");
  const namespace = namespaceOf(ingress);
  const served = classOf(world, ingress, spec);
  const controller = controllerOf(world, served);
  const pattern = ingress.metadata.annotations?.["nginx.ingress.kubernetes.io/use-regex"] === "true";
  const route = (host: string, path: string, match: PathMatch, backend: JsonObject): HttpRoute => ({
    source: `Ingress/${namespace}/${ingress.metadata.name}`,
    served,
    controller,
    host: host || "*",
    path: path || "/",
    match,
    // A canary takes a share of the requests of another Ingress with the same path.
    conditions: ingress.metadata.annotations?.["nginx.ingress.kubernetes.io/canary"] === "true" ? 1 : 0,
    backends: ingressBackend(world, namespace, backend),
    tls: ingressTls(world, namespace, spec, host),
    problem: controller === "none" ? `${addressOf(ingress)} names no class and the input has no default one` : "",
  });
  const rules = objectsAt(spec, "rules").flatMap((rule) =>
    objectsAt(rule, "http", "paths").map((path) =>
      route(
        textAt(rule, "host"),
        textAt(path, "path"),
        pattern ? "pattern" : matchOf(textAt(path, "pathType"), controller),
        objectAt(path, "backend"),
      ),
    ),
  );
  const fallback = objectAt(spec, "defaultBackend");
  return Object.keys(fallback).length === 0 ? rules : [...rules, route("", "/", "prefix", fallback)];
};

const defaultMark = "ingressclass.kubernetes.io/is-default-class";

const classOf = (world: HttpWorld, ingress: KubeObject, spec: JsonObject): string =>
  textAt(spec, "ingressClassName") ||
  (ingress.metadata.annotations?.["kubernetes.io/ingress.class"] ?? "") ||
  (world.objects.find(
    (object) => object.kind === "IngressClass" && object.metadata.annotations?.[defaultMark] === "true",
  )?.metadata.name ??
    "");

const controllerOf = (world: HttpWorld, name: string): HttpController => {
  const behind = classController(world, "IngressClass", name);
  const made = world.objects.some(
    (object) =>
      object.kind === "NginxIngressController" && textAt(fieldsOf(object), "spec", "ingressClassName") === name,
  );
  if (made || name === "webapprouting.kubernetes.azure.com" || behind.startsWith("webapprouting."))
    return "application routing";
  if (
    name === "azure-application-gateway" ||
    name === "azure/application-gateway" ||
    behind === "azure/application-gateway"
  )
    return "application gateway ingress controller";
  if (name.startsWith("azure-alb-") || behind.startsWith("alb.networking.azure.io/"))
    return "application gateway for containers";
  return name === "" ? "none" : "other";
};

/** What is left to the controller is a run of characters to NGINX; Application Gateway takes it whole unless it ends in a star. */
const matchOf = (type: string, controller: HttpController): PathMatch => {
  if (type === "Exact") return "exact";
  if (type === "Prefix") return "prefix";
  return controller === "application gateway ingress controller" ? "exact" : "characters";
};

const ingressBackend = (world: HttpWorld, namespace: string, backend: JsonObject): readonly HttpBackend[] => {
  const service = objectAt(backend, "service");
  const name = textAt(service, "name");
  if (name === "") return [];
  const port = numberAt(service, "port", "number") ?? (textAt(service, "port", "name") || undefined);
  return [backendOf(world, namespace, name, port, 1)];
};

/** The TLS entry that names the host, or a wildcard above it. */
const ingressTls = (world: HttpWorld, namespace: string, spec: JsonObject, host: string): HttpTls | undefined => {
  const wildcard = host.includes(".") ? `*${host.slice(host.indexOf("."))}` : "";
  const found = objectsAt(spec, "tls").find((tls) => {
    const hosts = listAt(tls, "hosts");
    return hosts.length === 0 || hosts.includes(host) || (wildcard !== "" && hosts.includes(wildcard));
  });
  const name = found === undefined ? "" : textAt(found, "secretName");
  return name === "" ? undefined : tlsOf(world, namespace, name);
};
