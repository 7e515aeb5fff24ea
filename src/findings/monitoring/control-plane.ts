import { clusterLogCategories } from "../../azure/monitor-categories.ts";
import type { AksCluster, DiagnosticSetting, Platform, ResourceRef } from "../../azure/platform.ts";
import { refersTo, refName } from "./references.ts";

/** A destination of a setting, the kind in words. */
export interface SettingTarget {
  readonly kind: "workspace" | "storage account" | "event hub" | "partner solution";
  readonly ref: ResourceRef;
}

/** The diagnostic settings of a cluster, and whether there may be others of it. */
export const settingsOf = (
  platform: Platform,
  cluster: AksCluster,
): { readonly settings: readonly DiagnosticSetting[]; readonly isUnsure: boolean } => {
  const mine = platform.diagnosticSettings.map((setting) => ({ setting, is: refersTo(setting.target, cluster) }));
  return {
    settings: mine.filter(({ is }) => is === "yes").map(({ setting }) => setting),
    isUnsure: mine.some(({ is }) => is === "unsure"),
  };
};

export const targetsOf = (setting: DiagnosticSetting): readonly SettingTarget[] => [
  ...(setting.workspace === undefined ? [] : [{ kind: "workspace" as const, ref: setting.workspace }]),
  ...(setting.storage === undefined ? [] : [{ kind: "storage account" as const, ref: setting.storage }]),
  ...(setting.eventHub === undefined ? [] : [{ kind: "event hub" as const, ref: setting.eventHub }]),
  ...(setting.partner === undefined ? [] : [{ kind: "partner solution" as const, ref: setting.partner }]),
];

/** `workspace "log-shop"`. */
export const targetText = (platform: Platform, { kind, ref }: SettingTarget): string =>
  `${kind} "${refName(ref, [...platform.logWorkspaces, ...platform.storageAccounts])}"`;

/** Categories of the control plane that no setting takes; none where a setting may hold more than is known. */
export const categoriesLeftOut = (settings: readonly DiagnosticSetting[]): readonly string[] => {
  const taken = new Set(settings.flatMap(({ categories }) => categories));
  if (taken.has("allLogs") || settings.some(({ isWhole }) => isWhole === false)) return [];
  // The group holds the audit logs; kube-audit has all that kube-audit-admin has.
  const audits = taken.has("audit") ? ["kube-audit", "kube-audit-admin", "guard"] : [];
  const covered = taken.has("kube-audit") ? ["kube-audit-admin"] : [];
  return clusterLogCategories.filter((category) => ![...taken, ...audits, ...covered].includes(category));
};
