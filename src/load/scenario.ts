// Longer than most files: one reader for one document, so that each refusal names its place.
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { type Millis, millis } from "../model/quantity.ts";
import type { LoadCurve, Scenario, ScenarioAction, ScenarioEvent, ScenarioTimings } from "../model/scenario.ts";
import { type JsonPath, parseYamlDocuments, type YamlDocument } from "./yaml/documents.ts";

const DAY_MS = 86_400_000;
/** A scenario may come with a pull request: what it can ask for has bounds. */
const LONGEST_MS = 31 * DAY_MS;
const MOST_POINTS = 10_000;
const MOST_REPLICAS = 100_000;
const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS };

/** `90s`, `10m`, `2h30m`, `1d`; undefined where it is none. */
export const readDuration = (text: Json | undefined): Millis | undefined => {
  if (typeof text !== "string" || !/^(\d+(?:\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(value) * (units[unit ?? "s"] ?? 0);
  return millis(Math.round(total));
};

/** `07:30` or `07:30:15` after midnight. */
const readClock = (text: Json | undefined): Millis | undefined => {
  const match = typeof text === "string" ? /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text) : null;
  if (match === null || Number(match[1]) > 23 || Number(match[2]) > 59 || Number(match[3] ?? 0) > 59) return undefined;
  return millis((Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0)) * 1000);
};

/** Reads a scenario file; files that it names are taken from its folder. `shown` is how it is called in diagnostics. */
export const loadScenario = (path: string, shown: string): Outcome<Scenario | undefined> => {
  const text = readFile(path);
  if (text === undefined) return { value: undefined, diagnostics: [missing(shown)] };
  const { value: documents, diagnostics } = parseYamlDocuments(text, shown);
  const document = documents[0];
  if (document === undefined)
    return { value: undefined, diagnostics: diagnostics.length > 0 ? diagnostics : [missing(shown)] };
  const read = readScenario(document, (name) => readBelow(dirname(path), name));
  return { value: read.value, diagnostics: [...diagnostics, ...read.diagnostics] };
};

const readFile = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/** A file of the folder or below it, also once links are followed. */
const readBelow = (folder: string, name: string): string | undefined => {
  try {
    const root = realpathSync(folder);
    const real = realpathSync(join(root, name));
    return real.startsWith(root.endsWith(sep) ? root : root + sep) ? readFile(real) : undefined;
  } catch {
    return undefined;
  }
};

const missing = (shown: string): Diagnostic =>
  diagnostic({
    code: "AKS9410",
    severity: "error",
    summary: "The scenario cannot be read",
    detail: `"${shown}" is not there, cannot be read or is empty. Give a file as docs/scenarios.md describes it.`,
  });

/** Turns the document into a scenario; what is wrong is told with its place and left out. */
export const readScenario = (
  document: YamlDocument,
  readText: (name: string) => string | undefined = () => undefined,
): Outcome<Scenario> => new ScenarioReader(document, readText).read();

class ScenarioReader {
  readonly #document: YamlDocument;
  readonly #readText: (name: string) => string | undefined;
  readonly #diagnostics: Diagnostic[] = [];
  #start = millis(0);

  constructor(document: YamlDocument, readText: (name: string) => string | undefined) {
    this.#document = document;
    this.#readText = readText;
  }

  read(): Outcome<Scenario> {
    const root = this.#mapping(this.#document.value, [], rootKeys);
    const { start, date } = root;
    this.#start = start === undefined ? millis(0) : (readClock(start) ?? this.#wrong(["start"], clock) ?? millis(0));
    const load = root["load"] === undefined ? {} : this.#mapping(root["load"], ["load"], ["default", "workloads"]);
    const given = load["workloads"];
    const workloads = new Map<string, LoadCurve>();
    for (const [name, value] of Object.entries(
      given === undefined ? {} : this.#mapping(given, ["load", "workloads"]),
    )) {
      const curve = this.#curve(value, ["load", "workloads", name]);
      if (curve !== undefined) workloads.set(name, curve);
    }
    const until = this.#duration(root, "until", []) ?? millis(DAY_MS);
    const sample = this.#duration(root, "sample", []);
    const day =
      date === undefined || isDate(date) ? date : this.#wrong(["date"], 'a day such as "2026-03-02", in quotes');
    const value: Scenario = {
      ...(day === undefined ? {} : { date: day }),
      start: this.#start,
      until: until > LONGEST_MS ? (this.#wrong(["until"], "at most 31d") ?? millis(LONGEST_MS)) : until,
      sample:
        sample !== undefined && until / sample > MOST_POINTS
          ? this.#wrong(["sample"], `so long that the time line has at most ${MOST_POINTS} points`)
          : sample,
      load: {
        default: load["default"] === undefined ? undefined : this.#curve(load["default"], ["load", "default"]),
        workloads,
      },
      timings: this.#timings(root["timings"]),
      ...this.#runTimes(root["runTimes"]),
      ...this.#quota(root["vcpuQuota"]),
      ...this.#metrics(root["metrics"]),
      events: this.#events(root["events"]),
    };
    return { value, diagnostics: this.#diagnostics };
  }

  #wrong(path: JsonPath, expected: string): undefined {
    this.#diagnostics.push(
      diagnostic({
        code: "AKS9411",
        severity: "error",
        summary: "The scenario has a wrong value",
        detail: `"${path.join(".") || "the document"}" must be ${expected}. It is left out; see schemas/scenario.schema.json.`,
        range: this.#document.rangeAt(path),
      }),
    );
    return undefined;
  }

  #mapping(value: Json | undefined, path: JsonPath, keys?: readonly string[]): JsonObject {
    if (!isJsonObject(value)) {
      this.#wrong(path, "a mapping");
      return {};
    }
    for (const key of Object.keys(value))
      if (keys !== undefined && !keys.includes(key)) this.#wrong([...path, key], `one of ${keys.join(", ")}`);
    return value;
  }

  #duration(of: JsonObject, key: string, path: JsonPath): Millis | undefined {
    const value = of[key];
    if (value === undefined) return undefined;
    const read = readDuration(value);
    return read === undefined || (read === 0 && key !== "rise" && key !== "fall" && key !== "at")
      ? this.#wrong([...path, key], duration)
      : read;
  }

  /** A duration from the beginning, or a time of day: its first occurrence. */
  #moment(of: JsonObject, key: string, path: JsonPath): Millis | undefined {
    const value = of[key];
    const time = readClock(value);
    if (time !== undefined) return millis((time - this.#start + DAY_MS) % DAY_MS);
    const read = readDuration(value);
    return read ?? this.#wrong([...path, key], `${duration}, or a time of day such as "07:30"`);
  }

  #number(of: JsonObject, key: string, path: JsonPath): number | undefined {
    const value = of[key];
    return typeof value === "number" && value >= 0 ? value : this.#wrong([...path, key], "a number of at least 0");
  }

  #text(of: JsonObject, key: string, path: JsonPath, needed = false): string | undefined {
    const value = of[key];
    if (value === undefined && !needed) return undefined;
    return typeof value === "string" && value !== "" ? value : this.#wrong([...path, key], "text");
  }

  #curve(value: Json | undefined, path: JsonPath): LoadCurve | undefined {
    if (typeof value === "number" && value >= 0) return { kind: "constant", share: value };
    if (isJsonObject(value)) {
      const [kind, ...more] = Object.keys(value);
      const below = [...path, kind ?? ""];
      if (more.length === 0 && kind === "constant") {
        const share = this.#number(value, kind, path);
        return share === undefined ? undefined : { kind, share };
      }
      if (more.length === 0 && kind === "daily") return this.#daily(value[kind], below);
      if (more.length === 0 && kind === "spike") return this.#spike(value[kind], below);
      if (more.length === 0 && kind === "series") return this.#series(value[kind], below);
    }
    return this.#wrong(path, "a number of at least 0, or one of constant, daily, spike, series");
  }

  #daily(value: Json | undefined, path: JsonPath): LoadCurve | undefined {
    const given = this.#mapping(value, path, ["low", "high", "peak"]);
    const low = this.#number(given, "low", path);
    const high = this.#number(given, "high", path);
    const peak = given["peak"] === undefined ? millis(DAY_MS / 2) : readClock(given["peak"]);
    if (peak === undefined) return this.#wrong([...path, "peak"], clock);
    if (low === undefined || high === undefined) return undefined;
    return low > high ? this.#wrong([...path, "low"], "at most high") : { kind: "daily", low, high, peak };
  }

  #spike(value: Json | undefined, path: JsonPath): LoadCurve | undefined {
    const given = this.#mapping(value, path, ["base", "height", "at", "rise", "for", "fall"]);
    const base = this.#number(given, "base", path);
    const height = this.#number(given, "height", path);
    const at = this.#moment(given, "at", path);
    const length = this.#duration(given, "for", path);
    if (given["for"] === undefined) this.#wrong([...path, "for"], duration);
    const zero = millis(0);
    if (base === undefined || height === undefined || at === undefined || length === undefined) return undefined;
    const rise = this.#duration(given, "rise", path) ?? zero;
    return {
      kind: "spike",
      base,
      height,
      at,
      rise,
      duration: length,
      fall: this.#duration(given, "fall", path) ?? zero,
    };
  }

  #series(value: Json | undefined, path: JsonPath): LoadCurve | undefined {
    const given = this.#mapping(value, path, ["file", "perReplica", "repeat"]);
    const file = this.#text(given, "file", path, true);
    if (file === undefined) return undefined;
    if (/^([/\\]|[A-Za-z]:)/.test(file) || file.split(/[/\\]/).includes(".."))
      return this.#wrong([...path, "file"], "a file in the scenario's folder or below");
    const text = this.#readText(file);
    if (text === undefined) return this.#wrong([...path, "file"], "a file that is there");
    const points = readCsv(text);
    if (typeof points === "number")
      return this.#wrong(
        [...path, "file"],
        `a CSV of two columns, time and value; line ${points} is none, or goes back in time`,
      );
    const perReplica = given["perReplica"] === undefined ? undefined : this.#number(given, "perReplica", path);
    if (perReplica === 0) return this.#wrong([...path, "perReplica"], "above 0");
    return { kind: "series", ...points, perReplica, repeat: this.#duration(given, "repeat", path) };
  }

  #timings(value: Json | undefined): ScenarioTimings {
    if (value === undefined) return {};
    const keys = ["nodeReady", "nodeDelete", "imagePull", "podReady", "podStop"] as const;
    const given = this.#mapping(value, ["timings"], keys);
    const read: Partial<Record<(typeof keys)[number], Millis>> = {};
    for (const key of keys) {
      const time = this.#duration(given, key, ["timings"]);
      if (time !== undefined) read[key] = time;
    }
    return read;
  }

  #runTimes(value: Json | undefined): Pick<Scenario, "runTimes"> {
    if (value === undefined) return {};
    const given = this.#mapping(value, ["runTimes"], ["default", "workloads"]);
    const workloads = new Map<string, Millis>();
    const each = given["workloads"] === undefined ? {} : this.#mapping(given["workloads"], ["runTimes", "workloads"]);
    for (const name of Object.keys(each)) {
      const time = this.#duration(each, name, ["runTimes", "workloads"]);
      if (time !== undefined) workloads.set(name, time);
    }
    return { runTimes: { default: this.#duration(given, "default", ["runTimes"]), workloads } };
  }

  #quota(value: Json | undefined): Pick<Scenario, "vcpuQuota"> {
    if (value === undefined) return {};
    const given = this.#mapping(value, ["vcpuQuota"]);
    const quota = new Map<string, number>();
    for (const name of Object.keys(given)) {
      const limit = this.#number(given, name, ["vcpuQuota"]);
      if (limit !== undefined) quota.set(name.toLowerCase(), limit);
    }
    return { vcpuQuota: quota };
  }

  #metrics(value: Json | undefined): Pick<Scenario, "metrics"> {
    if (value === undefined) return {};
    const metrics = new Map<string, ReadonlyMap<string, LoadCurve>>();
    for (const [scaler, given] of Object.entries(this.#mapping(value, ["metrics"]))) {
      const curves = new Map<string, LoadCurve>();
      for (const [name, curve] of Object.entries(this.#mapping(given, ["metrics", scaler]))) {
        const read = this.#curve(curve, ["metrics", scaler, name]);
        if (read?.kind === "series" && read.perReplica !== undefined)
          this.#wrong(["metrics", scaler, name, "series", "perReplica"], "left out: the values are the metric's own");
        else if (read !== undefined) curves.set(name, read);
      }
      metrics.set(scaler, curves);
    }
    return { metrics };
  }

  #events(value: Json | undefined): readonly ScenarioEvent[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) return this.#wrong(["events"], "a list") ?? [];
    return value.flatMap((item: Json, index): readonly ScenarioEvent[] => {
      const path = ["events", index];
      if (!isJsonObject(item)) return this.#wrong(path, "a mapping with at and one action") ?? [];
      const at = this.#moment(item, "at", path);
      const [kind, ...more] = Object.keys(item).filter((key) => key !== "at");
      if (kind === undefined || more.length > 0) return this.#wrong(path, "a mapping with at and one action") ?? [];
      const action = this.#action(kind, item[kind], [...path, kind]);
      return at === undefined || action === undefined ? [] : [{ at, action }];
    });
  }

  #action(kind: string, value: Json | undefined, path: JsonPath): ScenarioAction | undefined {
    const given = (keys: readonly string[]): JsonObject => (value === null ? {} : this.#mapping(value, path, keys));
    switch (kind) {
      case "deploy": {
        const of = given(["workload", "image"]);
        const workload = this.#text(of, "workload", path, true);
        return workload === undefined ? undefined : { kind, workload, image: this.#text(of, "image", path) };
      }
      case "scale": {
        const of = given(["workload", "replicas"]);
        const workload = this.#text(of, "workload", path, true);
        const replicas = this.#whole(of, "replicas", path);
        return workload === undefined || replicas === undefined ? undefined : { kind, workload, replicas };
      }
      case "nodeFailure": {
        const of = given(["pool", "count", "for"]);
        const count = of["count"] === undefined ? 1 : this.#whole(of, "count", path);
        const { pool, length } = this.#poolAndLength(of, path);
        return count === undefined ? undefined : { kind, pool, count, duration: length };
      }
      case "zoneLoss": {
        const of = given(["zone", "for"]);
        const zone = typeof of["zone"] === "number" ? String(of["zone"]) : this.#text(of, "zone", path, true);
        return zone === undefined ? undefined : { kind, zone, duration: this.#duration(of, "for", path) };
      }
      case "spotEviction": {
        const of = given(["pool", "count", "for"]);
        const count = of["count"] === undefined ? undefined : this.#whole(of, "count", path);
        const { pool, length } = this.#poolAndLength(of, path);
        return { kind, pool, count, duration: length ?? millis(0) };
      }
      case "registryDown": {
        const of = given(["registry", "for"]);
        return { kind, registry: this.#text(of, "registry", path), duration: this.#duration(of, "for", path) };
      }
      case "provisioningFailure": {
        const of = given(["pool", "reason", "for"]);
        const { pool, length } = this.#poolAndLength(of, path);
        return { kind, pool, reason: this.#text(of, "reason", path) ?? "AllocationFailed", duration: length };
      }
      case "clusterUpgrade":
      case "nodeImageUpgrade": {
        const of = given(["pools"]);
        const what = kind === "clusterUpgrade" ? "cluster" : "nodeImage";
        return { kind: "upgrade", what, pools: this.#texts(of["pools"], [...path, "pools"]) };
      }
      case "rotatePool": {
        const pool = this.#text(given(["pool"]), "pool", path, true);
        return pool === undefined ? undefined : { kind, pool };
      }
      case "stop":
        return { kind, duration: this.#duration(given(["for"]), "for", path) };
      case "apply": {
        const { manifests = "after" } = given(["manifests"]);
        return manifests === "after" || manifests === "before"
          ? { kind, manifests }
          : this.#wrong([...path, "manifests"], "after or before");
      }
      default:
        return this.#wrong(path, `an action that there is: ${actions.join(", ")}`);
    }
  }

  #poolAndLength(of: JsonObject, path: JsonPath) {
    return { pool: this.#text(of, "pool", path), length: this.#duration(of, "for", path) };
  }

  #whole(of: JsonObject, key: string, path: JsonPath): number | undefined {
    const value = of[key];
    return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MOST_REPLICAS
      ? value
      : this.#wrong([...path, key], `a whole number from 0 to ${MOST_REPLICAS}`);
  }

  #texts(value: Json | undefined, path: JsonPath): readonly string[] {
    if (value === undefined) return [];
    if (typeof value === "string") return [value];
    if (Array.isArray(value) && value.every((item: Json) => typeof item === "string")) return value as string[];
    return this.#wrong(path, "a list of names") ?? [];
  }
}

const duration = "a duration such as 90s, 10m or 2h30m";
const clock = 'a time of day such as "07:30", in quotes';
const actions = [
  "deploy",
  "scale",
  "nodeFailure",
  "zoneLoss",
  "spotEviction",
  "registryDown",
  "provisioningFailure",
  "clusterUpgrade",
  "nodeImageUpgrade",
  "rotatePool",
  "stop",
  "apply",
];

const rootKeys = ["date", "start", "until", "sample", "load", "timings", "runTimes", "vcpuQuota", "metrics", "events"];

const isDate = (value: Json): value is string =>
  typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`));

/** Times (seconds, durations or times of day) and values; a first line of words is a header. The number of a line that is neither. */
const readCsv = (text: string): { readonly at: readonly number[]; readonly shares: readonly number[] } | number => {
  const at: number[] = [];
  const shares: number[] = [];
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = (lines[index] ?? "").trim();
    if (line === "" || line.startsWith("#")) continue;
    const [first = "", second = ""] = line.split(/[,;\t]/).map((cell) => cell.trim());
    const time = /^\d+(\.\d+)?$/.test(first) ? Number(first) * 1000 : (readClock(first) ?? readDuration(first));
    const value = second === "" ? Number.NaN : Number(second);
    if (time === undefined || !(value >= 0)) {
      if (at.length === 0 && index === 0) continue;
      return index + 1;
    }
    if (time < (at.at(-1) ?? 0)) return index + 1;
    at.push(time);
    shares.push(value);
  }
  return at.length === 0 ? 1 : { at, shares };
};
