import { csvCell } from "./escape.ts";
import type { Reporter } from "./report.ts";

/** The findings as CSV (RFC 4180), for spreadsheets. */
export const csvReport: Reporter = (report) => {
  const header = ["code", "severity", "status", "suppressed", "file", "line", "subject", "summary", "detail"];
  const rows = report.findings.map((finding) => [
    finding.code,
    finding.severity,
    finding.status ?? "",
    finding.suppressed === undefined ? "" : finding.suppressed.reason || "yes",
    finding.range?.file ?? "",
    finding.range === undefined ? "" : String(finding.range.start.line),
    finding.subject ?? "",
    finding.summary,
    finding.detail,
  ]);
  return [header, ...rows].map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
};
