import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { type HpaRehearsal, rehearseHpa } from "../../src/simulate/autoscaling/hpa-rehearsal.ts";
import type { HpaCaseInput } from "../../src/simulate/autoscaling/hpa-world.ts";

interface HpaCase {
  readonly name: string;
  readonly input: HpaCaseInput;
  readonly expected: HpaRehearsal;
}

const folder = new URL("./hpa/", import.meta.url);

const named = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as HpaCase);

const unpack = (file: string): readonly HpaCase[] =>
  gunzipSync(readFileSync(new URL(file, folder)))
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as HpaCase);

const random = readdirSync(new URL("random/", folder)).flatMap((file) => unpack(`random/${file}`));

test.each(named)("the real controller's decisions: $name", ({ input, expected }) => {
  expect(rehearseHpa(input)).toEqual(expected);
});

test("the real controller's decisions in random cases", () => {
  expect(random.length).toBe(200);
  const wrong = random.filter(({ input, expected }) => JSON.stringify(rehearseHpa(input)) !== JSON.stringify(expected));
  for (const { input, expected } of wrong) expect(rehearseHpa(input)).toEqual(expected);
});

test.each(unpack("further.jsonl.gz"))("odd quantities, selectors, targets and pods: $name", ({ input, expected }) => {
  expect(rehearseHpa(input)).toEqual(expected);
});
