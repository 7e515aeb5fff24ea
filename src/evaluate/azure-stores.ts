import type { KeyVault, Platform } from "../azure/platform.ts";
import { type Fact, isUnknown } from "../model/unknown.ts";
import { boolFact, knownTexts, numberFact, textFact } from "./azure-facts.ts";
import { azureResource, type Mapping } from "./azure-resource.ts";
import { blocksAt, itemsOf, partAt, type ResourceView, resultAt, settingAt } from "./azure-view.ts";

type Stores = Pick<Platform, "registries" | "keyVaults" | "storageAccounts" | "disks">;

/** Types that keep images, secrets, files and disks. */
export const storeTypes = [
  "azurerm_container_registry",
  "azurerm_key_vault",
  "azurerm_key_vault_access_policy",
  "azurerm_key_vault_secret",
  "azurerm_managed_disk",
  "azurerm_storage_account",
  "azurerm_storage_account_network_rules",
] as const;

export const mapStores = (mapping: Mapping): Stores => ({
  registries: mapping.of("azurerm_container_registry").map((view) => ({
    ...azureResource(view),
    sku: textFact(settingAt(view, "sku")),
    loginServer: textFact(resultAt(view, "login_server")),
    adminEnabled: boolFact(settingAt(view, "admin_enabled")),
    publicNetworkAccess: publicAccess(view),
    anonymousPull: boolFact(settingAt(view, "anonymous_pull_enabled")),
    networkDefaultAction: textFact(settingAt(view, "network_rule_set.default_action")),
    roleAssignmentMode: textFact(settingAt(view, "role_assignment_mode")),
  })),
  keyVaults: mapping.of("azurerm_key_vault").map((view) => keyVault(mapping, view)),
  storageAccounts: storageAccounts(mapping),
  disks: mapping.of("azurerm_managed_disk").map((view) => ({
    ...azureResource(view),
    sizeGb: numberFact(settingAt(view, "disk_size_gb")),
    sku: textFact(settingAt(view, "storage_account_type")),
    zone: textFact(settingAt(view, "zone")) ?? knownTexts(settingAt(view, "zones"))[0],
  })),
});

/** A truth value in azurerm, "Enabled" or "Disabled" in ARM. */
const publicAccess = (view: ResourceView): Fact<boolean> => {
  const own = boolFact(settingAt(view, "public_network_access_enabled"));
  if (own !== undefined) return own;
  const arm = textFact(settingAt(view, "public_network_access"));
  return arm === undefined || isUnknown(arm) ? arm : arm.toLowerCase() === "enabled";
};

const keyVault = (mapping: Mapping, view: ResourceView): KeyVault => {
  const { resolver } = mapping;
  const { address } = view.instance;
  const inVault = (type: string) =>
    mapping.of(type).filter((child) => resolver.at(child, "key_vault_id")?.address === address);
  const subnets = settingAt(view, "network_acls.virtual_network_subnet_ids");
  return {
    ...azureResource(view),
    rbacAuthorization: boolFact(settingAt(view, "rbac_authorization_enabled")),
    publicNetworkAccess: publicAccess(view),
    networkDefaultAction: textFact(settingAt(view, "network_acls.default_action")),
    allowedSubnets: subnets === undefined ? [] : itemsOf(subnets).flatMap((subnet) => resolver.refOf(subnet) ?? []),
    accessPolicies: [
      ...blocksAt(view, "access_policy").map((block) => ({
        objectId: resolver.principalOf(partAt(block, "object_id")),
        secretPermissions: knownTexts(partAt(block, "secret_permissions")),
        keyPermissions: knownTexts(partAt(block, "key_permissions")),
        certificatePermissions: knownTexts(partAt(block, "certificate_permissions")),
        range: view.rangeAt("access_policy"),
      })),
      ...inVault("azurerm_key_vault_access_policy").map((policy) => ({
        objectId: resolver.principalAt(policy, "object_id"),
        secretPermissions: knownTexts(settingAt(policy, "secret_permissions")),
        keyPermissions: knownTexts(settingAt(policy, "key_permissions")),
        certificatePermissions: knownTexts(settingAt(policy, "certificate_permissions")),
        range: policy.instance.range,
      })),
    ],
    purgeProtection: boolFact(settingAt(view, "purge_protection_enabled")),
    secrets: inVault("azurerm_key_vault_secret").map((secret) => ({
      address: secret.instance.address,
      name: textFact(settingAt(secret, "name")),
    })),
  };
};

const storageAccounts = (mapping: Mapping): Platform["storageAccounts"] => {
  const rules = new Map<string, ResourceView>();
  for (const view of mapping.of("azurerm_storage_account_network_rules")) {
    const account = mapping.resolver.at(view, "storage_account_id")?.address;
    if (account !== undefined) rules.set(account, view);
  }
  return mapping.of("azurerm_storage_account").map((view) => {
    const own = rules.get(view.instance.address);
    // ARM has tier and replication in one: "Premium_ZRS".
    const [tier, replication] = knownSku(textFact(settingAt(view, "sku_name")));
    return {
      ...azureResource(view),
      tier: textFact(settingAt(view, "account_tier")) ?? tier,
      replication: textFact(settingAt(view, "account_replication_type")) ?? replication,
      kind: textFact(settingAt(view, "account_kind")),
      sharedKeyAccess: boolFact(settingAt(view, "shared_access_key_enabled")),
      publicNetworkAccess: publicAccess(view),
      networkDefaultAction:
        textFact(settingAt(view, "network_rules.default_action")) ??
        (own === undefined ? undefined : textFact(settingAt(own, "default_action"))),
    };
  });
};

const knownSku = (sku: Fact<string>): readonly [Fact<string>, Fact<string>] => {
  if (sku === undefined || isUnknown(sku)) return [sku, sku];
  const [tier, replication] = sku.split("_");
  return [tier, replication];
};
