import type { KeyVault } from "../../azure/platform.ts";
import { mayAct } from "../../graph/permissions.ts";
import { principalNode } from "../../graph/principals.ts";
import { allResources, resolve } from "../../graph/resolve.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { lower, managedClusters, nameOf, onlyCluster } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

const writeGateway = "Microsoft.Network/applicationGateways/write";
const getSecret = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

export const gatewayRights: Rule = {
  code: "AKS5041",
  title: "The ingress add-on may not write to its Application Gateway",
  severity: "error",
  perCluster: true,
  explain: `The Application Gateway Ingress Controller add-on writes listeners and rules into the gateway as an identity of its own, ingressapplicationgateway-<cluster>. For a gateway that the
add-on does not make itself nobody gives it a role: it needs Contributor on the gateway, Reader on its resource group, and Network Contributor on the gateway's subnet.
What happens: the controller's pod restarts with 403 AuthorizationFailed, Ingresses get no address, and the gateway serves nothing.
Mend: azurerm_role_assignment for azurerm_kubernetes_cluster.….ingress_application_gateway[0].ingress_application_gateway_identity[0].object_id.
Source: "Enable the Application Gateway Ingress Controller add-on for an existing AKS cluster with an existing application gateway".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const gateway = resolve(allResources(world.platform), cluster.addons.applicationGateway?.gateway);
      if (gateway === undefined) continue;
      const identity = `${cluster.address}#ingress_application_gateway`;
      if (mayAct(world.platform, identity, gateway, writeGateway).may !== "no") continue;
      const ingress = world.objects.find(({ object }) => object.kind === "Ingress");
      yield violation(gatewayRights, {
        subject: cluster.address,
        range: cluster.rangeAt("ingress_application_gateway"),
        // The role may be given where the gateway is made.
        severity: gateway.isData ? "warning" : "error",
        detail: `The ingress add-on of cluster "${nameOf(cluster)}" (${identity}) has no role on Application Gateway "${nameOf(gateway)}": it ends with 403 AuthorizationFailed, and ${ingress === undefined ? "Ingresses get" : `${addressOf(ingress.object)} gets`} no address. Assign Contributor on the gateway, Reader on its resource group and Network Contributor on its subnet.`,
        related: relatedTo(["the gateway", gateway.range], ["an Ingress", ingress?.range]),
      });
    }
  },
};

export const certificateRights: Rule = {
  code: "AKS5042",
  title: "The application routing add-on may not read the certificate",
  severity: "error",
  perCluster: true,
  explain: `For an Ingress with kubernetes.azure.com/tls-cert-keyvault-uri the add-on reads the certificate from the vault as its own identity (web_app_routing_identity). It needs Key Vault Certificate User
or, in access policy mode, "Get" for secrets and certificates. "az aks approuting update --attach-kv" gives it; Terraform does not.
What happens: the Ingress is served with the controller's own certificate, which no browser trusts, and the keyvault-<ingress> pod stays in ContainerCreating with 403 Forbidden.
Mend: azurerm_role_assignment "Key Vault Certificate User" on the vault for azurerm_kubernetes_cluster.….web_app_routing[0].web_app_routing_identity[0].object_id.
Source: "Set up a custom domain name and SSL certificate with the application routing add-on".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || cluster.isData || cluster.addons.webAppRouting === undefined) return;
    const identity = `${cluster.address}#web_app_routing`;
    const said = new Set<KeyVault>();
    for (const source of world.objects) {
      const vault = vaultOf(world, source);
      if (vault === undefined || vault.isData || said.has(vault) || isUnknown(vault.rbacAuthorization)) continue;
      said.add(vault);
      const byRole = known(vault.rbacAuthorization) === true;
      if (
        byRole
          ? mayAct(world.platform, identity, vault, getSecret, "data").may !== "no"
          : hasPolicy(world, vault, identity)
      )
        continue;
      yield violation(certificateRights, {
        subject: addressOf(source.object),
        range: source.rangeAt(["metadata", "annotations", certificate]),
        detail: `${addressOf(source.object)} takes its certificate from Key Vault "${nameOf(vault)}", which the application routing add-on reads as ${identity}; that has ${byRole ? "no Key Vault Certificate User on it" : 'no access policy with "Get" in it'}: the certificate never comes (403 Forbidden). ${byRole ? "Assign the role on the vault." : "Add azurerm_key_vault_access_policy, or set rbac_authorization_enabled = true."}`,
        evidence: { keyVault: nameOf(vault), identity },
        related: relatedTo(["the vault", vault.range]),
      });
    }
  },
};

const certificate = "kubernetes.azure.com/tls-cert-keyvault-uri";

const vaultOf = (world: World, { object }: SourcedObject): KeyVault | undefined => {
  if (object.kind !== "Ingress") return undefined;
  const name = /^https:\/\/([\w-]+)\.vault\./i.exec(object.metadata.annotations?.[certificate] ?? "")?.[1];
  return name === undefined
    ? undefined
    : world.platform.keyVaults.find((vault) => lower(vault.name) === name.toLowerCase());
};

const hasPolicy = (world: World, vault: KeyVault, principal: string): boolean =>
  vault.accessPolicies.some((policy) => {
    const holder = principalNode(world.platform, policy.objectId);
    return (
      (holder === undefined || holder === principal) &&
      [...policy.secretPermissions, ...policy.certificatePermissions].some((permission) =>
        /^(get|all)$/i.test(permission),
      )
    );
  });
