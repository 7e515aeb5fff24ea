import { rulePage } from "../findings/rule-page.ts";
import { rules } from "../findings/rules.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import type { ExplainFlags } from "./explain-platform.ts";
import { clusterOption } from "./one-cluster.ts";
import { addPlatformOptions } from "./platform-options.ts";

/** `aks-twin explain CODE|POD`: a rule's page; why a pod is where it is; who may do what; who may talk to whom; who answers a URL. */
export const configure: ConfigureCommand = (command, io) => {
  addPlatformOptions(
    command.argument(
      "[what]",
      "a rule's code such as AKS1001; a pod (shop/cart-0) or workload (Deployment/shop/web); all rules are listed without one",
    ),
  )
    .option(
      "--dir <dir>",
      "the folder of the root module, for pods, --can-i, --reach, --route, --service and --monitoring",
      ".",
    )
    .option(...clusterOption)
    .option(
      "--can-i <question>",
      'who may do it by Kubernetes RBAC and Azure RBAC, such as "get pods" or "create deployments.apps"',
    )
    .option(
      "--as <user>",
      "with --can-i: whether this user may, such as system:serviceaccount:shop:web, an object id or the address of an identity",
    )
    .option(
      "--as-group <group>",
      "with --as: a group of the user; may be repeated",
      (group: string, before: readonly string[]) => [...before, group],
      [] as readonly string[],
    )
    .option("--namespace <name>", "with --can-i: the namespace; cluster-wide without one")
    .option("--reach", "which workloads may talk to which, by the cluster's network policies")
    .option(
      "--route <url>",
      "who answers a URL from outside: the Ingress or HTTPRoute, the Service, its pods, the certificate, the DNS record",
    )
    .option("--service [name]", "which pods a Service (shop/web) reaches, port by port; all Services without a name")
    .option("--identity", "which identity needs what of Azure, who has it through which line, and what fails without")
    .option("--monitoring [dir]", "what of the clusters is collected, by which agent, where it goes, and who is told")
    .option("--json", "as JSON")
    .action(async (what: string | undefined, flags: ExplainFlags) => {
      const asksPlatform =
        flags.canI !== undefined ||
        flags.reach === true ||
        flags.route !== undefined ||
        flags.service !== undefined ||
        flags.identity === true ||
        flags.monitoring !== undefined;
      const isRule = what === undefined || /^AKS\d{4}$/i.test(what);
      if (!asksPlatform && isRule) return explainRule(what, flags.json === true, io);
      const { explainPlatform } = await import("./explain-platform.ts");
      explainPlatform(what, flags, io);
    });
};

const explainRule = (code: string | undefined, asJson: boolean, io: CommandIo): void => {
  const wanted = code?.toUpperCase();
  const found = wanted === undefined ? rules : rules.filter((rule) => rule.code === wanted);
  const [only] = found;
  if (only === undefined) {
    io.err(`aks-twin explain: no rule "${code}". \`aks-twin explain\` lists them.\n`);
    io.exit(1);
  } else if (asJson) {
    const rows = found.map(({ code: own, title, severity, explain }) => ({ code: own, title, severity, explain }));
    io.out(`${JSON.stringify(wanted === undefined ? rows : rows[0], null, 2)}\n`);
  } else if (wanted !== undefined) io.out(rulePage(only));
  else io.out(`${found.map((rule) => `${rule.code}  ${rule.severity.padEnd(7)}  ${rule.title}`).join("\n")}\n`);
};
