import { parseImage } from "../../graph/images.ts";
import { containersOf, type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import { known } from "../../model/unknown.ts";
import { counted, isSpot, isWindows, lower, managedClusters, nameOf, onlyCluster, poolsOf } from "../cluster-facts.ts";
import { instanceAt, referenceAt } from "../instance-values.ts";
import type { Rule, World } from "../rule.ts";
import { violation } from "../violation.ts";

export const oldRuntime: Rule = {
  code: "AKS2013",
  title: "Old runtime may not see its memory limit",
  severity: "info",
  perCluster: true,
  explain: `From Kubernetes 1.25 nodes use cgroup v2. Java before 8u372 and 11.0.16, .NET before 5 and Node.js before 18 do not read limits there and size their heap by the whole node.
What happens: containers take more memory than before and are killed, OOMKilled.
Mend: a newer runtime image.
Source: support article "Increased memory usage reported in Kubernetes 1.25 or later versions".`,
  *check(world) {
    if (onlyCluster(world) === undefined) return;
    for (const workload of workloadsOf(world.objects)) {
      const old = containersOf(workload.spec).find(({ container }) => isOldRuntime(container.image ?? ""));
      if (old === undefined) continue;
      yield violation(oldRuntime, {
        subject: workload.address,
        range: workload.rangeAt([...old.path, "image"]),
        detail: `${workload.address} runs image "${old.container.image}", whose runtime does not read memory limits under cgroup v2: it may take more memory than its limit and be killed. Use a newer runtime.`,
      });
    }
  },
};

const isOldRuntime = (image: string): boolean => {
  const { repository, tag = "" } = parseImage(image);
  const name = repository.split("/").pop() ?? "";
  const major = Number(/^v?(\d+)/.exec(tag)?.[1] ?? Number.NaN);
  if (repository === "library/node") return major < 18;
  if (repository === "library/openjdk" || repository === "library/java")
    return major === 7 || /^8(-|$|u[12]\d\d(-|$)|u3[0-6]\d|-jre|-jdk)/.test(tag);
  return /dotnet\/(core\/)?(aspnet|runtime|sdk)/.test(repository) && name !== "" && major < 5;
};

export const placementGroupZones: Rule = {
  code: "AKS2015",
  title: "Zones and a proximity placement group constrain each other",
  severity: "warning",
  explain: `A proximity placement group keeps its machines in one data centre, so a pool in it cannot spread over several zones.
What happens: OverconstrainedZonalAllocationRequest or AllocationFailed when nodes are added.
Mend: one zone for the pool, or no placement group.
Source: support article "ZonalAllocationFailed, AllocationFailed or OverconstrainedAllocationRequest errors"; "Use proximity placement groups in AKS".`,
  *check(world) {
    for (const { cluster, pool } of poolsOf(world)) {
      const zones = known(pool.zones) ?? [];
      if (zones.length < 2) continue;
      const instance = instanceAt(world, pool.isDefault ? cluster.address : pool.address);
      const path = pool.isDefault
        ? ["default_node_pool", 0, "proximity_placement_group_id"]
        : ["proximity_placement_group_id"];
      if (instance === undefined || referenceAt(instance, path) === undefined) continue;
      yield violation(placementGroupZones, {
        subject: pool.address,
        range: instance.rangeAt(path),
        detail: `Pool "${nameOf(pool)}" is in a proximity placement group and asks for zones ${zones.join(", ")}: the group lies in one data centre, so nodes cannot be allocated in the others. Use one zone or no group.`,
        evidence: { zones: zones.join(", ") },
      });
    }
  },
};

export const spotOnly: Rule = {
  code: "AKS2018",
  title: "Workload lives on spot nodes alone",
  severity: "info",
  perCluster: true,
  explain: `Spot nodes are taken away with 30 seconds' notice when Azure needs the capacity, and may not come back for hours. With eviction_policy "Deallocate" what is evicted still counts
against the quota.
What happens: all pods of the workload are gone at once, and stay Pending until spot capacity returns.
Mend: prefer spot by affinity instead of asking for it by nodeSelector, and let a regular pool take the pods.
Source: "Add an Azure Spot node pool to an AKS cluster".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || !cluster.pools.some(isSpot)) return;
    for (const workload of workloadsOf(world.objects)) {
      if (!["Deployment", "StatefulSet"].includes(workload.kind) || !asksForSpot(world, workload)) continue;
      yield violation(spotOnly, {
        subject: workload.address,
        range: workload.rangeAt(["nodeSelector"]),
        detail: `${workload.address} asks for spot nodes: when Azure takes them back all of its ${counted(workload.replicas ?? 0, "pod")} are gone until capacity returns. Prefer spot by affinity if it must stay up.`,
      });
    }
  },
};

const asksForSpot = (world: World, { spec }: Workload): boolean => {
  const selector = spec.nodeSelector ?? {};
  if (selector["kubernetes.azure.com/scalesetpriority"] === "spot") return true;
  const name = selector["kubernetes.azure.com/agentpool"] ?? selector["agentpool"];
  return (
    name !== undefined &&
    world.platform.clusters.some(({ pools }) => pools.some((pool) => known(pool.name) === name && isSpot(pool)))
  );
};

export const windowsProfile: Rule = {
  code: "AKS2028",
  title: "Windows pools need a Windows profile from the start",
  severity: "info",
  explain: `Windows pools can be added only where the cluster was made with an administrator name and password for Windows nodes. Newer API versions make these up by themselves.
What happens: the pool is refused later on.
Mend: windows_profile when the cluster is made.
Source: "Create Windows node pools in AKS".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const pool = cluster.pools.find(isWindows);
      if (pool === undefined || cluster.windowsAdmin) continue;
      yield violation(windowsProfile, {
        subject: pool.address,
        range: pool.rangeAt("os_type"),
        detail: `Cluster "${nameOf(cluster)}" has Windows pool "${nameOf(pool)}" but no windows_profile; it must be there when the cluster is made. Add windows_profile.`,
      });
    }
  },
};

