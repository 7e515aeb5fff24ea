import { expect, test } from "@jest/globals";
import { deployment } from "../support/objects.ts";
import { networkRole, shop } from "../support/shop.ts";
import { findingsOf, type Source } from "../support/world.ts";

const registry = (more = 'sku = "Premium"'): string => `
resource "azurerm_container_registry" "acr" {
  name                = "acrshop"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  ${more}
}`;
const pullRole = (principal: string, role = "AcrPull"): string => `
resource "azurerm_role_assignment" "pull" {
  scope                = azurerm_container_registry.acr.id
  role_definition_name = "${role}"
  principal_id         = ${principal}
}`;
const kubelet = "azurerm_kubernetes_cluster.main.kubelet_identity[0].object_id";
const cart = deployment("cart", { image: "acrshop.azurecr.io/cart:1" });

const identity = (name: string): string => `
resource "azurerm_user_assigned_identity" "${name}" {
  name                = "id-${name}"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
}`;
const credential = (subject: string, audience = "api://AzureADTokenExchange"): string => `${identity("app")}
resource "azurerm_federated_identity_credential" "app" {
  name                = "app"
  resource_group_name = azurerm_resource_group.rg.name
  parent_id           = azurerm_user_assigned_identity.app.id
  issuer              = azurerm_kubernetes_cluster.main.oidc_issuer_url
  audience            = ["${audience}"]
  subject             = "${subject}"
}`;
const account = (name: string): string =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name}, namespace: shop, annotations: { azure.workload.identity/client-id: 11111111-1111-1111-1111-111111111111 } }\n---`;
const asAccount = (name: string, label = 'azure.workload.identity/use: "true"'): string =>
  deployment("cart", { podSpec: `      serviceAccountName: ${name}` }).replace(
    "labels: { app: cart } }\n    spec",
    `labels: { app: cart, ${label} } }\n    spec`,
  );

const vault = (more = "rbac_authorization_enabled = true"): string => `
resource "azurerm_key_vault" "kv" {
  name                = "kv-shop"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  tenant_id           = "00000000-0000-0000-0000-000000000000"
  sku_name            = "standard"
  ${more}
}`;
const secretsRole = `
resource "azurerm_role_assignment" "secrets" {
  scope                = azurerm_key_vault.kv.id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
}`;
const provider = `
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: { name: kv, namespace: shop }
spec: { provider: azure, parameters: { keyvaultName: kv-shop, clientID: 11111111-1111-1111-1111-111111111111, tenantId: t } }
---`;
const mounting = asAccount("cart").replace(
  "      serviceAccountName: cart",
  "      serviceAccountName: cart\n      volumes: [{ name: kv, csi: { driver: secrets-store.csi.k8s.io, volumeAttributes: { secretProviderClass: kv } } }]",
);
const driverOn = "key_vault_secrets_provider {\n secret_rotation_enabled = true\n }";
const withAccount = { yaml: `${account("cart")}\n${asAccount("cart")}` };
const ilb =
  'apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shop, annotations: { service.beta.kubernetes.io/azure-load-balancer-internal: "true" } }\nspec: { type: LoadBalancer, ports: [{ port: 80 }] }';

const rows: readonly (readonly [name: string, source: Source, codes: readonly string[], says: RegExp])[] = [
  [
    "no AcrPull",
    { hcl: shop({ more: registry() }), yaml: cart },
    ["AKS5001"],
    /has no AcrPull on registry "acrshop", from which Deployment\/shop\/cart pulls/,
  ],
  ["AcrPull for the kubelet", { hcl: shop({ more: registry() + pullRole(kubelet) }), yaml: cart }, [], /./],
  [
    "AcrPull went to the control plane",
    { hcl: shop({ more: registry() + pullRole("azurerm_user_assigned_identity.cluster.principal_id") }), yaml: cart },
    ["AKS5001"],
    /AcrPull is given to the control plane's identity instead \(azurerm_role_assignment\.pull\)/,
  ],
  [
    "AcrPull on the resource group",
    {
      hcl: shop({
        more:
          registry() + pullRole(kubelet).replace("azurerm_container_registry.acr.id", "azurerm_resource_group.rg.id"),
      }),
      yaml: cart,
    },
    [],
    /./,
  ],
  [
    "a pull secret makes the role needless",
    {
      hcl: shop({ more: registry() }),
      yaml: deployment("cart", {
        image: "acrshop.azurecr.io/cart:1",
        podSpec: "      imagePullSecrets: [{ name: acr }]",
      }),
    },
    [],
    /./,
  ],
  [
    "images from elsewhere need no role",
    { hcl: shop({ more: registry() }), yaml: deployment("cart", { image: "nginx:1.27" }) },
    [],
    /./,
  ],
  [
    "a registry without public access and private endpoint",
    {
      hcl: shop({ more: registry('sku = "Premium"\n public_network_access_enabled = false') + pullRole(kubelet) }),
      yaml: cart,
    },
    ["AKS5003"],
    /has no private endpoint/,
  ],
  [
    "no role on the subnet with a user-assigned identity",
    { hcl: shop({ networkRole: "" }) },
    ["AKS5004"],
    /has no role on subnet "nodes"/,
  ],
  [
    "no role on the subnet and an internal load balancer",
    { hcl: shop({ networkRole: "", identity: 'identity {\n type = "SystemAssigned"\n }' }), yaml: ilb },
    ["AKS5004"],
    /internal load balancer Service\/shop\/web stays Pending with 403/,
  ],
  [
    "a system-assigned identity without internal load balancers is no risk",
    { hcl: shop({ networkRole: "", identity: 'identity {\n type = "SystemAssigned"\n }' }) },
    [],
    /./,
  ],
  [
    "the role on the whole network suffices",
    { hcl: shop({ networkRole: networkRole.replace("azurerm_subnet.nodes.id", "azurerm_virtual_network.main.id") }) },
    [],
    /./,
  ],
  [
    "a role that does not allow joining",
    { hcl: shop({ networkRole: networkRole.replace("Network Contributor", "Reader") }) },
    ["AKS5004"],
    /./,
  ],
  [
    "a private DNS zone without roles",
    {
      hcl: shop({
        cluster: "private_cluster_enabled = true\n private_dns_zone_id = azurerm_private_dns_zone.zone.id",
        more: 'resource "azurerm_private_dns_zone" "zone" {\n name = "privatelink.westeurope.azmk8s.io"\n resource_group_name = azurerm_resource_group.rg.name\n}',
      }),
    },
    ["AKS5005", "AKS5005"],
    /has no Private DNS Zone Contributor/,
  ],
  [
    "a kubelet identity without Managed Identity Operator",
    {
      hcl: shop({
        cluster:
          "kubelet_identity {\n client_id = azurerm_user_assigned_identity.kubelet.client_id\n object_id = azurerm_user_assigned_identity.kubelet.principal_id\n user_assigned_identity_id = azurerm_user_assigned_identity.kubelet.id\n }",
        more: identity("kubelet"),
      }),
    },
    ["AKS5007"],
    /has no Managed Identity Operator on "id-kubelet"/,
  ],
  [
    "kubenet with a route table and a system-assigned identity",
    {
      hcl: shop({
        network: 'network_plugin = "kubenet"\n service_cidr = "172.20.0.0/16"\n dns_service_ip = "172.20.0.10"',
        networkRole: "",
        identity: 'identity {\n type = "SystemAssigned"\n }',
        more: 'resource "azurerm_route_table" "rt" {\n name = "rt"\n resource_group_name = azurerm_resource_group.rg.name\n location = "westeurope"\n}\nresource "azurerm_subnet_route_table_association" "rt" {\n subnet_id = azurerm_subnet.nodes.id\n route_table_id = azurerm_route_table.rt.id\n}',
      }),
    },
    ["AKS5008"],
    /system-assigned identity: Azure refuses that/,
  ],
  [
    "a credential for the service account",
    { hcl: shop({ more: credential("system:serviceaccount:shop:cart") }), ...withAccount },
    [],
    /./,
  ],
  [
    "a renamed service account",
    { hcl: shop({ more: credential("system:serviceaccount:shop:cart-api") }), ...withAccount },
    ["AKS5009"],
    /No federated credential has the subject "system:serviceaccount:shop:cart"; "app" has "system:serviceaccount:shop:cart-api"/,
  ],
  [
    "a wrong audience",
    { hcl: shop({ more: credential("system:serviceaccount:shop:cart", "api://other") }), ...withAccount },
    ["AKS5009"],
    /AADSTS700212/,
  ],
  [
    "a pod template without the label",
    {
      hcl: shop({ more: credential("system:serviceaccount:shop:cart") }),
      yaml: `${account("cart")}\n${deployment("cart", { podSpec: "      serviceAccountName: cart" })}`,
    },
    ["AKS5010"],
    /lack the label azure\.workload\.identity\/use: "true"/,
  ],
  [
    "workload identity that is not switched on",
    { hcl: shop().replace("workload_identity_enabled = true", "workload_identity_enabled = false"), ...withAccount },
    ["AKS5016"],
    /does not have workload_identity_enabled = true/,
  ],
  [
    "a subject in the wrong form",
    { hcl: shop({ more: credential("serviceaccount:shop:cart") }) },
    ["AKS5017"],
    /Write it in full/,
  ],
  [
    "a Key Vault without the role",
    {
      hcl: shop({ cluster: driverOn, more: credential("system:serviceaccount:shop:cart") + vault() }),
      yaml: `${account("cart")}\n${provider}\n${mounting}`,
    },
    ["AKS5011"],
    /as azurerm_user_assigned_identity\.app, which has no Key Vault Secrets User/,
  ],
  [
    "a Key Vault with the role",
    {
      hcl: shop({ cluster: driverOn, more: credential("system:serviceaccount:shop:cart") + vault() + secretsRole }),
      yaml: `${account("cart")}\n${provider}\n${mounting}`,
    },
    [],
    /./,
  ],
  [
    "a role on a Key Vault in access policy mode",
    {
      hcl: shop({
        cluster: driverOn,
        more: credential("system:serviceaccount:shop:cart") + vault("rbac_authorization_enabled = false") + secretsRole,
      }),
      yaml: `${account("cart")}\n${provider}\n${mounting}`,
    },
    ["AKS5011"],
    /counts for nothing in access policy mode/,
  ],
  [
    "an access policy that is a resource of its own",
    {
      hcl: shop({
        cluster: driverOn,
        more: `${credential("system:serviceaccount:shop:cart")}${vault("rbac_authorization_enabled = false")}
