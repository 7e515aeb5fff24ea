import type { Changes } from "../findings/changes.ts";
import type { Finding } from "../findings/finding.ts";
import type { Severity } from "../model/diagnostic.ts";
import type { Verdict, WorldReport } from "./report.ts";

/** The verdict: what a reviewer must know in one line, and at most three reasons. */
export const verdictOf = (findings: readonly Finding[], after: WorldReport, changes: Changes | undefined): Verdict => {
  const open = findings.filter((finding) => finding.suppressed === undefined);
  const count = (severity: Severity): number => open.filter((finding) => finding.severity === severity).length;
  const counts = {
    error: count("error"),
    warning: count("warning"),
    info: count("info"),
    suppressed: findings.length - open.length,
  };
  const unread = open.filter(
    (finding) => isAboutInput(finding) && (finding.severity === "error" || leavesOut.has(finding.code)),
  ).length;
  const inputErrors = open.filter((finding) => finding.severity === "error" && isAboutInput(finding)).length;
  const risks = open.filter(
    (finding) => finding.severity === "warning" && !(isAboutInput(finding) && leavesOut.has(finding.code)),
  ).length;
  const outcome =
    counts.error > inputErrors
      ? "fails"
      : unread > 0 || after.clusters.length === 0
        ? "unknown"
        : risks > 0
          ? "risks"
          : "works";
  return {
    outcome,
    summary: summaryOf(
      outcome,
      { ...counts, warning: outcome === "fails" ? counts.warning : risks },
      unread,
      after,
      changes,
    ),
    reasons: reasonsOf(open),
    counts,
  };
};

/** Nodes or objects are missing from the prediction: a pool of unknown size, a kustomization or chart that was not rendered, a plan without references. */
const leavesOut: ReadonlySet<string> = new Set(["AKS9104", "AKS9117", "AKS9301"]);

/** What could not be read or is not given (AKS9xxx): nothing is known to fail, but something is not known. */
const isAboutInput = ({ code }: Finding): boolean => code.startsWith("AKS9") && !refusedByServer.has(code);

/** Objects that were read well enough to know that the API server refuses them: a version that is gone, a field of a wrong type. */
const refusedByServer: ReadonlySet<string> = new Set(["AKS9113", "AKS9115"]);

const summaryOf = (
  outcome: Verdict["outcome"],
  counts: Verdict["counts"],
  unread: number,
  after: WorldReport,
  changes: Changes | undefined,
): string => {
  const head = {
    fails: `Will not work as written: ${plural(counts.error, "error")}${counts.warning > 0 ? `, ${plural(counts.warning, "warning")}` : ""}`,
    unknown: `${unread === 0 ? "No AKS cluster found in the input" : `Cannot say all: ${plural(unread, "problem")} with the input`}; ${
      after.clusters.length === 0
        ? "nothing can be predicted"
        : counts.warning > 0
          ? `what could be read works, with ${plural(counts.warning, "risk")}`
          : "nothing found that would fail in what could be read"
    }`,
    risks: `Works, with ${plural(counts.warning, "risk")}`,
    works: "Works: nothing found that would fail",
  }[outcome];
  const pending = after.pending.length;
  const placed = after.nodes.reduce((sum, node) => sum + node.placed.length, 0);
  const always = after.pending.filter(({ when }) => when === "always").length;
  const waiting =
    always === 0
      ? `${pending} of ${placed + pending} pods stay Pending at high load`
      : `${always} of ${placed + pending} pods stay Pending`;
  const pods = pending === 0 ? "" : `; ${waiting}`;
  return `${head}${pods}${changeClause(changes)}.`;
};

const changeClause = (changes: Changes | undefined): string => {
  if (changes === undefined) return "";
  if (changes.nothingChanged) return "; nothing changes against the base";
  const { new: added, fixed } = changes.findings;
  if (added.length === 0 && fixed.length === 0) return "";
  return `; against the base ${added.length} new, ${fixed.length} fixed`;
};

const reasonsOf = (open: readonly Finding[]): readonly string[] => {
  const weighty = open.filter((finding) => finding.severity !== "info");
  const fresh = weighty.filter((finding) => finding.status === "new");
  return (fresh.length > 0 ? fresh : weighty).slice(0, 3).map((finding) => firstSentence(finding.detail));
};

/** The first sentence of a text; a full stop inside a version, an address or a file name does not end it. */
export const firstSentence = (text: string): string => {
  const end = text.search(/[.](?=\s+["A-Z(]|\s*$)/);
  return end < 0 ? text : text.slice(0, end + 1);
};

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
