import type { Cycle } from "./framework.ts";
import { scorePlugins } from "./plugins.ts";

/** What one plugin gave each feasible row, normalised and weighted. */
export interface PluginScores {
  readonly plugin: string;
  readonly scores: Float64Array;
}

/**
 * Runs the score plugins over the rows that passed; a plugin that skips is left out.
 * Source: `pkg/scheduler/framework/runtime/framework.go`, v1.35.4 (RunPreScorePlugins, RunScorePlugins).
 */
export const scoreRows = (
  cycle: Cycle,
  feasible: readonly number[],
): { readonly plugins: readonly PluginScores[]; readonly totals: Float64Array } | { readonly error: string } => {
  const plugins: PluginScores[] = [];
  const totals = new Float64Array(feasible.length);
  for (const { name, weight } of cycle.profile.scores) {
    const plugin = scorePlugins.find((each) => each.name === name);
    const prepared = plugin?.prepare(cycle, feasible) ?? "skip";
    if (prepared === "skip") continue;
    if ("error" in prepared) return { error: `running PreScore plugin "${name}": ${prepared.error}` };
    const scores = new Float64Array(feasible.length);
    feasible.forEach((row, i) => {
      scores[i] = prepared.score(row);
    });
    prepared.normalize?.(scores);
    for (let i = 0; i < scores.length; i++) {
      const weighted = (scores[i] ?? 0) * weight;
      scores[i] = weighted;
      totals[i] = (totals[i] ?? 0) + weighted;
    }
    plugins.push({ plugin: name, scores });
  }
  return { plugins, totals };
};
