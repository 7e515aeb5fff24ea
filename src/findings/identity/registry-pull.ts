import type { AksCluster, ContainerRegistry } from "../../azure/platform.ts";
import { effectiveRoles } from "../../graph/effective-roles.ts";
import { parseImage } from "../../graph/images.ts";
import { mayAct } from "../../graph/permissions.ts";
import { containersOf, type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import { identityNode } from "../../graph/principals.ts";
import { registryOfHost } from "../../graph/registries.ts";
import { resolve } from "../../graph/resolve.ts";
import type { SourceRange } from "../../model/source-range.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { managedClusters, nameOf, networksOf, onlyCluster } from "../cluster-facts.ts";
import { hasOpenLink } from "../load-balancing/zone-links.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

const pull = "Microsoft.ContainerRegistry/registries/pull/read";
const repositoryRead = "Microsoft.ContainerRegistry/registries/repositories/content/read";

export const acrPullMissing: Rule = {
  code: "AKS5001",
  title: "The nodes may not pull from the registry",
  severity: "error",
  perCluster: true,
  explain: `Images are pulled by the kubelet's identity, not by the control plane's. It needs AcrPull on the registry (or on its resource group). Giving the role to
identity[0].principal_id instead of kubelet_identity[0].object_id is the commonest mistake. A cluster that is made anew has a new kubelet identity.
What happens: ErrImagePull, "failed to authorize … 401 Unauthorized", then ImagePullBackOff.
Mend: azurerm_role_assignment with role_definition_name "AcrPull", principal_id azurerm_kubernetes_cluster.….kubelet_identity[0].object_id.
Source: "Authenticate with Azure Container Registry from AKS"; support article "Can't pull image from ACR".`,
  *check(world) {
    for (const { cluster, registry, users } of pulls(world)) {
      if (isAbac(registry) || known(registry.anonymousPull) === true) continue;
      const kubelet = identityNode(world.platform, cluster, "kubelet_identity");
      if (mayAct(world.platform, kubelet, registry, pull).may !== "no") continue;
      const controlPlane = identityNode(world.platform, cluster, "identity");
      // A role on the network, say, is the control plane's by right.
      const misplaced = effectiveRoles(world.platform)
        .on(registry)
        .find(
          ({ principal, role }) =>
            (principal === `${cluster.address}#identity` || principal === controlPlane) &&
            /acr|registry/i.test(role ?? ""),
        );
      const [first] = users;
      // Without a user in the manifests only a role that went to the wrong identity says that pulling was meant.
      if (first === undefined && misplaced?.assignment === undefined) continue;
      const what = first === undefined ? "" : `, from which ${usersText(users)} pull${users.length === 1 ? "s" : ""}`;
      yield violation(acrPullMissing, {
        subject: first?.workload.address ?? registry.address,
        range: misplaced?.assignment?.rangeAt("principal_id") ?? first?.range ?? registry.range,
        severity: registry.isData && misplaced === undefined ? "warning" : "error",
        detail: `The kubelet identity of cluster "${nameOf(cluster)}" has no AcrPull on registry "${nameOf(registry)}"${what}${
          misplaced?.assignment === undefined
            ? ""
            : `; ${misplaced.role} is given to the control plane's identity instead (${misplaced.assignment.address})`
        }: pulls end with 401 Unauthorized. Assign AcrPull to kubelet_identity[0].object_id.`,
        evidence: { registry: nameOf(registry), workloads: users.length },
        related: relatedTo(
          ["the registry", registry.range],
          ["the role that went astray", misplaced?.assignment?.range],
        ),
      });
    }
  },
};

export const acrAbacMode: Rule = {
  code: "AKS5002",
  title: "The registry's ABAC mode does not look at AcrPull",
  severity: "error",
  perCluster: true,
  explain: `A registry in the mode "RBAC Registry + ABAC Repository Permissions" ignores AcrPull; it wants Container Registry Repository Reader.
What happens: pulls end with 401 Unauthorized although AcrPull is there.
Mend: assign "Container Registry Repository Reader" to the kubelet's identity.
Source: "Permissions that AKS needs for other Azure services"; "ACR Entra permissions and roles".`,
  *check(world) {
    for (const { cluster, registry, users } of pulls(world)) {
      if (!isAbac(registry)) continue;
      const kubelet = identityNode(world.platform, cluster, "kubelet_identity");
      if (mayAct(world.platform, kubelet, registry, repositoryRead, "data").may !== "no") continue;
      const [first] = users;
      yield violation(acrAbacMode, {
        subject: first?.workload.address ?? registry.address,
        range: registry.rangeAt("role_assignment_mode") ?? registry.range,
        detail: `Registry "${nameOf(registry)}" is in ABAC mode, which ignores AcrPull, and the kubelet identity of cluster "${nameOf(cluster)}" has no Container Registry Repository Reader: pulls end with 401 Unauthorized. Assign that role.`,
        evidence: { registry: nameOf(registry) },
      });
    }
  },
};

export const acrUnreachable: Rule = {
  code: "AKS5003",
  title: "The registry cannot be reached from the nodes",
  severity: "error",
  perCluster: true,
  explain: `With public_network_access_enabled = false a registry answers only through a private endpoint, and its name must resolve to that: private DNS zone
privatelink.azurecr.io, linked to the cluster's network.
What happens: pulls end with 403 or time out.
Mend: azurerm_private_endpoint (subresource registry) with a private_dns_zone_group, and a virtual network link of the zone.
Source: "Connect privately to an Azure container registry using Azure Private Link".`,
  *check(world) {
    for (const { cluster, registry, users } of pulls(world)) {
      const [first] = users;
      if (first === undefined || registry.isData || known(registry.publicNetworkAccess) !== false) continue;
      const problem = privateLinkProblem(world, cluster, registry);
      if (problem === undefined) continue;
      yield violation(acrUnreachable, {
        subject: registry.address,
        range: registry.rangeAt("public_network_access_enabled"),
        severity: problem.sure ? "error" : "warning",
        detail: `Registry "${nameOf(registry)}" takes no public access and ${problem.text}: the nodes of cluster "${nameOf(cluster)}" cannot pull the images of ${usersText(users)}. ${problem.mend}`,
        evidence: { registry: nameOf(registry), workloads: users.length },
      });
    }
  },
};

interface Use {
  readonly workload: Workload;
  readonly range: SourceRange;
}

interface Pull {
  readonly cluster: AksCluster;
  readonly registry: ContainerRegistry;
  /** Workloads that pull with the kubelet's identity. */
  readonly users: readonly Use[];
}

const pulls = (world: World): readonly Pull[] => {
  const only = onlyCluster(world);
  const uses = only === undefined ? new Map<ContainerRegistry, Use[]>() : usesOf(world);
  return managedClusters(world).flatMap((cluster) =>
    known(cluster.identity.servicePrincipalId) !== undefined || isUnknown(cluster.identity.servicePrincipalId)
      ? []
      : world.platform.registries.map((registry) => ({ cluster, registry, users: uses.get(registry) ?? [] })),
  );
};

const usesOf = (world: World): Map<ContainerRegistry, Use[]> => {
  const uses = new Map<ContainerRegistry, Use[]>();
  const accountsWithSecrets = new Set(
    world.objects.flatMap(({ object }) =>
      object.kind === "ServiceAccount" && "imagePullSecrets" in object
        ? [`${object.metadata.namespace ?? "default"}/${object.metadata.name}`]
        : [],
    ),
  );
  for (const workload of workloadsOf(world.objects)) {
    const account = `${workload.namespace}/${workload.spec.serviceAccountName ?? "default"}`;
    if ((workload.spec.imagePullSecrets ?? []).length > 0 || accountsWithSecrets.has(account)) continue;
    for (const { container, path } of containersOf(workload.spec)) {
      const registry =
        container.image === undefined
          ? undefined
          : registryOfHost(world.platform, parseImage(container.image).registry);
      if (registry === undefined) continue;
      const list = uses.get(registry) ?? [];
      if (list.at(-1)?.workload !== workload) list.push({ workload, range: workload.rangeAt([...path, "image"]) });
      uses.set(registry, list);
    }
  }
  return uses;
};

const usersText = (users: readonly Use[]): string => {
  const [first, ...rest] = users;
  if (first === undefined) return "no workload";
  return rest.length === 0 ? first.workload.address : `${first.workload.address} and ${rest.length} more`;
};

/** Repository roles count in such a registry, and AcrPull does not. */
export const isAbac = (registry: ContainerRegistry): boolean =>
  known(registry.roleAssignmentMode)?.toLowerCase().includes("abac") === true;

interface Problem {
  readonly text: string;
  readonly mend: string;
  readonly sure: boolean;
}

const privateLinkProblem = (world: World, cluster: AksCluster, registry: ContainerRegistry): Problem | undefined => {
  const { privateEndpoints, privateDnsZones, virtualNetworks } = world.platform;
  const endpoints = privateEndpoints.filter((endpoint) => resolve([registry], endpoint.target) === registry);
  if (endpoints.length === 0) {
    if (privateEndpoints.some((endpoint) => endpoint.target.address === undefined && isUnknown(endpoint.target.id))) {
      return undefined;
    }
    return {
      text: "has no private endpoint",
      mend: "Add a private endpoint with a private DNS zone group.",
      sure: true,
    };
  }
  const zones = endpoints.flatMap((endpoint) => endpoint.dnsZones);
  if (zones.length === 0) return undefined;
  const networks = networksOf(world, cluster);
  const own = zones.flatMap((zone) => resolve(privateDnsZones, zone) ?? []);
  if (own.length < zones.length || own.some((zone) => zone.isData) || networks.length === 0) return undefined;
  if (virtualNetworks.some((network) => network.dnsServers.length > 0) || hasOpenLink(world)) return undefined;
  const linked = own.flatMap((zone) => zone.linkedNetworks.map((network) => resolve(virtualNetworks, network)));
  if (linked.some((network) => network === undefined || networks.includes(network))) return undefined;
  return {
    text: `private DNS zone "${nameOf(own[0] ?? registry)}" is not linked to the cluster's network "${networks[0] === undefined ? "" : nameOf(networks[0])}"`,
    mend: "Add azurerm_private_dns_zone_virtual_network_link.",
    sure: true,
  };
};
