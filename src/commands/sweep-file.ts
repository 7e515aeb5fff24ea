import { parseYamlDocuments } from "../load/yaml/documents.ts";
import type { Diagnostic, Outcome } from "../model/diagnostic.ts";
import { diagnostic } from "../model/diagnostic.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { SweepAxis } from "../simulate/capacity-sweep.ts";

export interface SweepFile {
  readonly axes: readonly SweepAxis[];
  /** A file of Azure retail prices, relative to this one. */
  readonly prices: string | undefined;
  /** A scenario, relative to this file: each combination is played through it. */
  readonly scenario: string | undefined;
}

const poolSettings: ReadonlySet<string> = new Set(["size", "min", "max", "count"]);

/** Reads the grid of a sweep (`schemas/sweep.schema.json`); `file` is how it is called in diagnostics. */
export const readSweepFile = (text: string, file: string): Outcome<SweepFile> => {
  const { value: documents, diagnostics } = parseYamlDocuments(text, file);
  const document = documents[0];
  const problems: Diagnostic[] = [...diagnostics];
  const axes: SweepAxis[] = [];
  const wrong = (path: readonly (string | number)[], expected: string): void => {
    problems.push(
      diagnostic({
        code: "AKS9420",
        severity: "error",
        summary: "The sweep file has a wrong value",
        detail: `"${path.join(".")}" must be ${expected}. See schemas/sweep.schema.json.`,
        ...(document === undefined ? {} : { range: document.rangeAt(path) }),
      }),
    );
  };
  const axis = (path: readonly string[], value: Json, kind: "count" | "factor" | "text"): void => {
    const values = Array.isArray(value) ? value : [value];
    const fits = (each: Json): each is number | string =>
      kind === "text"
        ? typeof each === "string" && each !== ""
        : typeof each === "number" && each >= 0 && (kind === "factor" ? Number.isFinite(each) : Number.isInteger(each));
    if (values.length === 0 || !values.every(fits))
      wrong(path, kind === "text" ? "a text or a list of texts" : "a number of at least 0 or a list of such");
    else axes.push({ key: path.join("/"), values: values.filter(fits) });
  };
  const root = document?.value;
  if (!isJsonObject(root)) {
    wrong([], "a mapping with pools, replicas, load, prices or scenario");
    return { value: { axes, prices: undefined, scenario: undefined }, diagnostics: problems };
  }
  for (const key of Object.keys(root))
    if (!["pools", "replicas", "load", "prices", "scenario"].includes(key))
      wrong([key], "one of pools, replicas, load, prices, scenario");
  const pools = root["pools"];
  if (pools !== undefined && !isJsonObject(pools)) wrong(["pools"], "a mapping of pools");
  for (const [pool, settings] of Object.entries(isJsonObject(pools) ? pools : {})) {
    if (!isJsonObject(settings)) {
      wrong(["pools", pool], "a mapping with size, min, max or count");
      continue;
    }
    for (const [setting, value] of Object.entries(settings)) {
      if (!poolSettings.has(setting)) wrong(["pools", pool, setting], "one of size, min, max, count");
      else axis(["pools", pool, setting], value, setting === "size" ? "text" : "count");
    }
  }
  const replicas = root["replicas"];
  if (replicas !== undefined && !isJsonObject(replicas)) wrong(["replicas"], "a mapping of workloads");
  for (const [workload, value] of Object.entries(isJsonObject(replicas) ? replicas : {}))
    axis(["replicas", workload], value, "count");
  if (root["load"] !== undefined) axis(["load"], root["load"], "factor");
  const fileAt = (key: "prices" | "scenario"): string | undefined => {
    const named = root[key];
    if (named !== undefined && typeof named !== "string") wrong([key], "the path of a file");
    return typeof named === "string" ? named : undefined;
  };
  return { value: { axes, prices: fileAt("prices"), scenario: fileAt("scenario") }, diagnostics: problems };
};
