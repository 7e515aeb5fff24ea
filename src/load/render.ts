import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import { shownPath } from "./manifest-files.ts";
import { parseYamlDocuments, type YamlDocument } from "./yaml/documents.ts";

/** What a program printed, or why it did not. */
export type Render = (
  program: string,
  args: readonly string[],
) => { readonly output: string } | { readonly missing: true } | { readonly failed: string };

const limitMs = 60_000;
const limitBytes = 256 * 1024 * 1024;

/** Runs a program found on PATH, without a shell, with limits on time and output. Handed to `loadManifests` when the user says `--allow-exec`. */
export const runProgram: Render = (program, args) => {
  // Loaded here, since a run that renders nothing can do without (5 ms).
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const result = spawnSync(program, args, { encoding: "utf8", timeout: limitMs, maxBuffer: limitBytes, shell: false });
  if (result.error !== undefined) {
    const code = (result.error as NodeJS.ErrnoException).code;
    return code === "ENOENT" ? { missing: true } : { failed: result.error.message };
  }
  return result.status === 0 ? { output: result.stdout } : { failed: result.stderr.trim() };
};

/** `helm template` of a chart folder, or a diagnostic that the chart was not seen. */
export const renderChart = (
  directory: string,
  root: string,
  render: Render | undefined,
): Outcome<readonly YamlDocument[]> => {
  const shown = shownPath(directory, root) || ".";
  if (render === undefined) return notSeen(shown, "A Helm chart is not YAML until it is rendered");
  const result = render("helm", ["template", directory.split("/").pop() ?? "chart", directory]);
  if ("output" in result) return parseYamlDocuments(result.output, `${shown} (helm template)`);
  return notSeen(shown, "missing" in result ? '"helm" is not on PATH' : `"helm template" failed: ${result.failed}`);
};

const notSeen = (shown: string, why: string): Outcome<readonly YamlDocument[]> => ({
  value: [],
  diagnostics: [notRendered("chart", shown, why)],
});

/** What the run does not see because it was not rendered. */
export const notRendered = (what: "chart" | "kustomization", shown: string, why: string): Diagnostic =>
  diagnostic({
    code: "AKS9104",
    severity: "warning",
    summary: `A ${what} was not rendered`,
    detail:
      `${why}; the objects of "${shown}" are missing from the result. ` +
      "Give --allow-exec with the program on PATH, or render it beforehand and give the output with --manifests.",
  });
