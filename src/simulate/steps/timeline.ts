import { type Diagnostic, diagnostic, type Outcome } from "../../model/diagnostic.ts";
import { isJsonObject, type Json } from "../../model/json.ts";
import { type Millis, millis } from "../../model/quantity.ts";
import { splitWords } from "./kubectl-arguments.ts";

/** A kubectl command at a time of the simulation. */
export interface TimelineEntry {
  readonly at: Millis;
  readonly words: readonly string[];
}

/** Reads a scenario file: `events`, a list of `{ at: 5m, kubectl: scale deployment/web --replicas=3 }`. */
export const readTimeline = (value: Json): Outcome<readonly TimelineEntry[]> => {
  const events = isJsonObject(value) ? value["events"] : undefined;
  if (!Array.isArray(events)) {
    return { value: [], diagnostics: [unreadable('it has no list "events"')] };
  }
  const entries: TimelineEntry[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [index, event] of (events as readonly Json[]).entries()) {
    const at = isJsonObject(event) ? offsetOf(event["at"]) : undefined;
    const command = isJsonObject(event) ? event["kubectl"] : undefined;
    if (at === undefined || typeof command !== "string") {
      diagnostics.push(unreadable(`event ${index + 1} needs "at" (such as 5m) and "kubectl" (such as "cordon NODE")`));
      continue;
    }
    entries.push({ at, words: splitWords(command.replace(/^kubectl\s+/, "")) });
  }
  return { value: entries.sort((a, b) => a.at - b.at), diagnostics };
};

const offsetOf = (value: Json | undefined): Millis | undefined => {
  if (typeof value === "number") return millis(value * 1000);
  const match = typeof value === "string" ? /^(\d+(?:\.\d+)?)(s|m|h|d)?$/.exec(value) : null;
  if (match === null) return undefined;
  const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? "s"] ?? 1000;
  return millis(Number(match[1]) * unit);
};

const unreadable = (why: string): Diagnostic =>
  diagnostic({
    code: "AKS9120",
    severity: "error",
    summary: "A scenario cannot be read",
    detail: `In the scenario file ${why}. Correct it; what can be read is played.`,
  });
