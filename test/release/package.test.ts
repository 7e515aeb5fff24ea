import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";

const run = (program: string, args: readonly string[], cwd: string): string => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} exited with ${status}: ${stderr}${stdout}`);
  return stdout;
};

/** The package as npm would publish it, made from the sources in a folder of its own and unpacked. */
const packed = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-"));
  const project = join(folder, "project");
  mkdirSync(project);
  for (const name of ["src", "scripts", "schemas", "package.json", "tsconfig.json", "tsconfig.build.json"])
    cpSync(name, join(project, name), { recursive: true });
  for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) cpSync(name, join(project, name));
  symlinkSync(resolve("node_modules"), join(project, "node_modules"));
  run("npm", ["pack", "--silent", "--pack-destination", folder], project);
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  run("tar", ["-xzf", archive ?? "", "-C", folder], folder);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  return join(folder, "package");
};

test("npm pack builds a package that runs on its own", () => {
  const folder = packed();
  const files = [
    "dist/cli.js",
    "dist/worker.js",
    "dist/index.js",
    "dist/types/index.d.ts",
    "schemas/aks-twin.schema.json",
    "LICENSE",
  ];
  expect(files.filter((name) => !existsSync(join(folder, name)))).toEqual([]);
  expect(readdirSync(folder).filter((name) => ["src", "test", "node_modules"].includes(name))).toEqual([]);
  const cli = join(folder, "dist/cli.js");
  expect(run("node", [cli, "--version"], tmpdir())).toMatch(/^\d+\.\d+\.\d+/);
  const out = run("node", [cli, "review", resolve("samples/online-shop"), "--format", "json"], tmpdir());
  const report = JSON.parse(out);
  expect(report.verdict.outcome).toBe("works");
  expect(report.worlds.after.pools).toHaveLength(3);
  const grid = join(folder, "sweep.yaml");
  writeFileSync(grid, "load: [0.5, 1, 1.5]\n");
  const sweep = (workers: string): string =>
    run(
      "node",
      [cli, "capacity", resolve("samples/online-shop"), "--sweep", grid, "--json", "--workers", workers],
      tmpdir(),
    );
  expect(sweep("2")).toBe(sweep("1"));
  const script = `import { review } from ${JSON.stringify(join(folder, "dist/index.js"))}; console.log(typeof review);`;
  expect(run("node", ["--input-type=module", "-e", script], tmpdir())).toBe("function\n");
}, 180_000);
