import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type VmPrices, vmPricesFromRetail } from "../azure/retail-prices.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Json } from "../model/json.ts";
import { formatPlace } from "../model/source-range.ts";

/** What a form of the command has to say; `text` is nothing where it could not run. */
export interface CapacityAnswer {
  readonly text: string | undefined;
  readonly problems: readonly string[];
}

export const refusal = (text: string, problems: readonly string[] = []): CapacityAnswer => ({
  text: undefined,
  problems: [...problems, `aks-twin: ${text}`],
});

export const problemLine = ({ severity, code, range, summary, detail }: Diagnostic): string =>
  `${severity} ${code}${range === undefined ? "" : ` ${formatPlace(range)}`} ${summary}: ${detail}`;

/** Prices of a file, relative to `directory`. */
export const readPrices = (file: string, directory: string): VmPrices | "unreadable" => {
  const path = resolve(directory, file);
  if (!existsSync(path)) return "unreadable";
  try {
    return vmPricesFromRetail(JSON.parse(readFileSync(path, "utf8")) as Json);
  } catch {
    return "unreadable";
  }
};
