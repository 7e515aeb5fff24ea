import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { loadCel } from "../../../src/cluster/cel.ts";
import { loadScenarioSteps } from "../../../src/load/scenario-steps.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";
import { splitWords } from "../../../src/simulate/steps/kubectl-arguments.ts";
import { playSteps } from "../../../src/simulate/steps/play-steps.ts";

const cel = await loadCel();
const folder = join(import.meta.dirname, ".");
const cases = readdirSync(folder).filter((name) => existsSync(join(folder, name, "result.json")));

/** Cases that differ from the recording, with the reason. A case that passes must leave this list. */
const differing: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(folder, "differing.json"), "utf8"));

interface Recording {
  readonly steps: readonly {
    readonly after: Json;
    readonly quiet: boolean;
    readonly commands: readonly { readonly args: readonly string[]; readonly rc: number; readonly stderr: string }[];
  }[];
  readonly objects: Json;
  readonly events: readonly JsonObject[];
}

/** What two recordings of one case did not agree on. */
interface Varies {
  readonly "objects and steps": readonly (readonly [string, ...Json[]])[];
  readonly "events only in the first run": readonly JsonObject[];
  readonly "events only in the second run": readonly JsonObject[];
}

const read = <T>(path: string): T | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined;

const play = (name: string): Recording => {
  const { value } = loadScenarioSteps(join(folder, name));
  const steps = value.steps.map(({ name: step, manifests, lines }) => ({
    name: step,
    ...(manifests === undefined ? {} : { manifests }),
    ...(lines === undefined ? {} : { commands: lines.map(splitWords) }),
  }));
  return JSON.parse(JSON.stringify(playSteps({ ...value, steps }, { cel }))) as Recording;
};

const without = (value: Json, pointers: readonly string[]): Json => {
  const copy = structuredClone(value) as Json;
  for (const pointer of pointers) {
    const path = pointer
      .split("/")
      .slice(1)
      .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = path.pop() ?? "";
    let holder: unknown = copy;
    for (const step of path) holder = (holder as Record<string, unknown> | undefined)?.[step];
    if (typeof holder === "object" && holder !== null) (holder as Record<string, unknown>)[last] = "varies";
  }
  return copy;
};

const comparable = (recording: Recording, varies: Varies | undefined) => {
  const seen = new Set(
    [...(varies?.["events only in the first run"] ?? []), ...(varies?.["events only in the second run"] ?? [])].map(
      (event) => JSON.stringify(Object.entries(event).sort()),
    ),
  );
  const steps = recording.steps.map(({ after, quiet }) => ({ after, quiet }));
  return {
    history: without(
      { steps, objects: recording.objects } as unknown as Json,
      (varies?.["objects and steps"] ?? []).map(([pointer]) => pointer),
    ),
    events: recording.events.filter((event) => !seen.has(JSON.stringify(Object.entries(event).sort()))),
  };
};

test.each(cases.filter((name) => differing[name] === undefined))("%s ends as the real control plane does", (name) => {
  const varies = read<Varies>(join(folder, name, "varies.json"));
  const recorded = read<Recording>(join(folder, name, "result.json"));
  expect(comparable(play(name), varies)).toEqual(recorded === undefined ? undefined : comparable(recorded, varies));
});

test.each(Object.keys(differing))("%s still differs", (name) => {
  const varies = read<Varies>(join(folder, name, "varies.json"));
  const recorded = read<Recording>(join(folder, name, "result.json"));
  expect(comparable(play(name), varies)).not.toEqual(recorded === undefined ? undefined : comparable(recorded, varies));
});

/** kubectl's own words around the server's, and the list that it makes of several problems, left out. */
const serverText = (stderr: string): string =>
  stderr
    .replaceAll(/Error from server \(\w+\): (?:error when \w+ "[^"]*": )?/g, "")
    .replaceAll(/^(?:The )?[\w.]+ "[^"]*" is invalid: ?/gm, "")
    .replace(/^\[(.*)\]$/s, (_, list: string) => list.split(/, (?=[\w.[\]]+: )/).join("\n"))
    .replaceAll(/^\* /gm, "")
    .trim();

const refusing = ["limitrange-bounds", "quota-scopes", "updates-refused", "updates-refused-more", "job-elastic"];

test.each(refusing)("%s: what is refused, and in which words", (name) => {
  const recorded = read<Recording>(join(folder, name, "result.json"));
  const answers = (recording: Recording | undefined) =>
    recording?.steps.flatMap(({ commands }) =>
      commands
        .filter(({ args }) => !isUnreadable(args, name))
        .map(({ args, rc, stderr }) => [args.join(" "), rc, rc === 0 ? "" : serverText(stderr)]),
    );
  expect(answers(play(name))).toEqual(answers(recorded));
});

/** What kubectl cannot read or find is told in its own words. */
const isUnreadable = (args: readonly string[], name: string): boolean =>
  name === "updates-refused-more" && (args[0] === "apply" || args[1] === "cronjob");

test("there are cases", () => {
  expect(cases.length).toBeGreaterThan(30);
});
