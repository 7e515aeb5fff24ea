import { expect, test } from "@jest/globals";
import { shop } from "../support/shop.ts";
import { findingsOf, type Source } from "../support/world.ts";

const place = "resource_group_name = azurerm_resource_group.rg.name\n location = azurerm_resource_group.rg.location";
const group = "resource_group_name = azurerm_resource_group.rg.name";
const routing = (zones = "[]", kind = ""): string => `web_app_routing {\n dns_zone_ids = ${zones}\n ${kind}\n }`;
const zone =
  'resource "azurerm_dns_zone" "shop" {\n name = "shop.example"\n resource_group_name = azurerm_resource_group.rg.name\n}\n';
const privateZone = (name: string, label = "internal"): string =>
  `resource "azurerm_private_dns_zone" "${label}" {\n name = "${name}"\n ${group}\n}\n`;
const link = (label = "internal", network = "main"): string =>
  `resource "azurerm_private_dns_zone_virtual_network_link" "${label}_${network}" {\n name = "${label}"\n ${group}\n private_dns_zone_name = azurerm_private_dns_zone.${label}.name\n virtual_network_id = azurerm_virtual_network.${network}.id\n}\n`;
const ip = (label: string, more = ""): string =>
  `resource "azurerm_public_ip" "${label}" {\n name = "pip-${label}"\n ${place}\n allocation_method = "Static"\n sku = "Standard"\n ${more}\n}\n`;
const record = (name: string, targets: string, kind = "a", prefix = ""): string =>
  `resource "azurerm_${prefix}dns_${kind}_record" "${name.replace(/[^a-z]/g, "x")}_${kind}" {\n name = "${name}"\n ${group}\n zone_name = azurerm_${prefix}dns_zone.${prefix === "" ? "shop" : "internal"}.name\n ttl = 300\n ${targets}\n}\n`;
const networkRole = `resource "azurerm_role_assignment" "ips" {\n scope = azurerm_resource_group.rg.id\n role_definition_name = "Network Contributor"\n principal_id = azurerm_user_assigned_identity.cluster.principal_id\n}\n`;
const zoneRole = `resource "azurerm_role_assignment" "dns" {\n scope = azurerm_dns_zone.shop.id\n role_definition_name = "DNS Zone Contributor"\n principal_id = azurerm_kubernetes_cluster.main.web_app_routing[0].web_app_routing_identity[0].object_id\n}\n`;

const web = `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: main
          image: mcr.microsoft.com/web:1
          ports: [{ containerPort: 8080 }]
          resources: { requests: { cpu: 100m, memory: 128Mi } }
---`;
const ingress = (host = "www.shop.example", className = "webapprouting.kubernetes.azure.com"): string => `${web}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: shop }
spec:
  ingressClassName: ${className}
  rules:
    - host: ${host}
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---`;
const controller = (annotations: string): string => `
apiVersion: approuting.kubernetes.azure.com/v1alpha1
kind: NginxIngressController
metadata: { name: default }
spec:
  ingressClassName: webapprouting.kubernetes.azure.com
  controllerNamePrefix: nginx
  loadBalancerAnnotations: { ${annotations} }
---`;
const balancer = (annotations: string, more = ""): string => `${web}
apiVersion: v1
kind: Service
metadata: { name: front, namespace: shop, annotations: { ${annotations} } }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }]${more} }
---`;
const nginx = (annotations: string): string => `${ingress("www.shop.example", "nginx")}
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: nginx }
spec: { controller: k8s.io/ingress-nginx }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: nginx, namespace: ingress }
spec:
  replicas: 2
  selector: { matchLabels: { app: nginx } }
  template:
    metadata: { labels: { app: nginx } }
    spec:
      containers:
        - name: controller
          image: registry.k8s.io/ingress-nginx/controller:v1.12.0
          ports: [{ name: http, containerPort: 80 }]
          resources: { requests: { cpu: 100m, memory: 128Mi } }
---
apiVersion: v1
kind: Service
metadata: { name: nginx, namespace: ingress, annotations: { ${annotations} } }
spec: { type: LoadBalancer, selector: { app: nginx }, ports: [{ port: 80, targetPort: http }] }
---`;
const externalDns = (args: string, account = ""): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: external-dns, namespace: dns }
spec:
  replicas: 1
  selector: { matchLabels: { app: external-dns } }
  template:
    metadata: { labels: { app: external-dns, azure.workload.identity/use: "true" } }
    spec:
      ${account}
      containers:
        - name: external-dns
          image: registry.k8s.io/external-dns/external-dns:v0.18.0
          args: [${args}]
          resources: { requests: { cpu: 50m, memory: 64Mi } }
