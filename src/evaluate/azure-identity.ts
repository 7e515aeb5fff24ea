import type { FederatedCredential, Platform, ResourceRef, RoleAssignment } from "../azure/platform.ts";
import { type Fact, isUnknown, type Unknown, unknown } from "../model/unknown.ts";
import type { UnknownValue, Value } from "../model/value.ts";
import { knownTexts, rawText, textFact } from "./azure-facts.ts";
import { azureResource, type Mapping, orNothing } from "./azure-resource.ts";
import { blocksAt, partAt, type ResourceView, resultAt, settingAt } from "./azure-view.ts";
import { stringValue } from "./values-construct.ts";

type Identities = Pick<Platform, "identities" | "federatedCredentials" | "roleAssignments" | "roleDefinitions">;

/** Types that say who may do what. */
export const identityTypes = [
  "azurerm_federated_identity_credential",
  "azurerm_role_assignment",
  "azurerm_role_definition",
  "azurerm_user_assigned_identity",
] as const;

export const mapIdentities = (mapping: Mapping): Identities => ({
  identities: mapping.of("azurerm_user_assigned_identity").map((view) => ({
    ...azureResource(view),
    clientId: textFact(resultAt(view, "client_id")) ?? laterOf(view),
    principalId: textFact(resultAt(view, "principal_id")) ?? laterOf(view),
  })),
  federatedCredentials: mapping
    .of("azurerm_federated_identity_credential")
    .map((view) => federatedCredential(mapping, view)),
  roleAssignments: mapping.of("azurerm_role_assignment").map((view) => roleAssignment(mapping, view)),
  roleDefinitions: mapping.of("azurerm_role_definition").map((view) => ({
    ...azureResource(view),
    permissions: blocksAt(view, "permissions").map((block) => ({
      actions: knownTexts(partAt(block, "actions")),
      notActions: knownTexts(partAt(block, "not_actions")),
      dataActions: knownTexts(partAt(block, "data_actions")),
      notDataActions: knownTexts(partAt(block, "not_data_actions")),
    })),
  })),
});

/** azapi has the ids of an identity in its output. */
const laterOf = (view: ResourceView): Unknown => unknown(`${view.instance.address} is known after apply`);

const federatedCredential = (mapping: Mapping, view: ResourceView): FederatedCredential => {
  const issuer = settingAt(view, "issuer");
  return {
    ...azureResource(view),
    identity: orNothing(mapping.resolver.at(view, "user_assigned_identity_id")),
    issuer: textFact(issuer),
    issuerCluster: issuerCluster(mapping, view, issuer),
    subject: textFact(settingAt(view, "subject")),
    audiences: knownTexts(settingAt(view, "audience")),
  };
};

/** The cluster whose issuer URL this is: the attribute itself, or the same known text. */
const issuerCluster = (mapping: Mapping, view: ResourceView, issuer: Value | undefined): ResourceRef | undefined => {
  if (issuer?.kind === "unknown") {
    const found = mapping.resolver.at(view, "issuer");
    const isCluster = mapping.resolver.view(found?.address ?? "")?.type === "azurerm_kubernetes_cluster";
    return isCluster ? found : undefined;
  }
  if (issuer?.kind !== "string") return undefined;
  const cluster = mapping.of("azurerm_kubernetes_cluster").find((candidate) => {
    const url = resultAt(candidate, "oidc_issuer_url");
    return url?.kind === "string" && url.value === issuer.value;
  });
  return cluster === undefined ? undefined : { address: cluster.instance.address, id: undefined };
};

const roleAssignment = (mapping: Mapping, view: ResourceView): RoleAssignment => {
  const roleName = textFact(settingAt(view, "role_definition_name"));
  return {
    ...azureResource(view),
    principal: mapping.resolver.principalAt(view, "principal_id"),
    roleName,
    roleDefinitionId: textFact(settingAt(view, "role_definition_id")),
    ...scopeOf(mapping, view, roleName),
    condition: textFact(settingAt(view, "condition")),
  };
};

/** Where a plan does not say what the scope is, the role tells its type. */
const scopeOf = (
  mapping: Mapping,
  view: ResourceView,
  role: Fact<string>,
): Pick<RoleAssignment, "scope" | "namespace"> => {
  const value = settingAt(view, "scope");
  const [cluster, namespace] = namespaceScope(value);
  if (cluster !== undefined) return { scope: orNothing(mapping.resolver.refOf(stringValue(cluster))), namespace };
  if (isMadeOf(value, view)) return { scope: { address: undefined, id: unknown(value.because) }, namespace };
  const scope = orNothing(mapping.resolver.at(view, "scope"));
  if (scope.address !== undefined || !isUnknown(scope.id) || typeof role !== "string") return { scope, namespace };
  const type = Object.entries(scopeTypes).find(([prefix]) => role.startsWith(prefix))?.[1];
  return { scope: type === undefined ? scope : { ...scope, address: mapping.resolver.onlyNew(type) }, namespace };
};

/** A part of an id, such as the resource group that `regex` takes of a subnet's: what it names is not that resource. */
const isMadeOf = (value: Value | undefined, { instance }: ResourceView): value is UnknownValue =>
  value?.kind === "unknown" &&
  value.origin === undefined &&
  value.draft === undefined &&
  instance.isLifecycleKnown !== false;

/** The id of the cluster, where it is known, and the namespace in a scope such as `${azurerm_kubernetes_cluster.main.id}/namespaces/shop`. */
const namespaceScope = (value: Value | undefined): readonly [cluster: string | undefined, namespace: Fact<string>] => {
  if (value?.kind === "string") {
    const [, cluster, name] = /^(.*\/managedClusters\/[^/]+)\/namespaces\/([^/]+)\/?$/i.exec(value.value) ?? [];
    return [cluster, name];
  }
  if (value?.kind !== "unknown" || value.draft?.kind !== "text") return [undefined, undefined];
  const text = value.draft.parts.map((part) => rawText(part) ?? laterMark).join("");
  const [, name] = /\/namespaces\/([^/]+)\/?$/i.exec(text) ?? [];
  return [undefined, name?.includes(laterMark) ? unknown(value.because) : name];
};

/** A character that no id has. */
const laterMark = "\u2063";

const scopeTypes: Readonly<Record<string, string>> = {
  Acr: "azurerm_container_registry",
  "Key Vault": "azurerm_key_vault",
  Storage: "azurerm_storage_account",
};
