import { diagnostic, type Outcome } from "../../model/diagnostic.ts";
import type { Body } from "./ast.ts";
import { parseTfvarsJson } from "./json-body.ts";
import { parseHcl } from "./parse-file.ts";

/** Reads a `.tfvars` or `.tfvars.json` file: arguments alone, whose values may not refer to anything. */
export const parseTfvars = (text: string, file: string): Outcome<Body> => {
  if (file.endsWith(".json")) return parseTfvarsJson(text, file);
  const { value, diagnostics } = parseHcl(text, file);
  const unexpected = value.blocks.map((block) =>
    diagnostic({
      code: "AKS9001",
      severity: "error",
      summary: `Unexpected "${block.type}" block`,
      detail: 'A file of variable values has no blocks. A value is set with an equals sign, as in "name = value".',
      range: block.headerRange,
    }),
  );
  return { value: { ...value, blocks: [] }, diagnostics: [...diagnostics, ...unexpected] };
};
