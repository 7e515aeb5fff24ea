import { predictWorld, readPlatform } from "../pipeline.ts";
import { table } from "../report/table.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { addPlatformOptions, type PlatformFlags, reviewInput } from "./platform-options.ts";

interface Flags extends PlatformFlags {
  readonly json?: true;
}

export const configure: ConfigureCommand = (command, io) => {
  addPlatformOptions(command.argument("[dir]", "the folder of the root module", "."))
    .option("--json", "the answer as JSON")
    .action((directory: string, flags: Flags) => run(directory, flags, io));
};

const run = (directory: string, flags: Flags, io: CommandIo): void => {
  const read = reviewInput(directory, flags, io);
  if ("problem" in read) {
    io.err(`aks-twin: ${read.problem}\n`);
    return io.exit(1);
  }
  const { predictions } = predictWorld(readPlatform(read.input)).value;
  const clusters = predictions.map(({ cluster, pools, subnets }) => ({ cluster, pools, subnets }));
  if (flags.json === true) return io.out(`${JSON.stringify({ clusters }, undefined, 2)}\n`);
  for (const { cluster, pools, subnets } of clusters) {
    const nodes = pools.map((pool) => [pool.name, String(pool.nodes.predicted.high), String(pool.max)]);
    const addresses = subnets.map((subnet) => [subnet.name, String(subnet.used), String(subnet.usable)]);
    const lines = table(["what", "used", "limit"], [...nodes, ...addresses], ["left", "right", "right"]);
    io.out(`${[cluster, ...lines].join("\n")}\n`);
  }
};
