import type { NodePool } from "../../azure/platform.ts";
import { vmSize } from "../../azure/vm-sizes.ts";
import { parseImage } from "../../graph/images.ts";
import { containersOf, type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import { compileRequiredNodeAffinity } from "../../kubernetes/selectors.ts";
import { known } from "../../model/unknown.ts";
import { isSpot, isWindows, nameOf, onlyCluster } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { violation } from "../violation.ts";

export const osMismatch: Rule = {
  code: "AKS2011",
  title: "Pods may land on nodes of the wrong operating system",
  severity: "warning",
  perCluster: true,
  explain: `AKS does not taint Windows pools. In a cluster with Linux and Windows nodes a pod without a selector for kubernetes.io/os may be placed on either, and its
image runs on one only.
What happens: ErrImagePull, "no matching manifest for windows/amd64", on a node chosen at random.
Mend: nodeSelector kubernetes.io/os: linux (or windows) in every pod template, or a taint on the Windows pool.
Source: "Windows Server containers in AKS FAQ".`,
  *check(world) {
    const cluster = onlyCluster(world);
    const windows = cluster?.pools.filter((pool) => isWindows(pool) && !keepsOff(pool)) ?? [];
    const [first] = windows;
    if (cluster === undefined || first === undefined || !cluster.pools.some((pool) => !isWindows(pool))) return;
    for (const workload of candidates(world)) {
      if (!mayRunOn(workload, first, "windows", "amd64") || !mayRunOn(workload, first, "linux", "amd64")) continue;
      const image = containersOf(workload.spec).find(({ container }) => isWindowsImage(container.image ?? ""));
      const linux = cluster.pools.find((pool) => !isWindows(pool) && !keepsOff(pool));
      if (image !== undefined) {
        if (linux === undefined) continue;
        yield violation(osMismatch, {
          subject: workload.address,
          range: workload.rangeAt([...image.path, "image"]),
          detail: `Image "${image.container.image}" of ${workload.address} is for Windows, but the pods have no selector for kubernetes.io/os: on pool "${nameOf(linux)}" (Linux) they end in ErrImagePull, "no matching manifest for linux/amd64". Add nodeSelector kubernetes.io/os: windows.`,
        });
        continue;
      }
      yield violation(osMismatch, {
        subject: workload.address,
        range: workload.rangeAt([]),
        detail: `${workload.address} has no selector for kubernetes.io/os, and Windows pool "${nameOf(first)}" carries no taint: its pods may be placed there and fail to start. Add nodeSelector kubernetes.io/os, or taint the pool.`,
      });
    }
  },
};

export const architectureMismatch: Rule = {
  code: "AKS2012",
  title: "Image may not have the architecture of the node",
  severity: "info",
  perCluster: true,
  explain: `Sizes such as Standard_D4ps_v5 are arm64. An image built for amd64 alone does not run there: the pull fails with 401 or "no match for platform in
manifest", or the container ends with "exec format error".
Mend: build images for both architectures, or keep pods off with nodeSelector kubernetes.io/arch.
Source: "Create node pools with Arm64 VMs in AKS"; support article "Can't pull image from ACR", cause 1b.`,
  *check(world) {
    const cluster = onlyCluster(world);
    const arm = cluster?.pools.find((pool) => architectureOf(pool) === "arm64" && !keepsOff(pool));
    if (arm === undefined) return;
    for (const workload of candidates(world)) {
      const named = containersOf(workload.spec).find(({ container }) =>
        /(^|[-_.])(amd64|x86_64)($|[-_.])/.test(parseImage(container.image ?? "").tag ?? ""),
      );
      if (!mayRunOn(workload, arm, "linux", "arm64")) continue;
      yield violation(architectureMismatch, {
        subject: workload.address,
        range: workload.rangeAt(named === undefined ? [] : [...named.path, "image"]),
        severity: named === undefined ? "info" : "warning",
        detail: `${workload.address} may be placed on pool "${nameOf(arm)}" (${known(arm.vmSize)}, arm64)${named === undefined ? ": its images must exist for arm64" : `, but image "${named.container.image}" is for amd64`}. Build for both, or add nodeSelector kubernetes.io/arch: amd64.`,
      });
    }
  },
};

/** Base images of Windows, and tags that name a release of it ("Windows Container Base Images"). */
const isWindowsImage = (image: string): boolean =>
  /mcr\.microsoft\.com\/(windows\/|windows:|dotnet\/framework\/)/.test(image) ||
  /[:-](nanoserver|windowsservercore|ltsc20(19|22|25))\b/.test(image);

/** A taint keeps pods off that do not tolerate it; spot pools have one from AKS. */
const keepsOff = (pool: NodePool): boolean =>
  isSpot(pool) || pool.taints.some((taint) => /:(NoSchedule|NoExecute)$/.test(taint));

const architectureOf = (pool: NodePool): string | undefined => {
  const size = known(pool.vmSize);
  return size === undefined ? undefined : vmSize(size)?.architecture;
};

/** DaemonSets that tolerate everything are node agents, made for every kind of node. */
const candidates = (world: World): readonly Workload[] =>
  workloadsOf(world.objects).filter(
    ({ spec }) => !(spec.tolerations ?? []).some(({ key, operator }) => key === undefined && operator === "Exists"),
  );

const mayRunOn = (workload: Workload, pool: NodePool, os: string, arch: string): boolean => {
  const name = nameOf(pool);
  const matcher = compileRequiredNodeAffinity(workload.spec);
  return (
    matcher === undefined ||
    matcher.matches(
      {
        ...pool.labels,
        "kubernetes.io/os": os,
        "kubernetes.io/arch": arch,
        "beta.kubernetes.io/os": os,
        "beta.kubernetes.io/arch": arch,
        agentpool: name,
        "kubernetes.azure.com/agentpool": name,
        "kubernetes.azure.com/mode": (known(pool.mode) ?? "User").toLowerCase(),
        "node.kubernetes.io/instance-type": known(pool.vmSize) ?? "",
      },
      "",
    )
  );
};
