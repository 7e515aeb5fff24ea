import { type Diagnostic, diagnostic } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";

/** The code of everything that Terraform itself would refuse. */
const terraformError = "AKS9100";
const terraformWarning = "AKS9106";

/** An error that Terraform gives, under Terraform's summary; the detail is our own. */
export const inputError = (
  summary: string,
  detail: string,
  range: SourceRange | undefined,
  subject?: string,
): Diagnostic =>
  diagnostic({
    code: terraformError,
    severity: "error",
    summary,
    detail,
    ...(range === undefined ? {} : { range }),
    ...(subject === undefined ? {} : { subject }),
  });

/** A warning that Terraform gives, under Terraform's summary. */
export const inputWarning = (summary: string, detail: string, range: SourceRange | undefined): Diagnostic =>
  diagnostic({
    code: terraformWarning,
    severity: "warning",
    summary,
    detail,
    ...(range === undefined ? {} : { range }),
  });

/** A name that the schemas at hand lack, where the configuration asks for a later version of the provider. */
export const notKnownYet = (what: string, provider: string, range: SourceRange): Diagnostic =>
  diagnostic({
    code: "AKS9132",
    severity: "info",
    summary: "A newer provider may know this",
    detail: `${what} is not known in ${provider}, the latest known here, and the configuration asks for a later version. It is left out of account.`,
    range,
  });

/** The candidate nearest to a misspelt name, at most two edits away (didyoumean in Terraform 1.11). */
export const nearestName = (name: string, candidates: Iterable<string>): string | undefined => {
  for (const candidate of candidates)
    if (Math.abs(candidate.length - name.length) < 3 && editDistance(name, candidate) < 3) return candidate;
  return undefined;
};

/** ` Did you mean "x"?`, or nothing. */
export const didYouMean = (name: string, candidates: Iterable<string>): string => {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
};

const editDistance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
};

/** True where one of the problems is an error. */
export const hasErrors = (problems: readonly Diagnostic[]): boolean =>
  problems.some(({ severity }) => severity === "error");
