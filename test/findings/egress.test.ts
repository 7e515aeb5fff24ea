import { expect, test } from "@jest/globals";
import { shop } from "../support/shop.ts";
import { findingsOf, type Source } from "../support/world.ts";

const base =
  'network_plugin = "azure"\n network_policy = "azure"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"';
const outbound = (type: string): string => `${base}\n outbound_type = "${type}"`;
const routeTable = (routes: string): string => `
resource "azurerm_route_table" "egress" {
  name                = "egress"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  ${routes}
}
resource "azurerm_subnet_route_table_association" "egress" {
  subnet_id      = azurerm_subnet.nodes.id
  route_table_id = azurerm_route_table.egress.id
}`;
const natGateway = `
resource "azurerm_public_ip" "nat" {
  name                = "nat"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  allocation_method   = "Static"
  sku                 = "Standard"
}
resource "azurerm_nat_gateway" "nat" {
  name                = "nat"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
}
resource "azurerm_nat_gateway_public_ip_association" "nat" {
  nat_gateway_id       = azurerm_nat_gateway.nat.id
  public_ip_address_id = azurerm_public_ip.nat.id
}
resource "azurerm_subnet_nat_gateway_association" "nat" {
  subnet_id      = azurerm_subnet.nodes.id
  nat_gateway_id = azurerm_nat_gateway.nat.id
}`;
const group = (rules: string): string => `
resource "azurerm_network_security_group" "nodes" {
  name                = "nodes"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  ${rules}
}
resource "azurerm_subnet_network_security_group_association" "nodes" {
  subnet_id                 = azurerm_subnet.nodes.id
  network_security_group_id = azurerm_network_security_group.nodes.id
}`;
const rule = (
  name: string,
  priority: number,
  access: string,
  source: string,
  port: string,
  direction = "Inbound",
): string => `
  security_rule {
    name                       = "${name}"
    priority                   = ${priority}
    direction                  = "${direction}"
    access                     = "${access}"
    protocol                   = "*"
    source_port_range          = "*"
    source_address_prefix      = "${source}"
    destination_port_range     = "${port}"
    destination_address_prefix = "*"
  }`;
