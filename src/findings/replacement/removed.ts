import type { ResourceInstance } from "../../evaluate/resource-instance.ts";
import { containersOf, workloadsOf } from "../../graph/pod-templates.ts";
import { applyDefaults } from "../../kubernetes/defaults.ts";
import { objectAt, textsAt } from "../../kubernetes/fields.ts";
import { groupOf } from "../../kubernetes/kinds.ts";
import { addressOf, type KubeObject, type SourcedObject } from "../../kubernetes/object.ts";
import { quantityValue } from "../../kubernetes/quantity.ts";
import { schemaOf } from "../../kubernetes/schema.ts";
import type { PersistentVolumeClaim } from "../../kubernetes/storage.ts";
import { validateUpdate } from "../../kubernetes/validation/updates.ts";
import type { Deployment, StatefulSet } from "../../kubernetes/workloads.ts";
import type { JsonObject } from "../../model/json.ts";
import { known } from "../../model/unknown.ts";
import { lower, managedClusters, nameOf, quotedList } from "../cluster-facts.ts";
import { instanceAt, takesAttribute, textAt } from "../instance-values.ts";
import { loadBalancersOf, publicIpOf } from "../load-balancing/services.ts";
import { nodeGroup } from "../load-balancing/static-ip.ts";
import type { Rule, World } from "../rule.ts";
import { storageOf } from "../storage/claims.ts";
import { relatedTo, violation } from "../violation.ts";

export const volumeShrinks: Rule = {
  code: "AKS4009",
  title: "The claim cannot be changed like that",
  severity: "error",
  perCluster: true,
  explain: `A PersistentVolumeClaim can only grow, and only where its class has allowVolumeExpansion; class, access modes and volume name never change.
What happens: the API server refuses the object: "field can not be less than previous value" or "spec is immutable after creation".
Mend: take the change back, or make a second claim and copy the data.
Source: Kubernetes, "Persistent Volumes", expanding claims; "Create a persistent volume with Azure Disks in AKS".`,
  *check(world) {
    if (world.base === undefined) return;
    const earlier = objectsByAddress(world.base.objects);
    const { classes } = storageOf(world);
    for (const source of world.objects) {
      const old = earlier.get(addressOf(source.object));
      if (source.object.kind !== "PersistentVolumeClaim" || old === undefined) continue;
      const [was, now] = [(old.object as PersistentVolumeClaim).spec, (source.object as PersistentVolumeClaim).spec];
      const [before, after] = [was?.resources?.requests?.["storage"], now?.resources?.requests?.["storage"]];
      const [small, large] = [quantityValue(before ?? 0) ?? 0, quantityValue(after ?? 0) ?? 0];
      const className = now?.storageClassName ?? was?.storageClassName;
      const expandable = className === undefined || classes.get(className)?.expandable !== false;
      const problem =
        large < small
          ? (["resources", `shrinks from ${before} to ${after}, which is refused`] as const)
          : large > small && !expandable
            ? ([
                "resources",
                `grows from ${before} to ${after}, but StorageClass "${className}" does not allow expansion`,
              ] as const)
            : was?.storageClassName !== undefined &&
                now?.storageClassName !== undefined &&
                was.storageClassName !== now.storageClassName
              ? ([
                  "storageClassName",
                  `changes its class from "${was.storageClassName}" to "${now.storageClassName}", which is refused`,
                ] as const)
              : JSON.stringify(was?.accessModes) !== JSON.stringify(now?.accessModes)
                ? ([
                    "accessModes",
                    `changes its access modes from ${(was?.accessModes ?? []).join(", ")} to ${(now?.accessModes ?? []).join(", ")}, which is refused`,
                  ] as const)
                : undefined;
      if (problem === undefined) continue;
      yield violation(volumeShrinks, {
        subject: addressOf(source.object),
        range: source.rangeAt(["spec", problem[0]]),
        detail: `${addressOf(source.object)} ${problem[1]}. Take the change back, or make a second claim and copy the data.`,
      });
    }
  },
};