---`;
const beta = "service.beta.kubernetes.io";
const aRecord = "records = [azurerm_public_ip.web.ip_address]";
const pipName = `${beta}/azure-pip-name: pip-web, ${beta}/azure-load-balancer-resource-group: rg-shop`;
const vault = (access: string): string =>
  `resource "azurerm_key_vault" "kv" {\n name = "kv-shop"\n ${place}\n tenant_id = "00000000-0000-0000-0000-000000000000"\n sku_name = "standard"\n rbac_authorization_enabled = true\n ${access}\n}\n`;
const endpoint = (zoneGroup: string, more = ""): string =>
  `resource "azurerm_private_endpoint" "kv" {\n name = "pe-kv"\n ${place}\n subnet_id = azurerm_subnet.nodes.id\n private_service_connection {\n name = "kv"\n is_manual_connection = false\n private_connection_resource_id = azurerm_key_vault.kv.id\n subresource_names = ["vault"]\n }\n ${zoneGroup}\n ${more}\n}\n`;
const zoneGroup =
  'private_dns_zone_group {\n name = "default"\n private_dns_zone_ids = [azurerm_private_dns_zone.internal.id]\n }';
const vaultZone = privateZone("privatelink.vaultcore.azure.net");
const closed = "public_network_access_enabled = false";

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  [
    "a record to a public IP that the add-on's controller does not ask for",
    { hcl: shop({ cluster: routing(), more: zone + ip("web") + record("www", aRecord) }), yaml: ingress() },
    ["AKS3025"],
    /leads to public IP "pip-web", which nobody has: .* asks for no address, so that Azure picks a new public IP/,
  ],
  [
    "the same as an alias record",
    {
      hcl: shop({
        cluster: routing(),
        more: zone + ip("web") + record("www", "target_resource_id = azurerm_public_ip.web.id"),
      }),
      yaml: ingress(),
    },
    ["AKS3025"],
    /pip-web/,
  ],
  [
    "a wildcard record to such an IP",
    { hcl: shop({ cluster: routing(), more: zone + ip("web") + record("*", aRecord) }), yaml: ingress() },
    ["AKS3025"],
    /\(\*\.shop\.example\)/,
  ],
  [
    "a controller that asks for it",
    {
      hcl: shop({ cluster: routing(), more: zone + ip("web") + record("www", aRecord) + networkRole }),
      yaml: ingress() + controller(pipName),
    },
    [],
    /./,
  ],
  [
    "nginx of the manifests that asks for it",
    {
      hcl: shop({ more: zone + ip("web") + record("www", aRecord) + networkRole }),
      yaml: nginx(pipName),
    },
    [],
    /./,
  ],
  [
    "nginx of the manifests that does not",
    { hcl: shop({ more: zone + ip("web") + record("www", aRecord) }), yaml: nginx("") },
    ["AKS3025"],
    /through Service\/ingress\/nginx/,
  ],
  [
    "an address that a script will fill in",
    {
      hcl: shop({ more: zone + ip("web") + record("www", aRecord) }),
      yaml: nginx(`${beta}/azure-load-balancer-ipv4: "\${IP}"`),
    },
    [],
    /./,
  ],
  [
    "a Service of Terraform that takes it",
    {
      hcl: shop({
        more: `${zone + ip("web") + record("www", aRecord) + networkRole}resource "kubernetes_service_v1" "nginx" {\n metadata {\n name = "nginx"\n namespace = "ingress"\n }\n spec {\n type = "LoadBalancer"\n load_balancer_ip = azurerm_public_ip.web.ip_address\n }\n}\n`,
      }),
      yaml: nginx(""),
    },
    [],
    /./,
  ],
  [
    "a record to the address that egress has",
    {
      hcl: shop({
        cluster: routing(),
        network:
          'network_plugin = "azure"\n network_policy = "azure"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"\n load_balancer_profile {\n outbound_ip_address_ids = [azurerm_public_ip.web.id]\n }',
        more: zone + ip("web") + record("www", aRecord) + networkRole,
      }),
      yaml: ingress(),
    },
    ["AKS3026"],
    /public IP "pip-web", which the outbound rule of azurerm_kubernetes_cluster\.main uses for what goes out/,
  ],
  [
    "a record to another Service's address",
    {
      hcl: shop({
        cluster: routing(),
        more:
          zone +
          ip("web") +
          ip("other") +
          record("www", "records = [azurerm_public_ip.other.ip_address]") +
          networkRole,
      }),
      yaml:
        ingress() +
        controller(pipName) +
        balancer(`${beta}/azure-pip-name: pip-other, ${beta}/azure-load-balancer-resource-group: rg-shop`).slice(
          web.length,
        ),
    },
    ["AKS3026"],
    /which Service\/shop\/front has, but .* has public IP "pip-web"/,
  ],
  [
    "a former address in the subnet of an internal Service",
    {
      hcl: shop({
        more: privateZone("internal.shop.example") + link() + record("api", 'records = ["10.1.3.9"]', "a", "private_"),
      }),
      yaml: balancer(
        `${beta}/azure-load-balancer-internal: "true", ${beta}/azure-load-balancer-ipv4: 10.1.3.10, external-dns.alpha.kubernetes.io/hostname: api.internal.shop.example`,
      ),
    },
    ["AKS3026"],
    /leads to 10\.1\.3\.9, but Service\/shop\/front .* has 10\.1\.3\.10/,
  ],
  [
    "the right address of an internal Service",
    {
      hcl: shop({
        more: privateZone("internal.shop.example") + link() + record("api", 'records = ["10.1.3.10"]', "a", "private_"),
      }),
      yaml: balancer(
        `${beta}/azure-load-balancer-internal: "true", ${beta}/azure-load-balancer-ipv4: 10.1.3.10, external-dns.alpha.kubernetes.io/hostname: api.internal.shop.example`,
      ),
    },
    [],
    /./,
  ],
  [
    "a host without a record in a zone of the configuration",
    { hcl: shop({ cluster: routing(), more: zone }), yaml: ingress() },
    ["AKS3027"],
    /no record is made for it/,
  ],
  [
    "a host of an HTTPRoute without a record",
    {
      hcl: shop({ more: zone }),
      yaml: `${web}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: shop }
