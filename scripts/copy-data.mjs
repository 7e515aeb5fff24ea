// Copies the data tables beside the compiled modules that read them. tsc copies no JSON that is read at run time.
import { cpSync, existsSync } from "node:fs";

for (const folder of ["azure", "evaluate", "kubernetes"]) {
  const from = `src/${folder}/data`;
  if (existsSync(from)) cpSync(from, `dist/${folder}/data`, { recursive: true });
}
