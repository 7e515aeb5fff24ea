import { type KindInfo, knownKinds } from "../../kubernetes/kinds.ts";

/** A kubectl command line taken apart. */
export interface KubectlArguments {
  readonly words: readonly string[];
  /** Long flags without their dashes; a flag without a value is "true". The last one counts, `values` has all. */
  readonly flags: ReadonlyMap<string, string>;
  readonly values: (flag: string) => readonly string[];
}

/** What a command came to. Its output is not that of kubectl: only its effect on the cluster is played. */
export interface CommandResult {
  readonly code: number;
  readonly errors: readonly string[];
}

const short: Readonly<Record<string, string>> = {
  n: "namespace",
  l: "selector",
  f: "filename",
  p: "patch",
  o: "output",
  A: "all-namespaces",
  c: "container",
};
/** Flags that stand alone. */
const alone = new Set([
  "all",
  "force",
  "ignore-daemonsets",
  "delete-emptydir-data",
  "delete-local-data",
  "overwrite",
  "all-namespaces",
  "no-headers",
  "record",
  "wait",
  "now",
  "list",
  "show-labels",
  "dry-run",
]);

/** Reads the arguments of one command: `--flag=value`, `--flag value`, `-n value`, and the words between. */
export const readArguments = (args: readonly string[]): KubectlArguments => {
  const words: string[] = [];
  const flags = new Map<string, string>();
  const all: [string, string][] = [];
  const put = (flag: string, value: string): void => {
    flags.set(flag, value);
    all.push([flag, value]);
  };
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (!arg.startsWith("-") || arg === "-") {
      words.push(arg);
      continue;
    }
    const [name = "", ...rest] = arg.replace(/^--?/, "").split("=");
    const flag = arg.startsWith("--") ? name : (short[name] ?? name);
    if (rest.length > 0) put(flag, rest.join("="));
    else if (alone.has(flag) || index + 1 >= args.length || (args[index + 1] ?? "").startsWith("--")) put(flag, "true");
    else put(flag, args[++index] ?? "");
  }
  return { words, flags, values: (flag) => all.filter(([name]) => name === flag).map(([, value]) => value) };
};

/** Splits a line as a shell does, with quotes and backslashes. */
export const splitWords = (line: string): readonly string[] => {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const sign = line[at] ?? "";
    if (quote !== "") {
      if (sign === quote) quote = "";
      else if (sign === "\\" && quote === '"' && ['"', "\\", "$", "`"].includes(line[at + 1] ?? ""))
        word = (word ?? "") + (line[++at] ?? "");
      else word = (word ?? "") + sign;
    } else if (sign === "'" || sign === '"') {
      quote = sign;
      word ??= "";
    } else if (sign === "\\") word = (word ?? "") + (line[++at] ?? "");
    else if (/\s/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + sign;
  }
  if (word !== undefined) words.push(word);
  return words;
};

const shortNames: Readonly<Record<string, string>> = {
  cm: "configmaps",
  cj: "cronjobs",
  crd: "customresourcedefinitions",
  deploy: "deployments",
  ds: "daemonsets",
  ep: "endpoints",
  hpa: "horizontalpodautoscalers",
  ing: "ingresses",
  limits: "limitranges",
  netpol: "networkpolicies",
  no: "nodes",
  ns: "namespaces",
  pc: "priorityclasses",
  pdb: "poddisruptionbudgets",
  po: "pods",
  pv: "persistentvolumes",
  pvc: "persistentvolumeclaims",
  quota: "resourcequotas",
  rc: "replicationcontrollers",
  rs: "replicasets",
  sa: "serviceaccounts",
  sc: "storageclasses",
  sts: "statefulsets",
  svc: "services",
};

/** The kind that a user calls `deploy`, `deployment`, `deployments` or `deployments.apps`. */
export const kindNamed = (given: string): KindInfo | undefined => {
  const [name = "", ...group] = given.toLowerCase().split(".");
  const plural = shortNames[name] ?? name;
  return knownKinds()
    .filter((info) => info.plural === plural || info.kind.toLowerCase() === plural)
    .filter(
      (info) => group.length === 0 || info.group === group.join(".") || group.join(".").startsWith(`${info.version}.`),
    )
    .filter((info) => info.group !== "events.k8s.io")
    .sort((a, b) => (a.version < b.version ? 1 : -1))[0];
};

/** The objects that words such as `deployment/api`, `deployment api` or `nodes a b` name. */
export const namedObjects = (
  words: readonly string[],
): readonly { readonly info: KindInfo; readonly name: string }[] => {
  const [first = "", ...rest] = words;
  const result: { info: KindInfo; name: string }[] = [];
  if (first.includes("/")) {
    for (const word of words) {
      const [kind = "", name = ""] = word.split("/");
      const info = kindNamed(kind);
      if (info !== undefined && name !== "") result.push({ info, name });
    }
    return result;
  }
  for (const kind of first.split(",")) {
    const info = kindNamed(kind);
    if (info !== undefined) for (const name of rest) result.push({ info, name });
  }
  return result;
};