spec: { parentRefs: [{ name: public }], hostnames: [shop.example], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }
---`,
    },
    ["AKS3027"],
    /HTTPRoute\/shop\/web has host "shop\.example"/,
  ],
  [
    "a host of another zone",
    { hcl: shop({ cluster: routing(), more: zone }), yaml: ingress("www.other.example") },
    [],
    /./,
  ],
  [
    "a host below a name that is delegated",
    {
      hcl: shop({ cluster: routing(), more: zone + record("www", 'records = ["ns1.other.example."]', "ns") }),
      yaml: ingress("a.www.shop.example"),
    },
    [],
    /./,
  ],
  [
    "a host that the add-on publishes",
    { hcl: shop({ cluster: routing("[azurerm_dns_zone.shop.id]"), more: zone + zoneRole }), yaml: ingress() },
    [],
    /./,
  ],
  [
    "the add-on without a role on the zone",
    { hcl: shop({ cluster: routing("[azurerm_dns_zone.shop.id]"), more: zone }), yaml: ingress() },
    ["AKS5025"],
    /as azurerm_kubernetes_cluster\.main#web_app_routing, which has no DNS Zone Contributor/,
  ],
  [
    "external-dns that has no source for Ingresses",
    {
      hcl: shop({ cluster: routing(), more: zone }),
      yaml: ingress() + externalDns('"--source=service", "--provider=azure", "--domain-filter=shop.example"'),
    },
    ["AKS3028"],
    /does not write one: it has no --source=ingress/,
  ],
  [
    "external-dns with another domain",
    {
      hcl: shop({ cluster: routing(), more: zone }),
      yaml: ingress() + externalDns('"--source=ingress", "--provider=azure", "--domain-filter=other.example"'),
    },
    ["AKS3028"],
    /--domain-filter is other\.example/,
  ],
  [
    "external-dns of the other kind of zone",
    {
      hcl: shop({ cluster: routing(), more: privateZone("shop.example") + link() }),
      yaml: ingress() + externalDns('"--source=ingress", "--provider=azure"'),
    },
    ["AKS3028"],
    /--provider=azure, which does not write private zones/,
  ],
  [
    "external-dns that publishes the host",
    {
      hcl: shop({ cluster: routing(), more: zone }),
      yaml: ingress() + externalDns('"--source", "ingress", "--provider=azure", "--domain-filter=shop.example"'),
    },
    [],
    /./,
  ],
  [
    "external-dns by an identity without a role",
    {
      hcl: shop({
        cluster: routing(),
        more: `${zone}resource "azurerm_user_assigned_identity" "dns" {\n name = "id-dns"\n ${place}\n}\nresource "azurerm_federated_identity_credential" "dns" {\n name = "dns"\n ${group}\n parent_id = azurerm_user_assigned_identity.dns.id\n audience = ["api://AzureADTokenExchange"]\n issuer = azurerm_kubernetes_cluster.main.oidc_issuer_url\n subject = "system:serviceaccount:dns:external-dns"\n}\n`,
      }),
      yaml: `${ingress() + externalDns('"--source=ingress", "--provider=azure"', "serviceAccountName: external-dns")}
