import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isJsonObject, type Json } from "../model/json.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";

const parts = ["hpa", "autoscaler", "loadbalancer"] as const;
type Part = (typeof parts)[number];

/** `aks-twin rehearse hpa|autoscaler|loadbalancer FILE`: each step of one component on recorded input. */
export const configure: ConfigureCommand = (command, io) => {
  command
    .argument("<component>", parts.join(", "))
    .argument("<file>", "a case with an `input`, or the input alone; - for standard input")
    .option("--json", "print JSON (the only form)")
    .action(async (component: string, file: string) => {
      if (!isPart(component)) {
        io.err(`"${component}" cannot be rehearsed: choose ${parts.join(", ")}\n`);
        return io.exit(1);
      }
      const input = await readInput(file, io);
      if (typeof input === "string") {
        io.err(`${input}\n`);
        return io.exit(1);
      }
      const missing = missingField(component, input.value);
      if (missing !== undefined) {
        io.err(`"${file}" is no case for ${component}: "${missing}" is missing\n`);
        return io.exit(1);
      }
      io.out(`${JSON.stringify(await rehearse(component, input.value), undefined, 2)}\n`);
      return io.exit(0);
    });
};

const isPart = (text: string): text is Part => (parts as readonly string[]).includes(text);

/** The part is loaded only when it is asked for. */
const rehearse = async (part: Part, input: Json): Promise<unknown> => {
  switch (part) {
    case "hpa": {
      const { rehearseHpa } = await import("../simulate/autoscaling/hpa-rehearsal.ts");
      return rehearseHpa(input as unknown as Parameters<typeof rehearseHpa>[0]);
    }
    case "autoscaler": {
      const { rehearseAutoscaler } = await import("../simulate/autoscaling/autoscaler-rehearsal.ts");
      return rehearseAutoscaler(input as unknown as Parameters<typeof rehearseAutoscaler>[0]);
    }
    case "loadbalancer": {
      const { rehearseLoadBalancer } = await import("./rehearse-loadbalancer.ts");
      return rehearseLoadBalancer(input);
    }
  }
};

const needed: Readonly<Record<Part, readonly string[]>> = {
  hpa: ["hpa", "steps"],
  autoscaler: ["nodeGroups", "until"],
  loadbalancer: [],
};

const missingField = (part: Part, input: Json): string | undefined => {
  const fields = isJsonObject(input) ? input : {};
  return needed[part].find((field) => fields[field] === undefined);
};

/** The case's input, or what is wrong with the file. */
const readInput = async (file: string, io: CommandIo): Promise<{ readonly value: Json } | string> => {
  let text: string;
  try {
    text = file === "-" ? await io.stdin() : readFileSync(resolve(io.cwd, file), "utf8");
  } catch (error) {
    return `cannot read "${file}": ${error instanceof Error ? error.message : String(error)}`;
  }
  try {
    const parsed = JSON.parse(text) as { readonly input?: Json } & Json;
    if (typeof parsed !== "object" || parsed === null)
      return `"${file}" holds no case: an object with "input" is needed`;
    return { value: parsed.input ?? parsed };
  } catch (error) {
    return `"${file}" is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
};
