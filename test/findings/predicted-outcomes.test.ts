import { expect, test } from "@jest/globals";
import { type Files, reviewed, said } from "../support/reviewed.ts";
import { type Shop, shop } from "../support/shop.ts";

/** Whole reviews of one thing gone wrong, and of the same thing done right. */

const main = (parts: Shop = {}): string => `provider "azurerm" {\n  features {}\n}\n${shop(parts)}`;
const place = "resource_group_name = azurerm_resource_group.rg.name\n  location = azurerm_resource_group.rg.location";

const group = (rules: string): string => `
resource "azurerm_network_security_group" "nodes" {
  name = "nsg-nodes"
  ${place}
  ${rules}
}
resource "azurerm_subnet_network_security_group_association" "nodes" {
  subnet_id                 = azurerm_subnet.nodes.id
  network_security_group_id = azurerm_network_security_group.nodes.id
}
`;
const rule = (name: string, priority: number, access: string, to: string, port = "*"): string => `
  security_rule {
    name                       = "${name}"
    priority                   = ${priority}
    direction                  = "Outbound"
    access                     = "${access}"
    protocol                   = "*"
    source_port_range          = "*"
    destination_port_range     = "${port}"
    source_address_prefix      = "*"
    destination_address_prefix = "${to}"
  }`;

const privateCluster = "private_cluster_enabled = true\n  private_dns_zone_id = azurerm_private_dns_zone.aks.id";
const zone = (name: string): string => `
resource "azurerm_private_dns_zone" "aks" {
  name                = "${name}"
  resource_group_name = azurerm_resource_group.rg.name
}
resource "azurerm_role_assignment" "dns" {
  scope                = azurerm_resource_group.rg.id
  role_definition_name = "Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
}
`;
const afterRole = "depends_on = [azurerm_role_assignment.dns]";

const skus = JSON.stringify([
  {
    name: "Standard_D8s_v5",
    resourceType: "virtualMachines",
    family: "standardDSv5Family",
    locationInfo: [{ location: "westeurope", zones: ["2"] }],
    capabilities: [
      { name: "vCPUs", value: "8" },
      { name: "MemoryGB", value: "32" },
      { name: "MaxDataDiskCount", value: "16" },
    ],
    restrictions: [],
  },
  {
    name: "Standard_New99_v9",
    resourceType: "virtualMachines",
    family: "standardNewFamily",
    locationInfo: [{ location: "westeurope", zones: ["1", "2", "3"] }],
    capabilities: [
      { name: "vCPUs", value: "10" },
      { name: "MemoryGB", value: "40" },
      { name: "MaxDataDiskCount", value: "8" },
    ],
    restrictions: [],
  },
  {
    name: "Standard_E8s_v5",
    resourceType: "virtualMachines",
    family: "standardESv5Family",
    locationInfo: [{ location: "westeurope", zones: ["1", "2", "3"] }],
    capabilities: [
      { name: "vCPUs", value: "8" },
      { name: "MemoryGB", value: "64" },
      { name: "MaxDataDiskCount", value: "16" },
    ],
    restrictions: [{ type: "Location", values: ["westeurope"], reasonCode: "NotAvailableForSubscription" }],
  },
]);
const pool = (more: string): string => `
resource "azurerm_kubernetes_cluster_node_pool" "big" {
  name                  = "big"
  kubernetes_cluster_id = azurerm_kubernetes_cluster.main.id
  vnet_subnet_id        = azurerm_subnet.nodes.id
  node_count            = 2
  ${more}
}
`;
const withSkus = (more: string, usage?: string): Files => ({
  "main.tf": main({ more: pool(more) }),
  "skus.json": skus,
  "aks-twin.yaml": `skus: skus.json\n${usage === undefined ? "" : "usage: usage.json\n"}`,
  ...(usage === undefined ? {} : { "usage.json": usage }),
});
const usage = (limit: number): string =>
  JSON.stringify([{ currentValue: "0", limit: String(limit), name: { value: "standardNewFamily" } }]);

