import type { Finding } from "../findings/finding.ts";
import { plainLine, withoutCommands } from "./escape.ts";
import type { Reporter } from "./report.ts";

/** GitHub shows ten annotations of each level a step. */
const mostOfALevel = 10;

/** GitHub Actions' workflow commands: `::error file=…,line=…::…`, the worst ten of each level. */
export const githubAnnotations: Reporter = (report) => {
  const commands = { error: "error", warning: "warning", info: "notice" } as const;
  const counts = new Map<string, number>();
  const lines: string[] = [];
  for (const finding of report.findings) {
    const command = commands[finding.severity];
    const count = (counts.get(command) ?? 0) + 1;
    if (finding.suppressed !== undefined || count > mostOfALevel) continue;
    counts.set(command, count);
    const { range } = finding;
    const place =
      range === undefined
        ? ""
        : `file=${property(range.file)},line=${range.start.line},col=${range.start.column},endLine=${range.end.line},`;
    lines.push(
      `::${command} ${place}title=${property(`${finding.code} ${finding.summary}`)}::${data(textOf(finding))}`,
    );
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
};

/** Azure Pipelines' logging commands: `##vso[task.logissue …]`, errors and warnings. */
export const azureDevopsCommands: Reporter = (report) => {
  const lines = report.findings
    .filter((finding) => finding.suppressed === undefined && finding.severity !== "info")
    .map((finding) => {
      const { range } = finding;
      const place =
        range === undefined
          ? ""
          : `sourcepath=${azureProperty(range.file)};linenumber=${range.start.line};columnnumber=${range.start.column};`;
      return `##vso[task.logissue type=${finding.severity};${place}code=${finding.code};]${azureData(`${finding.summary}: ${textOf(finding)}`)}`;
    });
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
};

const textOf = ({ subject, detail }: Finding): string => (subject === undefined ? detail : `${subject}: ${detail}`);

/** Source: actions/toolkit `command.ts`: percent, line ends, and in properties colon and comma are encoded. */
const data = (text: string): string => withoutCommands(plainLine(text)).replace(/%/g, "%25");
const property = (text: string): string => data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");

/** Source: microsoft/azure-pipelines-agent, command parsing: semicolon and closing bracket are encoded in properties. */
const azureData = (text: string): string => withoutCommands(plainLine(text)).replace(/%/g, "%AZP25");
const azureProperty = (text: string): string => azureData(text).replace(/;/g, "%3B").replace(/\]/g, "%5D");
