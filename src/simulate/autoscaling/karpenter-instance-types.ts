import { regionName, regionZones } from "../../azure/regions.ts";
import type { VmPrices } from "../../azure/retail-prices.ts";
import { type VmSize, type VmSizeOverrides, vmSize, vmSizeNames } from "../../azure/vm-sizes.ts";
import { gpuSupport } from "./karpenter-gpu-sizes.ts";
import {
  aksLabels,
  archLabel,
  capacityTypeLabel,
  instanceTypeLabel,
  osLabel,
  placementScopeLabel,
  regionalZone,
  regionLabel,
  skuLabels,
  zoneLabel,
} from "./karpenter-labels.ts";
import { type KarpenterNodeClass, osSkuOf } from "./karpenter-node-class.ts";
import { type Requirement, requirement } from "./karpenter-requirement.ts";
import { type Requirements, requirementsOf } from "./karpenter-requirements.ts";
import { parseSizeName, type SizeName } from "./karpenter-size-name.ts";

/** Resources by name: CPU in thousandths, all others in whole units. */
export type Amounts = ReadonlyMap<string, number>;

export type CapacityType = "on-demand" | "spot";

/** A size in one zone at one price. */
export interface Offering {
  readonly zone: string;
  readonly capacityType: CapacityType;
  /** An hour; undefined where no price is known. */
  readonly price: number | undefined;
  readonly requirements: Requirements;
}

/** A VM size as Karpenter sees it. */
export interface InstanceType {
  readonly name: string;
  readonly size: VmSize;
  readonly requirements: Requirements;
  readonly offerings: readonly Offering[];
  readonly capacity: Amounts;
  /** What pods and DaemonSets may ask for together, by the provider's cautious reckoning. */
  readonly allocatable: Amounts;
  /** Labels of which it is not known which value the size has; all are left open. */
  readonly unsure: ReadonlySet<string>;
}

export interface InstanceTypesInput {
  readonly location: string;
  readonly nodeClass: KarpenterNodeClass;
  readonly maxPods: number;
  readonly nodeResourceGroup: string;
  readonly sizes?: VmSizeOverrides | undefined;
  readonly prices?: VmPrices | undefined;
}

/**
 * The sizes that the provider would consider for nodes of a class: at least 2 vCPUs and 3.5 GiB, no constrained vCPUs, not confidential,
 * GPUs of its own list only. Source: Azure/karpenter-provider-azure v1.14.2 `pkg/providers/instancetype`.
 */
export const instanceTypes = (input: InstanceTypesInput): readonly InstanceType[] => {
  const region = regionName(input.location);
  const share = sharedRequirements();
  return offeredSizes(region, input.sizes).flatMap((size) => {
    const name = parseSizeName(size.name);
    if (name === undefined || !isSupported(size, name) || !suits(size, input.nodeClass)) return [];
    return [instanceType(size, name, { ...input, region }, share)];
  });
};

/** Sizes of the region: those of the user's SKU dump where it tells of the region, else all of the table. */
const offeredSizes = (region: string, given: VmSizeOverrides | undefined): readonly VmSize[] => {
  const dumped = [...(given?.values() ?? [])].filter(({ zonesByRegion }) => zonesByRegion?.has(region) === true);
  return dumped.length > 0 ? dumped : vmSizeNames().flatMap((name) => vmSize(name, given) ?? []);
};

const restricted: ReadonlySet<string> = new Set(["standard_e64i_v3", "standard_e64is_v3"]);

const isSupported = (size: VmSize, name: SizeName): boolean =>
  size.vcpus >= 2 &&
  (size.memoryGib ?? 0) >= 3.5 &&
  size.architecture !== undefined &&
  !name.constrained &&
  !/^Standard_[DE]C/i.test(size.name) &&
  !restricted.has(size.name.toLowerCase()) &&
  ((size.gpus ?? 0) === 0 || gpuSupport(size.name) !== undefined);

