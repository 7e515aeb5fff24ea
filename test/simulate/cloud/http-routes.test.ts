import { expect, test } from "@jest/globals";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { type HttpRoute, routeFor } from "../../../src/simulate/cloud/http-route.ts";
import { httpRoutes } from "../../../src/simulate/cloud/http-routes.ts";

type Loose = Readonly<Record<string, unknown>>;

const object = (apiVersion: string, kind: string, name: string, rest: Loose = {}, metadata: Loose = {}): KubeObject =>
  ({ apiVersion, kind, metadata: { name, namespace: "shop", ...metadata }, ...rest }) as KubeObject;

const deployment = (name: string, port: Loose): KubeObject =>
  object("apps/v1", "Deployment", name, {
    spec: {
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "main", ports: [port] }] } },
    },
  });

const service = (name: string, targetPort: number | string, metadata: Loose = {}): KubeObject =>
  object(
    "v1",
    "Service",
    name,
    { spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort }] } },
    metadata,
  );

const apps = [
  deployment("web", { name: "http", containerPort: 8080 }),
  deployment("api", { name: "grpc", containerPort: 9000 }),
  service("web", "http"),
  service("api", "http"),
];

const path = (value: string, pathType: string, name: string, port: Loose = { number: 80 }): Loose => ({
  path: value,
  pathType,
  backend: { service: { name, port } },
});

const ingress = (name: string, host: string, paths: readonly Loose[], spec: Loose = {}, metadata: Loose = {}) =>
  object(
    "networking.k8s.io/v1",
    "Ingress",
    name,
    { spec: { ingressClassName: "webapprouting.kubernetes.azure.com", rules: [{ host, http: { paths } }], ...spec } },
    metadata,
  );

const brief = ({ source, host, path: at, backends, problem }: HttpRoute) => ({
  source,
  to: `${host}${at} -> ${backends.map((each) => `${each.workloads.join(",")}${each.problem}`).join(" | ")}`,
  problem,
});

test("an Ingress leads through its Service to workloads, or to the reason why it does not", () => {
  const routes = httpRoutes([
    ...apps,
    ingress("front", "shop.example.com", [
      path("/", "Prefix", "web"),
      path("/api", "Prefix", "api"),
      path("/gone", "Exact", "gone"),
      path("/odd", "Prefix", "web", { number: 81 }),
    ]),
  ]);
  expect(routes.map((route) => brief(route).to)).toEqual([
    "shop.example.com/gone -> Service shop/gone is not in the input",
    "shop.example.com/api -> no container of Deployment/shop/api has the port that Service shop/api names",
    "shop.example.com/odd -> Service shop/web has no port 81",
    "shop.example.com/ -> Deployment/shop/web",
  ]);
  expect(new Set(routes.map((route) => route.controller))).toEqual(new Set(["application routing"]));
});

test("requests take the exact host, then the exact path, then the longest", () => {
  const routes = httpRoutes([
    ...apps,
    ingress("any", "*.example.com", [path("/", "Prefix", "api")]),
    ingress("one", "shop.example.com", [
      path("/a", "Prefix", "web"),
      path("/a/b", "Prefix", "web"),
      path("/a", "Exact", "web"),
    ]),
  ]);
  const taken = (host: string, at: string) => {
    const route = routeFor(routes, host, at);
    return route === undefined ? undefined : `${route.host} ${route.match} ${route.path}`;
  };
  expect(taken("shop.example.com", "/a")).toBe("shop.example.com exact /a");
  expect(taken("shop.example.com", "/a/b/c")).toBe("shop.example.com prefix /a/b");
  expect(taken("shop.example.com", "/ab")).toBeUndefined();
  expect(taken("other.example.com", "/x")).toBe("*.example.com prefix /");
  expect(taken("a.b.example.com", "/")).toBeUndefined();
});

test("of two Ingresses with the same host and path the later one is never reached", () => {
  const routes = httpRoutes([
    ...apps,
    ingress("first", "shop.example.com", [path("/", "Prefix", "web")]),
    ingress("second", "shop.example.com", [path("/", "Prefix", "api")]),
    ingress(
      "part",
      "shop.example.com",
      [path("/", "Prefix", "api")],
      {},
      {
        annotations: { "nginx.ingress.kubernetes.io/canary": "true" },
      },
    ),
  ]);
  expect(routes.filter((route) => route.problem !== "").map((route) => [route.source, route.problem])).toEqual([
    ["Ingress/shop/second", "Ingress/shop/first has the same host and path, and the older of the two wins"],
  ]);
});

