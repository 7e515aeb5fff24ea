import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { knownJson, unknownJson } from "../../src/evaluate/plan-json-values.ts";
import { parseHcl } from "../../src/load/hcl/parse-file.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { evaluateFiles } from "./tree-of.ts";

const roots = ["test/conformance/terraform", "test/conformance/terraform-more"];
const mocks = JSON.parse(readFileSync("test/conformance/terraform/mocks.json", "utf8")) as Readonly<
  Record<string, JsonObject>
>;

/** Configurations that plan without arguments and state. */
const cases = roots.flatMap((root) =>
  readdirSync(root)
    .map((name) => join(root, name))
    .filter(
      (folder) =>
        existsSync(join(folder, "expected.plan.json")) &&
        !existsSync(join(folder, "cmd.json")) &&
        !existsSync(join(folder, "terraform.tfstate")),
    ),
);

const filesIn = (folder: string, prefix = ""): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(folder, prefix)).flatMap((name) => {
      const path = prefix === "" ? name : `${prefix}/${name}`;
      if (statSync(join(folder, path)).isDirectory()) return Object.entries(filesIn(folder, path));
      return name.startsWith("expected.") ? [] : [[path, readFileSync(join(folder, path), "utf8")]];
    }),
  );

/** The same blocks, last first. */
const reversed = (text: string): string =>
  [...parseHcl(text, "x.tf").value.blocks]
    .reverse()
    .map(({ range }) => text.slice(range.start.offset, range.end.offset))
    .join("\n");

const outcome = (files: Readonly<Record<string, string>>) => {
  const { value, diagnostics } = evaluateFiles(files, { mocks, terraformVersion: "1.11.4" });
  return {
    instances: [...value.instances]
      .sort((a, b) => (a.address < b.address ? -1 : 1))
      .map(({ address, actions, values, dependsOn }) => [
        address,
        actions,
        knownJson(values),
        unknownJson(values),
        dependsOn,
      ]),
    outputs: [...value.outputs]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, output]) => [name, knownJson(output.value)]),
    problems: diagnostics.map(({ summary }) => summary).sort(),
  };
};

test.each(cases)("the order of the blocks does not matter: %s", (folder) => {
  const files = filesIn(folder);
  const turned = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      name.endsWith(".tf") && !name.includes("override") ? reversed(text) : text,
    ]),
  );
  expect(outcome(turned)).toEqual(outcome(files));
});