const suits = (size: VmSize, nodeClass: KarpenterNodeClass): boolean => {
  const gpu = gpuSupport(size.name);
  if (gpu !== undefined && nodeClass.imageFamily === "AzureLinux" && !gpu.azureLinux) return false;
  if (gpu?.manufacturer === "amd" && nodeClass.gpuDriver) return false;
  if (nodeClass.localDns === "Required" && size.vcpus < 4) return false;
  return !(nodeClass.artifactStreaming && size.architecture === "arm64");
};

interface Where extends InstanceTypesInput {
  readonly region: string;
}

const instanceType = (size: VmSize, name: SizeName, where: Where, share: Share): InstanceType => {
  const offerings = offeringsOf(size, where, share);
  const unsure = new Set<string>([skuLabels.ultraDisk]);
  const truth = (key: string, value: boolean | undefined): Requirement => {
    if (value === undefined) unsure.add(key);
    return share(key, value === undefined ? ["false", "true"] : [String(value)]);
  };
  const ephemeral = ephemeralOsDiskGb(size);
  if (ephemeral === undefined) unsure.add(skuLabels.ephemeralOsDisk);
  const gpu = gpuSupport(size.name);
  const memoryMib = String(Math.floor((size.memoryGib ?? 0) * 1024));
  const gpus = gpu === undefined ? 0 : (size.gpus ?? 0);
  const requirements = requirementsOf([
    share(instanceTypeLabel, [size.name]),
    share(archLabel, [size.architecture ?? "amd64"]),
    share(osLabel, ["linux"]),
    share(zoneLabel, [...new Set(offerings.map(({ zone }) => zone))]),
    share(regionLabel, [where.region]),
    share(capacityTypeLabel, ["on-demand", "spot"]),
    share(placementScopeLabel, [...new Set(offerings.map(({ zone }) => scopeOf(zone)))]),
    share(skuLabels.ultraDisk, ["false", "true"]),
    share(skuLabels.cpu, [String(size.vcpus)]),
    share(skuLabels.memory, [memoryMib]),
    share(aksLabels.cpu, [String(size.vcpus)]),
    share(aksLabels.memory, [memoryMib]),
    share(skuLabels.gpuCount, [String(gpus)]),
    share(skuLabels.gpuManufacturer, gpu === undefined ? [] : [gpu.manufacturer]),
    share(skuLabels.gpuName, gpu === undefined || name.accelerator === undefined ? [] : [name.accelerator]),
    share(aksLabels.cluster, [where.nodeResourceGroup.slice(0, 63)]),
    share(aksLabels.mode, ["system", "user"]),
    share(aksLabels.scaleSetPriority, ["regular", "spot"]),
    share(aksLabels.priority, ["regular", "spot"]),
    share(aksLabels.osSku, [osSkuOf(where.nodeClass)]),
    share(aksLabels.fips, where.nodeClass.fips ? ["true"] : []),
    share(skuLabels.name, [size.name]),
    share(skuLabels.family, [name.family]),
    share(skuLabels.series, [name.series]),
    share(skuLabels.version, [name.version]),
    // A size whose local disk is not known is left open: any number may be asked of it.
    ephemeral === undefined
      ? requirement(skuLabels.ephemeralOsDisk, "Exists")
      : share(skuLabels.ephemeralOsDisk, ephemeral > 0 ? [String(ephemeral)] : []),
    truth(skuLabels.premiumStorage, size.premiumIo),
    truth(skuLabels.acceleratedNetworking, size.acceleratedNetworking),
  ]);
  const capacity = capacityOf(size, where, gpus, gpu?.manufacturer);
  return {
    name: size.name,
    size,
    requirements,
    offerings,
    capacity,
    allocatable: less(capacity, overheadOf(size)),
    unsure,
  };
};

const offeringsOf = (size: VmSize, { region, prices }: Where, share: Share): readonly Offering[] => {
  const windows = false;
  return zonesOf(size, region).flatMap((zone) =>
    (["on-demand", "spot"] as const).map((capacityType): Offering => {
      const priority = capacityType === "spot" ? "spot" : "regular";
      return {
        zone,
        capacityType,
        price: prices?.perHour(size.name, region, { spot: capacityType === "spot", windows }),
        requirements: requirementsOf([
          share(capacityTypeLabel, [capacityType]),
          share(aksLabels.scaleSetPriority, [priority]),
          share(aksLabels.priority, [priority]),
          share(zoneLabel, [zone]),
          share(placementScopeLabel, [scopeOf(zone)]),
          share(skuLabels.ultraDisk, ["false", "true"]),
        ]),
      };
    }),
  );
};

