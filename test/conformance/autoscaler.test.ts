import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import type { CaseInput } from "../../src/simulate/autoscaling/autoscaler-case.ts";
import {
  type AutoscalerRehearsal,
  type LoopRecord,
  rehearseAutoscaler,
} from "../../src/simulate/autoscaling/autoscaler-rehearsal.ts";

interface AutoscalerCase {
  readonly name: string;
  readonly input: CaseInput;
  /** `unstable`: in repeated runs of the real thing only the sizes and the times they changed were always the same. */
  readonly expected: AutoscalerRehearsal & { readonly unstable?: string };
}

const folder = new URL("./autoscaler/", import.meta.url);

const named = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as AutoscalerCase);

const casesIn = (file: string): readonly AutoscalerCase[] =>
  gunzipSync(readFileSync(new URL(file, folder)))
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as AutoscalerCase);

const random = readdirSync(new URL("random/", folder)).flatMap((file) => casesIn(`random/${file}`));
/** Affinity, spread, taints, init containers, priorities, odd flags: recorded in the same way from the same version. */
const further = casesIn("further.jsonl.gz");

const courseOfSizes = (loops: readonly LoopRecord[]) =>
  loops
    .map(({ t, sizes }) => ({ t, sizes: JSON.stringify(sizes) }))
    .filter(({ sizes }, index, all) => sizes !== all[index - 1]?.sizes);

const expectSame = ({ name, input, expected }: AutoscalerCase): void => {
  const { unstable, ...recorded } = expected;
  const played = rehearseAutoscaler(input);
  if (unstable === undefined) expect({ name, ...played }).toEqual({ name, ...recorded });
  else expect({ name, sizes: courseOfSizes(played.loops) }).toEqual({ name, sizes: courseOfSizes(recorded.loops) });
};

test.each(named)("the real autoscaler's loops: $name", expectSame);

test("the real autoscaler's loops in random cases", () => {
  expect(random.length).toBe(200);
  for (const each of random) expectSame(each);
});

test("the real autoscaler's loops in further cases", () => {
  expect(further.length).toBeGreaterThan(40);
  for (const each of further) expectSame(each);
});
