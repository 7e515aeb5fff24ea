import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { formats } from "../../src/report/formats.ts";
import type { Report } from "../../src/report/report.ts";
import { fullReport, hostile, hostileReport } from "../support/full-report.ts";
import { finding, report } from "../support/report.ts";

/** What machines read, held against what their hosts publish. */

const render = async (name: string, value: Report): Promise<string> => (await formats[name]?.())?.(value) ?? "";

const many = (): Report =>
  report({
    findings: Array.from({ length: 60 }, (_, index) =>
      finding(`AKS100${index % 7}`, {
        subject: `s${index}`,
        severity: (["error", "warning", "info"] as const)[index % 3] ?? "error",
      }),
    ),
  });

const reports: readonly (readonly [string, () => Report])[] = [
  ["a full report", fullReport],
  ["a hostile report", hostileReport],
  ["an empty report", () => report()],
  ["many findings", many],
];

/** The schema of SARIF 2.1.0 (OASIS), as @microsoft/jest-sarif carries it; it is written in a draft whose keywords mean the same today. */
const sarifSchema = (): object => {
  const path = createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
  const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(path, "utf8"));
  return schema;
};

test("SARIF keeps to its public schema, and to what GitHub takes", async () => {
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, allErrors: true }).compile(
    sarifSchema(),
  );
  for (const [, make] of reports) {
    const sarif = JSON.parse(await render("sarif", make()));
    validate(sarif);
    expect(validate.errors ?? []).toEqual([]);
    expect(sarif.runs).toHaveLength(1);
    // "SARIF support for code scanning": 25,000 results a run, 5,000 shown.
    expect(sarif.runs[0].results.length).toBeLessThanOrEqual(5000);
  }
  expect(validate({ version: "2.1.0", runs: [{ tool: {} }] })).toBe(false);
});

/** Elements of Jenkins' published schema (xunit-plugin, junit-10.xsd): attributes, those that must be there, children. */
const junit: Readonly<
  Record<
    string,
    { readonly must: readonly string[]; readonly may: readonly string[]; readonly children: readonly string[] }
  >
> = {
  testsuites: { must: [], may: ["name", "time", "tests", "failures", "errors"], children: ["testsuite"] },
  testsuite: {
    must: ["name", "tests", "failures", "errors"],
    may: ["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
    children: ["properties", "testcase", "system-out", "system-err", "testsuite"],
  },
  properties: { must: [], may: [], children: ["property"] },
  property: { must: ["name", "value"], may: [], children: [] },
  testcase: {
    must: ["name"],
    may: ["classname", "time", "group"],
    children: ["failure", "error", "skipped", "system-out", "system-err"],
  },
  failure: { must: [], may: ["type", "message"], children: [] },
  skipped: { must: [], may: ["type", "message"], children: [] },
};

/** What is wrong with an XML text by that table: a reader of elements, attributes and text, for what we write. */
const junitProblems = (text: string): readonly string[] => {
  const problems: string[] = [];
  const open: string[] = [];
  const token = /<\?xml [^?]*\?>|<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)|(<)/g;
  for (const [whole, close, name = "", attributes = "", selfClosing, words, stray] of text.matchAll(token)) {
    if (stray !== undefined || /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(whole))
      problems.push(`stray ${whole}`);
    else if (words !== undefined) {
      if (words.trim() !== "" && !["failure", "skipped"].includes(open.at(-1) ?? "")) problems.push(`text ${words}`);
    } else if (close === "/") {
      if (open.pop() !== name) problems.push(`</${name}> closes another element`);
    } else if (name !== "") {
      const rule = junit[name];
      const parent = open.at(-1);
      const given = [...attributes.matchAll(/([\w-]+)=/g)].map(([, key]) => key ?? "");
      if (
        rule === undefined ||
        (parent === undefined ? name !== "testsuites" : !junit[parent]?.children.includes(name))
      )
        problems.push(`<${name}> in <${parent}>`);
      for (const key of given)
        if (rule !== undefined && ![...rule.must, ...rule.may].includes(key)) problems.push(`${name} ${key}`);
      for (const key of rule?.must ?? []) if (!given.includes(key)) problems.push(`${name} without ${key}`);
      if (selfClosing !== "/") open.push(name);
    }
  }
  return [...problems, ...open.map((name) => `<${name}> is not closed`)];
};

