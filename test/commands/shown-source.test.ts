import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { configure } from "../../src/commands/review.ts";
import { shownSource } from "../../src/commands/shown-source.ts";
import { openSourceTree } from "../../src/load/source-tree.ts";
import { runCommand } from "../support/run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
mkdirSync(join(folder, "db"));
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
write(
  "main.tf",
  `variable "admin" {
  default   = "hunter2"
  sensitive = true
}
module "db" {
  source = "./db"
  login  = <<-EOT
hunter2
  EOT
  size   = 3
}
resource "helm_release" "shop" {
  set {
    value = "hunter2"
    name  = "db.password"
  }
  name = "shop"
}
locals {
  open = var.size
  shut = sensitive("hunter2")
}
`,
);
write("db/variables.tf", 'variable "login" {\n  type = string\n  sensitive = true\n}\nvariable "size" {}\n');
write("prod.tfvars", 'size = "hunter2"\n');
write("secret.yaml", "apiVersion: v1\nkind: Secret\nstringData:\n  a: hunter2\n");
write(
  "pod.yaml",
  `kind: Pod
env:
- name: DB_PASSWORD
  value: hunter2
- value: hunter2
  name: API_KEY
- name: SIZE
  value: "3"
passwords:
- hunter2
replicas: 4
`,
);
const tree = openSourceTree(folder);
if (tree === undefined) throw new Error("the folder is there");
const sourceOf = shownSource(tree, ["main.tf", "db/variables.tf", "prod.tfvars"]);

test("what is sensitive is in no text, and the rest stays on its lines", () => {
  const terraform = sourceOf("main.tf") ?? "";
  expect(terraform).not.toContain("hunter2");
  expect(terraform.split("\n")[9]).toBe("  size   = 3");
  expect(terraform).toContain('name = "shop"');
  expect(terraform).toContain("open = var.size");
  const pod = sourceOf("pod.yaml") ?? "";
  expect(pod).not.toContain("hunter2");
  expect(pod.split("\n").slice(6, 8)).toEqual(["- name: SIZE", '  value: "3"']);
  expect(pod.split("\n")[10]).toBe("replicas: 4");
});

test("variable files, Secrets and what is not there have no text", () => {
  expect(["prod.tfvars", "secret.yaml", "none.tf", "../outside.tf"].map(sourceOf)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("a sensitive value is in no page, though a finding stands beside it", async () => {
  const root = mkdtempSync(join(tmpdir(), "aks-twin-"));
  writeFileSync(
    join(root, "main.tf"),
    'variable "admin" {\n  default   = "hunter2"\n  sensitive = true\n}\nlocals {\n  broken = nothing.at.all\n}\noutput "x" {\n  value = local.none\n}\n',
  );
  const { out } = await runCommand(configure, [root, "--format", "html"]);
  expect(out).toContain('class="frame"');
  expect(out).not.toContain("hunter2");
});
