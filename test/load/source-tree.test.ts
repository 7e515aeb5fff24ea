import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { openSourceTree } from "../../src/load/source-tree.ts";

const base = mkdtempSync(join(tmpdir(), "source-tree-"));
const root = join(base, "root");
mkdirSync(join(root, "modules", "b"), { recursive: true });
writeFileSync(join(base, "secret"), "secret");
writeFileSync(join(root, "main.tf"), "a = 1\n");
writeFileSync(join(root, "modules", "z.tf"), "é");
writeFileSync(join(root, "latin"), Buffer.from([0xe9, 0x20]));
writeFileSync(join(root, "big"), "x".repeat(2000));
symlinkSync(join(base, "secret"), join(root, "out"));
symlinkSync(join(root, "main.tf"), join(root, "in"));
symlinkSync(join(root, "loop"), join(root, "loop"));
afterAll(() => rmSync(base, { recursive: true }));

const open = () => {
  const tree = openSourceTree(root, { fileBytes: 1000 });
  if (tree === undefined) throw new Error("the folder is there");
  return tree;
};

test("a file inside is read, by relative path, absolute path and link", () => {
  expect(open().readText("main.tf")).toEqual({ value: "a = 1\n", diagnostics: [] });
  expect(open().readText(join(root, "modules/z.tf")).value).toBe("é");
  expect(open().readText("in").value).toBe("a = 1\n");
});

test.each([
  ["a path that climbs out", "../secret", "AKS9010"],
  ["an absolute path outside", "/etc/passwd", "AKS9010"],
  ["a link that leads out", "out", "AKS9010"],
  ["a file that is not there", "nothing.tf", "AKS9013"],
  ["a link to itself", "loop", "AKS9013"],
  ["a path with a zero byte", "main.tf\0", "AKS9013"],
  ["a folder", "modules", "AKS9013"],
  ["a file above the limit", "big", "AKS9011"],
  ["a file in another encoding", "latin", "AKS9012"],
])("%s gives a diagnostic and no text", (_, path, code) => {
  const { value, diagnostics } = open().readText(path);
  expect(value).toBeUndefined();
  expect(diagnostics.map((problem) => problem.code)).toEqual([code]);
});

test("a folder lists its entries in order of name, without what leads out", () => {
  expect(
    open()
      .list(".")
      .map(({ name, kind }) => `${name} ${kind}`),
  ).toEqual(["big file", "in file", "latin file", "main.tf file", "modules directory"]);
  expect(open().list("../..")).toEqual([]);
  expect(open().list("main.tf")).toEqual([]);
});

test("paths are shown relative to the root", () => {
  expect(open().shownPath("./modules/../main.tf")).toBe("main.tf");
  expect(open().shownPath("/etc/passwd")).toBeUndefined();
  expect(open().kindOf("modules")).toBe("directory");
  expect(openSourceTree(join(root, "main.tf"))).toBeUndefined();
});
