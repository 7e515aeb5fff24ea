import { fingerprints } from "../findings/fingerprint.ts";
import type { Severity } from "../model/diagnostic.ts";
import { plainText, safeJson } from "./escape.ts";
import type { Reporter } from "./report.ts";

const severities: Readonly<Record<Severity, string>> = { error: "critical", warning: "major", info: "info" };

/** GitLab's Code Quality report: the fields that GitLab reads, with fingerprints that outlive moved lines. */
export const codeQualityReport: Reporter = (report) => {
  const marks = fingerprints(report.findings);
  return `${safeJson(
    report.findings.flatMap((finding, index) =>
      finding.suppressed !== undefined
        ? []
        : [
            {
              description: plainText(`${finding.code}: ${finding.detail === "" ? finding.summary : finding.detail}`),
              check_name: finding.code,
              fingerprint: marks[index] ?? "",
              severity: severities[finding.severity],
              location: {
                path: finding.range?.file ?? ".",
                lines: { begin: finding.range?.start.line ?? 1 },
              },
            },
          ],
    ),
  )}\n`;
};