export const dataDeleted: Rule = {
  code: "AKS4010",
  title: "The change deletes volumes with their data",
  severity: "warning",
  explain: `AKS's own classes have reclaimPolicy Delete: when a claim goes, by itself or with its namespace, the disk or share goes with it. Claims of a StatefulSet's template stay when
it is deleted, unless its persistentVolumeClaimRetentionPolicy says otherwise.
What happens: the data is gone.
Mend: back up first, or set persistentVolumeReclaimPolicy Retain on the volumes.
Source: "Storage options for applications in AKS".`,
  *check(world) {
    if (world.base === undefined) return;
    const now = objectsByAddress(world.objects);
    for (const old of world.base.objects) {
      const { object } = old;
      if (object.kind !== "PersistentVolumeClaim" || now.has(addressOf(object))) continue;
      const claim = storageOf(world.base).claims.find(({ address }) => address === addressOf(object));
      const policy = (claim?.class?.source?.object as { readonly reclaimPolicy?: string } | undefined)?.reclaimPolicy;
      if (policy === "Retain") continue;
      yield violation(dataDeleted, {
        subject: addressOf(object),
        range: undefined,
        detail: `${addressOf(object)} is no longer in the manifests: where deletions are carried out (kubectl apply --prune, Argo CD, Flux), its ${claim?.class?.provisioner === "file.csi.azure.com" ? "share" : "disk"} of class "${claim?.class?.name ?? "default"}" is deleted with its data. Back it up first, or set the volume's reclaim policy to Retain.`,
        related: relatedTo(["where it was", old.range]),
      });
    }
  },
};

export const immutableField: Rule = {
  code: "AKS8011",
  title: "The change touches a field that cannot be changed",
  severity: "error",
  perCluster: true,
  explain: `The selector of a Deployment, StatefulSet or DaemonSet, and serviceName and volumeClaimTemplates of a StatefulSet, are fixed when the object is made.
What happens: the API server refuses the object: "field is immutable" or "updates to statefulset spec for fields other than … are forbidden".
Mend: delete and make the object anew (for a StatefulSet with --cascade=orphan), or give it another name.
Source: Kubernetes, apps/v1 validation.`,
  *check(world) {
    if (world.base === undefined) return;
    const earlier = objectsByAddress(world.base.objects);
    for (const source of world.objects) {
      const old = earlier.get(addressOf(source.object));
      if (old === undefined) continue;
      for (const field of immutableFields(source.object.kind)) {
        const [was, now] = [fieldOf(old.object, field), fieldOf(source.object, field)];
        if (was === undefined || now === undefined || canonical(was) === canonical(now)) continue;
        yield violation(immutableField, {
          subject: addressOf(source.object),
          range: source.rangeAt(["spec", field]),
          detail: `${addressOf(source.object)} changes spec.${field}, which the API server refuses on an existing ${source.object.kind}. Delete and make it anew${source.object.kind === "StatefulSet" ? " with --cascade=orphan" : ""}, or give it another name.`,
          related: relatedTo(["before", old.rangeAt(["spec", field])]),
        });
      }
      yield* refusedUpdate(source, old);
    }
  },
};

/** Kinds whose updates the API server's own rules judge here; workloads and claims are told above and by AKS4009. */
const judgedKinds: ReadonlySet<string> = new Set([
  "ClusterRoleBinding",
  "ConfigMap",
  "CSIDriver",
  "Ingress",
  "Job",
  "PersistentVolume",
  "PriorityClass",
  "RoleBinding",
  "RuntimeClass",
  "Secret",
  "Service",
  "StorageClass",
]);

