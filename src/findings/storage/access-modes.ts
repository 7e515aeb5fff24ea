import type { Deployment } from "../../kubernetes/workloads.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { type Claim, isDisk, storageOf } from "./claims.ts";

export const diskSharedMode: Rule = {
  code: "AKS4002",
  title: "Azure Disk cannot be mounted by several nodes",
  severity: "error",
  perCluster: true,
  explain: `A disk is mounted by one node: ReadWriteOnce or ReadWriteOncePod. ReadWriteMany and ReadOnlyMany work with Azure Files and Blob, or with raw block
volumes of a disk with maxShares of 2 or more.
What happens: the volume is refused, "mountVolume is not supported for access mode", and the claim stays Pending.
Mend: a class of Azure Files (azurefile-csi), or ReadWriteOnce.
Source: azuredisk-csi-driver, azureutils; "Storage options for applications in AKS".`,
  *check(world) {
    for (const claim of storageOf(world).claims) {
      if (!isDisk(claim) || claim.spec.volumeMode === "Block") continue;
      const mode = claim.spec.accessModes?.find((candidate) => /^ReadWriteMany$|^ReadOnlyMany$/.test(candidate));
      if (mode === undefined) continue;
      yield violation(diskSharedMode, {
        subject: claim.address,
        range: claim.rangeAt(["spec", "accessModes"]),
        detail: `Claim "${claim.name}" asks for ${mode} on StorageClass "${claim.class?.name}", whose volumes are Azure Disks: it stays Pending${usersText(claim)}. Use a class of Azure Files such as "azurefile-csi", or ReadWriteOnce.`,
        evidence: { accessMode: mode, storageClass: claim.class?.name ?? "" },
      });
    }
  },
};

export const diskManyPods: Rule = {
  code: "AKS4003",
  title: "Several pods share one disk",
  severity: "error",
  perCluster: true,
  explain: `A ReadWriteOnce disk is attached to one node. Several replicas of a Deployment, or several workloads, that name one claim can only run while all of them
are on that node. A rolling update starts the new pod before the old one ends; on another node it waits for the disk.
What happens: "Multi-Attach error for volume", the pod stays in ContainerCreating.
Mend: a StatefulSet with volumeClaimTemplates, a class of Azure Files, or one replica with strategy Recreate.
Source: Kubernetes, "Persistent Volumes", access modes; "Create a persistent volume with Azure Disks in AKS".`,
  *check(world) {
    for (const claim of storageOf(world).claims) {
      if (claim.isTemplate || !isDisk(claim)) continue;
      const modes = claim.spec.accessModes ?? [];
      if (modes.includes("ReadWriteMany") || modes.includes("ReadOnlyMany")) continue;
      yield* sharing(world, claim);
    }
  },
};

function* sharing(world: World, claim: Claim) {
  const pods = claim.users.reduce((sum, user) => sum + (user.replicas ?? 2), 0);
  const [user] = claim.users;
  if (user === undefined) return;
  const at = user.rangeAt(["volumes"]);
  const related = relatedTo([`claim "${claim.name}"`, claim.rangeAt(["spec", "accessModes"])]);
  if (pods > 1) {
    const nodes = nodesOf(world, claim);
    const names = claim.users.map(({ address }) => address).join(", ");
    yield violation(diskManyPods, {
      subject: user.address,
      range: at,
      severity: nodes.size === 1 ? "warning" : "error",
      detail: `${names}: ${pods} pods use claim "${claim.name}", an Azure Disk that one node can have at a time${nodes.size > 1 ? `; the prediction places them on ${nodes.size} nodes` : ""}. All but those on the first node stay in ContainerCreating with a Multi-Attach error. Use a StatefulSet with volumeClaimTemplates, Azure Files, or one replica.`,
      evidence: { pods, nodes: nodes.size },
      related,
    });
  } else if (user.kind === "Deployment") {
    const { strategy } = (user.source.object as Deployment).spec;
    if (
      strategy?.type === "Recreate" ||
      strategy?.rollingUpdate?.maxSurge === 0 ||
      strategy?.rollingUpdate?.maxSurge === "0%"
    )
      return;
    yield violation(diskManyPods, {
      subject: user.address,
      range: at,
      severity: "info",
      summary: "A rolling update may wait for the disk",
      detail: `${user.address} has one replica with claim "${claim.name}", an Azure Disk, and updates by RollingUpdate: the new pod starts before the old one ends, and on another node it waits with a Multi-Attach error. Set strategy.type Recreate.`,
      related,
    });
  }
}

const nodesOf = (world: World, claim: Claim): ReadonlySet<string> => {
  const owners = new Set(claim.users.map(({ address }) => address));
  return new Set(
    world.predictions.flatMap(({ placements }) =>
      placements.filter(({ owner }) => owners.has(owner)).map(({ node }) => node),
    ),
  );
};

const usersText = (claim: Claim): string =>
  claim.users.length === 0
    ? ""
    : `, and so do the pods of ${claim.users
        .map(({ address }) => address)
        .slice(0, 3)
        .join(", ")}`;
