import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { type Diagnostic, diagnostic, type Outcome, type Severity } from "../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { SourceRange } from "../model/source-range.ts";
import { type Policy, readPolicies } from "./configuration-policies.ts";
import { parseYamlDocuments, type YamlDocument } from "./yaml/documents.ts";

/** Use of CPU or memory as a share of what the workload's declared replicas request together, in the quietest and the busiest hour. */
export interface LoadShare {
  readonly low: number;
  readonly high: number;
}

/** What `aks-twin.yaml` may say; see `schemas/aks-twin.schema.json`. */
export interface Configuration {
  /** The file, as the user would name it; undefined where there is none. */
  readonly file: string | undefined;
  readonly manifests: readonly string[];
  /** Manifests of one cluster alone, where there are several; by the cluster's address or name. */
  readonly clusters: ReadonlyMap<string, readonly string[]>;
  readonly variableFiles: readonly string[];
  readonly mocks: string | undefined;
  /** Folders of modules that are not on disk where Terraform looks, by their source. */
  readonly modules: ReadonlyMap<string, string>;
  /** Subnets that the configuration only names, by address or name, and ranges that its network can reach. */
  readonly subnets: ReadonlyMap<string, { readonly prefixes: readonly string[]; readonly used: number }>;
  readonly peeredRanges: readonly { readonly name: string; readonly prefix: string; readonly range: SourceRange }[];
  /** Answers of `az vm list-skus -o json` and `az vm list-usage -o json`. */
  readonly skus: string | undefined;
  readonly usage: string | undefined;
  /** Answers of the Azure Retail Prices API: what node auto-provisioning chooses sizes by. */
  readonly prices: string | undefined;
  readonly load: {
    readonly default: LoadShare | undefined;
    /** By workload, such as `Deployment/shop/web`. */
    readonly workloads: ReadonlyMap<string, LoadShare>;
  };
  readonly failOn: Severity | undefined;
  readonly rules: ReadonlyMap<string, Severity | "off">;
  readonly suppress: readonly {
    readonly code: string;
    readonly subject: string | undefined;
    readonly reason: string;
    readonly expires: string | undefined;
  }[];
  /** Rules of the user's own over the predicted state. */
  readonly policies: readonly Policy[];
  /** Where each key that is given stands, by its name at the top. */
  readonly origins: ReadonlyMap<string, SourceRange>;
}

export const emptyConfiguration: Configuration = {
  file: undefined,
  manifests: [],
  clusters: new Map(),
  variableFiles: [],
  mocks: undefined,
  modules: new Map(),
  subnets: new Map(),
  peeredRanges: [],
  skus: undefined,
  usage: undefined,
  prices: undefined,
  load: { default: undefined, workloads: new Map() },
  failOn: undefined,
  rules: new Map(),
  suppress: [],
  policies: [],
  origins: new Map(),
};

const names = ["aks-twin.yaml", "aks-twin.yml"];

/**
 * Reads `aks-twin.yaml` of the directory, else the nearest one upwards to `root`; `shown` is how the directory is called in diagnostics.
 * Paths in the result are relative to the directory, wherever the file stands. What is wrong in the file is told with its place and left
 * out; the rest holds.
 */
export const loadConfiguration = (directory: string, shown: string, root = directory): Outcome<Configuration> => {
  const path = findConfiguration(directory, root);
  if (path === undefined) return { value: emptyConfiguration, diagnostics: [] };
  const up = relative(directory, dirname(path)).replaceAll("\\", "/");
  const file = join(shown, up, path.slice(dirname(path).length + 1)).replaceAll("\\", "/");
  const { value: documents, diagnostics } = parseYamlDocuments(readFileSync(path, "utf8"), file);
  const document = documents[0];
  if (document === undefined) return { value: { ...emptyConfiguration, file }, diagnostics };
  const read = readConfiguration(document, file);
  return { value: seenFrom(read.value, up), diagnostics: [...diagnostics, ...read.diagnostics] };
};