const service = (spec: string, annotations = "{}"): string => `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop, annotations: ${annotations} }
spec: { type: LoadBalancer, ${spec} }
`;
const ports = "ports: [{ port: 80 }]";
const publicIp = (more: string): string => `
resource "azurerm_public_ip" "web" {
  name                = "web"
  allocation_method   = "Static"
  ${more}
}`;
const inOwnGroup = 'resource_group_name = azurerm_resource_group.rg.name\n location = "westeurope"\n sku = "Standard"';
const annotated = (name: string, value: string): string => `{ "service.beta.kubernetes.io/${name}": "${value}" }`;

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  [
    "explicit SNAT ports do not suffice at max_count with surge",
    {
      hcl: shop({
        network: `${base}\n load_balancer_profile {\n managed_outbound_ip_count = 1\n outbound_ports_allocated = 8000\n }`,
      }),
    },
    ["AKS3001"],
    /9 nodes and 2 surge nodes: 11 × 8000 ports = 88000, but 1 outbound IP has 64000 \(room for 8 nodes\)\. Use at least 2 outbound IPs/,
  ],
  [
    "a port allocation that is no multiple of 8",
    {
      hcl: shop({
        network: `${base}\n load_balancer_profile {\n managed_outbound_ip_count = 1\n outbound_ports_allocated = 1001\n }`,
      }),
    },
    ["AKS3001"],
    /Use 1008/,
  ],
  [
    "user-defined routing without a route table",
    { hcl: shop({ network: outbound("userDefinedRouting") }) },
    ["AKS3003"],
    /has no route table/,
  ],
  [
    "user-defined routing without a default route",
    {
      hcl: shop({
        network: outbound("userDefinedRouting"),
        more: routeTable('route {\n name = "a"\n address_prefix = "10.0.0.0/8"\n next_hop_type = "VnetLocal"\n }'),
      }),
    },
    ["AKS3003"],
    /without a route for 0\.0\.0\.0\/0/,
  ],
  [
    "user-defined routing to a firewall",
    {
      hcl: shop({
        network: outbound("userDefinedRouting"),
        more: routeTable(
          'route {\n name = "a"\n address_prefix = "0.0.0.0/0"\n next_hop_type = "VirtualAppliance"\n next_hop_in_ip_address = "10.1.8.4"\n }',
        ),
      }),
    },
    [],
    /./,
  ],
  [
    "a NAT gateway of one's own that is not there",
    { hcl: shop({ network: outbound("userAssignedNATGateway") }) },
    ["AKS3004"],
    /has no NAT gateway/,
  ],
  [
    "a NAT gateway on the subnet",
    { hcl: shop({ network: outbound("userAssignedNATGateway"), more: natGateway }) },
    [],
    /./,
  ],
  [
    "a managed NAT gateway with a subnet of one's own",
    { hcl: shop({ network: outbound("managedNATGateway") }) },
    ["AKS3005"],
    /is in a subnet of yours/,
  ],
  [
    "authorised ranges on a private cluster",
    {
      hcl: shop({
        cluster:
          'private_cluster_enabled = true\n api_server_access_profile {\n authorized_ip_ranges = ["1.2.3.0/24"]\n }',
      }),
    },
    ["AKS3007"],
    /is private/,
  ],
  [
    "a Basic load balancer",
    { hcl: shop({ network: `${base}\n load_balancer_sku = "basic"` }) },
    ["AKS3018"],
    /retired on 2025-09-30/,
  ],
  [
    "a security group without a rule for the Service",
    { hcl: shop({ more: group(rule("ssh", 100, "Allow", "Internet", "22")) }), yaml: service(ports) },
    ["AKS3015"],
    /no inbound rule from the Internet for port 80/,
  ],
  [
    "a security group that lets the Service in",
    { hcl: shop({ more: group(rule("web", 100, "Allow", "Internet", "80")) }), yaml: service(ports) },
    [],
    /./,
  ],
  [
    "a security group whose rule is a resource of its own",
    {
      hcl: shop({
        more: `${group("")}
resource "azurerm_network_security_rule" "web" {
  name                        = "web"
  resource_group_name         = azurerm_resource_group.rg.name
  network_security_group_name = azurerm_network_security_group.nodes.name
  priority                    = 100
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_port_range           = "*"
  source_address_prefix       = "*"
  destination_port_ranges     = ["80", "443"]
  destination_address_prefix  = "*"
}`,
      }),
      yaml: service(ports),
    },
    [],
    /./,
  ],
  [
    "a default route that is a resource of its own",
    {
      hcl: shop({
        network: outbound("userDefinedRouting"),
        more: `${routeTable("")}
resource "azurerm_route" "default" {
  name                   = "default"
  resource_group_name    = azurerm_resource_group.rg.name
  route_table_name       = azurerm_route_table.egress.name
  address_prefix         = "0.0.0.0/0"
  next_hop_type          = "VirtualAppliance"
  next_hop_in_ip_address = "10.1.8.4"
}`,
      }),
    },
    [],
    /./,
  ],
  [
    "a security group that denies everything before",
    {
      hcl: shop({ more: group(rule("none", 100, "Deny", "*", "*") + rule("web", 200, "Allow", "Internet", "80")) }),
      yaml: service(ports),
    },
    ["AKS3015"],
    /port 80/,
  ],
  [
    "overlay pods whose range is denied",
    {
      hcl: shop({
        network:
          'network_plugin = "azure"\n network_plugin_mode = "overlay"\n network_policy = "azure"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"',
        more: group(rule("vnet", 100, "Allow", "VirtualNetwork", "*") + rule("none", 200, "Deny", "*", "*")),
      }),
    },
    ["AKS3006"],
    /denies all inbound traffic.*10\.244\.0\.0\/16/,
  ],
  [
    "a static IP in a group of one's own without the annotation",
    {
      hcl: shop({ more: publicIp(inOwnGroup) }),
      yaml: service(ports, annotated("azure-pip-name", "web")),
    },
    ["AKS3008", "AKS5015"],
    /is in resource group "rg-shop", but it is looked for in "MC_rg-shop_aks_westeurope"/,
  ],
  [
    "a static IP of another region",
    {
      hcl: shop({
        more: `${publicIp('resource_group_name = azurerm_resource_group.rg.name\n location = "northeurope"\n sku = "Standard"')}
resource "azurerm_role_assignment" "ip" {
  scope                = azurerm_resource_group.rg.id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
}`,
      }),
      yaml: service(
        ports,
        '{ "service.beta.kubernetes.io/azure-pip-name": "web", "service.beta.kubernetes.io/azure-load-balancer-resource-group": "rg-shop" }',
      ),
    },
    ["AKS3009"],
    /in "northeurope", while the cluster is in "westeurope"/,
  ],
  [
    "an internal Service in a subnet that is not there",
    {
      hcl: shop(),
      yaml: service(
        ports,
        '{ "service.beta.kubernetes.io/azure-load-balancer-internal": "true", "service.beta.kubernetes.io/azure-load-balancer-internal-subnet": "ilb" }',
      ),
    },
    ["AKS3010"],
    /asks for subnet "ilb".*There are "nodes"/,
  ],
  [
    "an internal Service at an address that Azure keeps",
    {
      hcl: shop(),
      yaml: service(`${ports}, loadBalancerIP: 10.1.0.2`, annotated("azure-load-balancer-internal", "true")),
    },
    ["AKS3010"],
    /which Azure keeps for itself/,
  ],
  [
    "two Services on one port of one address",
    {
      hcl: shop(),
      yaml: `${service(`${ports}, loadBalancerIP: 10.1.0.9`, annotated("azure-load-balancer-internal", "true"))}---${service(`${ports}, loadBalancerIP: 10.1.0.9`, annotated("azure-load-balancer-internal", "true")).replace("name: web", "name: api")}`,
    },
    ["AKS3011"],
    /both ask for TCP port 80/,
  ],
  [
    "sources given twice",
    {
      hcl: shop(),
      yaml: service(
        `${ports}, loadBalancerSourceRanges: [1.2.3.0/24]`,
        annotated("azure-allowed-ip-ranges", "1.2.3.0/24"),
      ),
    },
    ["AKS3013"],
    /not reachable/,
  ],
  [
    "appProtocol of ingress-nginx without a probe path",
    {
      hcl: shop(),
      yaml: service("selector: { app.kubernetes.io/name: ingress-nginx }, ports: [{ port: 80, appProtocol: http }]"),
    },
    ["AKS3014"],
    /probes it by GET \//,
  ],
  [
    "a private link service with backends by IP",
    {
      hcl: shop({
        network: `${base}\n load_balancer_profile {\n managed_outbound_ip_count = 1\n backend_pool_type = "NodeIP"\n }`,
      }),
      yaml: service(
        ports,
        '{ "service.beta.kubernetes.io/azure-load-balancer-internal": "true", "service.beta.kubernetes.io/azure-pls-create": "true" }',
      ),
    },
    ["AKS3019"],
    /backend_pool_type "NodeIP"/,
  ],
  [
    "a DNS label that two Services ask for",
    {
      hcl: shop(),
      yaml: `${service(ports, annotated("azure-dns-label-name", "shop"))}---${service("ports: [{ port: 81 }]", annotated("azure-dns-label-name", "shop")).replace("name: web", "name: api")}`,
    },
    ["AKS3020"],
    /both ask for the DNS label "shop"/,
  ],
  [
    "an Ingress of a class whose add-on is off",
    {
      hcl: shop(),
      yaml: "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web, namespace: shop }\nspec: { ingressClassName: webapprouting.kubernetes.azure.com, rules: [] }",
    },
    ["AKS3017"],
    /has no web_app_routing block/,
  ],
  [
    "two Ingresses on one host and path",
    {
      hcl: shop({ cluster: "web_app_routing {\n dns_zone_ids = []\n }" }),
      yaml: ["a", "b"]
        .map(
          (name) =>
            `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: ${name}, namespace: shop }\nspec: { ingressClassName: webapprouting.kubernetes.azure.com, rules: [{ host: shop.example, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }] }`,
        )
        .join("\n---\n"),
    },
    ["AKS3023"],
    /both claim host "shop\.example", path "\/"/,
  ],
  [
    "a Service that selects no pod, and one that names a missing port",
    {
      hcl: shop(),
      yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec:
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart } }
    spec: { containers: [{ name: c, image: "nginx:1", ports: [{ name: http, containerPort: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: kart }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: cart }, ports: [{ port: 80, targetPort: https }] }
`,
    },
    ["AKS3022", "AKS3022"],
    /selects app=kart/,
  ],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf(source);
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found.map(({ detail }) => detail).join("\n")).toMatch(says);
});
