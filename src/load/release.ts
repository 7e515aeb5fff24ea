import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "../model/diagnostic.ts";
import { shownPath } from "./manifest-files.ts";
import { notRendered, type Render } from "./render.ts";
import { parseYamlDocuments, type YamlDocument } from "./yaml/documents.ts";

/** A Helm release whose chart is a folder of the repository. */
export interface LocalRelease {
  readonly name: string;
  readonly namespace: string | undefined;
  /** Absolute. */
  readonly chart: string;
  /** YAML texts, later ones over earlier ones. */
  readonly values: readonly string[];
  readonly set: readonly { readonly name: string; readonly value: string; readonly type: string | undefined }[];
}

/** `helm template` of a release with its values, or a diagnostic that it was not seen. */
export const renderRelease = (
  release: LocalRelease,
  root: string,
  render: Render | undefined,
): Outcome<readonly YamlDocument[]> => {
  const shown = shownPath(release.chart, root) || ".";
  const failed = (why: string): Outcome<readonly YamlDocument[]> => ({
    value: [],
    diagnostics: [notRendered("chart", shown, why)],
  });
  if (render === undefined) return failed("A Helm chart is not YAML until it is rendered");
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-values-"));
  try {
    const files = release.values.flatMap((text, index) => {
      const file = join(folder, `${index}.yaml`);
      writeFileSync(file, text);
      return ["--values", file];
    });
    const sets = release.set.flatMap(({ name, value, type }) => [
      type === "string" ? "--set-string" : "--set",
      `${name}=${value}`,
    ]);
    const namespace = release.namespace === undefined ? [] : ["--namespace", release.namespace];
    const result = render("helm", ["template", release.name, release.chart, ...namespace, ...files, ...sets]);
    if ("output" in result) return parseYamlDocuments(result.output, `${shown} (helm template ${release.name})`);
    return failed("missing" in result ? '"helm" is not on PATH' : `"helm template" failed: ${result.failed}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
