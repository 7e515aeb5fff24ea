import { identityOfClientId } from "../../azure/client-id.ts";
import type { AksCluster, KeyVault } from "../../azure/platform.ts";
import { mayAct } from "../../graph/permissions.ts";
import { type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import { principalNode } from "../../graph/principals.ts";
import { resolve } from "../../graph/resolve.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import { isJsonObject } from "../../model/json.ts";
import { isUnknown, known, knownOr } from "../../model/unknown.ts";
import { hasUnseenObjects, lower, nameOf, onlyCluster, subnetsOf } from "../cluster-facts.ts";
import { instanceAt, takesAttribute, valueAt } from "../instance-values.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { credentialsOf, identityAccounts } from "./workload-accounts.ts";

const getSecret = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
const driver = "secrets-store.csi.k8s.io";

export const vaultAccess: Rule = {
  code: "AKS5011",
  title: "The identity may not read the Key Vault",
  severity: "error",
  perCluster: true,
  explain: `A SecretProviderClass reads the vault as the identity that it names: clientID for workload identity, userAssignedIdentityID with useVMManagedIdentity. With
rbac_authorization_enabled the identity needs Key Vault Secrets User; without it a role counts for nothing and an access policy with "Get" is needed.
What happens: the pod stays in ContainerCreating, FailedMount, 403 Forbidden.
Mend: azurerm_role_assignment "Key Vault Secrets User" on the vault, or azurerm_key_vault_access_policy with secret_permissions = ["Get"].
Source: "Provide an identity to access the Azure Key Vault Provider for Secrets Store CSI Driver".`,
  *check(world) {
    for (const use of vaultUses(world)) {
      const { vault, principal, provider, workload } = use;
      if (principal === undefined || isUnknown(vault.rbacAuthorization) || vault.isData) continue;
      const byRole = known(vault.rbacAuthorization) === true;
      const answer = mayAct(world.platform, principal, vault, getSecret, "data");
      if (byRole ? answer.may !== "no" : hasPolicy(world, vault, principal)) continue;
      const misled =
        !byRole && answer.may === "yes" ? `; the role ${answer.by?.role} counts for nothing in access policy mode` : "";
      yield violation(vaultAccess, {
        subject: workload?.address ?? addressOf(provider.object),
        range: provider.rangeAt(["spec", "parameters"]),
        detail: `${addressOf(provider.object)} reads Key Vault "${nameOf(vault)}" as ${principal}, which has ${byRole ? "no Key Vault Secrets User on it" : `no access policy with "Get" in it${misled}`}: the pod${workload === undefined ? "s" : `s of ${workload.address}`} stay in ContainerCreating with 403 Forbidden. ${byRole ? "Assign the role on the vault." : "Add azurerm_key_vault_access_policy, or set rbac_authorization_enabled = true."}`,
        evidence: { keyVault: nameOf(vault), identity: principal },
        related: relatedTo(["the vault", vault.range]),
      });
    }
  },
};

export const secretProvider: Rule = {
  code: "AKS5012",
  title: "Secrets store volume cannot be mounted",
  severity: "error",
  perCluster: true,
  explain: `A volume of the driver secrets-store.csi.k8s.io needs the driver (key_vault_secrets_provider on the cluster, or its Helm chart) and the SecretProviderClass it names, in
the namespace of the pod.
What happens: the pod stays in ContainerCreating: "driver name secrets-store.csi.k8s.io not found" or "SecretProviderClass not found".
Mend: the key_vault_secrets_provider block, and the SecretProviderClass in the same namespace.
Source: "Use the Azure Key Vault provider for Secrets Store CSI Driver in AKS".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined) return;
    const providers = world.objects.filter(({ object }) => object.kind === "SecretProviderClass");
    const driverSeen =
      cluster.isData ||
      hasUnseenObjects(world) ||
      cluster.addons.keyVaultSecretsProvider !== undefined ||
      world.objects.some(({ object }) => object.kind === "CSIDriver" && object.metadata.name === driver);
    for (const { workload, name, path } of mounts(world)) {
      const here = providers.some(
        ({ object }) =>
          object.metadata.name === name && (object.metadata.namespace ?? "default") === workload.namespace,
      );
      const elsewhere = providers.find(({ object }) => object.metadata.name === name);
      if (!driverSeen) {
        yield violation(secretProvider, {
          subject: workload.address,
          range: workload.rangeAt(path),
          detail: `${workload.address} mounts a volume of ${driver}, but cluster "${nameOf(cluster)}" has no key_vault_secrets_provider block: its pods stay in ContainerCreating. Add key_vault_secrets_provider { secret_rotation_enabled = true }.`,
          related: relatedTo(["the cluster", cluster.range]),
        });
      } else if (!here && (elsewhere !== undefined || providers.length > 0)) {
        yield violation(secretProvider, {
          subject: workload.address,
          range: workload.rangeAt(path),
          severity: elsewhere === undefined ? "warning" : "error",
          detail: `${workload.address} mounts SecretProviderClass "${name}", which namespace "${workload.namespace}" does not have${elsewhere === undefined ? " in the manifests" : ` (it is in "${elsewhere.object.metadata.namespace ?? "default"}")`}: its pods stay in ContainerCreating. Put it into the namespace of the pods.`,
          related: relatedTo(["the class of that name", elsewhere?.range]),
        });
      }
    }
  },
};

interface Mount {
  readonly workload: Workload;
  readonly name: string;
  readonly path: readonly (string | number)[];
}

const mounts = (world: World): readonly Mount[] =>
  workloadsOf(world.objects).flatMap((workload) =>
    (workload.spec.volumes ?? []).flatMap((volume, index): Mount[] => {
      const attributes = volume.csi?.["volumeAttributes"];
      const name = isJsonObject(attributes) ? attributes["secretProviderClass"] : undefined;
      return volume.csi?.["driver"] === driver && typeof name === "string"
        ? [{ workload, name, path: ["volumes", index] }]
        : [];
    }),
  );

interface VaultUse {
  readonly vault: KeyVault;
  readonly provider: SourcedObject;
  readonly workload: Workload | undefined;
  /** `undefined` where the configuration does not show who it is. */
  readonly principal: string | undefined;
}

/** Every vault that a SecretProviderClass reads, with the workload that mounts it and the identity that it is read as. */
export const vaultUses = (world: World): readonly VaultUse[] => {
  const all = mounts(world);
  return world.objects.flatMap((provider): VaultUse[] => {
    if (provider.object.kind !== "SecretProviderClass") return [];
    const parameters = parametersOf(provider);
    const name = parameters["keyvaultName"] ?? parameters["keyVaultName"];
    const vault = world.platform.keyVaults.find((candidate) => known(candidate.name) === name);
    if (vault === undefined) return [];
    const namespace = provider.object.metadata.namespace ?? "default";
    const users = all
      .filter((mount) => mount.name === provider.object.metadata.name && mount.workload.namespace === namespace)
      .map(({ workload }) => workload);
    const list: readonly (Workload | undefined)[] = users.length === 0 ? [undefined] : users;
    return list.map((workload) => ({ vault, provider, workload, principal: reader(world, parameters, workload) }));
  });
};

const parametersOf = (provider: SourcedObject): Readonly<Record<string, string>> =>
  (provider.object as typeof provider.object & { readonly spec?: { readonly parameters?: Record<string, string> } })
    .spec?.parameters ?? {};

/** Who reads: the identity with that client id, that of the service account, or the add-on's. */
const reader = (
  world: World,
  parameters: Readonly<Record<string, string>>,
  workload: Workload | undefined,
): string | undefined => {
  const cluster = onlyCluster(world);
  if (cluster === undefined) return undefined;
  const { identities } = world.platform;
  if (parameters["useVMManagedIdentity"] === "true") {
    const id = parameters["userAssignedIdentityID"];
    if (id === undefined || id === "") return undefined;
    return identityOfClientId(identities, id)?.address;
  }
  const named = identityOfClientId(identities, parameters["clientID"])?.address;
  if (named !== undefined) return named;
  const account = identityAccounts(world).find(
    ({ namespace, name }) => namespace === workload?.namespace && name === workload?.spec.serviceAccountName,
  );
  const credential = credentialsOf(world, cluster).find(({ subject }) => known(subject) === account?.subject);
  return resolve(identities, credential?.identity)?.address ?? credential?.identity.address;
};

const hasPolicy = (world: World, vault: KeyVault, principal: string): boolean =>
  vault.accessPolicies.some((policy) => {
    const holder = principalNode(world.platform, policy.objectId);
    return (
      (holder === undefined || holder === principal) &&
      policy.secretPermissions.some((permission) => /^(get|all)$/i.test(permission))
    );
  });

export const vaultUnreachable: Rule = {
  code: "AKS5018",
  title: "The Key Vault cannot be reached from the nodes",
  severity: "error",
  perCluster: true,
  explain: `With public_network_access_enabled = false, or network_acls that deny by default and do not name the node subnet, a vault answers only through a private endpoint.
What happens: the pod stays in ContainerCreating, FailedMount, 403 Forbidden "Public network access is disabled" or "client address is not authorized".
Mend: a private endpoint (subresource vault) with a DNS zone group, or the node subnet in network_acls with service endpoint Microsoft.KeyVault.
Source: "Use the Azure Key Vault provider for Secrets Store CSI Driver in AKS"; "Integrate Key Vault with Azure Private Link".`,
  *check(world) {
    const seen = new Set<KeyVault>();
    for (const { vault, provider } of vaultUses(world)) {
      if (seen.has(vault) || vault.isData || vaultCloses(world, vault) === undefined) continue;
      seen.add(vault);
      const endpoints = world.platform.privateEndpoints;
      if (endpoints.some((endpoint) => resolve([vault], endpoint.target) === vault)) continue;
      if (endpoints.some((endpoint) => endpoint.target.address === undefined && isUnknown(endpoint.target.id)))
        continue;
      if (vaultCloses(world, vault) === "firewall") {
        const named = valueAt(instanceAt(world, vault.address)?.values, ["network_acls", 0, "ip_rules", 0]);
        yield violation(vaultUnreachable, {
          subject: vault.address,
          range: vault.rangeAt("network_acls"),
          // An address that is written may be the one that a cluster from before leaves by.
          severity: named === undefined ? "error" : "warning",
          detail: `network_acls of Key Vault "${nameOf(vault)}" deny what they do not name, and neither the node subnets nor an address that the nodes leave by are among it, but ${addressOf(provider.object)} reads the vault: the pods stay in ContainerCreating with 403 Forbidden. Add the node subnet (with service endpoint Microsoft.KeyVault) to virtual_network_subnet_ids, or a private endpoint.`,
          evidence: { keyVault: nameOf(vault) },
          related: relatedTo(["the reader", provider.range]),
        });
        continue;
      }
      yield violation(vaultUnreachable, {
        subject: vault.address,
        range: vault.rangeAt("public_network_access_enabled"),
        detail: `Key Vault "${nameOf(vault)}" takes no public access and has no private endpoint, but ${addressOf(provider.object)} reads it: the pods stay in ContainerCreating with 403 Forbidden. Add a private endpoint with a private DNS zone group.`,
        evidence: { keyVault: nameOf(vault) },
        related: relatedTo(["the reader", provider.range]),
      });
    }
  },
};

/** What keeps the nodes out: no public access at all, or a firewall that names neither their subnets nor their way out. */
const vaultCloses = (world: World, vault: KeyVault): "public" | "firewall" | undefined => {
  if (known(vault.publicNetworkAccess) === false) return "public";
  if (lower(vault.networkDefaultAction) !== "deny") return undefined;
  const cluster = onlyCluster(world);
  if (cluster === undefined) return undefined;
  const subnets = subnetsOf(world, cluster);
  const listed = valueAt(instanceAt(world, vault.address)?.values, ["network_acls", 0, "virtual_network_subnet_ids"]);
  if (listed?.kind === "unknown") return undefined;
  const letIn = vault.allowedSubnets.map((reference) => resolve(world.platform.subnets, reference));
  if (letIn.some((subnet) => subnet === undefined || subnets.includes(subnet))) return undefined;
  // The outbound address that AKS makes is not known before the cluster is there, so no rule written now can name it.
  const rules = valueAt(instanceAt(world, vault.address)?.values, ["network_acls", 0, "ip_rules"]);
  if (rules === undefined || rules.kind === "null") return "firewall";
  if (!("items" in rules)) return undefined;
  const isOwnExit = knownOr(cluster.network.outboundType, "loadBalancer") !== "loadBalancer" || cluster.isData;
  if (rules.items.length > 0 && (isOwnExit || hasOutboundAddresses(world, cluster))) return undefined;
  return rules.items.every((item) => item.kind === "string") ? "firewall" : undefined;
};

const hasOutboundAddresses = (world: World, cluster: AksCluster): boolean => {
  const profile = valueAt(instanceAt(world, cluster.address)?.values, [
    "network_profile",
    0,
    "load_balancer_profile",
    0,
  ]);
  return ["outbound_ip_address_ids", "outbound_ip_prefix_ids"].some((name) => {
    const value = valueAt(profile, [name]);
    return value !== undefined && (!("items" in value) ? value.kind === "unknown" : value.items.length > 0);
  });
};

export const adminConfigEmpty: Rule = {
  code: "AKS5013",
  title: "Local accounts are disabled, but their credentials are used",
  severity: "error",
  explain: `With local_account_disabled = true there is no admin credential: kube_admin_config is empty, and so is the client certificate in kube_config. Entra ID must be switched
on.
What happens: the kubernetes and helm providers end with Unauthorized; without Entra ID the cluster is refused.
Mend: azure_active_directory_role_based_access_control, and an exec block with kubelogin in the providers.
Source: "Manage local accounts with AKS-managed Microsoft Entra integration".`,
  *check(world) {
    for (const cluster of world.platform.clusters) {
      if (cluster.isData || known(cluster.localAccountDisabled) !== true) continue;
      if (cluster.entra === undefined) {
        yield violation(adminConfigEmpty, {
          subject: cluster.address,
          range: cluster.rangeAt("local_account_disabled"),
          summary: "Local accounts are disabled without Entra ID",
          detail: `Cluster "${nameOf(cluster)}" has local_account_disabled = true but no azure_active_directory_role_based_access_control block: nobody could sign in, and Azure refuses it. Add the block.`,
        });
      }
      for (const instance of world.instances) {
        if (
          instance.address === cluster.address ||
          !takesAttribute(instance.values, cluster.address, "kube_admin_config")
        )
          continue;
        const use = instance.references.find(({ to }) => to === cluster.address);
        yield violation(adminConfigEmpty, {
          subject: instance.address,
          range: use?.range ?? instance.range,
          detail: `${instance.address} uses kube_admin_config of cluster "${nameOf(cluster)}", which is empty because local_account_disabled = true. Use kube_config with kubelogin.`,
          related: relatedTo(["local_account_disabled", cluster.rangeAt("local_account_disabled")]),
        });
      }
      yield* providersOf(world, cluster);
    }
  },
};

/** Provider blocks that sign in with what is empty, each once. */
function* providersOf(world: World, cluster: AksCluster) {
  const said = new Set<string>();
  for (const { provider, providerUses = [] } of world.instances) {
    const use = providerUses.find(({ to, path }) => to === cluster.address && isEmptyCredential(path));
    if (use === undefined || said.has(provider)) continue;
    said.add(provider);
    const name = provider.slice(provider.lastIndexOf("/") + 1);
    yield violation(adminConfigEmpty, {
      subject: cluster.address,
      range: use.range,
      detail: `Provider "${name}" signs in with ${use.path.filter((step) => typeof step === "string").join(".")} of cluster "${nameOf(cluster)}", which is empty because local_account_disabled = true: its resources end with Unauthorized. Use host and cluster_ca_certificate of kube_config, and an exec block with kubelogin.`,
      related: relatedTo(["local_account_disabled", cluster.rangeAt("local_account_disabled")]),
    });
  }
}

const isEmptyCredential = (path: readonly (string | number)[]): boolean =>
  /^kube_admin_config(_raw)?$/.test(String(path[0])) ||
  (path[0] === "kube_config" && /^(client_certificate|client_key|password)$/.test(String(path.at(-1))));