const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n";
const app = (image = "mcr.microsoft.com/web:1", spec = "", labels = ""): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web${labels}}}
    spec:
      ${spec === "" ? "enableServiceLinks: false" : spec}
      containers:
        - name: web
          image: ${image}
          ports: [{name: http, containerPort: 8080}]
          resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 128Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
`;
const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: webapprouting.kubernetes.azure.com
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
`;
const policy = (spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: shop}\nspec: ${spec}\n---\n`;
const calico =
  'network_plugin = "azure"\n    network_plugin_mode = "overlay"\n    service_cidr = "172.16.0.0/16"\n    dns_service_ip = "172.16.0.10"\n    network_policy = "calico"';
const routing = "web_app_routing {\n    dns_zone_ids = []\n  }";
const windows = `windows_profile {
    admin_username = "azureuser"
    admin_password = "unlikely-Password-1"
  }`;
const windowsPool = `
resource "azurerm_kubernetes_cluster_node_pool" "win" {
  name                  = "win"
  kubernetes_cluster_id = azurerm_kubernetes_cluster.main.id
  vnet_subnet_id        = azurerm_subnet.nodes.id
  vm_size               = "Standard_D4s_v5"
  os_type               = "Windows"
  node_count            = 2
}
`;
const iis = "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022";
const controller = (selector: string): string => `apiVersion: v1
kind: Service
metadata: {name: entry, namespace: shop}
spec: {type: LoadBalancer, selector: {app: ${selector}}, ports: [{name: http, port: 80, targetPort: 8080, appProtocol: http}]}
---
`;
const keys = (role: string): string => `
resource "azurerm_disk_encryption_set" "des" {
  name             = "des"
  ${place}
  key_vault_key_id = "https://kv-shop.vault.azure.net/keys/des/1"
  identity {
    type = "SystemAssigned"
  }
}
${role}
`;
const reader = `
resource "azurerm_role_assignment" "des" {
  scope                = azurerm_disk_encryption_set.des.id
  role_definition_name = "Reader"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
}`;
const claimed = `${namespace}apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], storageClassName: managed-csi, resources: {requests: {storage: 5Gi}}}
---
${app("mcr.microsoft.com/web:1", "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]").replace("replicas: 2", "replicas: 1\n  strategy: {type: Recreate}")}`;

const rows: readonly (readonly [name: string, files: Files, says: readonly RegExp[]])[] = [
  [
    "a security group that denies the Internet outbound",
    { "main.tf": main({ more: group(rule("deny", 200, "Deny", "Internet")) }) },
    [/^AKS3061 Rule "deny" .* port 443 to the Internet: .*OutboundConnFailVMExtensionError/],
  ],
  [
    "the same with what nodes need let through before it",
    {
      "main.tf": main({
        more: group(rule("azure", 100, "Allow", "AzureCloud", "443") + rule("deny", 200, "Deny", "Internet")),
      }),
    },
    [],
  ],
  [
    "a private zone of another region",
    {
      "main.tf": main({
        cluster: `${privateCluster}\n  ${afterRole}`,
        more: zone("privatelink.northeurope.azmk8s.io"),
      }),
    },
    [/^AKS3060 .*its zone must be "privatelink\.westeurope\.azmk8s\.io"/],
  ],
  [
    "a private zone with a name before the region's",
    {
      "main.tf": main({
        cluster: `${privateCluster}\n  ${afterRole}`,
        more: zone("shop.privatelink.westeurope.azmk8s.io"),
      }),
    },
    [],
  ],
  ["a size in a zone that has it", withSkus('vm_size = "Standard_D8s_v5"\n  zones = ["2"]'), []],
  [
    "a size in a zone that lacks it",
    withSkus('vm_size = "Standard_D8s_v5"\n  zones = ["1", "2"]'),
    [/^AKS2034 Pool "big" asks for Standard_D8s_v5 in zone 1 of "westeurope", which offers it in zone 2/],
  ],
  [
    "a size that the subscription may not use",
    withSkus('vm_size = "Standard_E8s_v5"'),
    [/^AKS2034 .*the apply ends with SkuNotAvailable/],
  ],
  ["quota for a size of the dump", withSkus('vm_size = "Standard_New99_v9"', usage(100)), []],
  [
    "too little quota for a size of the dump",
    withSkus('vm_size = "Standard_New99_v9"', usage(10)),
    [/^AKS2016 The pools need 20 vCPU of "standardNewFamily"/],
  ],
  [
    "an egress policy that leads to other pods alone",
    {
      "main.tf": main({ network: calico }),
      "k8s/app.yaml":
        namespace +
        app() +
        policy(
          "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}",
        ),
    },
    [/^AKS7003 .*no policy allows port 53/],
  ],
  [
    "an egress policy that leads to kube-system too",
    {
      "main.tf": main({ network: calico }),
      "k8s/app.yaml":
        namespace +
        app() +
        policy(
          "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}]}",
        ),
    },
    [],
  ],
  [
    "a policy that leaves the ingress controller out",
    {
      "main.tf": main({ network: calico, cluster: routing }),
      "k8s/app.yaml":
        namespace +
        app() +
        ingress +
        policy(
          "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}",
        ),
    },
    [
      /^AKS7020 Ingress\/shop\/web leads to Service\/shop\/web, but no NetworkPolicy lets app-routing-system reach port 8080/,
    ],
  ],
  [
    "a policy that lets the ingress controller in",
    {
      "main.tf": main({ network: calico, cluster: routing }),
      "k8s/app.yaml":
        namespace +
        app() +
        ingress +
        policy(
          "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: app-routing-system}}}]}]}",
        ),
    },
    [],
  ],
  [
    "a Windows image that may come to Linux nodes",
    { "main.tf": main({ cluster: windows, more: windowsPool }), "k8s/app.yaml": namespace + app(iis) },
    [/^AKS2011 Image .* is for Windows, .* on pool "(system|user)" \(Linux\) they end in ErrImagePull/],
  ],
  [
    "a Windows image with its selector",
    {
      "main.tf": main({ cluster: windows, more: windowsPool }),
      "k8s/app.yaml": namespace + app(iis, "nodeSelector: {kubernetes.io/os: windows}"),
    },
    [],
  ],
  [
    "ingress-nginx probed on / by appProtocol",
    {
      "main.tf": main(),
      "k8s/app.yaml": namespace + app("registry.k8s.io/ingress-nginx/controller:v1.12.1") + controller("web"),
    },
    [/^AKS3014 Service\/shop\/entry has appProtocol http/],
  ],
  [
    "a disk encryption set without the role",
    {
      "main.tf": main({ cluster: "disk_encryption_set_id = azurerm_disk_encryption_set.des.id", more: keys("") }),
      "k8s/app.yaml": claimed,
    },
    [/^AKS5040 .*has no role on disk encryption set "des": claim shop\/data stays Pending/],
  ],
  [
    "a disk encryption set with the role",
    {
      "main.tf": main({ cluster: "disk_encryption_set_id = azurerm_disk_encryption_set.des.id", more: keys(reader) }),
      "k8s/app.yaml": claimed,
    },
    [],
  ],
];

const scaler = (max: number): string => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: ${max}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
`;
const webhook = (more = ""): string => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard}
webhooks:
  - name: guard.example.com
    sideEffects: None
    admissionReviewVersions: [v1]
    clientConfig: {service: {name: web, namespace: shop}}
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
    ${more}
