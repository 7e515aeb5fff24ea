import { buildPlatform } from "../../src/evaluate/azure-platform.ts";
import { evaluateTerraform } from "../../src/evaluate/evaluate.ts";
import type { Finding } from "../../src/findings/finding.ts";
import type { World } from "../../src/findings/rule.ts";
import { runRules } from "../../src/findings/run-rules.ts";
import { readObjects } from "../../src/kubernetes/read-objects.ts";
import type { SourceTree } from "../../src/load/source-tree.ts";
import { parseYamlDocuments } from "../../src/load/yaml/documents.ts";
import type { Prediction } from "../../src/simulate/prediction.ts";

/** A world from source text alone: `hcl` becomes main.tf, `yaml` k8s.yaml. Predictions are given, where a row is about one. */
export interface Source {
  readonly hcl?: string;
  readonly yaml?: string;
  readonly predictions?: readonly Prediction[];
  readonly base?: Source;
  /** Takes HCL that Terraform would refuse, as the review does. */
  readonly lenient?: boolean;
}

export const worldOf = (source: Source): World => {
  const { instances, problems } = evaluated(source.hcl ?? "");
  const wrong = problems.find(({ severity }) => severity === "error");
  if (wrong !== undefined && source.lenient !== true)
    throw new Error(`the row's HCL is wrong: ${wrong.summary}: ${wrong.detail}`);
  const documents = parseYamlDocuments(source.yaml ?? "", "k8s.yaml");
  const objects = readObjects(documents.value);
  return {
    platform: buildPlatform(instances).value,
    instances,
    objects: objects.value,
    predictions: source.predictions ?? [],
    ...(source.base === undefined ? {} : { base: worldOf(source.base) }),
  };
};

/** What the rules say about a source, worst first; notes of severity info are left out unless asked for. */
export const findingsOf = (source: Source, withInfo = false): readonly Finding[] => {
  const texts: Readonly<Record<string, string>> = { "main.tf": source.hcl ?? "", "k8s.yaml": source.yaml ?? "" };
  const findings = runRules(worldOf(source), [], { textOf: (file) => texts[file] });
  return findings.filter(({ severity }) => withInfo || severity !== "info");
};

const evaluated = (hcl: string) => {
  const { value, diagnostics } = evaluateTerraform({ tree: treeOf({ "main.tf": `${hcl}\n` }), directory: "" });
  return { instances: value.instances, problems: diagnostics };
};

/** A folder that is a map of texts. */
const treeOf = (files: Readonly<Record<string, string>>): SourceTree => ({
  root: "/",
  readText: (path) => ({ value: files[path], diagnostics: [] }),
  readBytes: (path) => ({ value: files[path] === undefined ? undefined : Buffer.from(files[path]), diagnostics: [] }),
  kindOf: (path) => (path === "" || path === "." ? "directory" : files[path] === undefined ? undefined : "file"),
  list: (path) =>
    path === "" || path === "." ? Object.keys(files).map((name) => ({ name, kind: "file" as const })) : [],
  shownPath: (path) => path,
});