function* refusedUpdate(source: SourcedObject, old: SourcedObject) {
  const { object } = source;
  if (!judgedKinds.has(object.kind) || source.partial === true || old.partial === true) return;
  // The kubernetes provider makes such an object anew by itself, and so do Helm's and Argo CD's hooks.
  if (/\.tf(\.json)?$/.test(source.range.file) || isMadeAnew(object)) return;
  const [now, was] = [object, old.object].map((each) => applyDefaults(each) as unknown as JsonObject);
  if (now === undefined || was === undefined || schemaOf(object.apiVersion, object.kind) === undefined) return;
  const key = `${groupOf(object.apiVersion)}/${object.kind}`;
  const [first] = validateUpdate(key, withAllocated(now, was), was);
  if (first === undefined) return;
  yield violation(immutableField, {
    subject: addressOf(object),
    range: source.rangeAt(first.field.split(".").map((step) => step.replace(/\[.*$/, ""))),
    detail: `${addressOf(object)} changes ${first.field}, which the API server refuses on an existing ${object.kind}: "${first.message.slice(0, 200)}". Delete and make it anew, or give it another name.`,
    related: relatedTo(["before", old.range]),
  });
}

const isMadeAnew = (object: KubeObject): boolean =>
  Object.entries(textsAt(object as unknown as JsonObject, "metadata", "annotations")).some(
    ([name, value]) =>
      /^helm\.sh\/hook|^argocd\.argoproj\.io\/(hook|sync-options)/.test(name) || /Replace=true|Force=true/.test(value),
  ) || objectAt(object as unknown as JsonObject, "spec")["ttlSecondsAfterFinished"] !== undefined;

/** What the API server keeps where the new text leaves it out: the address of a Service. */
const withAllocated = (now: JsonObject, was: JsonObject): JsonObject => {
  if (now["kind"] !== "Service") return now;
  const [spec, before] = [objectAt(now, "spec"), objectAt(was, "spec")];
  const kept = Object.fromEntries(
    ["clusterIP", "clusterIPs"].flatMap((field) =>
      spec[field] === undefined && before[field] !== undefined ? [[field, before[field]] as const] : [],
    ),
  );
  return { ...now, spec: { ...spec, ...kept } };
};

const immutableFields = (kind: string): readonly string[] =>
  kind === "Deployment" || kind === "DaemonSet"
    ? ["selector"]
    : kind === "StatefulSet"
      ? ["selector", "serviceName", "volumeClaimTemplates", "podManagementPolicy"]
      : [];

const fieldOf = (object: KubeObject, field: string): unknown => {
  const { spec } = object as Deployment | StatefulSet;
  return (spec as Readonly<Record<string, unknown>> | undefined)?.[field];
};

/** JSON with sorted keys, so that the order in which a map was written does not count. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

export const versionStep: Rule = {
  code: "AKS8008",
  title: "The Kubernetes version cannot take that step",
  severity: "error",
  explain: `A control plane is upgraded one minor version at a time and never downgraded.
What happens: the apply ends with OperationNotAllowed, "Upgrading Kubernetes version … to … is not allowed".
Mend: one minor version after the other, the node pools in between.
Source: "Supported Kubernetes versions in AKS"; "Upgrade an AKS cluster".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const before = previousVersion(world, cluster.address);
      const after = known(cluster.kubernetesVersion);
      const [was, now] = [minorOf(before), minorOf(after)];
      if (was === undefined || now === undefined || (now - was <= 1 && now >= was)) continue;
      yield violation(versionStep, {
        subject: cluster.address,
        range: cluster.rangeAt("kubernetes_version"),
        detail: `kubernetes_version goes from ${before} to ${after}: ${now < was ? "a cluster cannot be downgraded" : `${now - was} minor versions at once are refused; the next step is 1.${was + 1}`}.`,
        evidence: { from: before ?? "", to: after ?? "" },
      });
    }
  },
};

const previousVersion = (world: World, address: string): string | undefined => {
  const instance = instanceAt(world, address);
  const prior = instance?.before?.fields.get("kubernetes_version");
  if (prior?.kind === "string") return prior.value;
  const old = world.base === undefined ? undefined : instanceAt(world.base, address);
  return old === undefined ? undefined : textAt(old, ["kubernetes_version"]);
};

const minorOf = (version: string | undefined): number | undefined => {
  const minor = /^v?1\.(\d+)/.exec(version ?? "")?.[1];
  return minor === undefined ? undefined : Number(minor);
};

export const insideNodeGroup: Rule = {
  code: "AKS8006",
  title: "Terraform changes what AKS manages itself",
  severity: "warning",
  explain: `The node resource group (MC_…) belongs to AKS. Load balancer rules, security rules, routes and scale sets that others change there are set back at the next reconciliation, and
support ends. Public IPs that you put there go with the cluster.
What happens: the change disappears, or each plan shows it again.
Mend: settings of the cluster, annotations of Services, or resources in a group of your own.
Source: "Frequently asked questions about AKS", node resource group.`,
  *check(world) {
    const clusters = managedClusters(world);
    for (const instance of world.instances) {
      if (instance.mode !== "managed" || !reconciled.has(instance.type)) continue;
      const name = textAt(instance, ["resource_group_name"]);
      const cluster = clusters.find(
        (candidate) =>
          (name !== undefined && nodeGroup(candidate)?.toLowerCase() === name.toLowerCase()) ||
          takesAttribute(instance.values, candidate.address, "node_resource_group"),
      );
      if (cluster === undefined) continue;
      yield violation(insideNodeGroup, {
        subject: instance.address,
        range: instance.rangeAt(["resource_group_name"]) ?? instance.range,
        detail: `${instance.address} lies in the node resource group of cluster "${nameOf(cluster)}", where AKS sets load balancers, security rules and routes back. Use the cluster's own settings or a resource group of yours.`,
        related: relatedTo(["the cluster", cluster.range]),
      });
    }
  },
};

const reconciled: ReadonlySet<string> = new Set([
  "azurerm_lb_rule",
  "azurerm_lb_probe",
  "azurerm_lb_backend_address_pool",
  "azurerm_lb_outbound_rule",
  "azurerm_lb_nat_rule",
  "azurerm_network_security_rule",
  "azurerm_route",
  "azurerm_virtual_machine_scale_set_extension",
]);

export const stillUsed: Rule = {
  code: "AKS8005",
  title: "The change removes what is still in use",
  severity: "error",
  explain: `What a Service, a subnet or an add-on still uses cannot be deleted, or takes the user down with it.
What happens: the apply ends with PublicIPAddressCannotBeDeleted, InUseRouteTableCannotBeDeleted or NetworkSecurityGroupInUse; or an add-on points to a workspace that is gone, and
every later upgrade or scale fails.
Mend: take the use away first, in an apply of its own.
Source: support articles of these errors; "AKS upgrade or scale fails because of a missing Log Analytics workspace".`,
  *check(world) {
    if (world.base === undefined) return;
    for (const view of loadBalancersOf(world)) {
      const old = publicIpOf({ ...world.base }, view);
      if (old === undefined || old.isData || isThere(world, old.address)) continue;
      if (publicIpOf(world, view) !== undefined) continue;
      yield violation(stillUsed, {
        subject: old.address,
        range: view.source.range,
        detail: `Public IP "${nameOf(old)}" (${old.address}) is removed, but ${view.address} still asks for it: the deletion fails, or the Service stays pending. Change the Service first.`,
        related: relatedTo(["where it was", old.range]),
      });
    }
    for (const old of world.base.platform.registries) {
      const host = `${lower(old.name)}.azurecr.io`;
      const user = workloadsOf(world.objects).find(({ spec }) =>
        containersOf(spec).some(({ container }) => container.image?.toLowerCase().startsWith(`${host}/`)),
      );
      const isKept = world.platform.registries.some(({ name }) => lower(name) === lower(old.name));
      if (old.isData || known(old.name) === undefined || isKept || user === undefined) continue;
      yield violation(stillUsed, {
        subject: old.address,
        range: user.source.range,
        detail: `Registry "${nameOf(old)}" is removed, but ${user.address} still pulls from it: its images are deleted with it, and new pods end in ImagePullBackOff. Move the images first, or take it out of the state alone (removed block).`,
        related: relatedTo(["where it was", old.range]),
      });
    }
    for (const cluster of managedClusters(world)) {
      const workspace = cluster.addons.omsAgent;
      const id = known(workspace?.id);
      const old = world.base.platform.logWorkspaces.find(
        (candidate) =>
          candidate.address === workspace?.address ||
          (id !== undefined &&
            known(candidate.name) !== undefined &&
            id.toLowerCase().endsWith(`/${lower(candidate.name)}`)),
      );
      if (old === undefined || isThere(world, old.address)) continue;
      yield violation(stillUsed, {
        subject: old.address,
        range: cluster.rangeAt("oms_agent"),
        detail: `Log Analytics workspace "${nameOf(old)}" is removed, but cluster "${nameOf(cluster)}" still sends its logs there: later upgrades and scale operations fail. Change oms_agent first.`,
        related: relatedTo(["where it was", old.range]),
      });
    }
  },
};

const isThere = (world: World, address: string): boolean =>
  instanceAt(world, address) !== undefined ||
  world.instances.some((instance: ResourceInstance) => instance.address === address);

export const poolStillChosen: Rule = {
  code: "AKS8013",
  title: "The change removes a pool that pods ask for",
  severity: "error",
  explain: `Pods that choose a pool by its name (agentpool, kubernetes.azure.com/agentpool) find no node once the pool is gone. Their nodes are deleted with all pods on them.
What happens: the pods stay Pending.
Mend: change the selector first.
Source: "Use labels in an AKS cluster".`,
  *check(world) {
    if (world.base === undefined) return;
    const names = new Set(world.platform.clusters.flatMap(({ pools }) => pools.map((pool) => known(pool.name))));
    const gone = world.base.platform.clusters
      .flatMap(({ pools }) => pools)
      .filter((pool) => known(pool.name) !== undefined && !names.has(known(pool.name)));
    const pending = new Set(world.predictions.flatMap((prediction) => prediction.pending.map(({ owner }) => owner)));
    for (const pool of gone) {
      const users = workloadsOf(world.objects).filter(({ spec, address }) => {
        const chosen = spec.nodeSelector?.["kubernetes.azure.com/agentpool"] ?? spec.nodeSelector?.["agentpool"];
        return chosen === known(pool.name) && !pending.has(address);
      });
      const [first] = users;
      if (first === undefined) continue;
      yield violation(poolStillChosen, {
        subject: pool.address,
        range: first.rangeAt(["nodeSelector"]),
        detail: `Pool "${nameOf(pool)}" is removed, but ${quotedList(users.map(({ address }) => address))} choose${users.length === 1 ? "s" : ""} it by name: the pods stay Pending. Change the selector first.`,
        related: relatedTo(["where the pool was", pool.range]),
      });
    }
  },
};

const objectsByAddress = (objects: readonly SourcedObject[]): ReadonlyMap<string, SourcedObject> =>
  new Map(objects.map((source) => [addressOf(source.object), source]));

export const clusterRemoved: Rule = {
  code: "AKS8010",
  title: "The change removes the cluster",
  severity: "warning",
  explain: `A cluster that is no longer in the configuration is deleted with everything in it: pods, disks with reclaim policy Delete, addresses of Services.
What happens: an outage, unless that is what you want.
Mend: a moved block where the resource only has a new name or module.
Source: Terraform, "Refactoring"; azurerm kubernetes_cluster resource.`,
  *check(world) {
    if (world.base === undefined) return;
    for (const old of world.base.platform.clusters) {
      if (old.isData || isThere(world, old.address)) continue;
      const successor = managedClusters(world).find(
        (cluster) => known(cluster.name) !== undefined && known(cluster.name) === known(old.name),
      );
      yield violation(clusterRemoved, {
        subject: old.address,
        range: successor?.range,
        severity: successor === undefined ? "warning" : "info",
        detail: `${old.address} ("${nameOf(old)}") is no longer in the configuration, so the cluster is deleted${successor === undefined ? "" : `; ${successor.address} has its name: without a moved block from one to the other it is made anew`}. ${successor === undefined ? "If it only moved, add a moved block." : "Check that there is a moved block."}`,
        related: relatedTo(["where it was", old.range]),
      });
    }
  },
};