/** Zones as labels, and the region itself; without a SKU dump a size is taken to be in all three zones of a region that has zones. */
const zonesOf = (size: VmSize, region: string): readonly string[] => {
  const zones = size.zonesByRegion?.get(region) ?? (regionZones(region) === "not zonal" ? [] : ["1", "2", "3"]);
  return [...zones.map((zone) => `${region}-${zone}`), regionalZone];
};

const scopeOf = (zone: string): string => (zone === regionalZone ? "regional" : "zonal");

/** Gigabytes (of 10⁹ bytes) of the largest ephemeral OS disk: NVMe, else cache, else temporary disk; 0 where there is none. */
const ephemeralOsDiskGb = (size: VmSize): number | undefined => {
  if (size.ephemeralOsDisk === false) return 0;
  if (size.ephemeralOsDisk === undefined) return undefined;
  const gib = (size.placements.includes("NvmeDisk") ? size.nvmeGib : undefined) || size.cacheGib || size.tempDiskGib;
  return gib === undefined ? undefined : Math.floor((gib * 1024 ** 3) / 1e9);
};

const mib = 1024 ** 2;

/** The provider's own allowance for what firmware and kernel keep (`vm-memory-overhead-percent`, 0.075). */
const memoryOverhead = 0.075;

const capacityOf = (
  size: VmSize,
  { nodeClass, maxPods }: InstanceTypesInput,
  gpus: number,
  manufacturer: string | undefined,
): Amounts => {
  const nominal = Math.floor(size.memoryGib ?? 0) * 1024 * mib;
  return new Map([
    ["cpu", size.vcpus * 1000],
    ["memory", nominal - Math.ceil(nominal * memoryOverhead)],
    ["ephemeral-storage", nodeClass.osDiskSizeGb * 1e9],
    ["pods", maxPods],
    ["nvidia.com/gpu", manufacturer === "nvidia" ? gpus : 0],
    ["amd.com/gpu", manufacturer === "amd" ? gpus : 0],
  ]);
};

/** Kube-reserved by the brackets that AKS used before 1.29, whatever the version, and 750 MiB for eviction (`instancetype.go`). */
const overheadOf = (size: VmSize): Amounts => {
  const cpu = Math.trunc(
    1000 *
      taxed(size.vcpus, [
        [1, 0.06],
        [2, 0.04],
        [4, 0.02],
        [Number.POSITIVE_INFINITY, 0.01],
      ]),
  );
  const memoryTax = taxed(size.memoryGib ?? 0, [
    [4, 0.25],
    [8, 0.2],
    [16, 0.1],
    [128, 0.06],
    [Number.POSITIVE_INFINITY, 0.02],
  ]);
  return new Map([
    ["cpu", cpu],
    ["memory", Math.trunc(1024 * memoryTax) * mib + 750 * mib],
  ]);
};

const taxed = (amount: number, brackets: readonly (readonly [number, number])[]): number => {
  let tax = 0;
  let lower = 0;
  for (const [upper, rate] of brackets) {
    if (amount > lower) tax += (Math.min(upper, amount) - lower) * rate;
    lower = upper;
  }
  return tax;
};

const less = (capacity: Amounts, overhead: Amounts): Amounts =>
  new Map([...capacity].map(([name, amount]) => [name, amount - (overhead.get(name) ?? 0)]));

type Share = (key: string, values: readonly string[]) => Requirement;

/** Makes each requirement once: sizes by the hundred ask the same of most labels. */
const sharedRequirements = (): Share => {
  const made = new Map<string, Requirement>();
  return (key, values) => {
    const id = `${key}\n${values.join()}`;
    const known = made.get(id);
    if (known !== undefined) return known;
    const fresh = requirement(key, values.length === 0 ? "DoesNotExist" : "In", values);
    made.set(id, fresh);
    return fresh;
  };
};
