import { mayAct } from "../../graph/permissions.ts";
import { identityNode } from "../../graph/principals.ts";
import { allResources, resolve } from "../../graph/resolve.ts";
import { managedClusters, nameOf } from "../cluster-facts.ts";
import { instanceAt, referenceAt } from "../instance-values.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

const readSet = "Microsoft.Compute/diskEncryptionSets/read";

export const diskEncryptionRights: Rule = {
  code: "AKS5040",
  title: "The control plane may not read the disk encryption set",
  severity: "error",
  explain: `With disk_encryption_set_id the disks of volumes are encrypted with that set's key. The CSI driver makes them as the control plane's identity, which needs to read the set; Contributor
on the node resource group does not reach it.
What happens: claims stay Pending, "AuthorizationFailed … diskEncryptionSets/read"; nodes come up all the same.
Mend: azurerm_role_assignment "Reader" on the disk encryption set for the cluster's identity.
Source: "Bring your own keys (BYOK) with Azure disks in AKS"; "Permissions that AKS needs for other Azure services".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const instance = instanceAt(world, cluster.address);
      const reference = instance === undefined ? undefined : referenceAt(instance, ["disk_encryption_set_id"]);
      const set = resolve(allResources(world.platform), reference);
      if (set === undefined || set.isData) continue;
      const identity = identityNode(world.platform, cluster, "identity");
      if (mayAct(world.platform, identity, set, readSet).may !== "no") continue;
      const volumes = world.predictions
        .filter((prediction) => prediction.cluster === cluster.address)
        .flatMap((prediction) => prediction.volumes)
        .filter(({ kind }) => kind === "disk");
      const [first] = volumes;
      yield violation(diskEncryptionRights, {
        subject: cluster.address,
        range: instance?.rangeAt(["disk_encryption_set_id"]),
        severity: first === undefined ? "info" : "error",
        detail:
          `The control plane of cluster "${nameOf(cluster)}" has no role on disk encryption set "${nameOf(set)}": ${first === undefined ? "claims for Azure Disks will stay Pending" : `claim ${first.claim} and ${volumes.length - 1} more stay Pending`} with AuthorizationFailed. Assign Reader on the set to the cluster's identity.`.replace(
            " and 0 more stay",
            " stays",
          ),
        evidence: { disks: volumes.length },
        related: relatedTo(["the disk encryption set", set.range]),
      });
    }
  },
};
