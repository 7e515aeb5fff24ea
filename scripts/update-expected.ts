// Writes samples/*/expected/ anew; the difference is reviewed like code.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { sampleOutputs } from "../test/support/samples.ts";

for (const [path, text] of await sampleOutputs()) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
