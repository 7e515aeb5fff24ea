import type { Finding } from "../findings/finding.ts";
import { formatPlace } from "../model/source-range.ts";
import { xml } from "./escape.ts";
import type { Reporter } from "./report.ts";

/** JUnit XML: one suite, one failed case for each finding of severity error or warning; without findings one case that passes. */
export const junitReport: Reporter = (report) => {
  const open = report.findings.filter((finding) => finding.suppressed === undefined && finding.severity !== "info");
  const skipped = report.findings.filter((finding) => finding.suppressed !== undefined);
  const cases = [
    ...open.map(failedCase),
    ...skipped.map(
      (finding) =>
        `    ${caseHead(finding)}\n      <skipped message="${xml(finding.suppressed?.reason ?? "")}"/>\n    </testcase>`,
    ),
    ...(open.length + skipped.length === 0 ? ['    <testcase classname="aks-twin" name="review"/>'] : []),
  ];
  const errors = open.filter(({ severity }) => severity === "error").length;
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="aks-twin" tests="${cases.length}" failures="${open.length}">`,
    `  <testsuite name="${xml(report.root)}" tests="${cases.length}" failures="${open.length}" errors="0" skipped="${skipped.length}">`,
    `    <properties><property name="verdict" value="${xml(report.verdict.summary)}"/><property name="errors" value="${errors}"/></properties>`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
  ].join("\n")}\n`;
};

/** Attributes that Jenkins' published schema knows (xunit-plugin, junit-10.xsd); the place stands in the failure's text. */
const caseHead = (finding: Finding): string =>
  `<testcase classname="${xml(finding.code)}" name="${xml(finding.subject ?? finding.summary)}">`;

const failedCase = (finding: Finding): string => {
  const place = finding.range === undefined ? "" : `${formatPlace(finding.range)}\n`;
  return `    ${caseHead(finding)}\n      <failure type="${finding.severity}" message="${xml(finding.summary)}">${xml(`${place}${finding.detail}`)}</failure>\n    </testcase>`;
};
