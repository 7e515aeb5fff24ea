import { atLeastVersion, parseKubernetesVersion } from "../../azure/kubernetes-version.ts";
import { addressOf } from "../../kubernetes/object.ts";
import { removedIn } from "../../kubernetes/removed-versions.ts";
import { known } from "../../model/unknown.ts";
import { managedClusters, nameOf, onlyCluster } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const poolVersion: Rule = {
  code: "AKS6010",
  title: "Node pool and control plane versions do not go together",
  severity: "error",
  explain: `A pool may not be newer than the control plane (major, minor and patch), and at most three minor versions older.
What happens: the apply ends with NodePoolMcVersionIncompatible.
Mend: upgrade the control plane first; set orchestrator_version to the cluster's version.
Source: "Supported Kubernetes versions in AKS"; support article "NodePoolMcVersionIncompatible error".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const control = known(cluster.kubernetesVersion);
      for (const pool of cluster.pools) {
        const version = known(pool.orchestratorVersion);
        if (control === undefined || version === undefined) continue;
        const [own, theirs] = [parseKubernetesVersion(version), parseKubernetesVersion(control)];
        if (own === undefined || theirs === undefined) continue;
        const newer = isNewer(version, control);
        const minors = theirs.minor - own.minor;
        if (!newer && minors <= 3) continue;
        yield violation(poolVersion, {
          subject: pool.address,
          range: pool.rangeAt("orchestrator_version"),
          detail: `Pool "${nameOf(pool)}" has version ${version}, ${newer ? "newer than" : `${minors} minor versions older than`} the control plane's ${control}: Azure refuses it. ${newer ? `Use ${control} or older, or upgrade the cluster first` : "Upgrade the pool first"}.`,
          evidence: { poolVersion: version, controlPlaneVersion: control },
          related: relatedTo(["the control plane's version", cluster.rangeAt("kubernetes_version")]),
        });
      }
    }
  },
};

/** An alias such as 1.33 stands for its newest patch, so it is compared by minor version only. */
const isNewer = (version: string, than: string): boolean => {
  const numbers = (text: string): readonly number[] => text.replace(/^v/, "").split(".").map(Number);
  const [a, b] = [numbers(version), numbers(than)];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
};

export const removedApi: Rule = {
  code: "AKS6011",
  title: "Manifest uses an API that the cluster's version no longer has",
  severity: "error",
  perCluster: true,
  explain: `Kubernetes removes old API versions. An object of a removed version is refused; and before an upgrade AKS stops when a removed version was used in the last twelve hours.
What happens: "no matches for kind … in version …"; or the upgrade ends with a list of deprecated API usages.
Mend: the version named in the finding.
Source: Kubernetes, "Deprecated API Migration Guide"; "Stop AKS cluster upgrades automatically on API breaking changes".`,
  *check(world) {
    const cluster = onlyCluster(world);
    const version = cluster === undefined ? undefined : known(cluster.kubernetesVersion);
    if (version === undefined) return;
    for (const source of world.objects) {
      const { apiVersion, kind } = source.object;
      const removed = removedIn(apiVersion, kind);
      if (removed === undefined || !atLeastVersion(version, removed.version)) continue;
      yield violation(removedApi, {
        subject: addressOf(source.object),
        range: source.rangeAt(["apiVersion"]),
        detail: `${addressOf(source.object)} has apiVersion ${apiVersion}, removed in Kubernetes ${removed.version}; the cluster has ${version}. Use ${removed.use}.`,
        evidence: { removedInVersion: removed.version, clusterVersion: version },
      });
    }
  },
};

export const channelAndVersion: Rule = {
  code: "AKS6012",
  title: "Automatic upgrades and a pinned version work against each other",
  severity: "warning",
  explain: `With automatic_upgrade_channel AKS upgrades the cluster by itself; Terraform then sees a version that differs from kubernetes_version and tries to set it back, which is
refused: a cluster cannot be downgraded. With channel "patch" the minor version alone (such as "1.33") may be written; with "stable" and "rapid" none.
What happens: a plan that always shows a change, and an apply that ends in an error.
Mend: kubernetes_version without patch for channel "patch", none for the others, or lifecycle ignore_changes.
Source: azurerm kubernetes_cluster resource, automatic_upgrade_channel; "Automatically upgrade an AKS cluster".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const channel = known(cluster.automaticUpgradeChannel)?.toLowerCase();
      const version = known(cluster.kubernetesVersion);
      if (channel === undefined || version === undefined || !["patch", "stable", "rapid"].includes(channel)) continue;
      const hasPatch = version.split(".").length > 2;
      if (channel === "patch" && !hasPatch) continue;
      if (ignoresVersion(world, cluster.address)) continue;
      const argument = cluster.type.includes("/") ? "kubernetesVersion" : "kubernetes_version";
      yield violation(channelAndVersion, {
        subject: cluster.address,
        range: cluster.rangeAt("kubernetes_version"),
        detail: `Cluster "${nameOf(cluster)}" upgrades itself by channel "${channel}", but ${argument} "${version}" is pinned: after the first upgrade each plan wants to go back. ${channel === "patch" ? `Write "${version.split(".").slice(0, 2).join(".")}"` : `Leave ${argument} out, or add it to lifecycle ignore_changes`}.`,
        evidence: { channel, kubernetesVersion: version },
        related: relatedTo(["the channel", cluster.rangeAt("automatic_upgrade_channel")]),
      });
    }
  },
};

const ignoresVersion = (world: Parameters<Rule["check"]>[0], address: string): boolean => {
  const instance = world.instances.find((candidate) => candidate.address === address);
  const ignored = instance?.ignoreChanges ?? [];
  return (
    instance?.isLifecycleKnown === false ||
    ignored === "all" ||
    ignored.some((path) => /^(kubernetes_version|body|body\.properties(\.kubernetesVersion)?)$/.test(path))
  );
};
