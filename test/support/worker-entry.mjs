// A worker thread that runs the sources: Node.js 20 loads no TypeScript by itself.
import { register } from "tsx/esm/api";

register();
await import("../../src/commands/worker.ts");
