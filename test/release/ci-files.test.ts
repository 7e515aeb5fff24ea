import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NoOperationTraceWriter, parseWorkflow } from "@actions/workflow-parser";
import { expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { commandsPage } from "../../scripts/update-commands-doc.ts";
import { workflows } from "../../src/commands/init-files.ts";
import { readConfiguration } from "../../src/load/configuration.ts";
import { parseYamlDocuments } from "../../src/load/yaml/documents.ts";

const text = (path: string): string => readFileSync(path, "utf8");
const { version } = JSON.parse(text("package.json")) as { version: string };

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly bash?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const action = parse(text("action.yml")) as {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
};
const template = parse(text("deploy/ci/azure-pipelines.yml")) as {
  readonly parameters: readonly { readonly name: string; readonly default: unknown }[];
  readonly steps: readonly Step[];
};
const gitlab = parse(text("deploy/ci/gitlab.yml"))["aks-twin"] as {
  readonly variables: Readonly<Record<string, string>>;
  readonly before_script: readonly string[];
  readonly script: readonly string[];
  readonly after_script: readonly string[];
};

test("the version that is installed is that of the package", () => {
  expect(action.inputs["version"]?.default).toBe(version);
  expect(template.parameters.find(({ name }) => name === "version")?.default).toBe(version);
  expect(gitlab.variables["AKS_TWIN_VERSION"]).toBe(version);
  expect(text(".pre-commit-hooks.yaml")).toContain(`aks-twin@${version} `);
  expect(text("docs/ci.md")).toContain(`rev: v${version}`);
});

/** A place in which `aks-twin` is a program that prints its arguments and exits with 2. */
const place = (...below: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
  const dist = join(folder, ...below, "node_modules/aks-twin/dist");
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, "cli.js"), "console.log(process.argv.slice(2).join(' ')); process.exitCode = 2;");
  return folder;
};

const bash = (script: string, env: Readonly<Record<string, string>>) => {
  const result = spawnSync("bash", ["-e", "-o", "pipefail", "-c", script], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    encoding: "utf8",
  });
  return { out: result.stdout, status: result.status };
};

test("the action puts nothing of a pull request into a script, and its scripts run", () => {
  const scripts = action.runs.steps.flatMap(({ run }) => run ?? []);
  expect(scripts).toHaveLength(3);
  for (const script of scripts) {
    expect(script).not.toContain("${{");
    execFileSync("bash", ["-n", "-c", script]);
  }
  const temp = place("aks-twin");
  const output = join(temp, "output");
  const { out, status } = bash(scripts[1] ?? "", {
    RUNNER_TEMP: temp,
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: join(temp, "summary"),
    DIRECTORY: "infra/$(id)",
    BASE_REF: "origin/main",
    FAIL_ON: "",
  });
  const folder = `${temp}/aks-twin`;
  expect(status).toBe(2);
  expect(out).toBe(
    `review infra/$(id) --format github --format markdown=${folder}/aks-twin.md --format sarif=${folder}/aks-twin.sarif --format html=${folder}/aks-twin.html --base-ref origin/main\n`,
  );
  expect(text(output)).toBe(`folder=${folder}\n`);
});

/** What GitHub's own parser of workflows finds wrong. */
const workflowProblems = (name: string, content: string): readonly string[] =>
  parseWorkflow({ name, content }, new NoOperationTraceWriter())
    .context.errors.getErrors()
    .map(({ message }) => message);

test("GitHub's parser takes the workflows, and those in the docs", () => {
  expect(workflowProblems("release.yml", text(".github/workflows/release.yml"))).toEqual([]);
  for (const directory of [".", "infra/prod", "it's $(here)"])
    expect(workflowProblems("init.yml", workflows.github.text(version, directory))).toEqual([]);
  const [, recipe = ""] = /```yaml\n(name: aks-twin\non: pull_request[\s\S]*?)```/.exec(text("docs/ci.md")) ?? [];
  expect(recipe).toContain("jobs:");
  expect(workflowProblems("recipe.yml", recipe)).toEqual([]);
  expect(workflowProblems("wrong.yml", "on: push\njobs:\n  a:\n    steps:\n      - rum: x\n")).not.toEqual([]);
});

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<string, { readonly permissions: Readonly<Record<string, string>>; readonly steps: readonly Step[] }>
  >;
}

