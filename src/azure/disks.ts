/** A claim of that many bytes as whole GiB, at least one (azuredisk-csi-driver). */
export const wholeGib = (sizeBytes: number): number => Math.max(1, Math.ceil(sizeBytes / 1024 ** 3));

/** What a disk SKU can do (azuredisk-csi-driver; "Create a persistent volume with Azure Disks"). */
export interface DiskSku {
  readonly name: string;
  readonly zoneRedundant: boolean;
  /** Exists in a zone only: Ultra and Premium SSD v2. */
  readonly zonalOnly: boolean;
  readonly needsPremiumIo: boolean;
  readonly largestGib: number;
}

export const diskSkus: readonly DiskSku[] = [
  { name: "Standard_LRS", zoneRedundant: false, zonalOnly: false, needsPremiumIo: false, largestGib: 32767 },
  { name: "StandardSSD_LRS", zoneRedundant: false, zonalOnly: false, needsPremiumIo: false, largestGib: 32767 },
  { name: "StandardSSD_ZRS", zoneRedundant: true, zonalOnly: false, needsPremiumIo: false, largestGib: 32767 },
  { name: "Premium_LRS", zoneRedundant: false, zonalOnly: false, needsPremiumIo: true, largestGib: 32767 },
  { name: "Premium_ZRS", zoneRedundant: true, zonalOnly: false, needsPremiumIo: true, largestGib: 32767 },
  { name: "PremiumV2_LRS", zoneRedundant: false, zonalOnly: true, needsPremiumIo: true, largestGib: 65536 },
  { name: "UltraSSD_LRS", zoneRedundant: false, zonalOnly: true, needsPremiumIo: true, largestGib: 65536 },
];

/** The SKU of that name, in any case; the driver's default where none is given. */
export const diskSku = (name: string | undefined): DiskSku | undefined => {
  const wanted = (name || "StandardSSD_LRS").toLowerCase();
  return diskSkus.find((sku) => sku.name.toLowerCase() === wanted);
};

/** SKUs of Azure Files shares (azurefile-csi-driver). */
export const fileSkus: readonly string[] = [
  "Standard_LRS",
  "Standard_ZRS",
  "Standard_GRS",
  "Standard_RAGRS",
  "Standard_RAGZRS",
  "Standard_GZRS",
  "Premium_LRS",
  "Premium_ZRS",
  "StandardV2_LRS",
  "StandardV2_ZRS",
  "StandardV2_GRS",
  "StandardV2_GZRS",
  "PremiumV2_LRS",
  "PremiumV2_ZRS",
];

/** Least size of a premium share: the driver raises smaller claims to it (azurefile-csi-driver `controllerserver.go`). */
export const premiumShareGib = 100;