---
`;
const elsewhere =
  "namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [shop]}]}";

const more: typeof rows = [
  ["an HPA within what the pools hold", { "main.tf": main(), "k8s/app.yaml": namespace + app() + scaler(6) }, []],
  [
    "an HPA beyond what the pools hold",
    { "main.tf": main(), "k8s/app.yaml": namespace + app().replace("cpu: 100m", "cpu: 1500m") + scaler(60) },
    [/^AKS6041 .* may ask for 60 pods of Deployment\/shop\/web, but its pools hold at most \d+, .* would stay Pending/],
  ],
  [
    "a webhook that somebody answers, and that leaves its own namespace out",
    { "main.tf": main(), "k8s/app.yaml": namespace + app() + webhook(elsewhere) },
    [],
  ],
  [
    "a webhook that watches its own pods",
    { "main.tf": main(), "k8s/app.yaml": namespace + app() + webhook() },
    [/^AKS6040 .*its own pods, those of Deployment\/shop\/web, are among them/],
  ],
  [
    "a webhook without pods behind it",
    { "main.tf": main(), "k8s/app.yaml": namespace + app().replace("replicas: 2", "replicas: 0") + webhook(elsewhere) },
    [/^AKS6040 .*Deployment\/shop\/web has no running pods/],
  ],
  ["a webhook that may fail", { "main.tf": main(), "k8s/app.yaml": namespace + webhook("failurePolicy: Ignore") }, []],
  [
    "one subnet for the API servers of two clusters",
    {
      "main.tf": `${main()}
