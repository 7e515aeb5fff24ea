import { safeJson } from "./escape.ts";
import type { Reporter } from "./report.ts";

/** The report as JSON, in the form of `schemas/review.schema.json`. */
export const jsonReport: Reporter = (report) => `${safeJson(jsonForm(report))}\n`;

/** The JSON form: `suppressed` is a truth value with its reason beside it, and what is not there is left out. */
export const jsonForm = (report: Parameters<Reporter>[0]): unknown => ({
  ...report,
  findings: report.findings.map(findingForm),
  ...(report.changes === undefined
    ? {}
    : {
        changes: {
          ...report.changes,
          findings: {
            new: report.changes.findings.new.map(findingForm),
            fixed: report.changes.findings.fixed.map(findingForm),
            unchanged: report.changes.findings.unchanged,
          },
        },
      }),
});

const findingForm = (finding: Parameters<Reporter>[0]["findings"][number]): unknown => ({
  code: finding.code,
  severity: finding.severity,
  summary: finding.summary,
  detail: finding.detail,
  subject: finding.subject,
  range: finding.range,
  evidence: finding.evidence,
  related: finding.related,
  suppressed: finding.suppressed !== undefined,
  ...(finding.suppressed === undefined
    ? {}
    : { suppression: { reason: finding.suppressed.reason, range: finding.suppressed.range } }),
  ...(finding.status === undefined ? {} : { status: finding.status }),
});
