import { known } from "../../model/unknown.ts";
import { nameOf, quotedList } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";
import { monitoringOf } from "./references.ts";

export const flowDestination: Rule = {
  code: "AKS7105",
  title: "A data flow to a destination that is not declared",
  severity: "error",
  explain: `The destinations of a data flow are names from the rule's own block "destinations".
What happens: Azure refuses the rule, InvalidPayload.
Mend: give the data flow the name that the destination has.
Source: "Structure of a data collection rule (DCR) in Azure Monitor".`,
  *check({ platform }) {
    for (const rule of monitoringOf(platform).collectionRules) {
      if (rule.isData || !rule.isWhole) continue;
      const names = rule.destinations.map(({ name }) => known(name));
      if (names.includes(undefined)) continue;
      const missing = rule.flows
        .flatMap(({ destinations }) => known(destinations) ?? [])
        .filter((name) => !names.includes(name));
      if (missing.length === 0) continue;
      yield violation(flowDestination, {
        subject: rule.address,
        range: rule.rangeAt("data_flow"),
        detail: `Data collection rule "${nameOf(rule)}" sends a data flow to ${quotedList([...new Set(missing)])}, but declares ${
          names.length === 0 ? "no destination" : quotedList(names.flatMap((name) => name ?? []))
        }: Azure refuses it. Use the declared name.`,
        evidence: { undeclared: missing.join(", ") },
      });
    }
  },
};
