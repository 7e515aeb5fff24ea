import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { readObjectFiles } from "../../src/commands/object-files.ts";

const folder = mkdtempSync(join(tmpdir(), "objects-"));
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", managedFields: [{}], annotations: { a: "b" } },
  spec: {
    containers: [{ name: "c", image: "i", env: [{ name: "A", value: "x" }], resources: { requests: { cpu: "1" } } }],
  },
};
const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n" } };
const list = JSON.stringify({ kind: "List", items: [node, pod] });

const read = (content: string | Buffer, limit?: number) => {
  writeFileSync(join(folder, "file"), content);
  return readObjectFiles(["file"], folder, async () => "", limit);
};

const slim = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p" },
  spec: { containers: [{ name: "c", image: "i", resources: { requests: { cpu: "1" } } }] },
};

test.each([
  ["JSON", list],
  ["a bare array", JSON.stringify([node, pod])],
  ["YAML", `${JSON.stringify(node)}\n---\n${JSON.stringify(pod)}\n`],
  ["gzipped JSON", gzipSync(list)],
])("objects are read from %s", async (_, content) => {
  expect(await read(content)).toEqual({ value: [node, pod], diagnostics: [] });
});

test.each([
  ["JSON", list],
  ["gzipped JSON", gzipSync(list)],
])("past the limit %s is read object by object, without what placement does not need", async (_, content) => {
  expect(await read(content, 16)).toEqual({ value: [node, slim], diagnostics: [] });
});

test.each([
  ["YAML past the limit", `kind: Node\nmetadata: {name: n}\n`, 16, "larger than one text can be"],
  ["JSON that breaks off past the limit", list.slice(0, -4), 16, "larger than one text can be"],
  ["a spoiled archive", Buffer.from([0x1f, 0x8b, 1, 2, 3]), undefined, '"file": '],
  ["something else", "just text", undefined, "Each object needs a kind and a metadata.name"],
])("%s is told of", async (_, content, limit, text) => {
  const { value, diagnostics } = await read(content, limit);
  expect(value).toEqual([]);
  expect(diagnostics.map(({ detail }) => detail).join()).toContain(text);
});
