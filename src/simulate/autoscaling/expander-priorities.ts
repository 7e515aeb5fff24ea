import type { ExpanderPriorities } from "./expanders.ts";

/**
 * The `priorities` of the ConfigMap cluster-autoscaler-priority-expander: numbers to lists of patterns, as block or flow YAML. Undefined
 * when there is none, "invalid" when it cannot be read; upstream then does without. Source: cluster-autoscaler 1.33.0 `expander/priority/priority.go`.
 */
export const parsePriorities = (text: unknown): ExpanderPriorities => {
  if (typeof text !== "string" || text === "") return undefined;
  if (text.trim() === "") return "invalid";
  const priorities = new Map<number, RegExp[]>();
  let current: RegExp[] | undefined;
  for (const line of text.split("\n")) {
    const plain = line.replace(/(^|\s)#.*$/, "").trimEnd();
    if (plain.trim() === "") continue;
    const key = /^["']?(-?\d+)["']?:\s*(?:\[(.*)\])?$/.exec(plain.trim());
    const item = /^\s*-\s+(.*)$/.exec(plain);
    if (key !== null) {
      current = [];
      priorities.set(Number(key[1]), current);
      const entries = flowEntries(key[2] ?? "");
      if (!entries.every((entry) => addPattern(priorities.get(Number(key[1])) ?? [], entry))) return "invalid";
    } else if (item !== null && current !== undefined) {
      if (!addPattern(current, (item[1] ?? "").trim())) return "invalid";
    } else return "invalid";
  }
  return priorities;
};

/** The entries of `[a, "b,c"]`. */
const flowEntries = (text: string): readonly string[] =>
  [...text.matchAll(/\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^,]+)\s*(?:,|$)/g)]
    .map(([, entry = ""]) => entry.trim())
    .filter((entry) => entry !== "");

/** A pattern may begin with Go's flags, such as `(?i)`. */
const addPattern = (patterns: RegExp[], text: string): boolean => {
  const quoted = /^(["'])(.*)\1$/.exec(text);
  const [, flags = "", pattern = ""] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(quoted?.[2] ?? text) ?? [];
  try {
    patterns.push(new RegExp(pattern, flags));
    return true;
  } catch {
    return false;
  }
};
