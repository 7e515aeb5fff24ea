import { asFinding, type Finding } from "../../src/findings/finding.ts";
import { diagnostic } from "../../src/model/diagnostic.ts";
import type { SourceRange } from "../../src/model/source-range.ts";
import { buildReport, type ReportInput } from "../../src/report/build-report.ts";
import type { Report } from "../../src/report/report.ts";

export const range = (file: string, line: number, column = 1): SourceRange => ({
  file,
  start: { line, column, offset: 0 },
  end: { line, column: column + 5, offset: 5 },
});

export const finding = (code: string, parts: Partial<Finding> = {}): Finding => ({
  ...asFinding(
    diagnostic({
      code,
      severity: "error",
      summary: "Subnet too small",
      detail: 'Subnet "nodes" is too small: 124 addresses are needed, 123 are usable. Use a /24.',
      subject: "azurerm_subnet.nodes",
      range: range("main.tf", 12, 3),
      evidence: { neededAddresses: 124, usableAddresses: 123 },
    }),
  ),
  ...parts,
});

export const report = (parts: Partial<ReportInput> = {}): Report =>
  buildReport({ version: "0.1.0", root: ".", after: [], findings: [], ...parts });
