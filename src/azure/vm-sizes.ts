import { lazyTable } from "./data-file.ts";

/** How sure a fact about a size is: looked up in the SKU API or documentation, or derived from the name or a sister series. */
export type SizeEvidence = "sku" | "documentation" | "series" | "naming" | "unknown";

export type OsDiskPlacement = "ResourceDisk" | "CacheDisk" | "NvmeDisk";

/** One VM size. `undefined` is "not known", never zero. */
export interface VmSize {
  readonly name: string;
  readonly family: string | undefined;
  readonly vcpus: number;
  /** Nominal memory of the SKU; a node shows somewhat less. */
  readonly memoryGib: number | undefined;
  readonly gpus: number | undefined;
  readonly architecture: "amd64" | "arm64" | undefined;
  /** What Azure allows. */
  readonly maxDataDisks: number;
  /** What the disk CSI driver reports on the node. */
  readonly csiAllocatable: number;
  readonly tempDiskGib: number | undefined;
  readonly cacheGib: number | undefined;
  readonly nvmeGib: number | undefined;
  readonly ephemeralOsDisk: boolean | undefined;
  readonly placements: readonly OsDiskPlacement[];
  readonly localDiskEvidence: SizeEvidence;
  readonly premiumIo: boolean | undefined;
  readonly premiumIoEvidence: SizeEvidence;
  readonly acceleratedNetworking: boolean | undefined;
  readonly maxNics: number | undefined;
  /** Region to zones in which the size may be used, from a SKU dump of the user; the table knows none. */
  readonly zonesByRegion?: ReadonlyMap<string, readonly string[]>;
  /** Regions in which the subscription may not use the size at all, from the same dump. */
  readonly restrictedRegions?: readonly string[];
}

/** Sizes that the user gave (`az vm list-skus`), by lower-case name; they go before the table's. */
export type VmSizeOverrides = ReadonlyMap<string, VmSize>;

type Row = readonly [
  name: string,
  family: number,
  vcpus: number,
  memoryGib: number | null,
  gpus: number | null,
  maxDataDisks: number,
  csiAllocatable: number,
  tempDiskGib: number | null,
  cacheGib: number | null,
  nvmeGib: number | null,
  maxNics: number | null,
  flags: string,
  evidence: string,
];

const table = lazyTable<{ readonly families: readonly string[]; readonly rows: readonly Row[] }>("vm-sizes.json");

let rowsByName: Map<string, Row> | undefined;

const rows = (): Map<string, Row> => {
  rowsByName ??= new Map(table().rows.map((row) => [row[0].toLowerCase(), row]));
  return rowsByName;
};

/**
 * The size of that name, in any case, or `undefined` where neither the user's SKU dump nor the table has it.
 * Sources: kubernetes/autoscaler `azure_instance_types.go`, azuredisk-csi-driver `azure_dd_max_disk_count.go`,
 * karpenter-provider-azure captured SKU answers, Azure compute documentation (see the table's own `source`).
 */
export const vmSize = (name: string, overrides?: VmSizeOverrides): VmSize | undefined => {
  const key = name.toLowerCase();
  const given = overrides?.get(key);
  if (given !== undefined) return given;
  const row = rows().get(key);
  return row === undefined ? undefined : fromRow(row);
};

/** All names of the table, in its order: for "did you mean" and for what-if sweeps. */
export const vmSizeNames = (): readonly string[] => table().rows.map((row) => row[0]);

const evidenceOf: Readonly<Record<string, SizeEvidence>> = {
  sku: "sku",
  doc: "documentation",
  series: "series",
  naming: "naming",
};

const placementOf: Readonly<Record<string, OsDiskPlacement>> = { R: "ResourceDisk", C: "CacheDisk", N: "NvmeDisk" };

const flag = (letter: string | undefined): boolean | undefined =>
  letter === "Y" || letter === "y" ? true : letter === "N" || letter === "n" ? false : undefined;

/** The whole machines of the ND family have eight cards ("ND family VM size series"); the table lacks the number of some. */
const eightGpus = /^standard_nd(96|112)/i;

const fromRow = (row: Row): VmSize => {
  const flags = row[11];
  const premium = flags[0];
  return {
    name: row[0],
    family: table().families[row[1]] || undefined,
    vcpus: row[2],
    memoryGib: row[3] ?? undefined,
    gpus: row[4] || (eightGpus.test(row[0]) ? 8 : (row[4] ?? undefined)),
    architecture: flags[2] === "x" ? "amd64" : flags[2] === "a" ? "arm64" : undefined,
    maxDataDisks: row[5],
    csiAllocatable: row[6],
    tempDiskGib: row[7] ?? undefined,
    cacheGib: row[8] ?? undefined,
    nvmeGib: row[9] ?? undefined,
    ephemeralOsDisk: flag(flags[3]),
    placements: [...flags.slice(5)].flatMap((letter) => placementOf[letter] ?? []),
    localDiskEvidence: evidenceOf[row[12]] ?? "unknown",
    premiumIo: flag(premium),
    premiumIoEvidence: premium === "Y" || premium === "N" ? "sku" : premium === "?" ? "unknown" : "naming",
    acceleratedNetworking: flag(flags[1]),
    maxNics: row[10] ?? undefined,
  };
};
