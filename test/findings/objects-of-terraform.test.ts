import { expect, test } from "@jest/globals";
import { said } from "../support/reviewed.ts";
import { shop } from "../support/shop.ts";

/** Kubernetes objects in Terraform take values of Azure resources that are known after apply; what follows from them is said all the same. */

const place = "resource_group_name = azurerm_resource_group.rg.name\n  location = azurerm_resource_group.rg.location";
const identity = (name: string): string =>
  `resource "azurerm_user_assigned_identity" "${name}" {\n  name = "id-${name}"\n  ${place}\n}\n`;
const credential = (subject: string, of = "app"): string => `
resource "azurerm_federated_identity_credential" "app" {
  name                = "app"
  resource_group_name = azurerm_resource_group.rg.name
  parent_id           = azurerm_user_assigned_identity.${of}.id
  issuer              = azurerm_kubernetes_cluster.main.oidc_issuer_url
  audience            = ["api://AzureADTokenExchange"]
  subject             = "${subject}"
}
`;
const account = `
resource "kubernetes_service_account_v1" "cart" {
  metadata {
    name        = "cart"
    namespace   = "shop"
    annotations = { "azure.workload.identity/client-id" = azurerm_user_assigned_identity.app.client_id }
  }
}
`;
const workload = (label: string, image = '"mcr.microsoft.com/cart:1"'): string => `
resource "kubernetes_namespace_v1" "shop" {
  metadata {
    name = "shop"
  }
}
resource "kubernetes_deployment" "cart" {
  metadata {
    name      = "cart"
    namespace = kubernetes_namespace_v1.shop.metadata[0].name
  }
  spec {
    replicas = "3"
    selector {
      match_labels = { app = "cart" }
    }
    template {
      metadata {
        labels = { app = "cart"${label} }
      }
      spec {
        service_account_name = "cart"
        container {
          name  = "cart"
          image = ${image}
          resources {
            requests = { cpu = "100m", memory = "128Mi" }
          }
        }
      }
    }
  }
}
`;
const used = ', "azure.workload.identity/use" = "true"';
const trusted = credential("system:serviceaccount:shop:cart");
const registry = `resource "azurerm_container_registry" "acr" {\n  name = "acrShop"\n  sku = "Premium"\n  ${place}\n}\n`;
const pull = `
resource "azurerm_role_assignment" "pull" {
  scope                = azurerm_container_registry.acr.id
  role_definition_name = "AcrPull"
  principal_id         = azurerm_kubernetes_cluster.main.kubelet_identity[0].object_id
}
`;
const ownImage = '"${azurerm_container_registry.acr.login_server}/cart:1"';
const vault = (more = "rbac_authorization_enabled = true"): string => `
resource "azurerm_key_vault" "kv" {
  name      = "kv-shop"
  ${place}
  tenant_id = "00000000-0000-0000-0000-000000000000"
  sku_name  = "standard"
  ${more}
}
resource "kubectl_manifest" "secrets" {
  yaml_body = <<-YAML
    apiVersion: secrets-store.csi.x-k8s.io/v1
    kind: SecretProviderClass
    metadata: {name: kv, namespace: shop}
    spec:
      provider: azure
      parameters:
        clientID: \${azurerm_user_assigned_identity.app.client_id}
        keyvaultName: \${azurerm_key_vault.kv.name}
  YAML
}
resource "kubectl_manifest" "cart" {
  yaml_body = <<-YAML
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: reader, namespace: shop}
    spec:
      selector: {matchLabels: {app: reader}}
      template:
        metadata: {labels: {app: reader, azure.workload.identity/use: "true"}}
        spec:
          serviceAccountName: cart
          containers: [{name: main, image: "mcr.microsoft.com/reader:1", resources: {requests: {cpu: 100m, memory: 64Mi}}, volumeMounts: [{name: kv, mountPath: /kv}]}]
          volumes: [{name: kv, csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: kv}}}]
  YAML
}
`;
const reads = `
resource "azurerm_role_assignment" "reads" {
  scope                = azurerm_key_vault.kv.id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
}
`;
const driver = "key_vault_secrets_provider {\n    secret_rotation_enabled = true\n  }";
const firewall = (rules: string): string =>
  vault(
    `rbac_authorization_enabled = true\n  network_acls {\n    default_action = "Deny"\n    bypass = "AzureServices"\n    ${rules}\n  }`,
  );