const findConfiguration = (directory: string, root: string): string | undefined => {
  for (let at = directory; ; at = dirname(at)) {
    const found = names.map((name) => join(at, name)).find(isFile);
    const above = relative(root, at);
    if (found !== undefined || above === "" || above.startsWith("..") || dirname(at) === at) return found;
  }
};

/** The configuration with its paths as seen from the reviewed directory; `up` is the way to the file's folder. */
const seenFrom = (configuration: Configuration, up: string): Configuration => {
  if (up === "") return configuration;
  const moved = (path: string): string => (isAbsolute(path) ? path : join(up, path));
  const movedOrNone = (path: string | undefined): string | undefined => (path === undefined ? undefined : moved(path));
  return {
    ...configuration,
    manifests: configuration.manifests.map(moved),
    clusters: new Map([...configuration.clusters].map(([name, paths]) => [name, paths.map(moved)])),
    variableFiles: configuration.variableFiles.map(moved),
    mocks: movedOrNone(configuration.mocks),
    skus: movedOrNone(configuration.skus),
    usage: movedOrNone(configuration.usage),
    prices: movedOrNone(configuration.prices),
    modules: new Map([...configuration.modules].map(([source, path]) => [source, moved(path)])),
  };
};

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

type Path = readonly (string | number)[];