apiVersion: v1
kind: ServiceAccount
metadata: { name: external-dns, namespace: dns, annotations: { azure.workload.identity/client-id: 11111111-1111-1111-1111-111111111111 } }
---`,
    },
    ["AKS5025"],
    /Deployment\/dns\/external-dns writes records into zone "shop\.example" as azurerm_user_assigned_identity\.dns/,
  ],
  [
    "a CNAME to a label that nobody has",
    {
      hcl: shop({
        cluster: routing(),
        more: zone + record("www", 'record = "shop-web.westeurope.cloudapp.azure.com"', "cname"),
      }),
      yaml: ingress(),
    },
    ["AKS3029"],
    /no Service has azure-dns-label-name "shop-web"/,
  ],
  [
    "a CNAME to the label of a Service",
    {
      hcl: shop({
        cluster: routing(),
        more: zone + record("www", 'record = "shop-web.westeurope.cloudapp.azure.com"', "cname"),
      }),
      yaml: ingress() + controller(`${beta}/azure-dns-label-name: shop-web`),
    },
    [],
    /./,
  ],
  [
    "a private zone that is linked to nothing",
    {
      hcl: shop({
        more: privateZone("internal.shop.example") + record("api", 'records = ["10.1.3.10"]', "a", "private_"),
      }),
      yaml: balancer(
        `${beta}/azure-load-balancer-internal: "true", ${beta}/azure-load-balancer-ipv4: 10.1.3.10, external-dns.alpha.kubernetes.io/hostname: api.internal.shop.example`,
      ),
    },
    ["AKS3030"],
    /holds api\.internal\.shop\.example of the manifests, but is linked to no virtual network/,
  ],
  [
    "a CNAME beside an A record",
    {
      hcl: shop({
        more: zone + record("www", 'records = ["20.1.2.3"]') + record("www", 'record = "other.example"', "cname"),
      }),
    },
    ["AKS3031"],
    /are both for "www\.shop\.example"/,
  ],
  [
    "a CNAME for the zone itself",
    { hcl: shop({ more: zone + record("@", 'record = "other.example"', "cname") }) },
    ["AKS3031"],
    /CNAME for the zone "shop\.example" itself/,
  ],
  [
    "a private endpoint whose zone is not linked",
    { hcl: shop({ more: vault(closed) + vaultZone + endpoint(zoneGroup) }) },
    ["AKS5024"],
    /zone "privatelink\.vaultcore\.azure\.net" is not linked to the cluster's network "vnet": pods of cluster "aks" resolve the public address, which takes no public access/,
  ],
  [
    "a private endpoint as it should be",
    { hcl: shop({ more: vault(closed) + vaultZone + link() + endpoint(zoneGroup) }) },
    [],
    /./,
  ],
  [
    "a private endpoint whose record goes into a zone of the wrong name",
    { hcl: shop({ more: vault(closed) + privateZone("privatelink.vault.azure.net") + link() + endpoint(zoneGroup) }) },
    ["AKS5024"],
    /the name is looked up in "privatelink\.vaultcore\.azure\.net"/,
  ],
  [
    "a private endpoint without a zone group beside the zone",
    { hcl: shop({ more: vault(closed) + vaultZone + link() + endpoint("") }) },
    ["AKS5024"],
    /nothing writes its record into zone/,
  ],
  [
    "a private endpoint whose record is written by hand",
    {
      hcl: shop({
        more:
          vault(closed) +
          vaultZone +
          link() +
          endpoint("") +
          record(
            "kv-shop",
            "records = [azurerm_private_endpoint.kv.private_service_connection[0].private_ip_address]",
            "a",
            "private_",
          ),
      }),
    },
    [],
    /./,
  ],
  [
    "a zone group that Azure Policy writes",
    {
      hcl: shop({
        more:
          vault(closed) +
          vaultZone +
          link() +
          endpoint("", "lifecycle {\n ignore_changes = [private_dns_zone_group]\n }"),
      }),
    },
    [],
    /./,
  ],
  [
    "a network that asks servers of its own",
    {
      hcl: shop({ more: vault(closed) + vaultZone + endpoint(zoneGroup) }).replace(
        "address_space       =",
        'dns_servers = ["10.0.0.4"]\n  address_space       =',
      ),
    },
    [],
    /./,
  ],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf(source).filter(({ code }) => /^AKS(302[5-9]|303\d|502[45])$/.test(code));
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found[0]?.detail).toMatch(says);
  for (const { range } of found) expect(range?.file).toMatch(/main\.tf|k8s\.yaml/);
});

test("without a zone in the configuration the missing group is a warning, and a note where the service is open", () => {
  const severity = (access: string) =>
    findingsOf({ hcl: shop({ more: vault(access) + endpoint("") }) }, true).find(({ code }) => code === "AKS5024")
      ?.severity;
  expect(severity(closed)).toBe("warning");
  expect(severity("")).toBe("info");
});
