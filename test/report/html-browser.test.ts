import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser, Page } from "puppeteer-core";
import { shownSource } from "../../src/commands/shown-source.ts";
import { reviewWithGraph } from "../../src/pipeline.ts";
import { htmlReport } from "../../src/report/html.ts";
import { chromium, startBrowser } from "../support/browser.ts";
import { largeReport } from "../support/large-report.ts";
import { sampleInput } from "../support/samples.ts";

/** Without a browser the page is not tested. */
const inBrowser = chromium === undefined ? test.skip : test;

let browser: Browser | undefined;
const problems: string[] = [];

const openPage = async (html: string, limit: number): Promise<Page> => {
  if (browser === undefined) throw new Error("the browser has not started");
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) problems.push(`the page asks for ${request.url()}`);
  });
  const file = join(mkdtempSync(join(tmpdir(), "aks-twin-html-")), "report.html");
  writeFileSync(file, html);
  expect(statSync(file).size).toBeLessThan(limit);
  await page.goto(pathToFileURL(file).href);
  return page;
};

let sample: string | undefined;

const open = async (): Promise<Page> => {
  sample ??= samplePage();
  return openPage(sample, 1_000_000);
};

const samplePage = (): string => {
  const { report, graph } = reviewWithGraph(
    sampleInput("samples/online-shop-change"),
    sampleInput("samples/online-shop"),
    { version: "0.0.0", root: "samples/online-shop-change", today: "2026-01-01" },
  );
  const sourceOf = shownSource(sampleInput("samples/online-shop-change").tree, []);
  return htmlReport(report, { graph: graph(), sourceOf });
};

