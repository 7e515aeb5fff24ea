import type { Diagnostic } from "../model/diagnostic.ts";
import type { JsonObject } from "../model/json.ts";
import type { SourceRange } from "../model/source-range.ts";
import { relativePath } from "./module-path.ts";

export interface PlanJsonOptions {
  readonly terraformVersion: string;
  /** The directory that was evaluated, below the root of the tree: files in ranges are shown relative to it. */
  readonly directory: string;
  /** The byte at an offset of a file, since Terraform counts bytes. */
  readonly byteAt: (file: string, offset: number) => number;
}

/** A problem in the form of `terraform plan -json`. */
export const diagnosticJson = (problem: Diagnostic, options: PlanJsonOptions): JsonObject => ({
  severity: problem.severity === "error" ? "error" : "warning",
  code: problem.code,
  summary: problem.summary,
  detail: problem.detail,
  ...(problem.subject === undefined ? {} : { address: problem.subject }),
  ...(problem.range === undefined ? {} : { range: rangeJson(problem.range, options) }),
});

/** An empty range is shown one character wide, as Terraform does. */
const rangeJson = ({ file, start, end }: SourceRange, { directory, byteAt }: PlanJsonOptions): JsonObject => {
  const isEmpty = start.offset === end.offset;
  const byte = byteAt(file, start.offset);
  return {
    filename: file.startsWith("<") ? file : relativePath(directory, file),
    start: { line: start.line, column: start.column, byte },
    end: isEmpty
      ? { line: start.line, column: start.column + 1, byte: byte + 1 }
      : { line: end.line, column: end.column, byte: byteAt(file, end.offset) },
  };
};
