import { Command } from "commander";
import type { CommandIo, ConfigureCommand } from "../../src/commands/command.ts";

export interface CommandRun {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Runs a command as the command line would, with an environment of its own. */
export const runCommand = async (
  configure: ConfigureCommand,
  args: readonly string[],
  io: Partial<CommandIo> = {},
): Promise<CommandRun> => {
  let out = "";
  let err = "";
  let code = 0;
  const command = new Command("aks-twin").exitOverride();
  configure(command, {
    cwd: process.cwd(),
    stdin: async () => "",
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env: {},
    isTerminal: false,
    exit: (given) => {
      code = given;
    },
    ...io,
  });
  await command.parseAsync(args, { from: "user" });
  return { out, err, code };
};
