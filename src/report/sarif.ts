import type { Finding } from "../findings/finding.ts";
import { fingerprints } from "../findings/fingerprint.ts";
import { paragraphs } from "../findings/rule-page.ts";
import { rules } from "../findings/rules.ts";
import type { Severity } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import { plainText, safeJson } from "./escape.ts";
import type { Report, Reporter } from "./report.ts";

/** GitHub takes 5,000 results a run and shows the worst; the rest is named in the last one's place in the text report. */
const mostResults = 5000;

/** SARIF 2.1.0: one run, rules of the findings only, fingerprints that outlive moved lines. */
export const sarifReport: Reporter = (report) => {
  const shown = report.findings.slice(0, mostResults);
  const marks = fingerprints(report.findings);
  const codes = [...new Set(shown.map((finding) => finding.code))].sort();
  const indexes = new Map(codes.map((code, index) => [code, index]));
  return `${safeJson({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: report.tool.name,
            version: report.tool.version,
            rules: codes.map((code) => ruleOf(code, report)),
          },
        },
        columnKind: "unicodeCodePoints",
        automationDetails: { id: "aks-twin/review/" },
        results: shown.map((finding, index) => resultOf(finding, indexes.get(finding.code) ?? 0, marks[index] ?? "")),
      },
    ],
  })}\n`;
};

const level: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "note" };

const ruleOf = (code: string, report: Report): unknown => {
  const rule = rules.find((candidate) => candidate.code === code);
  const first = report.findings.find((finding) => finding.code === code);
  const title = plainText(rule?.title ?? first?.summary ?? code);
  return {
    id: code,
    name: code,
    shortDescription: { text: title },
    fullDescription: { text: rule === undefined ? title : (paragraphs(rule.explain)[0] ?? title) },
    help: { text: rule === undefined ? title : paragraphs(rule.explain).join("\n\n") },
    defaultConfiguration: { level: level[rule?.severity ?? first?.severity ?? "warning"] },
    properties: { tags: ["aks", "reliability"] },
  };
};

const resultOf = (finding: Finding, ruleIndex: number, fingerprint: string): unknown => ({
  ruleId: finding.code,
  ruleIndex,
  level: level[finding.severity],
  message: { text: plainText(finding.detail === "" ? finding.summary : finding.detail) },
  locations: [
    {
      // GitHub wants a place for every result; what has none is about the whole input.
      physicalLocation: physicalLocation(finding.range),
      ...(finding.subject === undefined
        ? {}
        : { logicalLocations: [{ fullyQualifiedName: plainText(finding.subject), kind: "resource" }] }),
    },
  ],
  ...(finding.related.length === 0
    ? {}
    : {
        relatedLocations: finding.related.map(({ message, range }, id) => ({
          id,
          message: { text: plainText(message) },
          physicalLocation: physicalLocation(range),
        })),
      }),
  partialFingerprints: { "aksTwin/v1": fingerprint },
  ...(finding.suppressed === undefined
    ? {}
    : { suppressions: [{ kind: "inSource", justification: plainText(finding.suppressed.reason) }] }),
  ...(finding.status === undefined ? {} : { baselineState: finding.status }),
});

const physicalLocation = (range: SourceRange | undefined): unknown =>
  range === undefined
    ? { artifactLocation: { uri: ".", uriBaseId: "%SRCROOT%" }, region: { startLine: 1 } }
    : {
        artifactLocation: { uri: uriOf(range.file), uriBaseId: "%SRCROOT%" },
        region: {
          startLine: range.start.line,
          startColumn: range.start.column,
          endLine: range.end.line,
          endColumn: range.end.column,
        },
      };

/** A relative path as a URI; each part is encoded, the slashes stay. */
const uriOf = (file: string): string =>
  file
    .split("/")
    .map((part) => encodeURIComponent(part.isWellFormed() ? part : part.toWellFormed()))
    .join("/");
