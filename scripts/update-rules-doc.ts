import { readFileSync, writeFileSync } from "node:fs";
import type { Rule } from "../src/findings/rule.ts";
import { paragraphs } from "../src/findings/rule-page.ts";
import { rules } from "../src/findings/rules.ts";
import { failureModes } from "./failure-modes.ts";

/** Writes docs/rules.md from the rules themselves; with `--check` it only says whether the file is up to date. */

const areas: readonly (readonly [codes: RegExp, title: string])[] = [
  [/^AKS1/, "Address space"],
  [/^AKS2/, "Nodes and placement"],
  [/^AKS3/, "Load balancing and egress"],
  [/^AKS4/, "Storage"],
  [/^AKS5/, "Identity and access"],
  [/^AKS6/, "Autoscaling and upgrades"],
  [/^AKS7(?!1[0-4])/, "Network policy"],
  [/^AKS71[0-4]/, "Monitoring"],
  [/^AKS8/, "What Terraform replaces, rotates or removes"],
];

const page = (rule: Rule): string =>
  [
    `### ${rule.code} ${rule.title}`,
    "",
    `Severity: ${rule.severity}`,
    "",
    ...paragraphs(rule.explain).flatMap((paragraph) => [paragraph, ""]),
  ].join("\n");

const table = (list: readonly Rule[]): string =>
  [
    "| rule | severity | what it tells |",
    "| --- | --- | --- |",
    ...list.map((rule) => `| [${rule.code}](#${anchor(rule)}) | ${rule.severity} | ${rule.title} |`),
  ].join("\n");

/** GitHub's anchor of a heading. */
const anchor = ({ code, title }: Rule): string =>
  `${code} ${title}`
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replace(/ /g, "-");

let number = 0;
const modes = failureModes
  .map(([group, list]) =>
    [
      `### ${group}`,
      "",
      "| # | what goes wrong | rules | what cannot be told, and why |",
      "| --- | --- | --- | --- |",
      ...list.map(({ what, rules: codes, why }) => {
        number += 1;
        return `| ${number} | ${what} | ${codes.length === 0 ? "none" : codes.join(", ")} | ${why ?? ""} |`;
      }),
    ].join("\n"),
  )
  .join("\n\n");

const text = `# Rules

Written by \`tsx scripts/update-rules-doc.ts\` from the rules themselves; \`aks-twin explain CODE\` prints the same page.
A severity is the rule's usual one: a case that weighs more or less says so in its finding. Findings of the input (AKS9xxx) are not rules; they say what could not be read.

To silence a finding, with its reason: \`# aks-twin:ignore AKS1001 reason\` on its line, above it, or above the resource or object
(\`until=2026-12-31\` ends it); the annotation \`aks-twin/ignore: AKS1001 reason\` on an object; or \`suppress\` in \`aks-twin.yaml\`.

${areas
  .map(([codes, title]) => {
    const own = rules.filter(({ code }) => codes.test(code));
    return `## ${title}\n\n${table(own)}\n\n${own.map(page).join("\n")}`;
  })
  .join("\n")}
## Known failure modes, and the rules that tell them

${modes}
`;

const file = "docs/rules.md";
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  process.stderr.write(`${file} is out of date: run npx tsx scripts/update-rules-doc.ts\n`);
  process.exitCode = 1;
}
