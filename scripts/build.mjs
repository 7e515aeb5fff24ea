// Builds dist/: src/ in a few files by esbuild, the data tables beside them, the type declarations by tsc.
// One file a module would cost a third of a short run: node spends 0.3 ms on finding, reading and linking each of 500 (docs/dependencies.md).
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, rmSync } from "node:fs";
import { build } from "esbuild";

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: { cli: "src/cli.ts", index: "src/index.ts", worker: "src/commands/worker.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  packages: "external",
  // All chunks lie in dist/ itself, so that `./data/…` of any module is dist/data/….
  chunkNames: "[name]-[hash]",
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
});
for (const folder of ["azure", "evaluate", "kubernetes"]) {
  const from = `src/${folder}/data`;
  if (existsSync(from)) cpSync(from, "dist/data", { recursive: true });
}
execFileSync("node_modules/.bin/tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
