import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { configure } from "../../src/commands/init.ts";
import { loadConfiguration } from "../../src/load/configuration.ts";
import { runCommand } from "../support/run-command.ts";

const repository = () => {
  const root = mkdtempSync(join(tmpdir(), "aks-twin-"));
  mkdirSync(join(root, ".git"));
  mkdirSync(join(root, "infra/prod"), { recursive: true });
  return root;
};
const schema = JSON.parse(readFileSync("schemas/aks-twin.schema.json", "utf8"));
const validate = new Ajv2020({ formats: { date: true } }).compile(schema);

test("the configuration is valid as written, and with every comment taken away", async () => {
  const root = repository();
  const { out, code } = await runCommand(configure, ["infra/prod"], { cwd: root });
  expect(code).toBe(0);
  expect(out).toContain("Wrote infra/prod/aks-twin.yaml.");
  expect(loadConfiguration(join(root, "infra/prod"), "").diagnostics).toEqual([]);
  const text = readFileSync(join(root, "infra/prod/aks-twin.yaml"), "utf8");
  const uncommented = text.replace(/^# (?=[a-zA-Z]+:( |$)| )/gm, "");
  const value = parse(uncommented);
  expect(Object.keys(value).length).toBeGreaterThan(8);
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
  writeFileSync(join(root, "infra/prod/aks-twin.yaml"), uncommented);
  expect(loadConfiguration(join(root, "infra/prod"), "").diagnostics).toEqual([]);
});

test("the workflows go to the repository's root and name the folder", async () => {
  const root = repository();
  const { code } = await runCommand(configure, ["infra/prod", "--github", "--azure", "--gitlab"], { cwd: root });
  expect(code).toBe(0);
  for (const path of [".github/workflows/aks-twin.yml", "azure-pipelines-aks-twin.yml", ".gitlab/aks-twin.yml"]) {
    const text = readFileSync(join(root, path), "utf8");
    expect(text).toMatch(/npx --yes aks-twin@\d+\.\d+\.\d+\S* review infra\/prod --base-ref "/);
    expect(Object.keys(parse(text)).length).toBeGreaterThan(0);
  }
});

test("nothing of a pull request is put into a script of the GitHub workflow", async () => {
  const root = repository();
  await runCommand(configure, [".", "--github"], { cwd: root });
  const workflow = parse(readFileSync(join(root, ".github/workflows/aks-twin.yml"), "utf8"));
  const scripts = workflow.jobs.review.steps.flatMap(({ run }: { run?: string }) => run ?? []);
  expect(scripts.length).toBeGreaterThan(2);
  for (const script of scripts) expect(script).not.toContain("${{");
  expect(Object.keys(workflow.on)).toEqual(["pull_request"]);
});

test("what is there is not overwritten without --force, and then nothing is written", async () => {
  const root = repository();
  writeFileSync(join(root, "aks-twin.yaml"), "failOn: info\n");
  const refusal = (path: string) =>
    `aks-twin init: ${path} is there already; nothing was written. Give --force to overwrite.\n`;
  const alone = await runCommand(configure, ["."], { cwd: root });
  expect([alone.code, alone.err]).toEqual([1, refusal("aks-twin.yaml")]);
  mkdirSync(join(root, ".gitlab"));
  writeFileSync(join(root, ".gitlab/aks-twin.yml"), "");
  const both = await runCommand(configure, [".", "--github", "--gitlab"], { cwd: root });
  expect([both.code, both.err]).toEqual([1, refusal(".gitlab/aks-twin.yml")]);
  expect(existsSync(join(root, ".github"))).toBe(false);
  expect((await runCommand(configure, [".", "--github", "--force"], { cwd: root })).code).toBe(0);
  expect(readFileSync(join(root, "aks-twin.yaml"), "utf8")).toContain("failOn: error");
});

test("a workflow that is asked for later leaves the configuration as it is", async () => {
  const root = repository();
  await runCommand(configure, ["infra/prod"], { cwd: root });
  const file = join(root, "infra/prod/aks-twin.yaml");
  writeFileSync(file, "failOn: info\n");
  const { code, out } = await runCommand(configure, ["infra/prod", "--github"], { cwd: root });
  expect(code).toBe(0);
  expect(out).toContain(
    "Kept infra/prod/aks-twin.yaml, which is there already.\nWrote .github/workflows/aks-twin.yml.",
  );
  expect(readFileSync(file, "utf8")).toBe("failOn: info\n");
});
