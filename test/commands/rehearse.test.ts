import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Command } from "commander";
import type { CommandIo } from "../../src/commands/command.ts";
import { configure } from "../../src/commands/rehearse.ts";

const run = async (args: readonly string[], stdin = "") => {
  let out = "";
  let err = "";
  let code: number | undefined;
  const io: CommandIo = {
    cwd: process.cwd(),
    stdin: async () => stdin,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env: {},
    isTerminal: false,
    exit: (status) => {
      code = status;
    },
  };
  const command = new Command("rehearse");
  configure(command, io);
  await command.parseAsync([...args], { from: "user" });
  return { out, err, code };
};

test.each([
  ["hpa", "test/conformance/hpa/ratio-double.json"],
  ["hpa", "test/conformance/hpa/behavior-invalid.json"],
  ["autoscaler", "test/conformance/autoscaler/down-drain.json"],
])("rehearse %s prints what %s expects", async (component, file) => {
  const { out, code } = await run([component, file, "--json"]);
  const { expected } = JSON.parse(readFileSync(file, "utf8")) as { readonly expected: unknown };
  expect(JSON.parse(out)).toEqual(expected);
  expect(code).toBe(0);
});

test("the input alone may come from standard input", async () => {
  const { input, expected } = JSON.parse(readFileSync("test/conformance/autoscaler/up-one-node.json", "utf8"));
  const { out } = await run(["autoscaler", "-"], JSON.stringify(input));
  expect(JSON.parse(out)).toEqual(expected);
});

test.each([
  [["kubelet", "x.json"], "", "choose hpa, autoscaler, loadbalancer"],
  [["hpa", "no-such-file.json"], "", 'cannot read "no-such-file.json"'],
  [["hpa", "-"], "{", '"-" is not JSON'],
  [["hpa", "-"], "{}", '"hpa" is missing'],
  [["autoscaler", "-"], '{"nodeGroups":[]}', '"until" is missing'],
])("a wrong call says what is wrong: %j", async (args, stdin, message) => {
  const { err, out, code } = await run(args, stdin);
  expect(err).toContain(message);
  expect(out).toBe("");
  expect(code).toBe(1);
});