/** Words that no resource may be named with, and those that no name may hold or start with ("Resolve errors for reserved resource names"). */
const reservedWords =
  /^(access|azure|bing|bizspark|biztalk|cortana|directx|dotnet|dynamics|excel|exchange|forefront|groove|hololens|hyperv|kinect|lync|msdn|o365|office|office365|onedrive|onenote|outlook|powerpoint|sharepoint|skype|visio|visualstudio)$|microsoft|windows|^login|^xbox/i;

export const reservedName: Rule = {
  code: "AKS2027",
  title: "Name is reserved",
  severity: "error",
  perCluster: true,
  explain: `Azure refuses names of its own products: some as the whole name, "microsoft" and "windows" anywhere, "login" and "xbox" at the start.
What happens: the apply ends with ReservedResourceName.
Mend: another name.
Source: support article "ReservedResourceName error"; "Resolve errors for reserved resource names".`,
  *check(world) {
    for (const resource of managedClusters(world)) {
      const name = known(resource.name);
      const prefix = known(resource.dnsPrefix);
      for (const [text, path] of [
        [name, "name"],
        [prefix, "dns_prefix"],
      ] as const) {
        if (text === undefined || !reservedWords.test(text)) continue;
        yield violation(reservedName, {
          subject: resource.address,
          range: resource.rangeAt(path),
          detail: `${path} "${text}" holds a word that Azure keeps for itself: the cluster is refused. Choose another name.`,
        });
        break;
      }
    }
  },
};

export const automaticSafeguards: Rule = {
  code: "AKS5014",
  title: "AKS Automatic refuses the pod",
  severity: "error",
  perCluster: true,
  explain: `AKS Automatic enforces deployment safeguards and the baseline pod security standard: no privileged containers, no host namespaces, ports and paths.
What happens: the pods are not admitted, and their workload stays at zero.
Mend: take the privilege away, or use a Standard cluster.
Source: "Use deployment safeguards to enforce best practices in AKS"; "Introduction to AKS Automatic".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || lower(cluster.skuName) !== "automatic") return;
    for (const workload of workloadsOf(world.objects)) {
      const found = forbidden(workload);
      if (found === undefined || workload.namespace === "kube-system") continue;
      yield violation(automaticSafeguards, {
        subject: workload.address,
        range: workload.rangeAt(found.path),
        detail: `${workload.address} ${found.what}, which AKS Automatic does not admit: no pod of it starts. Take it away, or use a Standard cluster.`,
      });
    }
  },
};

const forbidden = (
  workload: Workload,
): { readonly what: string; readonly path: readonly (string | number)[] } | undefined => {
  const { spec } = workload;
  const privileged = containersOf(spec).find(({ container }) => container.securityContext?.["privileged"] === true);
  if (privileged !== undefined)
    return { what: "runs a privileged container", path: [...privileged.path, "securityContext"] };
  if (spec.hostNetwork === true) return { what: "uses the host's network", path: ["hostNetwork"] };
  const volume = (spec.volumes ?? []).findIndex(({ hostPath }) => hostPath !== undefined && hostPath !== null);
  if (volume >= 0) return { what: "mounts a path of the host", path: ["volumes", volume] };
  return undefined;
};
