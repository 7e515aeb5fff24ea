import { type Bytes, bytes, type MilliCpu, milliCpu } from "../model/quantity.ts";
import { atLeastVersion } from "./kubernetes-version.ts";
import type { VmSize } from "./vm-sizes.ts";

/** What a node of a pool offers, and what is kept from it. */
export interface NodeResources {
  readonly capacity: { readonly milliCpu: MilliCpu; readonly memory: Bytes; readonly ephemeralStorage: Bytes };
  readonly allocatable: { readonly milliCpu: MilliCpu; readonly memory: Bytes; readonly ephemeralStorage: Bytes };
  readonly pods: number;
  readonly kubeReserved: { readonly milliCpu: MilliCpu; readonly memoryMib: number };
  readonly evictionMemoryMib: number;
  readonly windowsReservedMib: number;
}

/** What the pool says about its nodes. */
export interface NodeResourcesInput {
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly maxPods: number;
  readonly kubernetesVersion: string;
  readonly osDiskGib: number;
  readonly windows: boolean;
  /** Reservations given for the pool itself (API 2026-03-02-preview), instead of the rule. */
  readonly reserved?: {
    readonly cpuMilli?: number;
    readonly memoryMib?: number;
    readonly evictionMemoryMib?: number;
  };
}

/**
 * Capacity and allocatable of a node. Kubernetes: allocatable = capacity − kube-reserved − hard eviction; AKS sets no
 * system-reserved for Linux. Checked to the KiB against six observed nodes ("Node resource reservations", AKS documentation).
 */
export const nodeResources = (input: NodeResourcesInput): NodeResources => {
  const nominalMib = input.memoryGib * 1024;
  const cpu = input.reserved?.cpuMilli ?? reservedCpuMilli(input.vcpus);
  const memoryMib = input.reserved?.memoryMib ?? reservedMemoryMib(nominalMib, input.maxPods, input.kubernetesVersion);
  const evictionMib = input.reserved?.evictionMemoryMib ?? evictionMemoryMib(input.kubernetesVersion);
  const windowsMib = input.windows ? windowsReservedMib : 0;
  const capacityMib = memoryCapacityMib(input.memoryGib);
  const disk = ephemeralCapacity(input.osDiskGib);
  return {
    capacity: {
      milliCpu: milliCpu(input.vcpus * 1000),
      memory: bytes(Math.floor(capacityMib * 1024) * 1024),
      ephemeralStorage: disk,
    },
    allocatable: {
      milliCpu: milliCpu(Math.max(0, input.vcpus * 1000 - cpu)),
      memory: bytes(Math.max(0, Math.floor((capacityMib - memoryMib - evictionMib - windowsMib) * 1024) * 1024)),
      ephemeralStorage: ephemeralAllocatable(disk),
    },
    pods: input.maxPods,
    kubeReserved: { milliCpu: milliCpu(cpu), memoryMib },
    evictionMemoryMib: evictionMib,
    windowsReservedMib: windowsMib,
  };
};

/** Two GB more on Windows nodes, outside the calculated figure ("Node resource reservations"). */
const windowsReservedMib = 2 * 1024;

/**
 * CPU that the kubelet keeps: 6 % of the first core, 4 % of the second, 2 % of the third and fourth, 1 % of each further one.
 * Reproduces the table of "Node resource reservations" and fills its gaps (karpenter-provider-azure `instancetype.go`).
 */
export const reservedCpuMilli = (vcpus: number): number => {
  const share = (from: number, to: number, rate: number): number => Math.max(0, Math.min(vcpus, to) - from) * rate;
  return Math.round(share(0, 1, 60) + share(1, 2, 40) + share(2, 4, 20) + share(4, Number.POSITIVE_INFINITY, 10));
};

/**
 * Memory that the kubelet keeps, in MiB of the SKU's nominal memory. From 1.29: 20 MiB a pod of max_pods and 50 MiB more, at
 * most a quarter of the memory. Before: 25 % of the first 4 GiB, 20 % of the next 4, 10 % of the next 8, 6 % of the next 112,
 * 2 % of the rest, whole MiB ("Node resource reservations").
 */
export const reservedMemoryMib = (nominalMib: number, maxPods: number, kubernetesVersion: string): number => {
  if (atLeastVersion(kubernetesVersion, "1.29")) return Math.min(20 * maxPods + 50, Math.floor(nominalMib / 4));
  const share = (fromGib: number, toGib: number, rate: number): number =>
    Math.max(0, Math.min(nominalMib, toGib * 1024) - fromGib * 1024) * rate;
  return Math.floor(
    share(0, 4, 0.25) +
      share(4, 8, 0.2) +
      share(8, 16, 0.1) +
      share(16, 128, 0.06) +
      share(128, Number.POSITIVE_INFINITY, 0.02),
  );
};

