import type { Severity } from "../model/diagnostic.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { SourceRange } from "../model/source-range.ts";

/** A rule of the user's own, as `aks-twin.yaml` has it under `policies`. */
export interface Policy {
  /** Such as `ORG001`; `AKS` is taken. */
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  /** CEL; true where the policy holds. */
  readonly expression: string;
  /** What to do where it does not hold. */
  readonly message: string | undefined;
  /** A list of the model: the expression is asked for each `item` of it, and each that fails is a finding of its own. */
  readonly each: string | undefined;
  /** Of the expression. */
  readonly range: SourceRange;
}

type Path = readonly (string | number)[];

/** Reads `policies`; what is wrong is told by `wrong` and left out. */
export const readPolicies = (
  given: Json | undefined,
  rangeAt: (path: Path) => SourceRange,
  wrong: (path: Path, expected: string) => undefined,
): readonly Policy[] => {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) return wrong(["policies"], "a list") ?? [];
  const seen = new Set<string>();
  return (given as readonly Json[]).flatMap((item, index): readonly Policy[] => {
    const path = ["policies", index];
    if (!isJsonObject(item)) return wrong(path, "a mapping with code, title and expression") ?? [];
    const { code, title, expression, severity, message, each } = item;
    const stranger = Object.keys(item).find((key) => !policyKeys.has(key));
    if (stranger !== undefined) wrong([...path, stranger], `one of ${[...policyKeys].join(", ")}`);
    if (typeof code !== "string" || !/^(?!AKS)[A-Z][A-Z0-9_-]{0,30}\d$/.test(code))
      return wrong([...path, "code"], "capitals that end in a digit, such as ORG001, and not begin with AKS") ?? [];
    if (seen.has(code)) return wrong([...path, "code"], `a code of its own: "${code}" stands twice`) ?? [];
    seen.add(code);
    if (typeof title !== "string" || title.trim() === "") return wrong([...path, "title"], "text") ?? [];
    if (typeof expression !== "string") return wrong([...path, "expression"], "text: an expression in CEL") ?? [];
    if (severity !== undefined && !isSeverity(severity)) wrong([...path, "severity"], "info, warning or error");
    if (message !== undefined && typeof message !== "string") wrong([...path, "message"], "text");
    if (each !== undefined && typeof each !== "string") wrong([...path, "each"], "the name of a list of the model");
    return [
      {
        code,
        title: title.trim(),
        severity: isSeverity(severity) ? severity : "error",
        expression,
        message: typeof message === "string" ? message.trim() : undefined,
        each: typeof each === "string" ? each : undefined,
        range: rangeAt([...path, "expression"]),
      },
    ];
  });
};

const policyKeys = new Set(["code", "title", "severity", "each", "expression", "message"]);

const isSeverity = (value: unknown): value is Severity => value === "error" || value === "warning" || value === "info";
