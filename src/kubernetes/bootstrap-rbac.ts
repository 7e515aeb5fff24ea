import { readFileSync } from "node:fs";
import type { JsonObject } from "../model/json.ts";

/** A fresh cluster's roles and bindings (kube-apiserver v1.35, as recorded from it); read when RBAC is first asked. */
export const bootstrapRoles = (): readonly JsonObject[] => {
  roles ??= (
    JSON.parse(readFileSync(new URL("./data/bootstrap-rbac.json", import.meta.url), "utf8")) as {
      readonly objects: readonly JsonObject[];
    }
  ).objects;
  return roles;
};
let roles: readonly JsonObject[] | undefined;