test.each(reports)("JUnit of %s keeps to Jenkins' schema", async (_, make) => {
  const text = await render("junit", make());
  expect(junitProblems(text)).toEqual([]);
  const count = (name: string): number => text.match(new RegExp(`<${name}[ >]`, "g"))?.length ?? 0;
  expect(text).toContain(`tests="${count("testcase")}" failures="${count("failure")}"`);
});

test("the table finds what is wrong", () => {
  expect(junitProblems('<testsuites><testsuite name="a" tests="1" failures="0"><b/>x</testsuite>')).toEqual([
    "testsuite without errors",
    "<b> in <testsuite>",
    "text x",
    "<testsuites> is not closed",
  ]);
});

/** "Code Quality report format" of GitLab's documentation. */
const codeQuality = {
  type: "array",
  items: {
    type: "object",
    required: ["description", "check_name", "fingerprint", "severity", "location"],
    properties: {
      description: { type: "string", minLength: 1 },
      check_name: { type: "string", pattern: "^[A-Z]+\\d+$" },
      fingerprint: { type: "string", minLength: 8 },
      severity: { enum: ["info", "minor", "major", "critical", "blocker"] },
      location: {
        type: "object",
        required: ["path", "lines"],
        properties: {
          path: { type: "string", pattern: "^(?!/|\\./)." },
          lines: { type: "object", required: ["begin"], properties: { begin: { type: "integer", minimum: 1 } } },
        },
      },
    },
  },
};

test.each(reports)("Code Quality of %s has GitLab's fields, each fingerprint once", async (_, make) => {
  const issues = JSON.parse(await render("code-quality", make()));
  const validate = new Ajv().compile(codeQuality);
  validate(issues);
  expect(validate.errors ?? []).toEqual([]);
  const marks = issues.map(({ fingerprint }: { fingerprint: string }) => fingerprint);
  expect(new Set(marks).size).toBe(marks.length);
});

/** "Workflow commands for GitHub Actions": properties are separated by commas, values hold neither comma, colon nor line end. */
const githubLine =
  /^::(error|warning|notice) (?:(?:file|title)=[^:,\r\n]+|(?:line|col|endLine|endColumn)=\d+)(?:,(?:(?:file|title)=[^:,\r\n]+|(?:line|col|endLine|endColumn)=\d+))*::.+$/;

/** "Logging commands" of Azure Pipelines: properties end with a semicolon; values hold neither semicolon, bracket nor line end. */
const azureLine =
  /^##vso\[task\.logissue type=(error|warning);(?:(?:sourcepath|code)=[^;\]\r\n]+;|(?:linenumber|columnnumber)=\d+;)*\].+$/;

test.each(reports)("annotations of %s are commands, at most ten of a level", async (_, make) => {
  const linesOf = async (name: string): Promise<readonly string[]> =>
    (await render(name, make())).split("\n").filter((line) => line !== "");
  const github = await linesOf("github");
  expect(github.filter((line) => !githubLine.test(line))).toEqual([]);
  for (const level of ["error", "warning", "notice"])
    expect(github.filter((line) => line.startsWith(`::${level} `)).length).toBeLessThanOrEqual(10);
  expect((await linesOf("azure-devops")).filter((line) => !azureLine.test(line))).toEqual([]);
});

/** The Markdown as GitHub renders it, before its sanitizer: whatever HTML is left is ours. */
const asHtml = (text: string): string =>
  micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });

const ours =
  "b blockquote br code details em h1 h2 h3 h4 hr li ol p pre strong sub summary table tbody td th thead tr ul".split(
    " ",
  );

test.each(reports)("the comment of %s renders as our own markup and nothing else", async (_, make) => {
  const page = asHtml(await render("markdown", make()));
  const tags = [...page.matchAll(/<\/?([a-zA-Z][\w-]*)([^>]*)>/g)];
  expect([...new Set(tags.map(([, name]) => name ?? ""))].filter((name) => !ours.includes(name))).toEqual([]);
  const attributes = tags.map(([, , rest]) => (rest ?? "").replace(/\/$/, "").trim()).filter((rest) => rest !== "");
  expect(attributes.filter((rest) => !/^(align="\w+"|open)$/.test(rest))).toEqual([]);
  expect(page.match(/<!--/g)?.length).toBe(1);
});

test("hostile names read as they are in the rendered comment", async () => {
  const text = asHtml(await render("markdown", hostileReport()))
    .replace(/<[^>]*>/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
  for (const part of ["</td><script>alert(1)</script>", "`code`", "@team", "[a](http://b)", "![i](x)", "\\u202e"]) {
    expect(hostile.replace("\u202e", "\\u202e")).toContain(part);
    expect(text).toContain(part);
  }
});
