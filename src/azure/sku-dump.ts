import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { regionName } from "./regions.ts";
import { type OsDiskPlacement, type VmSize, vmSize } from "./vm-sizes.ts";

/** vCPU quota of a subscription in a region, by family name in lower case (`cores` is the whole region, `lowPriorityCores` spot). */
export interface VcpuQuota {
  readonly family: string;
  readonly used: number;
  readonly limit: number;
}

/**
 * Reads the answer of `az vm list-skus -o json`: sizes with their capabilities, and the zones of each region less those that are
 * restricted for the subscription. What the dump leaves out is taken from the table.
 */
export const vmSizesFromSkuDump = (dump: Json): ReadonlyMap<string, VmSize> => {
  const sizes = new Map<string, VmSize>();
  for (const entry of Array.isArray(dump) ? dump : []) {
    if (!isJsonObject(entry) || entry["resourceType"] !== "virtualMachines") continue;
    const name = text(entry["name"]);
    if (name === undefined) continue;
    const key = name.toLowerCase();
    const earlier = sizes.get(key);
    const zonesByRegion = new Map([...(earlier?.zonesByRegion ?? []), ...zonesOf(entry)]);
    const size = earlier ?? sizeFrom(name, entry);
    const restrictedRegions = [...(earlier?.restrictedRegions ?? []), ...restrictedRegionsOf(entry)];
    if (size !== undefined)
      sizes.set(key, { ...size, zonesByRegion, ...(restrictedRegions.length === 0 ? {} : { restrictedRegions }) });
  }
  return sizes;
};

/** Reads the answer of `az vm list-usage -o json`. */
export const quotasFromUsageDump = (dump: Json): ReadonlyMap<string, VcpuQuota> => {
  const quotas = new Map<string, VcpuQuota>();
  for (const entry of Array.isArray(dump) ? dump : []) {
    if (!isJsonObject(entry) || !isJsonObject(entry["name"])) continue;
    const family = text(entry["name"]["value"]);
    const used = number(entry["currentValue"]);
    const limit = number(entry["limit"]);
    if (family === undefined || used === undefined || limit === undefined) continue;
    quotas.set(family.toLowerCase(), { family, used, limit });
  }
  return quotas;
};

const sizeFrom = (name: string, entry: JsonObject): VmSize | undefined => {
  const known = vmSize(name);
  const capability = capabilitiesOf(entry);
  const count = (key: string): number | undefined => number(capability.get(key));
  const truth = (key: string): boolean | undefined => {
    const value = capability.get(key)?.toLowerCase();
    return value === "true" ? true : value === "false" ? false : undefined;
  };
  const vcpus = count("vCPUsAvailable") ?? count("vCPUs") ?? known?.vcpus;
  if (vcpus === undefined) return undefined;
  const maxDataDisks = count("MaxDataDiskCount") ?? known?.maxDataDisks ?? 0;
  const tempMib = count("MaxResourceVolumeMB");
  const cached = count("CachedDiskBytes");
  const nvmeMib = count("NvmeDiskSizeInMiB");
  return {
    name,
    family: text(entry["family"]) ?? known?.family,
    vcpus,
    memoryGib: count("MemoryGB") ?? known?.memoryGib,
    gpus: count("GPUs") ?? known?.gpus ?? 0,
    architecture: architectureOf(capability.get("CpuArchitectureType")) ?? known?.architecture,
    maxDataDisks,
    csiAllocatable: known?.csiAllocatable ?? csiFallback,
    tempDiskGib: tempMib === undefined ? known?.tempDiskGib : tempMib / 1024,
    cacheGib: cached === undefined ? known?.cacheGib : cached / 1024 ** 3,
    nvmeGib: nvmeMib === undefined ? known?.nvmeGib : nvmeMib / 1024,
    ephemeralOsDisk: truth("EphemeralOSDiskSupported") ?? known?.ephemeralOsDisk,
    placements: placementsOf(capability.get("SupportedEphemeralOSDiskPlacements")) ?? known?.placements ?? [],
    localDiskEvidence: "sku",
    premiumIo: truth("PremiumIO") ?? known?.premiumIo,
    premiumIoEvidence: truth("PremiumIO") === undefined ? (known?.premiumIoEvidence ?? "unknown") : "sku",
    acceleratedNetworking: truth("AcceleratedNetworkingEnabled") ?? known?.acceleratedNetworking,
    maxNics: count("MaxNetworkInterfaces") ?? known?.maxNics,
  };
};

/** What the disk CSI driver reports for a size that its own map lacks (azuredisk-csi-driver `nodeserver.go`). */
export const csiFallback = 16;

const capabilitiesOf = (entry: JsonObject): ReadonlyMap<string, string> => {
  const list = entry["capabilities"];
  const map = new Map<string, string>();
  for (const item of Array.isArray(list) ? list : []) {
    if (!isJsonObject(item)) continue;
    const name = text(item["name"]);
    const value = text(item["value"]);
    if (name !== undefined && value !== undefined) map.set(name, value);
  }
  return map;
};

const zonesOf = (entry: JsonObject): readonly (readonly [string, readonly string[]])[] => {
  const restricted = restrictionsOf(entry);
  const locations = entry["locationInfo"];
  return (Array.isArray(locations) ? locations : []).flatMap((item: Json) => {
    if (!isJsonObject(item)) return [];
    const location = text(item["location"]);
    if (location === undefined) return [];
    const region = regionName(location);
    const zones = strings(item["zones"]).filter((zone) => !restricted.has(`${region}/${zone}`));
    return [[region, zones.sort()] as const];
  });
};

const restrictionsOf = (entry: JsonObject): ReadonlySet<string> => {
  const found = new Set<string>();
  const list = entry["restrictions"];
  for (const item of Array.isArray(list) ? list : []) {
    if (!isJsonObject(item) || item["type"] !== "Zone" || !isJsonObject(item["restrictionInfo"])) continue;
    for (const location of strings(item["restrictionInfo"]["locations"]))
      for (const zone of strings(item["restrictionInfo"]["zones"])) found.add(`${regionName(location)}/${zone}`);
  }
  return found;
};

/** Regions that are closed to the subscription: restrictions of type Location, such as NotAvailableForSubscription. */
const restrictedRegionsOf = (entry: JsonObject): readonly string[] =>
  (Array.isArray(entry["restrictions"]) ? entry["restrictions"] : []).flatMap((item: Json) => {
    if (!isJsonObject(item) || item["type"] !== "Location") return [];
    const info = item["restrictionInfo"];
    const named = isJsonObject(info) ? strings(info["locations"]) : [];
    return (named.length > 0 ? named : strings(item["values"])).map(regionName);
  });

const architectureOf = (name: string | undefined): "amd64" | "arm64" | undefined =>
  name === undefined ? undefined : name.toLowerCase() === "arm64" ? "arm64" : "amd64";

const placementsOf = (list: string | undefined): readonly OsDiskPlacement[] | undefined =>
  list
    ?.split(",")
    .flatMap((name) =>
      name.trim() === "ResourceDisk" || name.trim() === "CacheDisk" || name.trim() === "NvmeDisk"
        ? [name.trim() as OsDiskPlacement]
        : [],
    );

const text = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined);

const number = (value: Json | undefined): number | undefined => {
  const parsed = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof parsed === "number" && Number.isFinite(parsed) ? parsed : undefined;
};

const strings = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