/** Hard eviction `memory.available`: 100 MiB from 1.29, 750 MiB before ("Node resource reservations"). */
export const evictionMemoryMib = (kubernetesVersion: string): number =>
  atLeastVersion(kubernetesVersion, "1.29") ? 100 : 750;

/**
 * Memory that the node shows. Firmware and kernel keep some of the nominal size; how much is not documented. A fit to five
 * observed nodes (4 to 32 GiB) gives 90 MiB + 18.3 MiB a GiB, ±20 MiB; past 64 GiB it is an extrapolation.
 */
export const memoryCapacityMib = (memoryGib: number): number =>
  Math.max(memoryGib * 1024 * 0.9, memoryGib * 1024 - (90 + 18.3 * memoryGib));

/** The assumption that the memory a node shows rests on. */
export const memoryCapacityNote =
  "Memory that a node shows is the size's nominal memory less 90 MiB + 18.3 MiB a GiB, a fit to observed nodes of 4 to 32 GiB (±20 MiB); it is not documented.";

/** File system of the OS disk as the node sees it: 129886128 KiB on 128 GiB and 259966896 KiB on 256 GiB were observed; others lie on their line. */
const ephemeralCapacity = (osDiskGib: number): Bytes =>
  bytes(Math.max(0, Math.round(129886128 + ((osDiskGib - 128) * (259966896 - 129886128)) / 128)) * 1024);

/** Less ten percent, in single precision, as the kubelet computes `nodefs.available<10%`; matches the observed nodes to the byte. */
const ephemeralAllocatable = (capacity: Bytes): Bytes => bytes(capacity - Math.trunc(capacity * Math.fround(0.1)));

/** The OS disk of a pool: what it was given, or what AKS and the provider choose. */
export interface OsDisk {
  readonly type: "Managed" | "Ephemeral";
  readonly sizeGib: number;
  /** Why, where the configuration does not say. */
  readonly because: string | undefined;
  /** Largest ephemeral disk the size can hold, where known. */
  readonly ephemeralLimitGib: number | undefined;
}

/**
 * Chooses the OS disk. azurerm asks for `Managed` when the argument is left out; the service itself would take Ephemeral where it
 * fits. Size of a managed disk by vCPU: under 8 128 GiB, under 16 256, under 64 512, else 1024 ("Storage options for
 * applications in AKS"). An ephemeral disk without a size takes the whole temporary disk where that is 128 GiB or more.
 */
export const osDisk = (
  size: VmSize,
  asked: { readonly type: string | undefined; readonly sizeGib: number | undefined },
): OsDisk => {
  const limit = ephemeralLimitGib(size);
  if (asked.type?.toLowerCase() !== "ephemeral") {
    return {
      type: "Managed",
      sizeGib: asked.sizeGib || managedOsDiskGib(size.vcpus),
      because:
        asked.type === undefined ? "os_disk_type is left out; the azurerm provider asks for Managed then" : undefined,
      ephemeralLimitGib: limit,
    };
  }
  const whole = limit !== undefined && limit >= 128 ? limit : 128;
  return { type: "Ephemeral", sizeGib: asked.sizeGib || whole, because: undefined, ephemeralLimitGib: limit };
};

/** Default size of a managed OS disk (pools created since 2022-07). */
export const managedOsDiskGib = (vcpus: number): number =>
  vcpus < 8 ? 128 : vcpus < 16 ? 256 : vcpus < 64 ? 512 : 1024;

/**
 * Largest ephemeral OS disk of a size in GiB: NVMe, else the cache, else the temporary disk, at most 2040 ("Ephemeral OS disks
 * for Azure VMs"; karpenter-provider-azure `FindMaxEphemeralSizeGBAndPlacement`). 0 where the size has no room for one.
 */
export const ephemeralLimitGib = (size: VmSize): number | undefined => {
  if (size.ephemeralOsDisk === false) return 0;
  const local =
    (size.placements.includes("NvmeDisk") ? size.nvmeGib : undefined) ||
    (size.placements.includes("CacheDisk") || size.placements.length === 0 ? size.cacheGib : undefined) ||
    size.tempDiskGib;
  return local === undefined ? undefined : Math.min(local, 2040);
};
