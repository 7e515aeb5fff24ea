import { usesNodeProvisioning } from "../../azure/node-provisioning.ts";
import { vmSize } from "../../azure/vm-sizes.ts";
import { containersOf, workloadsOf } from "../../graph/pod-templates.ts";
import { known } from "../../model/unknown.ts";
import { nameOf, onlyCluster } from "../cluster-facts.ts";
import { someText } from "../instance-values.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";
import { pendingGroups } from "./pending-groups.ts";

const resource = "nvidia.com/gpu";

export const gpuPlugin: Rule = {
  code: "AKS2019",
  title: "GPU pods without a device plugin or a GPU pool",
  severity: "warning",
  perCluster: true,
  explain: `A node offers nvidia.com/gpu only when its size has a GPU and NVIDIA's device plugin runs there. AKS installs the driver, not the plugin; the plugin's
DaemonSet must tolerate the pool's taints.
What happens: the pods stay Pending, "Insufficient nvidia.com/gpu".
Mend: a GPU pool, and the device plugin or the GPU operator among the manifests.
Source: "Use GPUs on AKS".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined) return;
    const workloads = workloadsOf(world.objects);
    const asking = workloads.filter(({ spec }) =>
      containersOf(spec).some(
        ({ container }) =>
          container.resources?.limits?.[resource] !== undefined ||
          container.resources?.requests?.[resource] !== undefined,
      ),
    );
    const pool = cluster.pools.find((candidate) => (vmSize(known(candidate.vmSize) ?? "")?.gpus ?? 0) > 0);
    const plugin = workloads.some(
      ({ kind, spec }) =>
        kind === "DaemonSet" &&
        containersOf(spec).some(({ container }) =>
          /nvidia.*(device-plugin|gpu-operator)|k8s-device-plugin/.test(container.image ?? ""),
        ),
    );
    const operator = world.instances.some(
      (instance) =>
        instance.type === "helm_release" &&
        someText(instance.values, (text) => /gpu-operator|device-plugin/.test(text)),
    );
    // Whether node auto-provisioning serves the pods is told by the rules about Pending pods.
    const isProvisioned = pool === undefined && usesNodeProvisioning(cluster);
    const hasNodes = pool !== undefined || isProvisioned;
    const where = isProvisioned
      ? "made by node auto-provisioning"
      : `of pool "${pool === undefined ? "" : nameOf(pool)}"`;
    if (plugin && hasNodes) return;
    for (const workload of asking) {
      if (pendingGroups(world).some((group) => group.owner === workload.address)) continue;
      if (hasNodes && operator) continue;
      yield violation(gpuPlugin, {
        subject: workload.address,
        range: workload.rangeAt(["containers"]),
        severity: hasNodes ? "warning" : "error",
        detail: `${workload.address} asks for ${resource}, but ${
          hasNodes
            ? `no device plugin is among the manifests, so the nodes ${where} will not offer it`
            : "no pool has a VM size with a GPU"
        }: its pods stay Pending. Add ${hasNodes ? "" : "a GPU pool and "}NVIDIA's device plugin.`,
      });
    }
  },
};
