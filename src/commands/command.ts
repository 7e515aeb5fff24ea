import type { Command } from "commander";

/** What a command may touch of the process; tests give their own. */
export interface CommandIo {
  readonly cwd: string;
  readonly stdin: () => Promise<string>;
  /** Results. */
  readonly out: (text: string) => void;
  /** Diagnostics and progress. */
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  /** Columns of the terminal that `err` writes to; left out where it is none. */
  readonly errColumns?: number | undefined;
  /** The file that a worker thread starts with; left out where all is done in one thread, as from the sources. */
  readonly workerEntry?: URL | undefined;
  /** Sets the process's exit code: 0 done, 1 could not run, 2 findings at or above the threshold. */
  readonly exit: (code: 0 | 1 | 2) => void;
}

/**
 * A command module, `commands/<name>.ts`, exports `configure`: it adds arguments, options and the action to the given command,
 * whose name and summary cli.ts has set. cli.ts has already turned Terraform's `-var` and `-var-file` into `--var` and `--var-file`.
 */
export type ConfigureCommand = (command: Command, io: CommandIo) => void;