test.each([
  ["missing", [], {}],
  ["manifest", [object("v1", "Secret", "cert")], {}],
  ["key vault", [object("v1", "SecretProviderClass", "kv", { spec: { secretObjects: [{ secretName: "cert" }] } })], {}],
  ["cert-manager", [], { annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" } }],
  ["cert-manager", [object("cert-manager.io/v1", "Certificate", "c", { spec: { secretName: "cert" } })], {}],
  ["external secret", [object("external-secrets.io/v1", "ExternalSecret", "cert")], {}],
])("a certificate: %s", (from, more, metadata) => {
  const tls = { tls: [{ hosts: ["shop.example.com"], secretName: "cert" }] };
  const routes = httpRoutes([
    ...apps,
    ...more,
    ingress("front", "shop.example.com", [path("/", "Prefix", "web")], tls, metadata),
  ]);
  expect(routes[0]?.tls).toEqual({ secret: "shop/cert", from });
});

const gateway = (listener: Loose) =>
  object(
    "gateway.networking.k8s.io/v1",
    "Gateway",
    "edge",
    { spec: { gatewayClassName: "azure-alb-external", listeners: [{ name: "http", port: 80, ...listener }] } },
    { namespace: "infra" },
  );

const httpRoute = (spec: Loose) =>
  object("gateway.networking.k8s.io/v1", "HTTPRoute", "front", {
    spec: { parentRefs: [{ name: "edge", namespace: "infra" }], hostnames: ["shop.example.com"], ...spec },
  });

const rules = { rules: [{ backendRefs: [{ name: "web", port: 80 }] }] };

test.each<[string, Loose, Loose, string]>([
  ["all namespaces are let in", { allowedRoutes: { namespaces: { from: "All" } } }, rules, ""],
  ["only its own is", {}, rules, "no listener of Gateway infra/edge takes routes of namespace shop"],
  [
    "another host is served",
    { hostname: "*.example.org", allowedRoutes: { namespaces: { from: "All" } } },
    rules,
    "no listener of Gateway infra/edge has a hostname of HTTPRoute/shop/front",
  ],
  [
    "the listener that is named is not there",
    {},
    { ...rules, parentRefs: [{ name: "edge", namespace: "infra", sectionName: "https" }] },
    "Gateway infra/edge has no listener that HTTPRoute/shop/front names",
  ],
  [
    "the Gateway is not there",
    {},
    { ...rules, parentRefs: [{ name: "edge" }] },
    "Gateway shop/edge is not in the input",
  ],
])("a Gateway: %s", (_, listener, spec, problem) => {
  const routes = httpRoutes([...apps, gateway(listener), httpRoute(spec)]);
  expect(routes.map((route) => brief(route))).toEqual([
    { source: "HTTPRoute/shop/front", to: "shop.example.com/ -> Deployment/shop/web", problem },
  ]);
});

test("a Service of another namespace needs a ReferenceGrant", () => {
  const other = [
    service("pay", 80, { namespace: "bank" }),
    object("v1", "Pod", "pay", { spec: { containers: [] } }, { namespace: "bank", labels: { app: "pay" } }),
  ];
  const route = httpRoute({ rules: [{ backendRefs: [{ name: "pay", namespace: "bank", port: 80 }] }] });
  const open = gateway({ allowedRoutes: { namespaces: { from: "All" } } });
  const grant = object(
    "gateway.networking.k8s.io/v1beta1",
    "ReferenceGrant",
    "shop",
    { spec: { from: [{ kind: "HTTPRoute", namespace: "shop" }], to: [{ kind: "Service" }] } },
    { namespace: "bank" },
  );
  expect(httpRoutes([...other, open, route])[0]?.backends[0]?.problem).toBe(
    "no ReferenceGrant of namespace bank lets HTTPRoutes of shop use its Services",
  );
  expect(httpRoutes([...other, open, route, grant])[0]?.backends[0]).toMatchObject({
    workloads: ["Pod/bank/pay"],
    problem: "",
  });
});
