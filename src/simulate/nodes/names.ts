/** Name of a pool's scale set: `aks-<pool>-<8 digits>-vmss`, on Windows `aks<pool>` ("Use labels", observed clusters). */
export const scaleSetName = (clusterKey: string, pool: string, windows: boolean): string =>
  windows ? `aks${pool}` : `aks-${pool}-${clusterDigits(clusterKey)}-vmss`;

/** Name of the `index`th instance: six digits to the base of 36 after the scale set's name. */
export const nodeName = (scaleSet: string, index: number): string =>
  `${scaleSet}${index.toString(36).padStart(6, "0")}`;

/**
 * The eight digits in AKS's names. Azure makes them of the cluster's DNS name and resource group in a way that is not published; here
 * they are an FNV-1a hash of what names the cluster, so that the same input gives the same names.
 */
export const clusterDigits = (clusterKey: string): string => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < clusterKey.length; index++) {
    hash ^= clusterKey.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return String(hash % 100_000_000).padStart(8, "0");
};

/** Name of the node resource group where none is given: `MC_<group>_<cluster>_<location>`, at most 80 characters. */
export const nodeResourceGroupName = (group: string, cluster: string, location: string): string =>
  `MC_${group}_${cluster}_${location}`.slice(0, 80);