/** Turns the document into a configuration; `file` is shown in diagnostics. */
export const readConfiguration = (document: YamlDocument, file: string): Outcome<Configuration> => {
  const diagnostics: Diagnostic[] = [];
  const wrong = (path: Path, expected: string): undefined => {
    diagnostics.push(
      diagnostic({
        code: "AKS9401",
        severity: "error",
        summary: "The configuration file has a wrong value",
        detail: `"${path.join(".")}" must be ${expected}. The value is left out; see schemas/aks-twin.schema.json.`,
        range: document.rangeAt(path),
      }),
    );
    return undefined;
  };
  const root = isJsonObject(document.value) ? document.value : {};
  if (!isJsonObject(document.value) && document.value !== null) wrong([], "a mapping");
  for (const key of Object.keys(root)) if (!keys.has(key)) wrong([key], `one of ${[...keys].join(", ")}`);

  const text = (key: string): string | undefined => {
    const value = root[key];
    return value === undefined || typeof value === "string" ? value : wrong([key], "text");
  };
  const textsAt = (path: Path, value: Json | undefined): readonly string[] => {
    if (value === undefined) return [];
    const list = typeof value === "string" ? [value] : value;
    if (!Array.isArray(list)) return wrong(path, "a list of texts") ?? [];
    return list.flatMap((item: Json, index) =>
      typeof item === "string" ? [item] : (wrong([...path, index], "text") ?? []),
    );
  };
  const texts = (key: string): readonly string[] => textsAt([key], root[key]);
  const share = (path: Path, value: Json | undefined): LoadShare | undefined => {
    if (value === undefined) return undefined;
    if (typeof value === "number" && value >= 0) return { low: value, high: value };
    if (isJsonObject(value)) {
      const { low, high } = value;
      if (typeof low === "number" && typeof high === "number" && low >= 0 && high >= low) return { low, high };
    }
    return wrong(path, "a number of at least 0, or { low, high } with low at most high");
  };
  const child = (parent: JsonObject, key: string, path: Path): JsonObject => {
    const value = parent[key];
    if (value === undefined || value === null) return {};
    return isJsonObject(value) ? value : (wrong([...path, key], "a mapping") ?? {});
  };

  const load = child(root, "load", []);
  const workloads = new Map<string, LoadShare>();
  for (const [name, value] of Object.entries(child(load, "workloads", ["load"]))) {
    const read = share(["load", "workloads", name], value);
    if (read !== undefined) workloads.set(name, read);
  }
  const clusters = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(child(root, "clusters", [])))
    clusters.set(name, textsAt(["clusters", name], value));
  const subnets = new Map<string, { prefixes: readonly string[]; used: number }>();
  for (const [name, value] of Object.entries(child(root, "subnets", []))) {
    const path = ["subnets", name];
    const { prefix, used = 0 } = isJsonObject(value) ? value : { prefix: value };
    const prefixes = textsAt(isJsonObject(value) ? [...path, "prefix"] : path, prefix).filter(
      (text) => isPrefix(text) || wrong(path, "a range of addresses such as 10.1.0.0/22") !== undefined,
    );
    if (typeof used !== "number" || !Number.isInteger(used) || used < 0) wrong([...path, "used"], "a whole number");
    else if (prefixes.length > 0) subnets.set(name, { prefixes, used });
  }
  const peered = root["peeredRanges"] ?? {};
  const named: readonly (readonly [string | number, Json])[] = Array.isArray(peered)
    ? peered.map((item, index) => [index, item])
    : Object.entries(child(root, "peeredRanges", []));
  const peeredRanges = named.flatMap(([key, prefix]) => {
    const path = ["peeredRanges", key];
    if (typeof prefix !== "string" || !isPrefix(prefix))
      return wrong(path, "a range of addresses such as 10.0.0.0/16") ?? [];
    return [{ name: typeof key === "string" ? key : prefix, prefix, range: document.rangeAt(path) }];
  });
  const modules = new Map<string, string>();
  for (const [source, value] of Object.entries(child(root, "modules", []))) {
    if (typeof value === "string") modules.set(source, value);
    else wrong(["modules", source], "the path of a folder");
  }
  const rules = new Map<string, Severity | "off">();
  for (const [code, value] of Object.entries(child(root, "rules", []))) {
    if (value === false || value === "off") rules.set(code, "off");
    else if (isSeverity(value)) rules.set(code, value);
    else wrong(["rules", code], "off, info, warning or error");
  }
  const failOn = root["failOn"];
  if (failOn !== undefined && !isSeverity(failOn)) wrong(["failOn"], "info, warning or error");
  const suppress = root["suppress"];
  if (suppress !== undefined && !Array.isArray(suppress)) wrong(["suppress"], "a list");
  const suppressions = (Array.isArray(suppress) ? suppress : []).flatMap((item: Json, index) => {
    if (!isJsonObject(item) || typeof item["code"] !== "string" || typeof item["reason"] !== "string")
      return wrong(["suppress", index], "a mapping with code and reason") ?? [];
    const { code, reason, subject, expires } = item;
    return [
      {
        code: String(code),
        reason: String(reason),
        subject: typeof subject === "string" ? subject : undefined,
        expires: typeof expires === "string" ? expires : undefined,
      },
    ];
  });
  const policies = readPolicies(root["policies"], (path) => document.rangeAt(path), wrong);
  return {
    value: {
      file,
      manifests: texts("manifests"),
      clusters,
      variableFiles: texts("variableFiles"),
      mocks: text("mocks"),
      modules,
      subnets,
      peeredRanges,
      skus: text("skus"),
      usage: text("usage"),
      prices: text("prices"),
      load: { default: share(["load", "default"], load["default"]), workloads },
      failOn: isSeverity(failOn) ? failOn : undefined,
      rules,
      suppress: suppressions,
      policies,
      origins: new Map(Object.keys(root).map((key) => [key, document.rangeAt([key])])),
    },
    diagnostics,
  };
};

const keys = new Set([
  "manifests",
  "clusters",
  "variableFiles",
  "mocks",
  "modules",
  "subnets",
  "peeredRanges",
  "skus",
  "usage",
  "prices",
  "load",
  "failOn",
  "rules",
  "suppress",
  "policies",
]);

/** The form of a range; what it means is read where ranges are. */
const isPrefix = (text: string): boolean => /^[0-9a-fA-F.:]+\/\d{1,3}$/.test(text);

const isSeverity = (value: unknown): value is Severity => value === "error" || value === "warning" || value === "info";
