import { rulePage } from "../findings/rule-page.ts";
import { rules } from "../findings/rules.ts";
import type { ConfigureCommand } from "./command.ts";

/** `aks-twin explain CODE`: a rule's page; without a code the list of all. */
export const configure: ConfigureCommand = (command, io) => {
  command
    .argument("[code]", "a rule's code, such as AKS1001; all are listed without one")
    .option("--json", "as JSON")
    .action((code: string | undefined, flags: { readonly json?: true }) => {
      const wanted = code?.toUpperCase();
      const found = wanted === undefined ? rules : rules.filter((rule) => rule.code === wanted);
      if (found.length === 0) {
        io.err(`aks-twin explain: no rule "${code}". \`aks-twin explain\` lists them.\n`);
        return io.exit(1);
      }
      if (flags.json) {
        const rows = found.map(({ code: own, title, severity, explain }) => ({ code: own, title, severity, explain }));
        return io.out(`${JSON.stringify(wanted === undefined ? rows : rows[0], null, 2)}\n`);
      }
      const [only] = found;
      if (wanted !== undefined && only !== undefined) return io.out(rulePage(only));
      io.out(`${found.map((rule) => `${rule.code}  ${rule.severity.padEnd(7)}  ${rule.title}`).join("\n")}\n`);
    });
};
