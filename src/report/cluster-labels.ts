import type { WorldReport } from "./report.ts";

/** How a report calls clusters where it has several: the shortest part of their addresses that tells them apart; empty with one alone. */
export const clusterLabels = ({ clusters }: Pick<WorldReport, "clusters">): ReadonlyMap<string, string> => {
  if (clusters.length < 2) return new Map();
  const short = clusters.map(shortName);
  const tell = new Set(short).size === short.length;
  return new Map(clusters.map((address, index) => [address, tell ? (short[index] ?? address) : address]));
};

/** `shop` of `azurerm_kubernetes_cluster.shop`, `west` of `module.aks["west"].azurerm_kubernetes_cluster.main[0]`. */
const shortName = (address: string): string => {
  const keys = [...address.matchAll(/\["([^"]*)"\]/g)].map(([, key]) => key ?? "");
  const key = keys.at(-1);
  if (key !== undefined) return key;
  const module = /^module\.([^.[]+)/.exec(address)?.[1];
  return module ?? address.replace(/^[^.]+\./, "");
};

/** `shop/` before the name of something of a cluster. */
export const clusterPrefix = (labels: ReadonlyMap<string, string>, cluster: string | undefined): string => {
  const label = cluster === undefined ? undefined : labels.get(cluster);
  return label === undefined ? "" : `${label}/`;
};

/** ` in cluster "shop"` behind a sentence's subject. */
export const inCluster = (labels: ReadonlyMap<string, string>, cluster: string | undefined): string => {
  const label = cluster === undefined ? undefined : labels.get(cluster);
  return label === undefined ? "" : ` in cluster "${label}"`;
};