beforeAll(async () => {
  if (chromium !== undefined) browser = await startBrowser(chromium);
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
  const all = await page.$$eval("article.finding", (cards) => cards.length);
  expect((await shownFindings(page)).length).toBe(all);
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

const type = (page: Page, id: string, text: string): Promise<void> =>
  page.$eval(
    `#${id}`,
    (field, value) => {
      (field as HTMLInputElement).value = value;
      field.dispatchEvent(new Event("input"));
    },
    text,
  );

/** A click that does not ask what covers the element meanwhile. */
const press = (page: Page, selector: string): Promise<void> =>
  page.$eval(selector, (button) => (button as HTMLElement).click());

const textOf = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (element) => element.textContent ?? "");

inBrowser("nodes are coloured by what they have left, and the slider goes back to how they were before", async () => {
  const page = await open();
  const cells = (): Promise<readonly string[]> =>
    page.$$eval(".cell", (all) => all.map((cell) => (cell as HTMLElement).title));
  const after = await cells();
  expect(after).toHaveLength(8);
  expect(after.filter((title) => title.includes("not there after"))).toHaveLength(1);
  await page.focus("#moment");
  await page.keyboard.press("ArrowLeft");
  expect(await textOf(page, "#moment-name")).toBe("before");
  expect((await cells()).filter((title) => title.includes("not there"))).toEqual([]);
  const colour = (): Promise<string> => page.$eval(".cell", (cell) => getComputedStyle(cell).backgroundColor);
  const byScarcest = await colour();
  await page.select("#metric", "1");
  expect(await colour()).not.toBe(byScarcest);
  expect(problems).toEqual([]);
});

inBrowser("a node tells what runs there, by mouse and by keyboard", async () => {
  const page = await open();
  await page.click(".cell");
  expect(await textOf(page, "#node")).toMatch(/aks-system-\d+-vmss000000.*before: CPU.*kube-system\/kube-proxy-/s);
  await page.focus('.cells[aria-label="user · westeurope-1"] .cell');
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  expect(await textOf(page, "#node h3")).toMatch(/aks-user-\d+-vmss000003/);
  expect(await textOf(page, "#node")).toContain("No pods of the input after.");
  expect(problems).toEqual([]);
});

inBrowser("a pod is found on its node", async () => {
  const page = await open();
  await type(page, "find-pod", "shop/redis-0");
  await page.waitForSelector("#found button");
  expect(await textOf(page, "#found")).toContain("1 node, 1 pod");
  await press(page, "#found button");
  expect(await page.$$eval("#node .pods li", (pods) => pods.map((pod) => pod.textContent))).toEqual(["shop/redis-0"]);
  expect(problems).toEqual([]);
});

inBrowser("the topology is searched, moved, enlarged and told box by box", async () => {
  const page = await open();
  const width = (): Promise<number> =>
    page.$eval("div.topology svg", (drawing) => drawing.getBoundingClientRect().width);
  const before = await width();
  await page.click('[data-zoom="1.25"]');
  expect(await width()).toBeGreaterThan(before);
  const scrolled = (): Promise<number> => page.$eval("div.topology", (view) => view.scrollLeft);
  const view = await page.$("div.topology");
  await view?.scrollIntoView();
  const box = await view?.boundingBox();
  if (box === null || box === undefined) throw new Error("the topology has no place");
  const start = await scrolled();
  await page.mouse.move(box.x + 600, box.y + 300);
  await page.mouse.down();
  await page.mouse.move(box.x + 300, box.y + 300, { steps: 3 });
  await page.mouse.up();
  expect(await scrolled()).toBe(start + 300);
  await type(page, "find", "azurerm_container_registry");
  await page.waitForSelector(".hit");
  await press(page, "#hits button");
  const told = await textOf(page, "#chosen");
  expect(told).toContain("azurerm_container_registry.shop");
  expect(told).toMatch(/written at samples\/online-shop-change\/\w+\.tf:\d+:\d+/);
  expect(told).toMatch(/Is leaned on by \(\d+\).*pullsFrom Deployment\/shop\/web/s);
  await page.click('[data-zoom="fit"]');
  expect(await width()).toBeLessThan(before);
  expect(problems).toEqual([]);
});

inBrowser("the topology is walked by keyboard, and a box leads to its findings", async () => {
  const page = await open();
  await page.$eval('.topology g[tabindex="0"]', (box) => (box as SVGElement).focus());
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const first = await textOf(page, "#chosen h3");
  expect(first).toMatch(/^\w+\/shop\//);
  await type(page, "find", "PersistentVolumeClaim/shop/media");
  await page.focus("#find");
  await page.keyboard.press("Enter");
  expect(await textOf(page, "#chosen h3")).toBe("PersistentVolumeClaim/shop/media");
  expect(await textOf(page, '#chosen a[href^="#finding-"]')).toContain("AKS4002");
  expect(problems).toEqual([]);
});

inBrowser(
  "5,000 nodes and 150,000 pods stay under 15 MB, fold, and are found one by one",
  async () => {
    const { report, graph } = largeReport(5000, 30);
    const page = await openPage(htmlReport(report, { graph }), 15_000_000);
    expect(await page.$$eval(".topology g", (boxes) => boxes.length)).toBeLessThanOrEqual(300);
    expect(await page.$$eval(".cell", (cells) => cells.length)).toBe(0);
    expect(await page.$$eval("details.group", (groups) => groups.length)).toBe(15);
    await page.click("details.group summary");
    await page.waitForSelector(".cell");
    await type(page, "find-pod", "app-77-0-29");
    await page.waitForSelector("#found button");
    await press(page, "#found button");
    expect(await textOf(page, "#node")).toContain("team-7/app-77-0-29");
    await type(page, "find", "Deployment/team-7/app-77");
    await page.waitForSelector("#hits button");
    await press(page, "#hits button");
    expect(await textOf(page, "#chosen")).toMatch(/written at k8s\/app-77\.yaml:1:1.*selects Service|Service/s);
    await type(page, "moment", "0");
    expect(await textOf(page, "#moment-name")).toBe("before");
    expect(problems).toEqual([]);
  },
  120_000,
);

/** Text on the page whose colour and ground differ too little (WCAG 2.2, success criterion 1.4.3: 4.5, and 3 for large text). */
const faintTexts = (page: Page): Promise<readonly string[]> =>
  page.evaluate(`(() => {
    const parse = text => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a] };
    const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
    const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * x + 0.7152 * y + 0.0722 * z };
    const ground = element => element === null ? [255, 255, 255, 1] : over(parse(getComputedStyle(element).backgroundColor), ground(element.parentElement));
    const faint = new Set();
    for (const element of document.querySelectorAll("body *")) {
      if (element instanceof SVGElement || !element.checkVisibility() || ![...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim() !== "")) continue;
      const style = getComputedStyle(element), own = ground(element);
      let shown = over(parse(style.color), own);
      for (let e = element; e; e = e.parentElement) { const o = Number(getComputedStyle(e).opacity); if (o < 1) shown = over([...shown.slice(0, 3), o], own) }
      const [a, b] = [light(shown), light(own)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05), large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (large ? 3 : 4.5)) faint.add(element.tagName + "." + element.className + " " + ratio.toFixed(2) + " " + element.textContent.trim().slice(0, 30));
    }
    return [...faint];
  })()`) as Promise<readonly string[]>;

inBrowser.each(["light", "dark"])("every text stands out from its ground in the %s page", async (scheme) => {
  const page = await open();
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.click(".cell");
  await type(page, "find", "azurerm_container_registry");
  await page.waitForSelector("#hits button");
  await press(page, "#hits button");
  expect(await faintTexts(page)).toEqual([]);
  await page.$eval("footer", (footer) => (footer as HTMLElement).style.setProperty("color", "#777"));
  await page.$eval("footer", (footer) => (footer as HTMLElement).style.setProperty("background", "#888"));
  expect(await faintTexts(page)).toHaveLength(1);
});

inBrowser("everything that can be used has a name", async () => {
  const page = await open();
  const nameless = await page.$$eval("button, a, input, select, [role=button], [role=img], [role=region]", (all) =>
    all
      .filter(
        (element) =>
          (element.getAttribute("aria-label") ?? element.textContent ?? "").trim() === "" &&
          element.closest("label") === null,
      )
      .map((element) => element.outerHTML.slice(0, 80)),
  );
  expect(nameless).toEqual([]);
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
