import { buildGraph } from "../../src/graph/build-graph.ts";
import { openSourceTree } from "../../src/load/source-tree.ts";
import { review } from "../../src/pipeline.ts";
import { type ReviewInput, readPlatform } from "../../src/read-platform.ts";
import { formats } from "../../src/report/formats.ts";
import { graphFormats } from "../../src/report/graph-formats.ts";

/** The samples that have an `expected/` folder, and the base that each is held against. */
const samples: readonly { readonly directory: string; readonly base?: string }[] = [
  { directory: "samples/online-shop" },
  { directory: "samples/online-shop-change", base: "samples/online-shop" },
];

/** What the samples come to now: path of the expected file to its text. `npm run update-expected` writes them. */
export const sampleOutputs = async (): Promise<ReadonlyMap<string, string>> => {
  const outputs = new Map<string, string>();
  for (const { directory, base } of samples) {
    const report = review(sampleInput(directory), base === undefined ? undefined : sampleInput(base), {
      version: "0.0.0",
      root: directory,
      today: "2026-01-01",
    });
    for (const [format, file] of [
      ["text", "review.txt"],
      ["json", "review.json"],
      ["markdown", "review.md"],
      ["sarif", "review.sarif"],
    ] as const) {
      const reporter = await formats[format]?.();
      outputs.set(`${directory}/expected/${file}`, reporter?.(report) ?? "");
    }
    const read = readPlatform(sampleInput(directory));
    const render = await graphFormats["json"]?.();
    outputs.set(
      `${directory}/expected/graph.json`,
      render?.(buildGraph(read.platform, read.instances, read.objects)) ?? "",
    );
  }
  return outputs;
};

/** The input of a review of a folder of this repository, with nothing given but the folder. */
export const sampleInput = (directory: string): ReviewInput => {
  const tree = openSourceTree(".");
  if (tree === undefined) throw new Error("the repository cannot be read");
  return {
    tree,
    directory,
    variables: [],
    environment: new Map(),
    mocks: {},
    state: undefined,
    plan: undefined,
    manifests: [],
    clusterDump: undefined,
    allowExec: false,
  };
};
