import type { LabelSelector } from "./object.ts";

/** Reads a selector as users write it: `a=b,c!=d,e in (x, y),f notin (z),g,!h` (apimachinery pkg/labels, v0.35). */
export const parseLabelQuery = (text: string): LabelSelector => ({
  matchExpressions: splitTerms(text).map((term) => {
    const set = /^\s*([^\s!=]+)\s+(in|notin)\s*\(([^)]*)\)\s*$/.exec(term);
    if (set !== null) {
      const values = (set[3] ?? "").split(",").map((value) => value.trim());
      return { key: set[1] ?? "", operator: set[2] === "in" ? "In" : "NotIn", values };
    }
    const equality = /^\s*([^\s!=]+)\s*(==|=|!=)\s*(\S*)\s*$/.exec(term);
    if (equality !== null)
      return { key: equality[1] ?? "", operator: equality[2] === "!=" ? "NotIn" : "In", values: [equality[3] ?? ""] };
    const key = term.trim();
    return key.startsWith("!") ? { key: key.slice(1), operator: "DoesNotExist" } : { key, operator: "Exists" };
  }),
});

/** Splits at commas outside of parentheses. */
const splitTerms = (text: string): readonly string[] => text.split(/,(?![^(]*\))/).filter((term) => term.trim() !== "");
