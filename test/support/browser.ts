import { existsSync } from "node:fs";
import puppeteer, { type Browser } from "puppeteer-core";

/** Debian's chromium, which `.ci/run` installs; elsewhere CHROMIUM names it. */
export const chromium: string | undefined = [
  process.env["CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== "" && existsSync(path));

export const startBrowser = (executablePath: string): Promise<Browser> =>
  puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
