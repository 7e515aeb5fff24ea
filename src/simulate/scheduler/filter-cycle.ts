import type { Cycle, FilterPlugin, PreparedFilter } from "./framework.ts";
import { filterPlugins } from "./plugins.ts";
import type { PodRecord } from "./pod-record.ts";

/** The filters of one pod made ready, or why none of them needs to run. */
export type FilterCycle =
  | { readonly kind: "rejected"; readonly rejection: number }
  | { readonly kind: "error"; readonly error: string }
  | {
      readonly kind: "ready";
      readonly cycle: Cycle;
      readonly filters: readonly PreparedFilter[];
      /** The only nodes that a PreFilter result lets through, and the plugins that said so. */
      readonly nodeNames: ReadonlySet<string> | undefined;
      readonly namingPlugins: readonly string[];
    };

export type ReadyCycle = Extract<FilterCycle, { readonly kind: "ready" }>;

/** Runs the PreFilter step of a pod. Source: `pkg/scheduler/framework/runtime/framework.go`, v1.35.4 (RunPreFilterPlugins). */
export const startCycle = (cycle: Cycle): FilterCycle => {
  const filters: PreparedFilter[] = [];
  const namingPlugins: string[] = [];
  let nodeNames: ReadonlySet<string> | undefined;
  for (const plugin of filterPluginsOf(cycle.profile.filters)) {
    const prepared = plugin.prepare(cycle);
    if (prepared === "skip") continue;
    if ("reject" in prepared) return { kind: "rejected", rejection: prepared.reject };
    if ("error" in prepared) {
      return { kind: "error", error: `running PreFilter plugin "${plugin.name}": ${prepared.error}` };
    }
    filters.push(prepared);
    const { nodeNames: names } = prepared;
    if (names === undefined) continue;
    namingPlugins.push(plugin.name);
    const before = nodeNames;
    nodeNames = before === undefined ? names : new Set([...names].filter((name) => before.has(name)));
  }
  return { kind: "ready", cycle, filters, nodeNames, namingPlugins };
};

/** Filter plugins by name, in the order of the names. */
const picked = new WeakMap<readonly string[], readonly FilterPlugin[]>();

export const filterPluginsOf = (names: readonly string[]): readonly FilterPlugin[] => {
  let plugins = picked.get(names);
  if (plugins === undefined) {
    plugins = names.flatMap((name) => filterPlugins.filter((plugin) => plugin.name === name));
    picked.set(names, plugins);
  }
  return plugins;
};

/** The first rejection on a row, or 0. */
export const filterRow = ({ filters }: ReadyCycle, row: number): number => {
  for (const { filter } of filters) {
    const rejection = filter(row);
    if (rejection !== 0) return rejection;
  }
  return 0;
};

/**
 * The same with pods of at least the same priority that are nominated to the node put there first; a pod that passes so must also pass
 * without them. Source: `framework.go` as above (RunFilterPluginsWithNominatedPods).
 */
export const filterRowWithNominated = (ready: ReadyCycle, row: number): number => {
  const { state, pod } = ready.cycle;
  if (state.nominations.size === 0) return filterRow(ready, row);
  const nominated = state.nominations
    .on(state.nodes.names[row] ?? "")
    .filter(
      (record) => record.priority >= pod.priority && !(record.namespace === pod.namespace && record.name === pod.name),
    );
  if (nominated.length === 0) return filterRow(ready, row);
  for (const record of nominated) putOn(ready, record, row);
  const rejection = filterRow(ready, row);
  for (const record of nominated.toReversed()) takeFrom(ready, record, row);
  return rejection !== 0 ? rejection : filterRow(ready, row);
};

/** Puts a pod on a row for a what-if. */
export const putOn = ({ cycle, filters }: ReadyCycle, record: PodRecord, row: number): void => {
  cycle.state.ledger.occupy(record, row);
  for (const { podChanged } of filters) podChanged?.(record, row, 1);
};

/** Takes a pod from a row for a what-if. */
export const takeFrom = ({ cycle, filters }: ReadyCycle, record: PodRecord, row: number): void => {
  cycle.state.ledger.vacate(record, row);
  for (const { podChanged } of filters) podChanged?.(record, row, -1);
};
