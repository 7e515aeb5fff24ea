import type { ScorePlugin } from "./framework.ts";

/** A default plugin of 1.35 that scores nothing for pods without resource claims; claims are not modelled. */
export const dynamicResources: ScorePlugin = {
  name: "DynamicResources",
  prepare: () => ({ score: () => 0 }),
};
