import { readFileSync } from "node:fs";

/** Reads a table of `azure/data/` when it is first asked for; the tables carry their source and date. */
export const lazyTable = <T>(name: string): (() => T) => {
  let table: T | undefined;
  return () => {
    table ??= JSON.parse(readFileSync(new URL(`./data/${name}`, import.meta.url), "utf8")) as T;
    return table;
  };
};
