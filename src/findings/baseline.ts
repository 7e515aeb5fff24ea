import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { type Finding, findingKeys } from "./finding.ts";

/** Findings that were accepted at some time, by key; the form of `schemas/baseline.schema.json`. */
export type Baseline = ReadonlySet<string>;

/** The open findings as a baseline file: sorted, so that its diff says what was accepted. */
export const writeBaseline = (findings: readonly Finding[]): string => {
  const open = findings.filter(({ suppressed }) => suppressed === undefined);
  const keys = findingKeys(open);
  const entries = open
    .map(({ code, subject, summary }, index) => ({ key: keys[index] ?? "", code, subject: subject ?? "", summary }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return `${JSON.stringify({ version: 1, findings: entries }, null, 2)}\n`;
};

/** Reads a baseline file; what is wrong with it is told, and the rest counts. */
export const readBaseline = (text: string, file: string): Outcome<Baseline> => {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    return { value: new Set(), diagnostics: [unreadable(file, "it is not JSON")] };
  }
  const entries = isJsonObject(json) ? json["findings"] : undefined;
  if (!Array.isArray(entries))
    return { value: new Set(), diagnostics: [unreadable(file, 'it has no list "findings"')] };
  const keys = entries.flatMap((entry) => {
    const key = isJsonObject(entry) ? entry["key"] : undefined;
    return typeof key === "string" ? [key] : [];
  });
  return { value: new Set(keys), diagnostics: [] };
};

/** Marks the findings of the baseline as suppressed; a finding that came since stays open. */
export const applyBaseline = (findings: readonly Finding[], baseline: Baseline): readonly Finding[] => {
  const open = findings.filter(({ suppressed }) => suppressed === undefined);
  const keys = new Map(findingKeys(open).map((key, index) => [open[index], key]));
  return findings.map((finding) =>
    baseline.has(keys.get(finding) ?? "")
      ? { ...finding, suppressed: { reason: "accepted in the baseline", range: undefined } }
      : finding,
  );
};

const unreadable = (file: string, why: string): Diagnostic =>
  diagnostic({
    code: "AKS9406",
    severity: "error",
    summary: "The baseline cannot be read",
    detail: `"${file}" is no baseline: ${why}. Write it anew with --write-baseline.`,
  });
