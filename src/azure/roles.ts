import { lazyTable } from "./data-file.ts";

/** What one part of a role allows: patterns with `*`, those of `not…` taken away. */
export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/** A role of Azure's own. */
export interface BuiltInRole {
  readonly name: string;
  /** The GUID at the end of its definition's id. */
  readonly id: string;
  readonly permissions: readonly Permission[];
}

type Row = readonly [
  name: string,
  id: string,
  permissions: readonly (readonly [readonly string[], readonly string[], readonly string[], readonly string[]])[],
];

const table = lazyTable<{ readonly roles: readonly Row[] }>("role-definitions.json");

let byKey: Map<string, Row> | undefined;

/** The built-in role by name, GUID or definition id (`…/roleDefinitions/<guid>`), in any case; the table names its source. */
export const builtInRole = (nameOrId: string): BuiltInRole | undefined => {
  if (byKey === undefined) {
    byKey = new Map();
    for (const row of table().roles) byKey.set(row[0].toLowerCase(), row).set(row[1].toLowerCase(), row);
  }
  const row = byKey.get((nameOrId.split("/").at(-1) ?? nameOrId).toLowerCase());
  if (row === undefined) return undefined;
  return {
    name: row[0],
    id: row[1],
    permissions: row[2].map(([actions, notActions, dataActions, notDataActions]) => ({
      actions,
      notActions,
      dataActions,
      notDataActions,
    })),
  };
};
