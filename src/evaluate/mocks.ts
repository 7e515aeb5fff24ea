import { isJsonObject } from "../model/json.ts";

/** Values of data sources by `data.TYPE` and `data.TYPE.NAME`, as plain JSON. */
export type Mocks = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Mocks out of the JSON of a file; members that are no objects are left out. `undefined` for what is no object itself. */
export const mocksOf = (json: unknown): Mocks | undefined =>
  isJsonObject(json)
    ? Object.fromEntries(
        Object.entries(json).flatMap(([name, values]) => (isJsonObject(values) ? [[name, values]] : [])),
      )
    : undefined;
