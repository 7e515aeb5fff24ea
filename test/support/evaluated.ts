import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Platform } from "../../src/azure/platform.ts";
import { buildPlatform } from "../../src/evaluate/azure-platform.ts";
import { type EvaluateInput, evaluateTerraform } from "../../src/evaluate/evaluate.ts";
import type { ResourceInstance } from "../../src/evaluate/resource-instance.ts";
import { openSourceTree } from "../../src/load/source-tree.ts";

/** The instances of a configuration given as text, one file or several by name. Errors fail the test. */
export const evaluated = (
  files: string | Readonly<Record<string, string>>,
  options: Partial<EvaluateInput> = {},
): readonly ResourceInstance[] => {
  const folder = mkdtempSync(join(tmpdir(), "configuration-"));
  try {
    for (const [name, text] of Object.entries(typeof files === "string" ? { "main.tf": files } : files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const tree = openSourceTree(folder);
    if (tree === undefined) throw new Error("the folder has just been made");
    const { value, diagnostics } = evaluateTerraform({ tree, directory: "", ...options });
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    if (errors.length > 0) throw new Error(errors.map(({ summary, detail }) => `${summary}: ${detail}`).join("\n"));
    return value.instances;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** The Azure platform that a configuration makes. */
export const platformOf = (
  files: string | Readonly<Record<string, string>>,
  options: Partial<EvaluateInput> = {},
): Platform => buildPlatform(evaluated(files, options)).value;
