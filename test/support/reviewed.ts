import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { configure } from "../../src/commands/review.ts";
import { runCommand } from "./run-command.ts";

export type Files = Readonly<Record<string, string>>;

export interface ReviewedFinding {
  readonly code: string;
  readonly severity: string;
  readonly detail: string;
  readonly subject?: string;
}

/** The whole review of a folder of texts, as its JSON report says it, against a base where one is given. */
export const reviewed = async (
  files: Files,
  base?: Files,
): Promise<{ readonly findings: readonly ReviewedFinding[]; readonly verdict: string }> => {
  const root = mkdtempSync(join(tmpdir(), "aks-twin-reviewed-"));
  try {
    const head = write(join(root, "head"), files);
    const against = base === undefined ? [] : ["--base", write(join(root, "base"), base)];
    const json = await runCommand(configure, [head, ...against, "--format", "json"]);
    const text = await runCommand(configure, [head, ...against]);
    const { findings } = JSON.parse(json.out) as { readonly findings: readonly ReviewedFinding[] };
    return { findings, verdict: text.out.split("\n")[0] ?? "" };
  } finally {
    rmSync(root, { recursive: true });
  }
};

/** Codes and details of what is said of severity warning and above. */
export const said = async (files: Files, base?: Files): Promise<readonly string[]> =>
  (await reviewed(files, base)).findings
    .filter(({ severity }) => severity !== "info")
    .map(({ code, detail }) => `${code} ${detail}`);

const write = (root: string, files: Files): string => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
};
