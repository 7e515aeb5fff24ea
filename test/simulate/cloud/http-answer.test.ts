import { expect, test } from "@jest/globals";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { answerHttp } from "../../../src/simulate/cloud/http-answer.ts";
import { objects } from "../../support/objects.ts";
import { aksCluster } from "../../support/platform.ts";

const web = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: a, ports: [{ name: http, containerPort: 8080 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http }] }
---
`;
const ingress = (
  more = "",
  className = "webapprouting.kubernetes.azure.com",
): string => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: front, namespace: shop }
spec:
  ingressClassName: ${className}
  ${more}
  rules:
    - host: www.example.com
      http: { paths: [{ path: /cart, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---
`;
const policy = (rules: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: [${rules}] }
---
`;
const gateway = (listener: string): string => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { gatewayClassName: istio, listeners: [${listener}] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: cart, namespace: shop }
spec:
  parentRefs: [{ name: edge }]
  hostnames: [www.example.com]
  rules:
    - backendRefs: [{ name: web, port: 80, weight: 9 }, { name: canary, port: 80, weight: 1 }]
    - matches: [{ headers: [{ name: beta, value: "1" }] }]
      backendRefs: [{ name: web, port: 80 }]
---
`;

const ingressNginx = `apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: nginx }
spec: { controller: k8s.io/ingress-nginx }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: controller, namespace: edge }
spec:
  selector: { matchLabels: { app: edge } }
  template:
    metadata: { labels: { app: edge } }
    spec: { containers: [{ name: controller, image: "registry.k8s.io/ingress-nginx/controller:v1.12.0@sha256:00" }] }
---
`;
const fromEdge =
  "{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: edge } }, podSelector: { matchLabels: { app: edge } } }] }";

const routing = { dnsZones: [], defaultNginxController: undefined };
const cluster = aksCluster({ addons: { webAppRouting: routing }, network: { policy: "calico" } });
const fromRouting =
  "{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: app-routing-system } } }], ports: [{ port: 8080 }] }";

const ask = (yaml: string, url: string, of = cluster) => {
  const { protocol, hostname, pathname } = new URL(url);
  const scheme = protocol === "https:" ? "https" : "http";
  const all: readonly KubeObject[] = objects(yaml).map(({ object }) => object);
  const { taken, nothing } = answerHttp(of, all, { scheme, host: hostname, path: pathname });
  if (nothing !== "") return nothing;
  return taken.map(({ route, answers, backends, notes }) =>
    [
      answers ? "yes" : "no",
      route.source,
      ...backends.map(({ service, workloads, problem }) => `${service} ${problem || workloads.join(",")}`),
      ...notes,
    ].join(" | "),
  );
};

test.each([
  [
    "a rule, its Service and its pods",
    web + ingress(),
    "http://www.example.com/cart/1",
    "yes | Ingress/shop/front | shop/web Deployment/shop/web",
  ],
  [
    "https without a certificate",
    web + ingress(),
    "https://www.example.com/cart",
    "yes | Ingress/shop/front | shop/web Deployment/shop/web | the Ingress names no certificate for the host: the controller shows its own, which no browser trusts",
  ],
  [
    "a certificate that nobody makes",
    web + ingress("tls: [{ hosts: [www.example.com], secretName: cert }]"),
    "https://www.example.com/cart",
    "yes | Ingress/shop/front | shop/web Deployment/shop/web | nothing of the input makes secret shop/cert, which holds the certificate",
  ],
  [
    "plain http beside a certificate",
    web + ingress("tls: [{ hosts: [www.example.com], secretName: cert }]"),
    "http://www.example.com/cart",
    "yes | Ingress/shop/front | shop/web Deployment/shop/web | NGINX answers plain http with a redirect to https (308), since the host has a certificate",
  ],
  [
    "a policy that keeps the controller out",
    web + ingress() + policy(""),
    "http://www.example.com/cart",
    "no | Ingress/shop/front | shop/web no NetworkPolicy lets app-routing-system reach port 8080 of Deployment/shop/web (shop/deny, enforced by calico)",
  ],
  [
    "a policy that lets the controller in",
    web + ingress() + policy(fromRouting),
    "http://www.example.com/cart",
    "yes | Ingress/shop/front | shop/web Deployment/shop/web",
  ],
  [
    "a policy that keeps out a controller of the manifests",
    web + ingress("", "nginx") + policy("") + ingressNginx,
    "http://www.example.com/cart",
    "no | Ingress/shop/front | shop/web no NetworkPolicy lets Deployment/edge/controller reach port 8080 of Deployment/shop/web (shop/deny, enforced by calico)",
  ],
  [
    "a policy that lets a controller of the manifests in",
    web + ingress("", "nginx") + policy(fromEdge) + ingressNginx,
    "http://www.example.com/cart",
    "yes | Ingress/shop/front | shop/web Deployment/shop/web",
  ],
  [
    "two controllers of one kind: which of them serves the class is not known",
    web + ingress("", "nginx") + policy("") + ingressNginx + ingressNginx.replaceAll("controller,", "second,"),
    "http://www.example.com/cart",
    "yes | Ingress/shop/front | shop/web Deployment/shop/web",
  ],
  [
    "a Service that is not there",
    ingress(),
    "http://www.example.com/cart",
    "no | Ingress/shop/front | shop/web Service shop/web is not in the input",
  ],
  [
    "a share for another Service, and a header",
    web + gateway("{ name: http, port: 80, protocol: HTTP }"),
    "http://www.example.com/",
    "yes | HTTPRoute/shop/cart | shop/web Deployment/shop/web | shop/canary Service shop/canary is not in the input | HTTPRoute/shop/cart takes requests there that meet a further condition",
  ],
])("%s", (_, yaml, url, expected) => {
  expect(ask(yaml, url)).toEqual([expected]);
});

test.each([
  ["no objects", web, "http://www.example.com/", "The manifests have no Ingress and no HTTPRoute."],
  [
    "another host",
    web + ingress(),
    "http://other.example.com/",
    'No Ingress and no HTTPRoute has host "other.example.com"; there is www.example.com.',
  ],
  [
    "another path",
    web + ingress(),
    "http://www.example.com/carts",
    'No path of host "www.example.com" takes "/carts"; there is /cart (prefix).',
  ],
  [
    "a listener without a certificate",
    web + gateway("{ name: http, port: 80, protocol: HTTP }"),
    "https://www.example.com/",
    'The listeners for host "www.example.com" have no certificate: none speaks https.',
  ],
])("nothing answers: %s", (_, yaml, url, expected) => {
  expect(ask(yaml, url)).toBe(expected);
});

test("an add-on that is off serves nothing", () => {
  expect(ask(web + ingress(), "http://www.example.com/cart", aksCluster())).toEqual([
    'no | Ingress/shop/front | shop/web Deployment/shop/web | the cluster has no web_app_routing block, so nobody serves class "webapprouting.kubernetes.azure.com"',
  ]);
  const none = aksCluster({ addons: { webAppRouting: { ...routing, defaultNginxController: "None" } } });
  expect(ask(web + ingress(), "http://www.example.com/cart", none)).toEqual([expect.stringMatching(/^no .*"None"/)]);
});
