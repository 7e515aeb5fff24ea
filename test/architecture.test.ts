import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "@jest/globals";

/** Which folder of src/ may import which; the same table stands in docs/architecture.md. */
const mayImport: Record<string, readonly string[]> = {
  model: [],
  azure: ["model"],
  kubernetes: ["model"],
  load: ["model"],
  evaluate: ["model", "load", "azure"],
  graph: ["model", "azure", "kubernetes", "evaluate"],
  cluster: ["model", "kubernetes"],
  simulate: ["model", "azure", "kubernetes", "cluster"],
  findings: ["model", "azure", "kubernetes", "load", "evaluate", "graph", "cluster", "simulate"],
  report: ["model", "azure", "kubernetes", "graph", "cluster", "simulate", "findings"],
  "read-platform.ts": ["model", "azure", "kubernetes", "load", "evaluate", "graph", "findings"],
  "pipeline.ts": [
    "model",
    "azure",
    "kubernetes",
    "load",
    "evaluate",
    "graph",
    "cluster",
    "simulate",
    "findings",
    "report",
    "read-platform.ts",
  ],
  commands: [
    "model",
    "azure",
    "kubernetes",
    "load",
    "evaluate",
    "graph",
    "cluster",
    "simulate",
    "findings",
    "report",
    "read-platform.ts",
    "pipeline.ts",
    "version.ts",
  ],
  "cli.ts": ["model", "report", "commands", "pipeline.ts", "version.ts"],
  "version.ts": [],
};

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : path.endsWith(".ts") ? [path] : [];
  });

const roomOf = (path: string): string => relative("src", path).split("/")[0] ?? "";

const importsOf = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) =>
    join(dirname(path), match[1] ?? ""),
  );

test("every import follows the table", () => {
  const files = sources("src");
  const wrong = files.flatMap((file) => {
    const room = roomOf(file);
    if (room === "index.ts") return [];
    return importsOf(file)
      .map(roomOf)
      .filter((target) => target !== room && !(mayImport[room] ?? []).includes(target))
      .map((target) => `${file} imports ${target}`);
  });
  expect(wrong).toEqual([]);
  expect(files.length).toBeGreaterThan(5);
});

test("no folder of src is more than two deep", () => {
  expect(sources("src").filter((file) => file.split("/").length > 4)).toEqual([]);
});

test("tests run as native ES modules", async () => {
  expect(await import("node:path")).toBeDefined();
  expect(import.meta.url).toMatch(/^file:/);
});
