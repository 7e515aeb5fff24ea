import type { Diagnostic, Severity } from "../../model/diagnostic.ts";
import { counted, managedClusters, nameOf, quotedList, taintsOf } from "../cluster-facts.ts";
import { typoOf } from "../near-names.ts";
import type { Rule, World } from "../rule.ts";
import { diskSharedMode } from "../storage/access-modes.ts";
import { storageOf } from "../storage/claims.ts";
import { classMissing } from "../storage/class-missing.ts";
import { violation } from "../violation.ts";
import { matchingPools } from "./eligible-pools.ts";
import { type PendingCause, type PendingGroup, pendingGroups, withoutPreemption } from "./pending-groups.ts";
import { systemPodsBlocked } from "./system-pods-blocked.ts";

/** The rules that read what stays Pending in the prediction: one for each cause, since each is mended differently. */

const pendingRule = (
  parts: Omit<Rule, "severity" | "perCluster" | "check">,
  cause: PendingCause,
  path: readonly (string | number)[],
  advice: (group: PendingGroup, world: World) => string,
): Rule => {
  const rule: Rule = {
    ...parts,
    severity: "error",
    perCluster: true,
    *check(world) {
      const blocked = [...systemPodsBlocked.check(world)].length > 0;
      for (const group of pendingGroups(world)) {
        if (group.cause !== cause) continue;
        // Told by AKS2010 or by the rule about the claim, which name the cause.
        if (cause === "claim" && isToldOfClaim(world, group)) continue;
        // Told by AKS6019, which names the limits.
        if (isToldOfLimits(group)) continue;
        if (blocked && group.owner.split("/")[1] === "kube-system") continue;
        yield pendingViolation(rule, group, path, advice(group, world));
      }
    },
  };
  return rule;
};

const isToldOfClaim = (world: World, group: PendingGroup): boolean =>
  // Told by AKS4014, which names the class.
  /is not supported sku\/storageaccounttype/.test(group.first.message) ||
  [...classMissing.check(world), ...diskSharedMode.check(world)].some(({ subject }) =>
    storageOf(world).claims.some(
      (claim) => claim.address === subject && claim.users.some(({ address }) => address === group.owner),
    ),
  );

const isToldOfLimits = ({ prediction, owner }: PendingGroup): boolean =>
  (prediction.nodeProvisioning?.nodePools ?? []).some(
    ({ name, isDefault }) =>
      !isDefault &&
      prediction.nodeProvisioning?.unserved.some(
        (unserved) =>
          unserved.owner === owner &&
          unserved.certain &&
          unserved.reasons.some(({ cause, nodePool }) => cause === "limits" && nodePool === name),
      ),
  );

const pendingViolation = (
  rule: Rule,
  group: PendingGroup,
  path: readonly (string | number)[],
  advice: string,
): Diagnostic => {
  const { first, pods, total, workload, requests } = group;
  const { provisioning } = first;
  const when = first.when === "always" ? "" : " at high load";
  const fix =
    first.fixableBy === "" ||
    first.fixableBy.startsWith("its own constraints") ||
    !(provisioning !== undefined || causesOfRoom.has(group.cause))
      ? ""
      : ` What would place them: ${first.fixableBy}.`;
  return violation(rule, {
    subject: group.owner,
    range: workload?.rangeAt(path),
    severity: severityOf(group),
    detail: `${pods.length} of ${counted(total, "pod")} of ${group.owner} stay Pending${when}: ${[sentence(withoutPreemption(first.message)), ...(provisioning === undefined ? [advice] : [unprovisioned(provisioning)])].filter((text) => text !== "").join(" ")}${fix}`,
    evidence: {
      pendingPods: pods.length,
      pods: total,
      ...(requests === undefined
        ? {}
        : { requestedMilliCpu: requests.milliCpu, requestedMemoryBytes: requests.memoryBytes }),
    },
  });
};

/** With node auto-provisioning the pools are not what decides. */
const unprovisioned = (reasons: readonly string[]): string =>
  `Node auto-provisioning (a first model) makes no node for them: ${reasons.slice(0, 4).join("; ")}${reasons.length > 4 ? `; and ${reasons.length - 4} more` : ""}.`;

/** At a load that nobody gave, pods that wait are a risk; those of AKS's own controllers, whose bounds are AKS's, a note. */
const severityOf = ({ first, prediction, workload }: PendingGroup): Severity => {
  const isAssumed = prediction.assumptions.some(({ key }) => key === "load.default");
  if (first.when === "always" || !isAssumed) return "error";
  return workload === undefined ? "info" : "warning";
};

/** Causes that more or other nodes mend; the others are mended in the manifests, as the rule's own words say. */
const causesOfRoom: ReadonlySet<PendingCause> = new Set(["capacity", "podCount", "ports", "spread", "volume", "other"]);

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

