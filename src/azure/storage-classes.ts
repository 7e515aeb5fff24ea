import { lazyTable } from "./data-file.ts";
import { atLeastVersion } from "./kubernetes-version.ts";

/** A StorageClass that AKS makes itself. */
export interface BuiltInStorageClass {
  readonly name: string;
  readonly isDefault: boolean;
  readonly provisioner: string;
  readonly volumeBindingMode: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly certainty: string;
}

interface Row {
  readonly name: string;
  readonly isDefault?: boolean;
  readonly minVersion?: string;
  readonly requires?: string;
  readonly provisioner: string;
  readonly volumeBindingMode: string;
  readonly skuName: string;
  readonly skuNameZonal?: string;
  readonly protocol?: string;
  readonly certainty: string;
}

const table = lazyTable<{ readonly classes: readonly Row[] }>("storage-classes.json");

/**
 * The classes of a new cluster. From 1.29 a cluster made with availability zones gets zone-redundant SKUs in the default classes;
 * they are written once, so an older cluster keeps what it was made with ("Storage options for applications in AKS").
 */
export const builtInStorageClasses = (cluster: {
  readonly kubernetesVersion: string;
  readonly zonal: boolean;
  readonly disk: boolean;
  readonly file: boolean;
  readonly blob: boolean;
}): readonly BuiltInStorageClass[] => {
  const redundant = cluster.zonal && atLeastVersion(cluster.kubernetesVersion, "1.29");
  const driverOn: Readonly<Record<string, boolean>> = {
    "disk.csi.azure.com": cluster.disk,
    "file.csi.azure.com": cluster.file,
    "blob.csi.azure.com": cluster.blob,
  };
  return table()
    .classes.filter((row) => driverOn[row.provisioner] ?? true)
    .filter((row) => row.minVersion === undefined || atLeastVersion(cluster.kubernetesVersion, row.minVersion))
    .map((row) => {
      const sku = redundant ? (row.skuNameZonal ?? row.skuName) : row.skuName;
      return {
        name: row.name,
        isDefault: row.isDefault ?? false,
        provisioner: row.provisioner,
        volumeBindingMode: row.volumeBindingMode,
        parameters: {
          [row.provisioner === "disk.csi.azure.com" ? "skuname" : "skuName"]: sku,
          ...(row.protocol === undefined ? {} : { protocol: row.protocol }),
        },
        certainty: row.certainty,
      };
    });
};
