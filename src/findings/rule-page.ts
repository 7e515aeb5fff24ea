import type { Rule } from "./rule.ts";

/** A rule's page for people: what happens, why, how to mend it, and the source. */
export const rulePage = (rule: Rule): string =>
  `${rule.code} ${rule.title}\nSeverity: ${rule.severity}\n\n${paragraphs(rule.explain).join("\n\n")}\n\nTo silence it: # aks-twin:ignore ${rule.code} reason   (on the line, above it, or on the block's head)\n`;

/** The page's paragraphs, each on one line; a line that starts with a dash or names a part starts a new one. */
export const paragraphs = (explain: string): readonly string[] => {
  const parts: string[] = [];
  for (const line of explain.split("\n").map((text) => text.trim())) {
    if (parts.length === 0 || /^(- |What happens:|Mend:|Source:)/.test(line)) parts.push(line);
    else parts.push(`${parts.pop()} ${line}`);
  }
  return parts;
};