export const podTooLarge = pendingRule(
  {
    code: "AKS2001",
    title: "Pod requests more than any node can give",
    explain: `A node offers less than its VM size names: the kubelet keeps CPU and memory for itself and for eviction (with Kubernetes 1.29 and later
20 MiB × max_pods + 50 MiB, at most a quarter of the memory), and DaemonSets take their share. A pod that asks for more than the
largest node's allocatable is never placed, and no autoscaler adds a node for it.
What happens: the pods stay Pending, "Insufficient cpu" or "Insufficient memory".
Mend: lower the requests, or add a pool with a larger VM size.
Source: "Node resource reservations in AKS"; Kubernetes, "Reserve Compute Resources for System Daemons".`,
  },
  "tooLarge",
  ["containers", 0, "resources", "requests"],
  ({ requests, prediction }) => {
    const largest = prediction.pools.map(
      (pool) => `"${pool.name}" ${pool.allocatable.milliCpu}m and ${mib(pool.allocatable.memory)}`,
    );
    return requests === undefined
      ? ""
      : `A pod requests ${requests.milliCpu}m CPU and ${mib(requests.memoryBytes)}; a node of pool ${largest.slice(0, 4).join(", ")} is all there is. Lower the requests or add a pool with a larger VM size.`;
  },
);

export const noRoom = pendingRule(
  {
    code: "AKS2002",
    title: "Pods find no room, and no pool may grow",
    explain: `The pods fit the nodes' kind, but the nodes are full, and every pool that would take them stands at its max_count or has no autoscaler.
What happens: the pods stay Pending, "Insufficient cpu" or "Insufficient memory".
Mend: raise max_count (mind the subnet and the quota), lower requests, or lower the number of pods.
Source: "Cluster autoscaling in AKS overview"; Kubernetes, "Resource Management for Pods and Containers".`,
  },
  "capacity",
  ["containers", 0, "resources", "requests"],
  () => "",
);

export const tooManyPods = pendingRule(
  {
    code: "AKS2003",
    title: "Nodes are full by number of pods",
    explain: `Each node takes at most max_pods pods, DaemonSets and system pods among them: 30 with node subnet networking where nothing is given. With
monitoring, policy and storage add-ons 12 to 16 of them are taken before the first pod of yours.
What happens: the pods stay Pending, "Too many pods", while CPU and memory are free.
Mend: a higher max_pods (the pool is made anew), more nodes, or fewer DaemonSets.
Source: "Plan IP addressing for AKS clusters", maximum pods per node.`,
  },
  "podCount",
  [],
  () => "Raise max_pods or max_count of the pool.",
);

export const untoleratedTaint = pendingRule(
  {
    code: "AKS2004",
    title: "Pods tolerate the taints of no pool",
    explain: `Every pool that the pods may be on carries a taint that they do not tolerate: CriticalAddonsOnly on system pools,
kubernetes.azure.com/scalesetpriority=spot on spot pools, or one of your own.
What happens: the pods stay Pending, "untolerated taint".
Mend: add a toleration to the pod template, or a user pool without the taint.
Source: "Use node taints in AKS"; "Add an Azure Spot node pool to an AKS cluster".`,
  },
  "taint",
  ["tolerations"],
  ({ prediction, workload }, world) => {
    const cluster = managedClusters(world).find(({ address }) => address === prediction.cluster);
    const named = workload === undefined ? [] : matchingPools(world, prediction.cluster, workload);
    const pools = named.length > 0 ? named.map(({ pool }) => pool) : (cluster?.pools ?? []);
    const taints = pools.flatMap((pool) => taintsOf(pool).map((taint) => `"${nameOf(pool)}" ${taint}`));
    return taints.length === 0
      ? ""
      : `Taints: ${[...new Set(taints)].slice(0, 5).join(", ")}. Add a toleration, or a pool without taints.`;
  },
);

export const noMatchingNode = pendingRule(
  {
    code: "AKS2005",
    title: "No node matches the pods' selector or affinity",
    explain: `nodeSelector and required node affinity name labels that a node must have. Labels come from node_labels of a pool and from AKS (agentpool,
kubernetes.azure.com/mode, topology.kubernetes.io/zone, node.kubernetes.io/instance-type and others); zones have the form westeurope-1.
What happens: the pods stay Pending, "didn't match Pod's node affinity/selector".
Mend: correct the selector, or give a pool the label.
Source: "Use labels in an AKS cluster".`,
  },
  "affinity",
  ["nodeSelector"],
  ({ workload, first, prediction: { pools } }) => {
    if (/pod affinity rules/.test(first.message))
      return "Their pod affinity asks for pods that run on no node: compare its selector with the labels of the workloads.";
    const wanted = Object.entries(workload?.spec.nodeSelector ?? {});
    const selector = wanted.map(([key, value]) => `${key}=${value}`);
    if (selector.length === 0) return "Compare the affinity with the labels of the pools.";
    const names = pools.map(({ name }) => name);
    const pool = wanted.find(([key]) => /(^|\/)agentpool$/.test(key))?.[1];
    if (pool !== undefined && !names.includes(pool)) {
      const typo = typoOf(pool, names);
      return `The pods ask for ${selector.join(", ")}; ${typo === undefined ? `the pools are ${quotedList(names)}` : `did you mean "${typo}"`}. Correct the selector.`;
    }
    const isGiven = wanted.some(([key]) => /^(beta\.)?kubernetes\.io\/|^node\.kubernetes\.io\/|^topology\./.test(key));
    return `The pods ask for ${selector.join(", ")}. Correct the selector, or ${isGiven ? "add a pool with such nodes" : "add the label to node_labels of a pool"}.`;
  },
);