test("a release is published with provenance from the tag of the package's version, and its scripts run", () => {
  const release = parse(text(".github/workflows/release.yml")) as Workflow;
  expect(release.permissions).toEqual({ contents: "read" });
  expect(release.jobs["publish"]?.permissions).toEqual({ contents: "read", "id-token": "write" });
  const scripts = Object.values(release.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  for (const script of scripts) {
    expect(script).not.toContain("${{");
    execFileSync("bash", ["-n", "-c", script]);
  }
  expect(scripts.join("")).toContain("npm publish --provenance --access public");
  const guard = (tag: string) => {
    const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
    writeFileSync(join(folder, "package.json"), '{ "version": "1.2.3" }');
    writeFileSync(join(folder, "CHANGELOG.md"), "# Changelog\n\n## 1.2.3 - 2026-01-01\n");
    return bash(`cd ${folder}; ${scripts[0] ?? ""}`, { GITHUB_REF_NAME: tag }).status;
  };
  expect([guard("v1.2.3"), guard("v1.2.4")]).toEqual([0, 1]);
});

test("the Azure template compares with the target branch and fails as the review does", () => {
  const temp = place();
  const script = template.steps.find((step) => step.bash?.includes("review") === true)?.bash ?? "";
  const env = { AGENT_TEMPDIRECTORY: temp, DIRECTORY: ".", FAIL_ON: "warning" };
  const { out, status } = bash(script, { ...env, SYSTEM_PULLREQUEST_TARGETBRANCH: "refs/heads/release/1" });
  expect(status).toBe(2);
  expect(out).toContain("review . --format azure-devops --format markdown=");
  expect(out).toContain(" --base-ref origin/release/1 --fail-on warning\n");
  expect(bash(script, env).out).not.toContain("--base-ref");
});

test("the GitLab scripts are sound", () => {
  for (const script of [...gitlab.before_script, ...gitlab.script, ...gitlab.after_script])
    execFileSync("bash", ["-n", "-c", script]);
  expect(gitlab.script.join("\n")).toContain('--base-ref "$CI_MERGE_REQUEST_DIFF_BASE_SHA"');
});

test("the YAML in the docs can be read", () => {
  for (const page of ["docs/ci.md", "docs/configuration.md", "docs/getting-started.md", "docs/policies.md"])
    for (const [, block = ""] of text(page).matchAll(/```yaml\n([\s\S]*?)```/g)) expect(parse(block)).toBeTruthy();
});

/** Headings, usage lines and the flags, without what is said about them. */
const outline = (page: string): readonly string[] =>
  page
    .split("\n")
    .filter((line) => /^(## |aks-twin |\| `)/.test(line))
    .map((line) => /^\| (`.*?`) \|/.exec(line)?.[1] ?? line);

test("docs/commands.md has every command and flag (npx tsx scripts/update-commands-doc.ts)", async () => {
  expect(outline(text("docs/commands.md"))).toEqual(outline(await commandsPage()));
});

test("docs/configuration.md has every key of the schema, and its examples hold", () => {
  const page = text("docs/configuration.md");
  const schema = JSON.parse(text("schemas/aks-twin.schema.json"));
  const validate = new Ajv2020({ formats: { date: true } }).compile(schema);
  expect(Object.keys(schema.properties).filter((key) => !page.includes(`| \`${key}\` |`))).toEqual([]);
  for (const [, block = ""] of page.matchAll(/```yaml\n([\s\S]*?)```/g)) {
    validate(parse(block));
    expect(validate.errors ?? []).toEqual([]);
    const documents = parseYamlDocuments(block, "aks-twin.yaml");
    expect(documents.value.flatMap((one) => readConfiguration(one, "aks-twin.yaml").diagnostics)).toEqual([]);
  }
});

test("every link between the pages leads somewhere", () => {
  for (const page of ["docs/ci.md", "docs/configuration.md", "docs/getting-started.md", "docs/policies.md"])
    for (const [, target = ""] of text(page).matchAll(/\]\(([\w-]+\.md)\)/g))
      expect(text(`docs/${target}`)).not.toBe("");
});