const closedAccounts =
  "local_account_disabled = true\n  azure_active_directory_role_based_access_control {\n    azure_rbac_enabled = true\n  }";
const signIn = (how: string): string =>
  `provider "kubernetes" {\n  host = azurerm_kubernetes_cluster.main.kube_config[0].host\n  ${how}\n}\n`;

const rows: readonly (readonly [name: string, hcl: string, says: readonly RegExp[]])[] = [
  ["all five links", shop({ more: identity("app") + trusted + account + workload(used) }), []],
  [
    "a subject of another namespace",
    shop({ more: identity("app") + credential("system:serviceaccount:default:cart") + account + workload(used) }),
    [/^AKS5009 .*"system:serviceaccount:shop:cart"; "app" has "system:serviceaccount:default:cart"/],
  ],
  [
    "a credential of another identity than the service account's",
    shop({
      more:
        identity("app") +
        identity("other") +
        credential("system:serviceaccount:shop:cart", "other") +
        account +
        workload(used),
    }),
    [/^AKS5009 .*asks for identity "id-app", but .* is of azurerm_user_assigned_identity\.other/],
  ],
  [
    "no label on the pod template",
    shop({ more: identity("app") + trusted + account + workload("") }),
    [/^AKS5010 Deployment\/shop\/cart/],
  ],
  [
    "the registry's own login server",
    shop({ more: registry + pull + account + identity("app") + trusted + workload(used, ownImage) }),
    [],
  ],
  [
    "a registry whose role is missing, by its login server",
    shop({ more: registry + account + identity("app") + trusted + workload(used, ownImage) }),
    [/^AKS5001 .*has no AcrPull on registry "acrShop", from which Deployment\/shop\/cart pulls/],
  ],
  [
    "a vault read by the identity of a kubectl_manifest",
    shop({ cluster: driver, more: identity("app") + trusted + account + workload(used) + vault() + reads }),
    [],
  ],
  [
    "a vault without the role",
    shop({ cluster: driver, more: identity("app") + trusted + account + workload(used) + vault() }),
    [/^AKS5011 .*as azurerm_user_assigned_identity\.app, which has no Key Vault Secrets User/],
  ],
  [
    "a vault whose firewall names an office alone",
    shop({
      cluster: driver,
      more: identity("app") + trusted + account + workload(used) + firewall('ip_rules = ["198.51.100.7/32"]') + reads,
    }),
    [/^AKS5018 network_acls of Key Vault "kv-shop"/],
  ],
  [
    "a vault whose firewall names the node subnet",
    shop({
      cluster: driver,
      more:
        identity("app") +
        trusted +
        account +
        workload(used) +
        firewall("virtual_network_subnet_ids = [azurerm_subnet.nodes.id]") +
        reads,
    }),
    [],
  ],
  [
    "a provider that signs in with the admin's credentials, which are off",
    shop({
      cluster: closedAccounts,
      more: `${signIn("client_certificate = base64decode(azurerm_kubernetes_cluster.main.kube_config[0].client_certificate)")}resource "kubernetes_namespace_v1" "app" {\n  metadata {\n    name = "app"\n  }\n}\n`,
    }),
    [/^AKS5013 Provider "kubernetes" signs in with kube_config\.client_certificate/],
  ],
  [
    "a provider that signs in with kubelogin",
    shop({
      cluster: closedAccounts,
      more: `${signIn('exec {\n    api_version = "client.authentication.k8s.io/v1beta1"\n    command = "kubelogin"\n  }')}resource "kubernetes_namespace_v1" "app" {\n  metadata {\n    name = "app"\n  }\n}\n`,
    }),
    [],
  ],
];

test.each(rows)("%s", async (_, hcl, says) => {
  const found = await said({ "main.tf": `provider "azurerm" {\n  features {}\n}\n${hcl}` });
  expect(found).toEqual(says.map((pattern) => expect.stringMatching(pattern)));
});
