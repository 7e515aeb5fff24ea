import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic, Outcome } from "../model/diagnostic.ts";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import { readText } from "./manifest-files.ts";
import { parseYamlDocuments } from "./yaml/documents.ts";

export interface ScenarioFiles {
  readonly nodes: readonly JsonObject[];
  readonly steps: readonly {
    readonly name: string;
    readonly manifests?: readonly JsonObject[];
    /** The lines of a `.cmd` file: kubectl arguments. */
    readonly lines?: readonly string[];
  }[];
  readonly settings: { readonly quiet: number; readonly limit: number };
  readonly text: string;
}

/** Reads a folder of steps: `nodes.yaml`, `1-*.yaml`, `2-*.cmd` … in order, and `settings.json` with `quiet` and `limit` in seconds. */
export const loadScenarioSteps = (directory: string): Outcome<ScenarioFiles> => {
  const diagnostics: Diagnostic[] = [];
  let text = "";
  const read = (name: string): readonly JsonObject[] => {
    const content = readText(join(directory, name)) ?? "";
    text += `${content}\n`;
    const { value, diagnostics: problems } = parseYamlDocuments(content, name);
    diagnostics.push(...problems);
    return value.map((document) => document.value).filter(isJsonObject);
  };
  const names = readdirSync(directory).sort();
  const nodes = names.includes("nodes.yaml") ? read("nodes.yaml") : [];
  const steps = names
    .filter((name) => /^\d.*\.(?:ya?ml|json|cmd)$/.test(name))
    .map((name) =>
      name.endsWith(".cmd")
        ? {
            name,
            lines: (readText(join(directory, name)) ?? "")
              .split("\n")
              .filter((line) => line.trim() !== "" && !line.startsWith("#")),
          }
        : { name, manifests: read(name) },
    );
  const settings = names.includes("settings.json")
    ? (JSON.parse(readText(join(directory, "settings.json")) ?? "{}") as object)
    : {};
  return { value: { nodes, steps, settings: { quiet: 5, limit: 90, ...settings }, text }, diagnostics };
};
