import type { ActionGroup, AlertRule, Platform, ResourceRef } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { monitoringOf, refName } from "./references.ts";

/** Who hears of an alert. */
export interface AlertTargets {
  readonly groups: readonly ActionGroup[];
  /** In words: `"ops" (2 email, 1 webhook)`. */
  readonly told: readonly string[];
  /** `nobody`: it has no group, or all of its groups are switched off or have no receivers. */
  readonly state: "told" | "nobody" | "unknown";
  readonly because: string;
}

/** Alerts without actions are seen in the portal alone ("Action groups in Azure Monitor", "Alert processing rules"). */
export const alertTargets = (platform: Platform, alert: AlertRule): AlertTargets => {
  const { actionGroups, processingRules } = monitoringOf(platform);
  const added = processingRules.filter(({ kind, enabled }) => kind === "adds" && enabled !== false);
  const refs = [
    ...alert.actionGroups,
    ...alert.conditions.flatMap((condition) => condition.actionGroups),
    ...added.flatMap((rule) => rule.actionGroups),
  ];
  const groups = [...new Set(refs.flatMap((ref) => resolve(actionGroups, ref) ?? []))];
  const isOpen = !alert.isWhole || refs.some((ref) => resolve(actionGroups, ref) === undefined && isThere(ref));
  const hearing = groups.filter((group) => hears(group) !== "no");
  const told = [
    ...groups.map(groupText),
    ...refs
      .filter((ref) => resolve(actionGroups, ref) === undefined && isThere(ref))
      .map((ref) => `"${refName(ref, actionGroups)}"`),
  ];
  if (hearing.some((group) => hears(group) === "yes")) return { groups, told, state: "told", because: "" };
  if (isOpen || hearing.length > 0)
    return { groups, told, state: "unknown", because: "an action group is not part of the configuration" };
  const because =
    groups.length === 0
      ? "it has no action group"
      : groups.every(({ enabled }) => enabled === false)
        ? "its action group is switched off"
        : "its action group has no receivers";
  return { groups, told, state: "nobody", because };
};

/** Conditions of a group of Prometheus rules that alert, and have no action group. */
export const silentRules = (alert: AlertRule): readonly string[] =>
  alert.conditions
    .filter(({ isAlert, enabled, actionGroups }) => isAlert && enabled !== false && actionGroups.length === 0)
    .map(({ name }) => known(name) ?? "a rule without a known name");

/** Recording rules make series and tell nobody, as they should. */
export const alertsAtAll = (alert: AlertRule): boolean =>
  alert.kind !== "prometheus" || alert.conditions.some(({ isAlert }) => isAlert);

const isThere = (ref: ResourceRef): boolean => ref.address !== undefined || ref.id !== undefined;

const hears = (group: ActionGroup): "yes" | "no" | "unsure" => {
  if (group.enabled === false || (group.isWhole && !group.isData && group.receivers.length === 0)) return "no";
  return isUnknown(group.enabled) || group.isData || group.receivers.length === 0 ? "unsure" : "yes";
};

const groupText = (group: ActionGroup): string => {
  const counts = new Map<string, number>();
  for (const kind of group.receivers) {
    const name = kind.replace(/_receiver$/, "").replaceAll("_", " ");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = [...counts].map(([name, count]) => `${count} ${name}`);
  const state = group.enabled === false ? "switched off" : parts.length === 0 ? "no known receivers" : parts.join(", ");
  return `"${known(group.name) ?? group.address}" (${state})`;
};
