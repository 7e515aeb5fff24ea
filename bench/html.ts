import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "puppeteer-core";
import { openSourceTree } from "../src/load/source-tree.ts";
import { reviewWithGraph } from "../src/pipeline.ts";
import type { ReviewInput } from "../src/read-platform.ts";
import { htmlReport } from "../src/report/html.ts";
import { chromium, startBrowser } from "../test/support/browser.ts";
import { writeLargePlatform } from "../test/support/large-platform.ts";

/** The HTML report of the sample, of 10,000 pods and of 5,000 nodes (given as arguments, all where left out): its size, and how quick it is in a real browser. */
export const run = async (args: readonly string[]): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "aks-twin-bench-"));
  const browser = chromium === undefined ? undefined : await startBrowser(chromium);
  const sizes = { "10000": { nodes: 330, pods: 10_000 }, "150000": { nodes: 4990, pods: 149_000 } };
  try {
    if (args.length === 0 || args.includes("sample")) {
      const [head, base] = [inputOf(".", "samples/online-shop-change"), inputOf(".", "samples/online-shop")];
      await measure("the sample's change", head, base, folder, browser);
    }
    for (const [name, size] of Object.entries(sizes)) {
      if (args.length > 0 && !args.includes(name)) continue;
      const [head, base] = ["head", "base"].map((side) => {
        const directory = join(folder, name, side);
        mkdirSync(directory, { recursive: true });
        writeLargePlatform(directory, side === "head" ? size : { ...size, pods: size.pods * 0.9 });
        return inputOf(directory, "");
      });
      if (head !== undefined) await measure(`${size.nodes} nodes, ${size.pods} pods`, head, base, folder, browser);
    }
  } finally {
    await browser?.close();
    rmSync(folder, { recursive: true });
  }
};

const inputOf = (root: string, directory: string): ReviewInput => {
  const tree = openSourceTree(root);
  if (tree === undefined) throw new Error(`${root} cannot be read`);
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

const measure = async (
  what: string,
  head: ReviewInput,
  base: ReviewInput | undefined,
  folder: string,
  browser: Browser | undefined,
): Promise<void> => {
  const { report, graph } = reviewWithGraph(head, base, { version: "0.0.0", root: what, today: "2026-01-01" });
  const start = performance.now();
  const page = htmlReport(report, { graph: graph(), sourceOf: (file) => head.tree.readText(file).value });
  const written = performance.now() - start;
  const file = join(folder, "report.html");
  writeFileSync(file, page);
  process.stdout.write(
    `html: ${what}: ${(statSync(file).size / 1e6).toFixed(2)} MB, written in ${written.toFixed(0)} ms\n`,
  );
  if (browser === undefined) return;
  const tab = await browser.newPage();
  // tsx keeps the names of functions by a call of its own, which the page does not know.
  await tab.evaluateOnNewDocument("globalThis.__name = (named) => named");
  await tab.goto(pathToFileURL(file).href);
  const times = await tab.evaluate(async (): Promise<Readonly<Record<string, number>>> => {
    const frame = (): Promise<void> =>
      new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));
    await frame();
    const took: Record<string, number> = { interactive: performance.now() };
    const timed = async (name: string, act: () => void, wait = 0): Promise<void> => {
      const from = performance.now();
      act();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      await frame();
      took[name] = performance.now() - from - wait;
    };
    const field = (id: string): HTMLInputElement | null => document.querySelector(`#${id}`);
    const type = (id: string, text: string): void => {
      const input = field(id);
      if (input === null) return;
      input.value = text;
      input.dispatchEvent(new Event("input"));
    };
    await timed("open all pools", () => {
      for (const group of document.querySelectorAll("details.group")) group.setAttribute("open", "");
    });
    await timed("slider", () => type("moment", "0"));
    // The page waits 120 ms and 80 ms for the next letter.
    await timed("find a pod", () => type("find-pod", "app-7"), 120);
    await timed("find in the topology", () => type("find", "app-7"), 80);
    await timed("zoom", () => document.querySelector<HTMLElement>('[data-zoom="1.25"]')?.click());
    await timed("pan", () => document.querySelector(".topology")?.scrollBy(200, 400));
    await timed("choose a box", () =>
      document.querySelector(".topology g")?.dispatchEvent(new MouseEvent("click", { bubbles: true })),
    );
    await timed("scroll the page", () => window.scrollBy(0, 4000));
    return took;
  });
  await tab.close();
  const figures = Object.entries(times).map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`);
  process.stdout.write(`html: ${what}: ${figures.join(", ")}\n`);
};
