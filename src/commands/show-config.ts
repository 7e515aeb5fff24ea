import type { Configuration } from "../load/configuration.ts";
import type { Json } from "../model/json.ts";
import { formatPlace } from "../model/source-range.ts";
import type { PlatformFlags } from "./platform-options.ts";

interface Row {
  readonly key: string;
  readonly value: Json;
  /** The flag that says it, which goes before the file. */
  readonly flag?: string | undefined;
  /** What holds where nobody says anything. */
  readonly otherwise: string;
}

/** What a review goes by: a line for each key of `aks-twin.yaml`, with its value and the place that says so. */
export const shownConfiguration = (
  configuration: Configuration,
  flags: PlatformFlags & { readonly failOn?: string },
): string => {
  const { file, origins } = configuration;
  const lines = rowsOf(configuration, flags).map(({ key, value, flag, otherwise }) => {
    const range = origins.get(key);
    const said = JSON.stringify(value);
    if (flag !== undefined) return [key, said, flag];
    return range === undefined ? [key, otherwise, "default"] : [key, said, formatPlace(range)];
  });
  const width = Math.max(...lines.map(([key = ""]) => key.length));
  const rows = lines.map(([key = "", value = "", from = ""]) => `${key.padEnd(width)}  ${value}  (${from})`);
  const variables = flags.var.map((option) =>
    option.kind === "file" ? `variables of ${option.path}  (--var-file)` : `variable ${option.name}  (--var)`,
  );
  const head = file === undefined ? "No aks-twin.yaml here or upwards to the repository's root." : `Read from ${file}.`;
  return `${[head, ...rows, ...variables].join("\n")}\n`;
};

const rowsOf = (configuration: Configuration, flags: PlatformFlags & { readonly failOn?: string }): readonly Row[] => {
  const { load, manifests, modules, rules, suppress, policies } = configuration;
  const workloads = Object.fromEntries([...load.workloads].map(([name, { low, high }]) => [name, { low, high }]));
  const usual = load.default === undefined ? {} : { default: { low: load.default.low, high: load.default.high } };
  const given = flags.manifests.length > 0;
  return [
    {
      key: "manifests",
      value: given ? flags.manifests : manifests,
      flag: given ? "--manifests" : undefined,
      otherwise: "k8s/, manifests/, deploy/",
    },
    {
      key: "clusters",
      value: Object.fromEntries(configuration.clusters),
      otherwise: "manifests run on the first cluster",
    },
    { key: "variableFiles", value: configuration.variableFiles, otherwise: "none" },
    {
      key: "mocks",
      value: flags.mocks ?? configuration.mocks ?? null,
      flag: flags.mocks === undefined ? undefined : "--mocks, before those of aks-twin.yaml",
      otherwise: "none",
    },
    { key: "subnets", value: Object.fromEntries(configuration.subnets), otherwise: "those of the configuration" },
    {
      key: "peeredRanges",
      value: configuration.peeredRanges.map(({ name, prefix }) => (name === prefix ? prefix : `${name} ${prefix}`)),
      otherwise: "the networks that the configuration peers",
    },
    { key: "modules", value: Object.fromEntries(modules), otherwise: "where Terraform looks" },
    { key: "skus", value: configuration.skus ?? null, otherwise: "the sizes that aks-twin knows" },
    { key: "usage", value: configuration.usage ?? null, otherwise: "no quota" },
    { key: "prices", value: configuration.prices ?? null, otherwise: "no prices" },
    { key: "load", value: { ...usual, workloads }, otherwise: "what is requested" },
    {
      key: "failOn",
      value: flags.failOn ?? configuration.failOn ?? null,
      flag: flags.failOn === undefined ? undefined : "--fail-on",
      otherwise: '"error"',
    },
    { key: "rules", value: Object.fromEntries(rules), otherwise: "every rule at its own severity" },
    {
      key: "suppress",
      value: suppress.map(({ code, subject }) => (subject === undefined ? code : `${code} ${subject}`)),
      otherwise: "none",
    },
    { key: "policies", value: policies.map(({ code }) => code), otherwise: "none" },
  ];
};
