export { loadCel } from "./cluster/cel.ts";
export { evaluateTerraform } from "./evaluate/evaluate.ts";
export { parseHcl } from "./load/hcl/parse-file.ts";
export { predictWorld, review } from "./pipeline.ts";
export { type ReadPlatform, type ReviewInput, readPlatform } from "./read-platform.ts";
export type { Report } from "./report/report.ts";
export { createScheduler } from "./simulate/scheduler/scheduler.ts";
