import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
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
  writeFileSync(file, htmlReport(report, { graph: graph() }));
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
