import { writeFileSync } from "node:fs";
import { Command } from "commander";
import type { CommandIo } from "../src/commands/command.ts";
import { commands } from "../src/commands/list.ts";

/** Writes docs/commands.md from the commands' own definitions. */

const nowhere: CommandIo = {
  cwd: ".",
  stdin: async () => "",
  out: () => undefined,
  err: () => undefined,
  env: {},
  isTerminal: false,
  exit: () => undefined,
};

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("\n", " ");

const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;

const sectionOf = (command: Command, title: string, summary: string): string => {
  const names = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const usage = [title, ...names, ...(command.options.length > 0 ? ["[options]"] : [])].join(" ");
  const rows = [
    ...command.registeredArguments.map((argument, index) => [names[index] ?? "", argument.description] as const),
    ...command.options.map((option) => [option.flags, option.description] as const),
  ];
  const table = ["| | |", "| --- | --- |", ...rows.map(([name, text]) => `| ${code(name)} | ${cell(text)} |`)];
  return [
    `## ${title}`,
    "",
    `${summary[0]?.toUpperCase() ?? ""}${summary.slice(1)}.`,
    "",
    "```",
    usage,
    "```",
    ...(rows.length === 0 ? [] : ["", ...table]),
    "",
    ...command.commands.map((child) => sectionOf(child, `${title} ${child.name()}`, child.description())),
  ].join("\n");
};

/** The whole page. */
export const commandsPage = async (): Promise<string> => {
  const sections: string[] = [];
  for (const { name, summary, load } of commands) {
    const command = new Command(name);
    (await load()).configure(command, nowhere);
    sections.push(sectionOf(command, `aks-twin ${name}`, summary));
  }
  return `# Every command

Written by \`npx tsx scripts/update-commands-doc.ts\` from the commands themselves; \`aks-twin <command> --help\` prints the same.

Results go to standard output, diagnostics to standard error. Exit codes: 0 done, 1 could not run, 2 findings at or above the threshold (\`review\`).
Terraform's spelling with one dash is read too: \`-var a=b\`, \`-var-file=prod.tfvars\`. \`NO_COLOR\` turns colours off. Nothing is sent anywhere but by
\`comment\`; nothing of the input is executed, and programs (kustomize, kubectl, helm) are started with \`--allow-exec\` only.

${sections.join("\n").trimEnd()}
`;
};

if (process.argv[1]?.endsWith("update-commands-doc.ts") === true)
  writeFileSync("docs/commands.md", await commandsPage());
