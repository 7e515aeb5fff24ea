/**
 * Log categories of a cluster's control plane ("Supported log categories - Microsoft.ContainerService/managedClusters"). Azure adds to
 * them; one that is not listed may yet be there.
 */
export const clusterLogCategories = [
  "cloud-controller-manager",
  "cluster-autoscaler",
  "csi-azuredisk-controller",
  "csi-azurefile-controller",
  "csi-snapshot-controller",
  "guard",
  "kube-apiserver",
  "kube-audit",
  "kube-audit-admin",
  "kube-controller-manager",
  "kube-scheduler",
] as const;

/** Category groups ("Diagnostic settings in Azure Monitor": category groups). */
export const categoryGroups = ["allLogs", "audit"] as const;

/** Settings that one resource may have ("Diagnostic settings in Azure Monitor": destinations). */
export const settingsPerResource = 5;
