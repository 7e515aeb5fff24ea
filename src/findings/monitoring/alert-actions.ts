import { known } from "../../model/unknown.ts";
import { counted, managedClusters, nameOf, quotedList } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { alertsAtAll, alertTargets, silentRules } from "./alert-targets.ts";
import { monitoringOf } from "./references.ts";

export const alertTellsNobody: Rule = {
  code: "AKS7113",
  title: "An alert that tells nobody",
  severity: "info",
  explain: `An alert without an action group, or whose groups are switched off or have no receivers, is seen in the portal alone. Alert processing rules may add a group.
What happens: the alert fires, and nobody hears of it.
Mend: an action group with a receiver.
Source: "Action groups in Azure Monitor"; "Alert processing rules".`,
  *check(world) {
    if (managedClusters(world).length === 0) return;
    const { alerts } = monitoringOf(world.platform);
    for (const alert of alerts) {
      if (alert.isData || alert.enabled === false || !alertsAtAll(alert)) continue;
      const { state, because, groups, told } = alertTargets(world.platform, alert);
      if (state !== "nobody") {
        const silent = state === "told" && alert.kind === "prometheus" ? silentRules(alert) : [];
        if (silent.length === 0 || silent.length === alert.conditions.length) continue;
        yield violation(alertTellsNobody, {
          subject: alert.address,
          range: alert.rangeAt("rule"),
          detail: `${counted(silent.length, "rule")} of group "${nameOf(alert)}" (${quotedList(silent)}) without an action group, while others have one: nobody hears of that. Add action blocks.`,
          evidence: { rules: silent.length },
        });
        continue;
      }
      yield violation(alertTellsNobody, {
        subject: alert.address,
        range: alert.rangeAt("action"),
        detail: `Alert "${nameOf(alert)}" tells nobody: ${because}${told.length === 0 ? "" : `, ${told.join(", ")}`}. Add ${groups.length === 0 ? "an action group" : "a receiver"}.`,
        related: relatedTo(...groups.map((group) => ["the action group", group.range] as const)),
      });
    }
  },
};

export const alertOff: Rule = {
  code: "AKS7114",
  title: "An alert that is switched off",
  severity: "info",
  explain: `An alert with enabled = false, or a rule of a Prometheus rule group with it, is kept and does not watch.
What happens: nothing is told.
Mend: switch it on, or take it away.
Source: "Overview of Azure Monitor alerts".`,
  *check(world) {
    if (managedClusters(world).length === 0) return;
    for (const alert of monitoringOf(world.platform).alerts) {
      const off = alert.conditions.filter(({ isAlert, enabled }) => isAlert && enabled === false);
      if (alert.isData || (alert.enabled !== false && off.length === 0)) continue;
      const names = off.flatMap(({ name }) => known(name) ?? []);
      yield violation(alertOff, {
        subject: alert.address,
        range: alert.rangeAt(
          alert.enabled !== false ? "rule" : alert.kind === "prometheus" ? "rule_group_enabled" : "enabled",
        ),
        detail:
          alert.enabled === false
            ? `Alert "${nameOf(alert)}" is switched off and watches nothing.`
            : `${counted(off.length, "rule")} of group "${nameOf(alert)}"${names.length === 0 ? "" : ` (${quotedList(names)})`} switched off: nothing is watched by that.`,
      });
    }
  },
};
