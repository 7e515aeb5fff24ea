import { type PersistentVolume, storageClassNameOf } from "../../kubernetes/storage.ts";
import { hasUnseenObjects, onlyCluster, quotedList, versionOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";
import { storageOf } from "./claims.ts";

export const classMissing: Rule = {
  code: "AKS4001",
  title: "StorageClass does not exist",
  severity: "error",
  perCluster: true,
  explain: `AKS brings classes of its own (default, managed-csi, managed-csi-premium, azurefile-csi, azurefile-csi-premium and older names);
managed-csi-premium-v2 only from Kubernetes 1.35, the azureblob classes only with storage_profile blob_driver_enabled. Any other class must be among the manifests.
What happens: the claim stays Pending, "storageclass not found", and with it the pods.
Mend: correct the name, add the class, or switch the driver on.
Source: "Storage options for applications in AKS".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined) return;
    const { classes, claims } = storageOf(world);
    for (const claim of claims) {
      const name = claim.spec.storageClassName;
      // The empty name asks for a volume without a class; a named volume needs none.
      if (name === undefined || name === "" || classes.has(name) || claim.spec.volumeName !== undefined) continue;
      if (isSharedWithVolume(world, name)) continue;
      const near = nearest(name, [...classes.keys()]);
      const why = name.startsWith("azureblob")
        ? " The blob driver is off; set storage_profile { blob_driver_enabled = true }."
        : name === "managed-csi-premium-v2"
          ? ` It comes with Kubernetes 1.35; the cluster has ${versionOf(cluster)}.`
          : near === undefined
            ? ` There are ${quotedList([...classes.keys()].sort(), 6)}.`
            : ` Did you mean "${near}"?`;
      yield violation(classMissing, {
        subject: claim.address,
        range: claim.rangeAt(["spec", "storageClassName"]),
        severity: hasUnseenObjects(world) && near === undefined ? "warning" : "error",
        detail: `Claim "${claim.name}" asks for StorageClass "${name}", which neither AKS nor the manifests have: it stays Pending${
          claim.users.length === 0
            ? ""
            : `, and so do the pods of ${claim.users
                .map(({ address }) => address)
                .slice(0, 3)
                .join(", ")}`
        }.${why}`,
        evidence: { storageClass: name },
      });
    }
  },
};

/** A class name may join a claim to volumes made by hand, without a class of that name. */
const isSharedWithVolume = (world: Parameters<Rule["check"]>[0], name: string): boolean =>
  world.objects.some(
    ({ object }) => object.kind === "PersistentVolume" && storageClassNameOf(object as PersistentVolume) === name,
  );

/** The name within two edits, if any. */
const nearest = (name: string, names: readonly string[]): string | undefined =>
  names
    .map((candidate) => ({ candidate, edits: distance(name, candidate) }))
    .filter(({ edits }) => edits <= 2)
    .sort((a, b) => a.edits - b.edits)[0]?.candidate;

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};