export const spreadImpossible = pendingRule(
  {
    code: "AKS2006",
    title: "Spread or anti-affinity leaves pods without a node",
    explain: `A hard topology spread (DoNotSchedule) or required anti-affinity allows no further pod: too few zones or nodes, or a zone in which the pods
may not run counts as empty. Nodes of a pool without zones all count as zone "0".
What happens: the pods stay Pending, "didn't match pod topology spread constraints" or "anti-affinity rules".
Mend: more zones or nodes, whenUnsatisfiable: ScheduleAnyway, nodeTaintsPolicy: Honor, or preferred instead of required anti-affinity.
Source: Kubernetes, "Pod Topology Spread Constraints"; "Cluster autoscaling in AKS overview" (not aware of zones).`,
  },
  "spread",
  ["topologySpreadConstraints"],
  () => "Give the pods more zones or nodes, or make the constraint soft.",
);

export const portTaken = pendingRule(
  {
    code: "AKS2007",
    title: "Host port is taken on every node",
    explain: `A hostPort can be used by one pod a node, so there can be no more such pods than nodes.
What happens: the pods stay Pending, "didn't have free ports for the requested pod ports".
Mend: take hostPort away and use a Service, or run a DaemonSet.
Source: Kubernetes, "Configuration Best Practices".`,
  },
  "ports",
  ["containers"],
  () => "Take hostPort away, or run fewer pods than there are nodes.",
);

export const deviceMissing = pendingRule(
  {
    code: "AKS2008",
    title: "No node offers the device that the pods ask for",
    explain: `nvidia.com/gpu and other extended resources exist on a node only when its VM size has the device and a device plugin runs there: the NVIDIA
device plugin's DaemonSet, or the GPU operator.
What happens: the pods stay Pending, "Insufficient nvidia.com/gpu".
Mend: a pool with a GPU size, and the device plugin among the manifests (it must tolerate the pool's taints).
Source: "Use GPUs on AKS".`,
  },
  "device",
  ["containers", 0, "resources"],
  () => "Add a pool with such a device, and its device plugin as a DaemonSet that tolerates the pool's taints.",
);

export const pendingOther = pendingRule(
  {
    code: "AKS2009",
    title: "Pods stay Pending",
    explain: `The scheduler finds no node for the pods, for a reason that no other rule covers; its message stands in the finding.
Source: Kubernetes, "Kubernetes Scheduler".`,
  },
  "other",
  [],
  () => "",
);

export const volumeUnplaceable = pendingRule(
  {
    code: "AKS4004",
    title: "Pods find no node for their volumes",
    explain: `A disk can be attached to a node of its own zone only (zone-redundant disks excepted), and each VM size takes a limited number of disks: 4 with
2 vCPUs, 8 with 4, 16 with 8, 32 from 16.
What happens: the pods stay Pending, "volume node affinity conflict" or "exceed max volume count".
Mend: nodes in the disk's zone (a pool for each zone, or zone-redundant storage), more nodes, or a VM size that takes more disks.
Source: "Storage options for applications in AKS"; azuredisk-csi-driver, node server.`,
  },
  "volume",
  ["volumes"],
  () => "",
);

export const claimUnusable = pendingRule(
  {
    code: "AKS4015",
    title: "Pods wait for a claim that is not there or never bound",
    explain: `A pod is placed only when every PersistentVolumeClaim it names exists in its namespace, and, for classes that bind at once, is bound.
What happens: the pods stay Pending, "persistentvolumeclaim not found" or "unbound immediate PersistentVolumeClaims".
Mend: create the claim, or correct its name, namespace or class.
Source: Kubernetes, "Persistent Volumes".`,
  },
  "claim",
  ["volumes"],
  ({ prediction, workload }) => {
    const mounted = (workload?.spec.volumes ?? []).map(
      ({ persistentVolumeClaim: claim }) => `${workload?.namespace}/${claim?.claimName ?? ""}`,
    );
    const refused = prediction.volumes.find(({ claim, message }) => mounted.includes(claim) && message !== "");
    return refused === undefined
      ? "Create the claim, or correct its name, namespace or class."
      : `Claim ${refused.claim} is not provisioned: ${refused.message}. Correct the class.`;
  },
);
