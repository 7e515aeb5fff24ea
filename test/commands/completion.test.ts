import { execFileSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { configure } from "../../src/commands/completion.ts";
import { commands } from "../../src/commands/list.ts";
import { runCommand } from "../support/run-command.ts";

const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
  const { out } = await runCommand(configure, ["bash"]);
  const script = `${out}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _aks_twin; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const answer = execFileSync("bash", ["-c", script, "bash", "aks-twin", ...words], { encoding: "utf8" });
  return answer.split("\n").filter((line) => line !== "");
};

test("bash completes commands and their flags", async () => {
  expect(await complete("re")).toEqual(["review", "rehearse"]);
  expect(await complete("review", "--base")).toEqual(["--base", "--base-ref", "--base-plan", "--baseline"]);
  expect(await complete("review", "sam")).toEqual([]);
});

test.each(["zsh", "fish"])("%s names every command and the flags of review", async (shell) => {
  const { out, code } = await runCommand(configure, [shell]);
  expect(code).toBe(0);
  for (const { name } of commands) expect(out).toMatch(new RegExp(`\\b${name}\\b`));
  expect(out).toMatch(shell === "zsh" ? /'\*--base-ref=\[[^']*\]:value:_files'/ : /-l base-ref -r -d '/);
});

test("a shell that is not known is told", async () => {
  expect(await runCommand(configure, ["tcsh"])).toEqual({
    out: "",
    err: 'aks-twin completion: no shell "tcsh"; there are bash, zsh, fish.\n',
    code: 1,
  });
});
