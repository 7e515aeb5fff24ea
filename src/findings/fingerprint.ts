import { createHash } from "node:crypto";
import type { Diagnostic } from "../model/diagnostic.ts";
import { findingKeys } from "./finding.ts";

/** Fingerprints of a list of findings: 32 hexadecimal digits that stay the same while lines move. */
export const fingerprints = (findings: readonly Diagnostic[]): readonly string[] =>
  findingKeys(findings).map((key) => createHash("sha256").update(key).digest("hex").slice(0, 32));
