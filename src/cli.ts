#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import type { CommandIo } from "./commands/command.ts";
import { commands } from "./commands/list.ts";

// Node.js optimizes a function after 67 kB of its bytecode have run. Most functions of a short run never earn that back: with 1 MB a review of
// the sample takes an eighth less CPU, and the scheduler's benchmark no more than before.
setFlagsFromString("--interrupt-budget=1000000");

const usage = (): string => {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return `Usage: aks-twin <command> [options]

Says before \`terraform apply\` what an AKS cluster will do.

Commands:
${lines.join("\n")}

Options:
  --version   print the version
  --help      print this text; \`aks-twin <command> --help\` for a command

Exit codes: 0 done, 1 could not run, 2 findings at or above the threshold (review).
`;
};

/** Terraform spells its long flags with one dash: `-var a=b` and `-var-file=x` are read as ours. */
const withTwoDashes = (argument: string): string =>
  /^-(var|var-file)(=|$)/.test(argument) ? `-${argument}` : argument;

const readStdin = async (): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
};

const io: CommandIo = {
  cwd: process.cwd(),
  stdin: readStdin,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  env: process.env,
  isTerminal: process.stdout.isTTY === true,
  // A terminal that does not tell its width has 0 columns.
  errColumns: process.stderr.isTTY ? process.stderr.columns || 80 : undefined,
  // Node.js loads no TypeScript; scripts/build.mjs makes dist/worker.js of commands/worker.ts.
  workerEntry: import.meta.url.endsWith(".js") ? new URL("worker.js", import.meta.url) : undefined,
  exit: (code) => {
    process.exitCode = code;
  },
};

const fail = (message: string): void => {
  io.err(`${message}\n`);
  io.exit(1);
};

const main = async (argv: readonly string[]): Promise<void> => {
  const [name, ...rest] = argv.map(withTwoDashes);
  if (name === undefined || name === "--help" || name === "-h" || name === "help") return io.out(usage());
  if (name === "--version" || name === "-V") {
    const { toolVersion } = await import("./version.ts");
    return io.out(`${toolVersion()}\n`);
  }
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined) return fail(`aks-twin: no command "${name}". \`aks-twin --help\` lists them.`);
  const { Command } = await import("commander");
  const { configure } = await entry.load();
  const command = new Command(`aks-twin ${entry.name}`).description(entry.summary).exitOverride();
  configure(command, io);
  await command.parseAsync(rest, { from: "user" });
};

/** A wrong flag has been told by commander itself; anything else that is thrown is a fault of ours, told without a stack. */
const isUsageError = (error: unknown): error is { readonly exitCode: number } =>
  typeof error === "object" && error !== null && "code" in error && String(error.code).startsWith("commander.");

/** A file that the user named and that cannot be read or written. */
const isFileError = (error: unknown): error is { readonly path: string; readonly code: string } =>
  error instanceof Error && "syscall" in error && "path" in error && typeof error.path === "string" && "code" in error;

const fileProblem = (code: string): string => {
  switch (code) {
    case "ENOENT":
      return "there is no such file or folder";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a folder";
    default:
      return code;
  }
};

// A reader that closes early, such as `head`, ends the output and nothing else.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (isUsageError(error)) io.exit(error.exitCode === 0 ? 0 : 1);
  else if (isFileError(error)) fail(`aks-twin: cannot open "${error.path}": ${fileProblem(error.code)}.`);
  else fail(`aks-twin: internal error, please report it: ${error instanceof Error ? error.message : String(error)}`);
}