resource "azurerm_subnet" "api" {
  name                 = "snet-api"
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.1.8.0/28"]
  delegation {
    name = "aks"
    service_delegation {
      name = "Microsoft.ContainerService/managedClusters"
    }
  }
}
resource "azurerm_role_assignment" "api" {
  scope                = azurerm_virtual_network.main.id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
}
resource "azapi_resource" "aks" {
  count     = 2
  type      = "Microsoft.ContainerService/managedClusters@2025-05-01"
  name      = "aks-\${count.index}"
  parent_id = azurerm_resource_group.rg.id
  location  = azurerm_resource_group.rg.location
  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.cluster.id]
  }
  body = {
    properties = {
      dnsPrefix              = "aks\${count.index}"
      apiServerAccessProfile = { enableVnetIntegration = true, subnetId = azurerm_subnet.api.id }
      agentPoolProfiles      = [{ name = "system", mode = "System", count = 2, vmSize = "Standard_D4s_v5", vnetSubnetID = "\${azurerm_virtual_network.main.id}/subnets/nodes" }]
      networkProfile         = { networkPlugin = "azure", networkPluginMode = "overlay", podCidr = "192.168.0.0/16", serviceCidr = "172.16.0.0/16", dnsServiceIP = "172.16.0.10" }
    }
  }
  depends_on = [azurerm_role_assignment.api]
}
`,
    },
    [/^AKS1015 API server subnet "snet-api" has 11 usable addresses; 2 clusters need 18/],
  ],
];

const tainted = (taint: string): string =>
  pool(`vm_size = "Standard_D4s_v5"\n  node_labels = { work = "batch" }\n  node_taints = ["${taint}"]`);
const balanced = (annotation: string, value: string): string =>
  app().replace(
    "kind: Service\nmetadata: {name: web, namespace: shop}\nspec: {",
    `kind: Service\nmetadata: {name: web, namespace: shop, annotations: {service.beta.kubernetes.io/${annotation}: "${value}"}}\nspec: {type: LoadBalancer, `,
  );
const apart =
  "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}]}}";

const pending: typeof rows = [
  [
    "a pool with the labels, whose taint the pods tolerate",
    {
      "main.tf": main({ more: tainted("work=batch:NoSchedule") }),
      "k8s/app.yaml":
        namespace +
        app("mcr.microsoft.com/web:1", "tolerations: [{key: work, value: batch}]\n      nodeSelector: {work: batch}"),
    },
    [],
  ],
  [
    "a pool with the labels, whose taint the pods do not tolerate",
    {
      "main.tf": main({ more: tainted("work=night:NoSchedule") }),
      "k8s/app.yaml":
        namespace +
        app("mcr.microsoft.com/web:1", "tolerations: [{key: work, value: batch}]\n      nodeSelector: {work: batch}"),
    },
    [/^AKS2004 2 of 2 pods .* Taints: "big" work=night:NoSchedule\. Add a toleration/],
  ],
  [
    "a pool's name that no pool has",
    {
      "main.tf": main(),
      "k8s/app.yaml": namespace + app("mcr.microsoft.com/web:1", "nodeSelector: {agentpool: usser}"),
    },
    [/^AKS2005 2 of 2 pods .* ask for agentpool=usser; did you mean "user"\. Correct the selector/],
  ],
  [
    "pods that keep off each other's hosts, one too many",
    {
      "main.tf": main(),
      "k8s/app.yaml": namespace + app("mcr.microsoft.com/web:1", apart).replace("replicas: 2", "replicas: 40"),
    },
    [/^AKS2006 \d+ of 40 pods /],
  ],
  [
    "an idle timeout in its bounds",
    { "main.tf": main(), "k8s/app.yaml": namespace + balanced("azure-load-balancer-tcp-idle-timeout", "30") },
    [],
  ],
  [
    "an idle timeout out of its bounds",
    { "main.tf": main(), "k8s/app.yaml": namespace + balanced("azure-load-balancer-tcp-idle-timeout", "200") },
    [/^AKS3062 The cloud provider will not serve Service\/shop\/web: ".*between 4 and 100, actual value: 200"/],
  ],
  [
    "allowed ranges of which one cannot be read",
    {
      "main.tf": main(),
      "k8s/app.yaml": namespace + balanced("azure-allowed-ip-ranges", "203.0.113.0/24,10.1.0.0/244"),
    },
    [/^AKS3062 Service\/shop\/web allows "10\.1\.0\.0\/244", which is no range/],
  ],
  [
    "allowed ranges that can all be read",
    {
      "main.tf": main(),
      "k8s/app.yaml": namespace + balanced("azure-allowed-ip-ranges", "203.0.113.0/24,198.51.100.7/32"),
    },
    [],
  ],
];

const hub = (zoneLinks = ""): string => `
resource "azurerm_virtual_network" "hub" {
  name          = "vnet-hub"
  ${place}
  address_space = ["10.9.0.0/16"]
}
${zoneLinks}`;
const link = `
resource "azurerm_private_dns_zone_virtual_network_link" "hub" {
  name                  = "hub"
  resource_group_name   = azurerm_resource_group.rg.name
  private_dns_zone_name = azurerm_private_dns_zone.aks.name
  virtual_network_id    = azurerm_virtual_network.hub.id
}
`;
const asksHub = (hcl: string): string =>
  hcl.replace(
    'address_space       = ["10.1.0.0/16"]',
    'address_space       = ["10.1.0.0/16"]\n  dns_servers         = ["10.9.0.4"]',
  );
const ownZone = `${privateCluster}\n  ${afterRole}`;
const gateway = (role: string): string => `
resource "azurerm_subnet" "gateway" {
  name                 = "gateway"
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.1.8.0/24"]
}
resource "azurerm_application_gateway" "gw" {
  name = "agw"
  ${place}
  sku {
    name     = "Standard_v2"
    tier     = "Standard_v2"
    capacity = 2
  }
  gateway_ip_configuration {
    name      = "gw"
    subnet_id = azurerm_subnet.gateway.id
  }
  frontend_port {
    name = "http"
    port = 80
  }
  frontend_ip_configuration {
    name      = "private"
    subnet_id = azurerm_subnet.gateway.id
  }
  backend_address_pool {
    name = "default"
  }
  backend_http_settings {
    name                  = "default"
    cookie_based_affinity = "Disabled"
    port                  = 80
    protocol              = "Http"
  }
  http_listener {
    name                           = "default"
    frontend_ip_configuration_name = "private"
    frontend_port_name             = "http"
    protocol                       = "Http"
  }
  request_routing_rule {
    name                       = "default"
    rule_type                  = "Basic"
    priority                   = 100
    http_listener_name         = "default"
    backend_address_pool_name  = "default"
    backend_http_settings_name = "default"
  }
}
${role}`;
const role = (scope: string, name: string, principal: string): string => `
resource "azurerm_role_assignment" "add_on" {
  scope                = ${scope}
  role_definition_name = "${name}"
  principal_id         = ${principal}
}
`;
const agic = "ingress_application_gateway {\n    gateway_id = azurerm_application_gateway.gw.id\n  }";
const agicIdentity =
  "azurerm_kubernetes_cluster.main.ingress_application_gateway[0].ingress_application_gateway_identity[0].object_id";
const routingIdentity = "azurerm_kubernetes_cluster.main.web_app_routing[0].web_app_routing_identity[0].object_id";
const vault = `
resource "azurerm_key_vault" "kv" {
  name                       = "kv-shop"
  ${place}
  tenant_id                  = "00000000-0000-0000-0000-000000000000"
  sku_name                   = "standard"
  rbac_authorization_enabled = true
}
`;
const certified =
  namespace +
  app() +
  ingress.replace(
    "metadata: {name: web, namespace: shop}",
    'metadata: {name: web, namespace: shop, annotations: {kubernetes.azure.com/tls-cert-keyvault-uri: "https://kv-shop.vault.azure.net/certificates/shop"}}',
  );
const scaled = `${namespace}${app()}apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {name: web}, minReplicaCount: 1, maxReplicaCount: 3, triggers: [{type: cpu, metricType: Utilization, metadata: {value: "60"}}]}
---
`;

const addOns: typeof rows = [
  [
    "DNS servers in a network that AKS's own zone is not linked to",
    { "main.tf": asksHub(main({ cluster: "private_cluster_enabled = true", more: hub() })) },
    [/^AKS3021 .*in network "vnet-hub", which the cluster's private zone is not linked to/],
  ],
  [
    "DNS servers in a network that the zone is linked to",
    { "main.tf": asksHub(main({ cluster: ownZone, more: zone("privatelink.westeurope.azmk8s.io") + hub(link) })) },
    [],
  ],
  [
    "an ingress add-on without a role on its gateway",
    { "main.tf": main({ cluster: agic, more: gateway("") }) },
    [/^AKS5041 .*has no role on Application Gateway "agw"/],
  ],
  [
    "an ingress add-on with its role",
    {
      "main.tf": main({
        cluster: agic,
        more: gateway(role("azurerm_resource_group.rg.id", "Contributor", agicIdentity)),
      }),
    },
    [],
  ],
  [
    "a certificate that the add-on may not read",
    { "main.tf": main({ cluster: routing, more: vault }), "k8s/app.yaml": certified },
    [/^AKS5042 Ingress\/shop\/web takes its certificate from Key Vault "kv-shop", .* no Key Vault Certificate User/],
  ],
  [
    "a certificate that the add-on may read",
    {
      "main.tf": main({
        cluster: routing,
        more: vault + role("azurerm_key_vault.kv.id", "Key Vault Certificate User", routingIdentity),
      }),
      "k8s/app.yaml": certified,
    },
    [],
  ],
  [
    "a ScaledObject without KEDA",
    { "main.tf": main(), "k8s/app.yaml": scaled },
    [/^AKS6042 ScaledObject\/shop\/web of keda\.sh\/v1alpha1 needs KEDA/],
  ],
  [
    "a ScaledObject with KEDA",
    {
      "main.tf": main({ cluster: "workload_autoscaler_profile {\n    keda_enabled = true\n  }" }),
      "k8s/app.yaml": scaled,
    },
    [],
  ],
];

const probed = (port: string): string =>
  namespace +
  app().replace(
    "ports: [{name: http, containerPort: 8080}]",
    `ports: [{name: http, containerPort: 8080}]\n          livenessProbe: {httpGet: {path: /, port: ${port}}}`,
  );
const shares = (sku: string): string => `${namespace}apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: nfs}
provisioner: file.csi.azure.com
parameters: {protocol: nfs, skuName: ${sku}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files, namespace: shop}
spec: {accessModes: [ReadWriteMany], storageClassName: nfs, resources: {requests: {storage: 100Gi}}}
---
${app("mcr.microsoft.com/web:1", "volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]")}`;

const objects: typeof rows = [
  ["a probe of a port that has the name", { "main.tf": main(), "k8s/app.yaml": probed("http") }, []],
  ["a probe by number", { "main.tf": main(), "k8s/app.yaml": probed("9000") }, []],
  [
    "a probe of a port that nothing has",
    { "main.tf": main(), "k8s/app.yaml": probed("health") },
    [/^AKS2035 livenessProbe .* asks port "health", .* \(it has "http"\): the container is killed again and again/],
  ],
  [
    "a quantity that is none",
    {
      "main.tf": main(),
      "k8s/app.yaml":
        namespace + app().replace("requests: {cpu: 100m, memory: 128Mi}", "requests: {cpu: 100m, memory: 128mb}"),
    },
    [/^AKS9115 .*must be a quantity .* not "128mb"; the API server refuses the object/],
  ],
  [
    "a share of NFS on a standard account",
    { "main.tf": main(), "k8s/app.yaml": shares("Standard_LRS") },
    [/^AKS4015 2 of 2 pods .* Claim shop\/files is not provisioned: .*nfs needs a Premium storage account/],
  ],
  ["a share of NFS on a premium account", { "main.tf": main(), "k8s/app.yaml": shares("Premium_LRS") }, []],
];

const served = namespace + app() + ingress.replace("webapprouting.kubernetes.azure.com", "nginx");
const elsewhereInstalled = `
resource "helm_release" "nginx" {
  name       = "ingress-nginx"
  repository = "https://kubernetes.github.io/ingress-nginx"
  chart      = "ingress-nginx"
  namespace  = "ingress-nginx"
}
`;

const unseen: typeof rows = [
  [
    "an Ingress of a class that nothing of the input serves",
    { "main.tf": main(), "k8s/app.yaml": served },
    [/^AKS3017 Ingress\/shop\/web has class "nginx"/],
  ],
  [
    "an Ingress whose controller a Helm release brings",
    { "main.tf": main({ more: elsewhereInstalled }), "k8s/app.yaml": served },
    [],
  ],
  [
    "an HPA of a workload that is not there",
    {
      "main.tf": main(),
      "k8s/app.yaml":
        namespace + app() + scaler(5).replace("kind: Deployment, name: web", "kind: Deployment, name: api"),
    },
    [/^AKS6005 HorizontalPodAutoscaler\/shop\/web scales Deployment "api"/],
  ],
  [
    "a pull secret that may be made elsewhere",
    { "main.tf": main(), "k8s/app.yaml": namespace + app("ghcr.io/shop/web:1", "imagePullSecrets: [{name: ghcr}]") },
    [],
  ],
];

test.each([...rows, ...more, ...pending, ...addOns, ...objects, ...unseen])("%s", async (_, files, says) => {
  expect(await said(files)).toEqual(says.map((pattern) => expect.stringMatching(pattern)));
});

test("a pool of a size that nobody knows leaves the verdict open", async () => {
  const { verdict } = await reviewed({ "main.tf": main({ more: pool('vm_size = "Standard_X99s_v9"') }) });
  expect(verdict).toMatch(/^Cannot say all: 1 problem with the input/);
});

const database = (sku: string): string => `${namespace}apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: disk.csi.azure.com
volumeBindingMode: WaitForFirstConsumer
parameters: {skuName: ${sku}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: pg, namespace: shop}
spec:
  serviceName: pg
  replicas: 2
  selector: {matchLabels: {app: pg}}
  template:
    metadata: {labels: {app: pg}}
    spec:
      nodeSelector: {agentpool: db}
      containers: [{name: pg, image: "mcr.microsoft.com/pg:1", resources: {requests: {cpu: 100m, memory: 128Mi}}, volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: 8Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: pg, namespace: shop}
spec: {clusterIP: None, selector: {app: pg}, ports: [{port: 5432}]}
`;
const zonal = (zones: string, sku: string): Files => ({
  "main.tf": main({
    more: pool(`vm_size = "Standard_D4s_v5"\n  zones = ${zones}\n  temporary_name_for_rotation = "dbtmp"`).replaceAll(
      '"big"',
      '"db"',
    ),
  }),
  "k8s/db.yaml": database(sku),
});

test("disks stay in the zone that the pool leaves", async () => {
  const codes = async (sku: string, to: string): Promise<readonly string[]> =>
    (await said(zonal(to, sku), zonal('["1"]', sku))).filter((text) => text.startsWith("AKS4"));
  expect(await codes("Premium_LRS", '["2"]')).toEqual([
    expect.stringMatching(
      /^AKS4020 2 disks of StatefulSet\/shop\/pg, of claim shop\/data-pg-0 first, are in zone 1 .* nodes in zone 2 only/,
    ),
  ]);
  expect(await codes("Premium_LRS", '["1", "2"]')).toEqual([]);
  expect(await codes("Premium_ZRS", '["2"]')).toEqual([]);
});

test("updates that the API server refuses", async () => {
  const codes = async (before: string, after: string): Promise<readonly string[]> =>
    said({ "main.tf": main(), "k8s/app.yaml": after }, { "main.tf": main(), "k8s/app.yaml": before });
  const fast = (sku: string): string =>
    `apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: disk.csi.azure.com\nparameters: {skuName: ${sku}}\n`;
  expect(await codes(fast("Premium_LRS"), fast("Premium_ZRS"))).toEqual([
    expect.stringMatching(/^AKS8011 StorageClass\/fast changes parameters, .*updates to parameters are forbidden/),
  ]);
  expect(await codes(fast("Premium_LRS"), fast("Premium_LRS"))).toEqual([]);
  const at = (address: string): string =>
    namespace +
    app().replace("spec: {selector: {app: web}, ports", `spec: {selector: {app: web}, clusterIP: ${address}, ports`);
  expect(await codes(at("None"), at("10.0.9.9"))).toEqual([
    expect.stringMatching(/^AKS8011 Service\/shop\/web changes spec\.clusterIPs\[0\], .*may not change once set/),
  ]);
  expect(await codes(at("10.0.9.9"), namespace + app())).toEqual([]);
});

test("a registry that is removed while pods pull from it, and one that another configuration keeps", async () => {
  const pulls = namespace + app("acrshop.azurecr.io/web:1");
  const made = `resource "azurerm_container_registry" "acr" {\n  name = "acrshop"\n  sku = "Premium"\n  ${place}\n}\n`;
  const pull = (from: string): string => `
resource "azurerm_role_assignment" "pull" {
  scope                = ${from}.id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_kubernetes_cluster.main.kubelet_identity[0].object_id
}
`;
  const read = 'data "azurerm_container_registry" "acr" {\n  name = "acrshop"\n  resource_group_name = "rg-shop"\n}\n';
  const base = { "main.tf": main({ more: made + pull("azurerm_container_registry.acr") }), "k8s/app.yaml": pulls };
  expect(await said({ "main.tf": main(), "k8s/app.yaml": pulls }, base)).toEqual([
    expect.stringMatching(/^AKS8005 Registry "acrshop" is removed, but Deployment\/shop\/web still pulls from it/),
  ]);
  const kept = await said(
    { "main.tf": main({ more: read + pull("data.azurerm_container_registry.acr") }), "k8s/app.yaml": pulls },
    base,
  );
  expect(kept.filter((text) => text.startsWith("AKS8005"))).toEqual([]);
});

test("a rotation that the quota does not hold", async () => {
  const side = (size: string, limit: number): Files => ({
    "main.tf": main({ more: pool(`vm_size = "${size}"\n  temporary_name_for_rotation = "bigtmp"`) }),
    "aks-twin.yaml": "usage: usage.json\n",
    "usage.json": JSON.stringify([{ currentValue: "8", limit: String(limit), name: { value: "standardESv5Family" } }]),
  });
  const rotated = async (limit: number): Promise<readonly string[]> =>
    (await said(side("Standard_E8s_v5", limit), side("Standard_E4s_v5", limit))).filter((text) =>
      text.startsWith("AKS8002"),
    );
  expect(await rotated(30)).toEqual([
    expect.stringMatching(/need 32 vCPU of "standardESv5Family", 30 may be used: .*QuotaExceeded/),
  ]);
  expect(await rotated(100)).toEqual([expect.not.stringMatching(/QuotaExceeded/)]);
});
