import type { ExpanderPriorities } from "./expanders.ts";

/**
 * The `priorities` of the ConfigMap cluster-autoscaler-priority-expander: numbers to lists of patterns, as block or flow YAML. Undefined
 * when there is none or it cannot be read; upstream then does without. Source: cluster-autoscaler 1.33.0 `expander/priority/priority.go`.
 */
export const parsePriorities = (text: unknown): ExpanderPriorities => {
  if (typeof text !== "string" || text.trim() === "") return undefined;
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
      for (const entry of (key[2] ?? "").split(",")) if (entry.trim() !== "") addPattern(current, entry.trim());
    } else if (item !== null && current !== undefined) {
      if (!addPattern(current, (item[1] ?? "").trim())) return undefined;
    } else return undefined;
  }
  return priorities;
};

const addPattern = (patterns: RegExp[], text: string): boolean => {
  const quoted = /^(["'])(.*)\1$/.exec(text);
  try {
    patterns.push(new RegExp(quoted?.[2] ?? text));
    return true;
  } catch {
    return false;
  }
};
