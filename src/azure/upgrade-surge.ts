import { atLeastVersion } from "./kubernetes-version.ts";

/** What an upgrade adds to a pool, and where the figure comes from. */
export interface Surge {
  readonly nodes: number;
  readonly setting: string;
  readonly isDefault: boolean;
}

/**
 * Nodes that an upgrade adds to a pool of `count` nodes. A share is rounded up; no more nodes are added than are to be upgraded.
 * Left out: 10 % for clusters of 1.28 and later, one node before (Azure/AKS CHANGELOG 2023-10 and 2025-03-16). Spot pools get no
 * surge nodes ("Add an Azure Spot node pool").
 */
export const upgradeSurge = (
  count: number,
  pool: { readonly maxSurge: string | undefined; readonly kubernetesVersion: string; readonly spot: boolean },
): Surge => {
  if (pool.spot) return { nodes: 0, setting: "none on spot pools", isDefault: true };
  const given = pool.maxSurge?.trim();
  const setting = given || defaultMaxSurge(pool.kubernetesVersion);
  const nodes = surgeNodes(count, setting);
  return { nodes: nodes ?? surgeNodes(count, "10%") ?? 0, setting, isDefault: !given };
};

export const defaultMaxSurge = (kubernetesVersion: string): string =>
  atLeastVersion(kubernetesVersion, "1.28") ? "10%" : "1";

const surgeNodes = (count: number, setting: string): number | undefined => {
  const match = /^(\d+)(%?)$/.exec(setting);
  if (match === null) return undefined;
  const asked = match[2] === "%" ? Math.ceil((count * Number(match[1])) / 100) : Number(match[1]);
  return Math.min(asked, count);
};
