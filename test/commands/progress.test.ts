import { expect, test } from "@jest/globals";
import { configure as capacity } from "../../src/commands/capacity.ts";
import { progressLine } from "../../src/commands/progress.ts";
import { configure as review } from "../../src/commands/review.ts";
import { configure as simulate } from "../../src/commands/simulate.ts";
import { runCommand } from "../support/run-command.ts";

/** What a terminal of so many columns shows at last, and every text its line has had. */
const screen = (written: string, columns: number) => {
  let line = "";
  const lines: string[] = [];
  for (const [part] of written.matchAll(/\r|\u001b\[K|[^\r\u001b]+/g)) {
    if (part === "\r") line = "";
    else if (part !== "\u001b[K") line = part;
    if (line !== "" && line !== lines.at(-1)) lines.push(line);
    expect(line.length).toBeLessThan(columns);
  }
  return { line, lines };
};

const written = (io: {
  readonly columns?: number;
  readonly env?: Record<string, string>;
  readonly quiet?: boolean;
}) => {
  let err = "";
  let at = 0;
  const line = progressLine(
    { err: (text) => (err += text), env: io.env ?? {}, errColumns: io.columns },
    io.quiet,
    () => at,
  );
  for (let done = 1; done <= 10; done++) {
    at += 700;
    line.show("sweep", done, 10);
    line.show("sweep", done, 10);
  }
  line.end();
  return err;
};

test("one line that is rewritten, with what is left, and gone at the end", () => {
  const { line, lines } = screen(written({ columns: 80 }), 80);
  expect(line).toBe("");
  expect(lines[0]).toBe("sweep [##..................] 10 %");
  expect(lines[4]).toBe("sweep [##########..........] 50 %, 3 s left");
  expect(lines.at(-1)).toBe("sweep [####################] 100 %, 0 s left");
  expect(written({ columns: 80 })).not.toContain("\n");
});

test("it keeps to the width of the terminal", () => {
  screen(written({ columns: 20 }), 20);
});

test.each([
  ["there is no terminal", {}],
  ["--quiet is given", { columns: 80, quiet: true }],
  ["it runs in CI", { columns: 80, env: { CI: "true" } }],
  ["the terminal is dumb", { columns: 80, env: { TERM: "dumb" } }],
])("nothing is written where %s", (_, io) => {
  expect(written(io)).toBe("");
});

const shop = "samples/online-shop";
const long = [
  ["review", review, [shop]],
  ["capacity", capacity, [shop]],
  ["simulate", simulate, [shop, "--scenario", `${shop}/scenario.yaml`, "--until", "20m"]],
  ["simulate --runs", simulate, [shop, "--scenario", `${shop}/scenario.yaml`, "--until", "5m", "--runs", "2"]],
] as const;

test.each(long)("%s shows its progress on a terminal and the same result as without", async (_, configure, args) => {
  const plain = await runCommand(configure, [...args]);
  const shown = await runCommand(configure, [...args], { errColumns: 60 });
  expect(shown.out).toBe(plain.out);
  const { line, lines } = screen(shown.err, 60);
  expect(line).toBe("");
  expect(lines.length).toBeGreaterThan(0);
  expect(plain.err).not.toMatch(/\r|\u001b/);
  expect((await runCommand(configure, [...args], { errColumns: 60, env: { CI: "1" } })).err).toBe(plain.err);
});

test("what review lists with --verbose stands on lines of its own", async () => {
  const { err } = await runCommand(review, [shop, "--verbose"], { errColumns: 60 });
  for (const line of err.split("\n").filter((text) => text.includes("head: ")))
    expect(line.replace(/^[\s\S]*\r\u001b\[K/, "")).toMatch(/^head: /);
});
