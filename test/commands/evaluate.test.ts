import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { Command } from "commander";
import { configure } from "../../src/commands/evaluate.ts";

const folderOf = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "evaluate-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
};

const run = async (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  let [out, err, code] = ["", "", 0];
  const command = new Command("evaluate").exitOverride();
  configure(command, {
    cwd,
    stdin: async () => "",
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env,
    isTerminal: false,
    exit: (given) => {
      code = given;
    },
  });
  await command.parseAsync(args, { from: "user" });
  return { out, err, code };
};

const variables = {
  "live/main.tf":
    'variable "a" { default = 0 }\nvariable "b" { default = 0 }\nvariable "c" {}\noutput "abc" { value = [var.a, var.b, var.c] }\n',
  "live/one.tfvars": "a = 1\nb = 1\n",
  "two.tfvars": "b = 2\n",
};

test("values come in the order of the command line, files from where it was started or from the folder itself", async () => {
  const folder = folderOf(variables);
  const args = ["live", "--var=b=9", "--var-file=one.tfvars", "--var", "a=5", "--var-file=two.tfvars", "--json"];
  const { out, err, code } = await run(folder, args, { TF_VAR_c: "env" });
  expect({ err, code }).toEqual({ err: "", code: 0 });
  expect(JSON.parse(out)).toMatchObject({
    output_changes: { abc: { actions: ["create"], after: ["5", 2, "env"] } },
    errored: false,
    diagnostics: [],
  });
});

test("problems are told on standard error and in the JSON, with Terraform's places", async () => {
  const folder = folderOf({ "main.tf": '# ä\noutput "x" { value = local.nope }\n' });
  const { out, err, code } = await run(folder, ["--json"]);
  expect(code).toBe(1);
  expect(err).toContain("Reference to undeclared local value\n  main.tf:2:22\n");
  expect(JSON.parse(out)).toMatchObject({
    errored: true,
    diagnostics: [
      {
        severity: "error",
        summary: "Reference to undeclared local value",
        range: {
          filename: "main.tf",
          start: { line: 2, column: 22, byte: 26 },
          end: { line: 2, column: 32, byte: 36 },
        },
      },
    ],
  });
});

test("modules beside the folder are found within the root, and places are shown from the folder", async () => {
  const folder = folderOf({
    "env/dev/main.tf": 'module "m" { source = "../../modules/m" }\noutput "p" { value = module.m.p }\n',
    "modules/m/main.tf": 'output "p" { value = [path.module, nope.x] }\n',
  });
  const { out } = await run(folder, ["env/dev", "--root", ".", "--json"]);
  expect(JSON.parse(out)).toMatchObject({ diagnostics: [{ range: { filename: "../../modules/m/main.tf" } }] });
  const alone = await run(folder, ["env/dev", "--json"]);
  expect(JSON.parse(alone.out)).toMatchObject({ diagnostics: [{ summary: "Unreadable module directory" }] });
});

test("a state gives actions", async () => {
  const folder = folderOf({
    "main.tf": 'resource "terraform_data" "a" { input = 2 }\n',
    "old.tfstate": JSON.stringify({
      version: 4,
      terraform_version: "1.11.4",
      resources: [
        {
          mode: "managed",
          type: "terraform_data",
          name: "a",
          provider: 'provider["terraform.io/builtin/terraform"]',
          instances: [
            {
              schema_version: 0,
              attributes: {
                id: "x",
                input: { value: 1, type: "number" },
                output: { value: 1, type: "number" },
                triggers_replace: null,
              },
            },
          ],
        },
      ],
    }),
  });
  const { out } = await run(folder, ["--state", "old.tfstate"]);
  expect(out).toBe("update terraform_data.a\n");
});

test.each([
  [["nothere"], '"nothere" is not a directory'],
  [["--var", "a"], "Invalid -var option"],
  [["--mocks", "nothere.json"], "The file of mocks cannot be read"],
  [["--state", "nothere.json"], "The file of state cannot be read"],
])("what cannot be used is told: %s", async (args, message) => {
  const { err, code } = await run(folderOf({ "main.tf": "" }), args);
  expect(err).toContain(message);
  expect(code).toBe(1);
});

test("a folder without configuration is told", async () => {
  const { err, code } = await run(folderOf({ "readme.md": "" }), []);
  expect(err).toContain("No configuration files");
  expect(code).toBe(1);
});
