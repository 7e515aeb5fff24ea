import { expect, test } from "@jest/globals";
import { identityNeeds, workloadIdentities } from "../../src/findings/identity/identity-needs.ts";
import { networkRole, shop } from "../support/shop.ts";
import { type Source, worldOf } from "../support/world.ts";

const place = "resource_group_name = azurerm_resource_group.rg.name\n location = azurerm_resource_group.rg.location";
const registry = `resource "azurerm_container_registry" "r" {\n name = "acrshop"\n ${place}\n sku = "Premium"\n}\n`;
const pull = (principal: string): string =>
  `resource "azurerm_role_assignment" "pull" {\n scope = azurerm_container_registry.r.id\n role_definition_name = "AcrPull"\n principal_id = ${principal}\n}\n`;
const vault = (more: string): string =>
  `resource "azurerm_key_vault" "v" {\n name = "kvshop"\n ${place}\n tenant_id = "00000000-0000-0000-0000-000000000000"\n sku_name = "standard"\n ${more}\n}\n`;
const identity = `resource "azurerm_user_assigned_identity" "app" {\n name = "id-app"\n ${place}\n}\n`;
const credential = `resource "azurerm_federated_identity_credential" "app" {\n name = "app"\n resource_group_name = azurerm_resource_group.rg.name\n parent_id = azurerm_user_assigned_identity.app.id\n audience = ["api://AzureADTokenExchange"]\n issuer = azurerm_kubernetes_cluster.main.oidc_issuer_url\n subject = "system:serviceaccount:shop:app"\n}\n`;
const account =
  'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: app, namespace: shop, annotations: { azure.workload.identity/client-id: "11111111-1111-1111-1111-111111111111" } }\n';
const blobs = `resource "azurerm_storage_account" "s" {\n name = "stshop"\n ${place}\n account_tier = "Standard"\n account_replication_type = "LRS"\n}\nresource "azurerm_role_assignment" "blobs" {\n scope = azurerm_storage_account.s.id\n role_definition_name = "Storage Blob Data Reader"\n principal_id = azurerm_user_assigned_identity.app.principal_id\n}\n`;

const needs = (source: Source) =>
  identityNeeds(worldOf(source)).map(({ who, what, may, by }) => `${who} ${may} ${what}${by === "" ? "" : `: ${by}`}`);

test("a right is told with the line that gives it, or as missing", () => {
  const kubelet = "azurerm_kubernetes_cluster.main.kubelet_identity[0].object_id";
  expect(needs({ hcl: shop({ more: registry + pull(kubelet) }) })).toEqual([
    expect.stringMatching(
      /^control plane of cluster "aks" yes join nodes .*: Network Contributor by azurerm_role_assignment\.network \(main\.tf:\d+:1\)$/,
    ),
    expect.stringMatching(/^nodes of cluster "aks" yes pull images: AcrPull by azurerm_role_assignment\.pull/),
  ]);
  expect(needs({ hcl: shop({ networkRole: "", more: registry }) })).toEqual([
    'control plane of cluster "aks" no join nodes and internal load balancers',
    'nodes of cluster "aks" no pull images',
  ]);
});

test("who a role is given to may not be known before apply", () => {
  const unknown = `${pull("var.somebody")}variable "somebody" {\n type = string\n}\n`;
  expect(needs({ hcl: shop({ networkRole, more: registry + unknown }), lenient: true })[1]).toMatch(
    /unsure pull images/,
  );
});

test("a registry that looks at repositories asks for another role", () => {
  const more = `resource "azapi_resource" "r" {\n type = "Microsoft.ContainerRegistry/registries@2025-04-01"\n name = "acrshop"\n location = "westeurope"\n parent_id = azurerm_resource_group.rg.id\n body = { sku = { name = "Premium" }, properties = { roleAssignmentMode = "AbacRepositoryPermissions" } }\n}\n`;
  const kubelet = "azurerm_kubernetes_cluster.main.kubelet_identity[0].object_id";
  const role = pull(kubelet).replace("azurerm_container_registry.r", "azapi_resource.r");
  const found = identityNeeds(worldOf({ hcl: shop({ more: more + role }) }));
  expect(found.at(-1)).toMatchObject({ may: "no", role: "Container Registry Repository Reader" });
});

test("a vault with access policies does not look at roles", () => {
  const yaml =
    "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: { name: kv, namespace: shop }\nspec: { provider: azure, parameters: { keyvaultName: kvshop, tenantId: t } }\n---\n" +
    `apiVersion: v1\nkind: Pod\nmetadata: { name: app, namespace: shop }\nspec: { serviceAccountName: app, containers: [{ name: a, image: a }], volumes: [{ name: s, csi: { driver: secrets-store.csi.k8s.io, volumeAttributes: { secretProviderClass: kv } } }] }\n---\n${account}`;
  const policy =
    'access_policy {\n tenant_id = "00000000-0000-0000-0000-000000000000"\n object_id = azurerm_user_assigned_identity.app.principal_id\n secret_permissions = ["Get"]\n }';
  const at = (more: string) => needs({ hcl: shop({ more: identity + credential + vault(more) }), yaml }).at(-1);
  expect(at(policy)).toBe('Pod/shop/app by SecretProviderClass "kv" yes read secrets: access policy of the vault');
  expect(at("")).toBe('Pod/shop/app by SecretProviderClass "kv" no read secrets');
  expect(at("rbac_authorization_enabled = true")).toMatch(/ no read secrets$/);
});

test("a ServiceAccount's identity is told with its credential and its roles", () => {
  const world = worldOf({ hcl: shop({ more: identity + credential + blobs }), yaml: account });
  expect(workloadIdentities(world)).toEqual([
    {
      account: "ServiceAccount/shop/app",
      identity: "azurerm_user_assigned_identity.app",
      credential: "azurerm_federated_identity_credential.app",
      roles: [
        expect.stringMatching(
          /^Storage Blob Data Reader by azurerm_role_assignment\.blobs .* on azurerm_storage_account\.s$/,
        ),
      ],
    },
  ]);
  const without = worldOf({ hcl: shop({ more: identity }), yaml: account });
  expect(workloadIdentities(without)).toEqual([
    { account: "ServiceAccount/shop/app", identity: "", credential: "", roles: [] },
  ]);
});
