import { Command, type Option } from "commander";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { commands } from "./list.ts";

/** `aks-twin completion SHELL`: a script for the shell to read, made from the commands' own definitions. */
export const configure: ConfigureCommand = (command, io) => {
  command
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText(
      "after",
      `
bash: aks-twin completion bash > ~/.local/share/bash-completion/completions/aks-twin
zsh:  aks-twin completion zsh > "\${fpath[1]}/_aks-twin"
fish: aks-twin completion fish > ~/.config/fish/completions/aks-twin.fish`,
    )
    .action((shell: string) => run(shell, io));
};

interface Described {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly Option[];
}

const run = async (shell: string, io: CommandIo): Promise<void> => {
  const write = Object.hasOwn(scripts, shell) ? scripts[shell as keyof typeof scripts] : undefined;
  if (write === undefined) {
    io.err(`aks-twin completion: no shell "${shell}"; there are ${Object.keys(scripts).join(", ")}.\n`);
    return io.exit(1);
  }
  io.out(write(await describeCommands(io)));
};

/** Every command with its options, as commander knows them. */
const describeCommands = async (io: CommandIo): Promise<readonly Described[]> => {
  const described: Described[] = [];
  for (const { name, summary, load } of commands) {
    const command = new Command(name);
    (await load()).configure(command, io);
    described.push({ name, summary, options: command.options });
  }
  return described;
};

const flagsOf = ({ options }: Described): string =>
  ["--help", ...options.flatMap(({ long }) => (long == null ? [] : [long]))].join(" ");

const bash = (list: readonly Described[]): string => `# bash completion of aks-twin
_aks_twin() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${list.map(({ name }) => name).join(" ")} --help --version" -- "$current"))
    return
  fi
  case $current in
    -*) ;;
    *) return ;;
  esac
  case \${COMP_WORDS[1]} in
${list.map((command) => `    ${command.name}) COMPREPLY=($(compgen -W "${flagsOf(command)}" -- "$current")) ;;`).join("\n")}
  esac
}
complete -o default -F _aks_twin aks-twin
`;

const zsh = (list: readonly Described[]): string => `#compdef aks-twin
_aks_twin() {
  local -a commands
  commands=(
${list.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(":", "\\:")}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
${list
  .map(
    (command) =>
      `    ${command.name}) _arguments ${[...command.options.flatMap(zshOption), "'*:file:_files'"].join(" ")} ;;`,
  )
  .join("\n")}
  esac
}
_aks_twin "$@"
`;

const zshOption = ({ long, description, required, optional }: Option): readonly string[] => {
  if (long == null) return [];
  const text = description.replace(/[[\]:\\]/g, "\\$&");
  const value = required || optional ? ":value:_files" : "";
  // With `=` the value may stand in the same word or in the next.
  return [quoted(value === "" ? `${long}[${text}]` : `*${long}=[${text}]${value}`)];
};

const fish = (list: readonly Described[]): string =>
  [
    "# fish completion of aks-twin",
    "complete -c aks-twin -n __fish_use_subcommand -f",
    ...list.map(
      ({ name, summary }) => `complete -c aks-twin -n __fish_use_subcommand -f -a ${name} -d ${fishQuoted(summary)}`,
    ),
    ...list.flatMap(({ name, options }) =>
      options.flatMap(({ long, description, required, optional }) =>
        long == null
          ? []
          : [
              `complete -c aks-twin -n '__fish_seen_subcommand_from ${name}' -l ${long.slice(2)}${required || optional ? " -r" : ""} -d ${fishQuoted(description)}`,
            ],
      ),
    ),
    "",
  ].join("\n");

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const fishQuoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

const scripts = { bash, zsh, fish } as const;
