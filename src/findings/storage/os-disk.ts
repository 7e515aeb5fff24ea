import { ephemeralLimitGib } from "../../azure/node-resources.ts";
import { vmSize } from "../../azure/vm-sizes.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { lower, nameOf, poolsOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

const managedDefaultGib = 128;

export const ephemeralOsDisk: Rule = {
  code: "AKS4011",
  title: "Ephemeral OS disk does not fit the VM size",
  severity: "error",
  explain: `An ephemeral OS disk lies in the VM's cache, temporary disk or NVMe disk and cannot be larger than that. Sizes without local storage have none at all.
What happens: the pool is refused, "OS disk of ephemeral VM with size greater than … is not allowed".
Mend: a smaller os_disk_size_gb, a size with more local storage (a "d" in the name), or os_disk_type "Managed".
Source: "Storage options for applications in AKS", ephemeral OS disks; "Ephemeral OS disks for Azure VMs".`,
  *check(world) {
    for (const { pool } of poolsOf(world)) {
      if (lower(pool.osDiskType) !== "ephemeral" || isUnknown(pool.osDiskSizeGb)) continue;
      const size = vmSize(known(pool.vmSize) ?? "", world.sizes);
      if (size === undefined) continue;
      const limit = ephemeralLimitGib(size);
      const given = known(pool.osDiskSizeGb);
      if (size.ephemeralOsDisk === false || limit === 0) {
        yield violation(ephemeralOsDisk, {
          subject: pool.address,
          range: pool.rangeAt("os_disk_type"),
          detail: `Pool "${nameOf(pool)}" asks for an ephemeral OS disk, but size ${size.name} has no local storage for it: Azure refuses the pool. Use os_disk_type "Managed" or a size with a temporary disk.`,
          evidence: { vmSize: size.name },
        });
        continue;
      }
      const wanted = given ?? managedDefaultGib;
      // Without a size AKS asks for 128 GiB, or takes the whole local disk where that is larger.
      if (limit === undefined || wanted <= limit) continue;
      yield violation(ephemeralOsDisk, {
        subject: pool.address,
        range: pool.rangeAt("os_disk_size_gb"),
        severity: given !== undefined && isSure(size.localDiskEvidence) ? "error" : "warning",
        detail: `Pool "${nameOf(pool)}" asks for an ephemeral OS disk of ${wanted} GiB${given === undefined ? " (the default, no size is given)" : ""}; size ${size.name} holds ${limit} GiB: Azure refuses the pool. Use os_disk_size_gb = ${limit} or less, a larger size, or os_disk_type "Managed".`,
        evidence: { askedGib: wanted, limitGib: limit },
      });
    }
  },
};

const isSure = (evidence: string): boolean => evidence === "sku" || evidence === "documentation";

const leastGib = 30;
const tightGib = 48;

export const smallOsDisk: Rule = {
  code: "AKS4012",
  title: "OS disk is small for images and logs",
  severity: "info",
  explain: `Images, container logs and emptyDir volumes lie on the OS disk. At 85 % full the kubelet deletes images, at 90 % the node is under DiskPressure and pods are
evicted. AKS itself chooses 128 GiB and more; less than 30 GiB is refused.
What happens: pods are evicted from nodes with large images or much logging.
Mend: os_disk_size_gb 128, or leave it out.
Source: "Storage options for applications in AKS", OS disk sizing; Kubernetes, "Node-pressure Eviction".`,
  *check(world) {
    for (const { pool } of poolsOf(world)) {
      const size = known(pool.osDiskSizeGb);
      if (size === undefined || size === 0 || size > tightGib) continue;
      yield violation(smallOsDisk, {
        subject: pool.address,
        range: pool.rangeAt("os_disk_size_gb"),
        severity: size < leastGib ? "error" : "info",
        summary: size < leastGib ? "OS disk is smaller than AKS allows" : smallOsDisk.title,
        detail: `Pool "${nameOf(pool)}" has an OS disk of ${size} GiB; ${size < leastGib ? `at least ${leastGib} GiB are needed` : `images, logs and emptyDir volumes share it, and at ${Math.floor(size * 0.9)} GiB pods are evicted`}. Use 128 GiB.`,
        evidence: { osDiskGib: size },
      });
    }
  },
};
