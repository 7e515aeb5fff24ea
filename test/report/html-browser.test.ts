import { existsSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { shownSource } from "../../src/commands/shown-source.ts";
import { reviewWithGraph } from "../../src/pipeline.ts";
import { htmlReport } from "../../src/report/html.ts";
import { sampleInput } from "../support/samples.ts";

/** Debian's chromium, which `.ci/run` installs; elsewhere CHROMIUM names it. Without a browser the page is not tested. */
const chromium = [
  process.env["CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== "" && existsSync(path));
const inBrowser = chromium === undefined ? test.skip : test;

let browser: Browser | undefined;
const problems: string[] = [];

const open = async (): Promise<Page> => {
  if (browser === undefined) throw new Error("the browser has not started");
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) problems.push(`the page asks for ${request.url()}`);
  });
  const { report, graph } = reviewWithGraph(
    sampleInput("samples/online-shop-change"),
    sampleInput("samples/online-shop"),
    { version: "0.0.0", root: "samples/online-shop-change", today: "2026-01-01" },
  );
  const file = join(mkdtempSync(join(tmpdir(), "aks-twin-html-")), "report.html");
  const sourceOf = shownSource(sampleInput("samples/online-shop-change").tree, []);
  writeFileSync(file, htmlReport(report, { graph: graph(), sourceOf }));
  expect(statSync(file).size).toBeLessThan(1_000_000);
  await page.goto(pathToFileURL(file).href);
  return page;
};

beforeAll(async () => {
  if (chromium !== undefined)
    browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
}, 60_000);

afterAll(async () => {
  await browser?.close();
});

const shownFindings = (page: Page): Promise<readonly string[]> =>
  page.$$eval("article.finding", (cards) =>
    cards.filter((card) => card.checkVisibility()).map((card) => card.querySelector("h3")?.textContent ?? ""),
  );

inBrowser("the page loads without an error and asks the network for nothing", async () => {
  const page = await open();
  expect(await page.title()).toBe("aks-twin: samples/online-shop-change");
  expect(await page.$eval("header h1", (title) => title.textContent)).toContain("5 errors");
  expect(problems).toEqual([]);
});

inBrowser("findings can be searched and filtered by severity", async () => {
  const page = await open();
  expect((await shownFindings(page)).length).toBe(8);
  await page.type("#search", "redis");
  expect(await shownFindings(page)).toEqual([expect.stringContaining("AKS6003")]);
  await page.$eval("#search", (field) => {
    (field as HTMLInputElement).value = "";
    field.dispatchEvent(new Event("input"));
  });
  await page.click("form.filter input[type=checkbox]");
  expect((await shownFindings(page)).some((title) => title.includes("error"))).toBe(false);
  expect(problems).toEqual([]);
});

inBrowser("nodes can be shown as they were before", async () => {
  const page = await open();
  const visible = (world: string): Promise<boolean> =>
    page.$eval(`[data-world="${world}"]`, (part) => part.checkVisibility());
  expect([await visible("after"), await visible("before")]).toEqual([true, false]);
  await page.select("#world", "before");
  expect([await visible("after"), await visible("before")]).toEqual([false, true]);
});

inBrowser("the topology is searched, enlarged and told box by box", async () => {
  const page = await open();
  const width = (): Promise<number> =>
    page.$eval("div.topology svg", (drawing) => drawing.getBoundingClientRect().width);
  const before = await width();
  await page.click('[data-zoom="1.25"]');
  expect(await width()).toBeGreaterThan(before);
  await page.type("#find", "azurerm_container_registry");
  expect(await page.$$eval(".hit", (boxes) => boxes.length)).toBeGreaterThan(0);
  await page.$eval(".hit", (box) => box.dispatchEvent(new MouseEvent("click", { bubbles: true })));
  expect(await page.$eval("#chosen", (text) => text.textContent)).not.toContain("Choose a box");
  expect(problems).toEqual([]);
});

inBrowser("a subnet is drawn address by address, with titles and a legend", async () => {
  const page = await open();
  const titles = await page.$$eval("figure.map rect title", (all) => all.map((title) => title.textContent ?? ""));
  expect(titles).toContain('pods of pool "user", 30 a node: 90');
  expect(titles).toContain("reserved for max_count and surge: 1145");
  expect(await page.$eval("figure.map .legend", (legend) => legend.textContent)).toContain("too few: 404");
  const [strip, boxes] = await page.$eval("figure.map > svg", (svg) => [
    svg.getBoundingClientRect().width,
    [...svg.querySelectorAll("rect")].reduce((total, box) => total + box.getBoundingClientRect().width, 0),
  ]);
  expect(Math.abs((strip ?? 0) - (boxes ?? 0))).toBeLessThan(6);
  expect(problems).toEqual([]);
});

inBrowser("a finding shows its lines with the range marked", async () => {
  const page = await open();
  const frames = await page.$$eval("article.finding", (cards) =>
    cards.map((card) => [
      card.querySelector("h3")?.textContent ?? "",
      card.querySelector(".frame mark")?.textContent ?? "",
    ]),
  );
  const markOf = (code: string): string | undefined => frames.find(([title]) => title?.includes(code))?.[1];
  expect(markOf("AKS6003")).toBe("3");
  expect(markOf("AKS6013")).toBe('resource "azurerm_kubernetes_cluster" "shop"');
  expect(markOf("AKS1001")).toContain("address_prefixes");
  expect(problems).toEqual([]);
});

inBrowser("nodes by pool stand side by side before and after, told on hover", async () => {
  const page = await open();
  const titles = await page.$$eval("#nodes-by-pool .moment title", (all) => all.map((title) => title.textContent));
  expect(titles).toEqual(expect.arrayContaining(["user before: 4 nodes", "user after: 3 nodes", "spot after: 1 node"]));
  const fill = (): Promise<string> => page.$eval("#nodes-by-pool .moment .hover", (box) => getComputedStyle(box).fill);
  const before = await fill();
  await page.hover("#nodes-by-pool .moment");
  expect(await fill()).not.toBe(before);
  expect(problems).toEqual([]);
});

inBrowser("the capacity section is printed alone", async () => {
  const page = await open();
  await page.evaluate(() => {
    window.print = () => undefined;
  });
  await page.$eval("#print", (button) => (button as HTMLButtonElement).click());
  await page.emulateMediaType("print");
  const visible = await page.$$eval("main > section", (parts) =>
    parts.filter((part) => part.checkVisibility()).map((part) => part.id),
  );
  expect(visible).toEqual(["capacity"]);
  expect(await page.$eval("#capacity", (part) => part.textContent)).toContain("snet-aks 10.20.0.0/22");
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  expect(await page.$eval("#findings", (part) => part.checkVisibility())).toBe(true);
  expect(problems).toEqual([]);
});

inBrowser("every link of the page leads somewhere on it", async () => {
  const page = await open();
  const dangling = await page.$$eval('a[href^="#"]', (links) =>
    links.map((link) => link.getAttribute("href") ?? "").filter((href) => document.querySelector(href) === null),
  );
  expect(dangling).toEqual([]);
});

inBrowser("the page is readable on a phone: nothing but its own scrolling parts is wider than the screen", async () => {
  const page = await open();
  await page.setViewport({ width: 390, height: 800 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
});
