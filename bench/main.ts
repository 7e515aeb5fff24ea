import { readdirSync } from "node:fs";

/**
 * `npm run bench [-- NAME [ARGUMENTS…]]`: runs one benchmark, or all of them, each a file of this folder that exports `run`.
 * Seeds are fixed; figures are throughputs and, where a real component stands beside, ratios.
 */
interface Benchmark {
  readonly run: (args: readonly string[]) => void | Promise<void>;
}

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && file !== "main.ts")
  .map((file) => file.slice(0, -3))
  .sort();

const [wanted, ...args] = process.argv.slice(2);
const chosen = wanted === undefined ? names : names.filter((name) => name === wanted);
if (chosen.length === 0) {
  process.stderr.write(`no benchmark "${wanted ?? ""}"; there are: ${names.join(", ")}\n`);
  process.exitCode = 1;
}
for (const name of chosen) {
  process.stdout.write(`== ${name}\n`);
  const benchmark = (await import(`./${name}.ts`)) as Benchmark;
  await benchmark.run(args);
}