resource "azurerm_key_vault_access_policy" "app" {
  key_vault_id       = azurerm_key_vault.kv.id
  tenant_id          = "00000000-0000-0000-0000-000000000000"
  object_id          = azurerm_user_assigned_identity.app.principal_id
  secret_permissions = ["Get", "List"]
}`,
      }),
      yaml: `${account("cart")}\n${provider}\n${mounting}`,
    },
    [],
    /./,
  ],
  [
    "a role by the id of a data source",
    {
      hcl: shop({
        more: `${registry()}
data "azurerm_role_definition" "pull" {
  name = "AcrPull"
}
resource "azurerm_role_assignment" "pull" {
  scope              = azurerm_container_registry.acr.id
  role_definition_id = data.azurerm_role_definition.pull.id
  principal_id       = ${kubelet}
}`,
      }),
      yaml: cart,
    },
    [],
    /./,
  ],
  [
    "a role for a group that may hold the identity",
    {
      hcl: shop({
        more: `${registry()}
resource "azuread_group" "pullers" {
  display_name     = "pullers"
  security_enabled = true
}
resource "azurerm_role_assignment" "pull" {
  scope                = azurerm_container_registry.acr.id
  role_definition_name = "AcrPull"
  principal_id         = azuread_group.pullers.object_id
}`,
      }),
      yaml: cart,
    },
    [],
    /./,
  ],
  [
    "a pull secret of another type",
    {
      hcl: shop(),
      yaml: `apiVersion: v1\nkind: Secret\nmetadata: { name: pull, namespace: shop }\ntype: Opaque\n---\n${deployment("cart", { podSpec: "      imagePullSecrets: [{ name: pull }]" })}`,
    },
    ["AKS5022"],
    /of type Opaque, which pulls do not use/,
  ],
  [
    "a pull secret in another namespace",
    {
      hcl: shop(),
      yaml: `apiVersion: v1\nkind: Secret\nmetadata: { name: pull, namespace: other }\ntype: kubernetes.io/dockerconfigjson\n---\n${deployment("cart", { podSpec: "      imagePullSecrets: [{ name: pull }]" })}`,
    },
    ["AKS5022"],
    /is in namespace "other", not in "shop"/,
  ],
  [
    "the secrets driver is off",
    {
      hcl: shop({ more: credential("system:serviceaccount:shop:cart") + vault() + secretsRole }),
      yaml: `${account("cart")}\n${provider}\n${mounting}`,
    },
    ["AKS5012"],
    /has no key_vault_secrets_provider block/,
  ],
  [
    "a SecretProviderClass in another namespace",
    {
      hcl: shop({ cluster: driverOn, more: credential("system:serviceaccount:shop:cart") }),
      yaml: `${account("cart")}\n${provider.replace("namespace: shop", "namespace: other")}\n${mounting}`,
    },
    ["AKS5012"],
    /it is in "other"/,
  ],
  [
    "a Key Vault without public access and private endpoint",
    {
      hcl: shop({
        cluster: driverOn,
        more:
          credential("system:serviceaccount:shop:cart") +
          vault("rbac_authorization_enabled = true\n public_network_access_enabled = false") +
          secretsRole,
      }),
      yaml: `${account("cart")}\n${provider}\n${mounting}`,
    },
    ["AKS5018"],
    /has no private endpoint/,
  ],
  [
    "local accounts disabled without Entra ID",
    { hcl: shop({ cluster: "local_account_disabled = true" }) },
    ["AKS5013"],
    /nobody could sign in/,
  ],
];

test.each(rows)("%s", (_, source, codes, says) => {
  const found = findingsOf(source);
  expect(found.map(({ code }) => code)).toEqual(codes);
  if (codes.length > 0) expect(found.map(({ detail }) => detail).join("\n")).toMatch(says);
});
