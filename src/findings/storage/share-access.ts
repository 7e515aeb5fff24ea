import { atLeastVersion } from "../../azure/kubernetes-version.ts";
import { known } from "../../model/unknown.ts";
import { managedClusters, nameOf, versionOf } from "../cluster-facts.ts";
import { instanceAt, textAt } from "../instance-values.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { parameter, storageOf } from "./claims.ts";

export const shareBlocked: Rule = {
  code: "AKS4008",
  title: "The storage account refuses the mount",
  severity: "error",
  perCluster: true,
  explain: `SMB shares are mounted with the account's key over port 445. An account without shared-key access, or without public access and without a private endpoint, cannot be mounted by the
driver; NFS shares need the private endpoint or a rule for the node subnet.
What happens: FailedMount, "mount error(13): Permission denied" or "(115)".
Mend: shared_access_key_enabled = true, or NFS; a private endpoint for subresource file.
Source: support articles "Errors when mounting an Azure file share"; "Create a persistent volume with Azure Files in AKS".`,
  *check(world) {
    const { claims } = storageOf(world);
    for (const account of world.platform.storageAccounts) {
      if (account.isData) continue;
      const name = known(account.name);
      const claim = claims.find(
        (candidate) =>
          candidate.class?.provisioner === "file.csi.azure.com" &&
          name !== undefined &&
          parameter(candidate.class, "storageaccount") === name,
      );
      if (claim?.class === undefined) continue;
      const smb = parameter(claim.class, "protocol") !== "nfs";
      const noKey = smb && known(account.sharedKeyAccess) === false;
      const endpoint = world.platform.privateEndpoints.some(({ target }) => target.address === account.address);
      const closed = known(account.publicNetworkAccess) === false && !endpoint;
      if (!noKey && !closed) continue;
      yield violation(shareBlocked, {
        subject: claim.address,
        range: account.rangeAt(noKey ? "shared_access_key_enabled" : "public_network_access_enabled"),
        detail: `Claim "${claim.name}" gets a share of storage account "${nameOf(account)}", which ${noKey ? "takes no shared key" : "takes no public access and has no private endpoint"}: the mount fails. ${noKey ? "Set shared_access_key_enabled = true or use protocol nfs" : "Add a private endpoint for subresource file"}.`,
        related: relatedTo(["the claim", claim.rangeAt(["spec"])]),
      });
    }
  },
};

export const classStays: Rule = {
  code: "AKS4013",
  title: "Built-in classes keep their old disk type",
  severity: "info",
  perCluster: true,
  explain: `From Kubernetes 1.29 the built-in classes of a cluster with zones make zone-redundant disks. They are written once, when the cluster is made: an upgrade across 1.29, or zones that come
later, leave them at LRS.
What happens: disks stay in one zone, and their pods with them.
Mend: a class of your own with skuName StandardSSD_ZRS or Premium_ZRS.
Source: "Storage options for applications in AKS"; Azure/AKS issue 5316.`,
  *check(world) {
    if (world.base === undefined) return;
    for (const cluster of managedClusters(world)) {
      const old = instanceAt(world.base, cluster.address);
      const before = old === undefined ? undefined : textAt(old, ["kubernetes_version"]);
      const zonal = cluster.pools.some((pool) => (known(pool.zones) ?? []).length > 0);
      if (
        before === undefined ||
        !zonal ||
        atLeastVersion(before, "1.29") ||
        !atLeastVersion(versionOf(cluster), "1.29")
      ) {
        continue;
      }
      yield violation(classStays, {
        subject: cluster.address,
        range: cluster.rangeAt("kubernetes_version"),
        detail: `Cluster "${nameOf(cluster)}" goes from ${before} to ${versionOf(cluster)}: its classes default, managed-csi and managed-csi-premium keep making LRS disks, each in one zone. Add a class with skuName StandardSSD_ZRS.`,
      });
    }
  },
};
