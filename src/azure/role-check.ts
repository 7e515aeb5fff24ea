import type { Permission } from "./roles.ts";

/** A role held at a scope: the permissions of its definition, and the scope's id as ARM writes it. */
export interface ScopedRole {
  readonly permissions: readonly Permission[];
  /** `/` for everything, else `/subscriptions/…`; a management group covers the subscriptions that nobody here can see. */
  readonly scope: string;
  /** Text of an ABAC condition; it can only take away. */
  readonly condition?: string | undefined;
}

export type OperationKind = "action" | "dataAction";

/** Whether roles allow an operation: `unsure` where it hangs on a condition or a management group. */
export interface RoleAnswer {
  readonly allowed: "yes" | "no" | "unsure";
  /** The first role that allows it, one without doubt before others. */
  readonly by: ScopedRole | undefined;
}

/**
 * Whether a set of role assignments allows an operation on a resource. Assignments add up; what `notActions` takes away from one another
 * may give; scopes hold for all below them ("Understand Azure role definitions", "Steps to determine access").
 */
export const allows = (
  roles: readonly ScopedRole[],
  operation: string,
  resourceId: string,
  kind: OperationKind = "action",
): RoleAnswer => {
  let doubtful: ScopedRole | undefined;
  for (const role of roles) {
    if (!permits(role.permissions, operation, kind)) continue;
    const reach = covers(role.scope, resourceId);
    if (reach === "no") continue;
    if (reach === "yes" && !role.condition) return { allowed: "yes", by: role };
    doubtful ??= role;
  }
  return { allowed: doubtful === undefined ? "no" : "unsure", by: doubtful };
};

/** Whether one definition permits the operation, wherever it is held. */
export const permits = (
  permissions: readonly Permission[],
  operation: string,
  kind: OperationKind = "action",
): boolean =>
  permissions.some((permission) => {
    const [given, taken] =
      kind === "action"
        ? [permission.actions, permission.notActions]
        : [permission.dataActions, permission.notDataActions];
    return (
      given.some((pattern) => matches(pattern, operation)) && !taken.some((pattern) => matches(pattern, operation))
    );
  });

/** Whether a scope holds for a resource: itself and everything below it. */
export const covers = (scope: string, resourceId: string): "yes" | "no" | "unsure" => {
  const above = trimmed(scope);
  const below = trimmed(resourceId);
  if (above === "" || below === above || below.startsWith(`${above}/`)) return "yes";
  return above.includes("/providers/microsoft.management/managementgroups/") ? "unsure" : "no";
};

const trimmed = (id: string): string => id.toLowerCase().replace(/\/+$/, "");

/** `*` stands for any text, slashes among it; case does not count. */
const matches = (pattern: string, operation: string): boolean => {
  const wanted = operation.toLowerCase();
  const parts = pattern.toLowerCase().split("*");
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return first === wanted;
  if (!wanted.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = wanted.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return wanted.length - last.length >= at && wanted.endsWith(last);
};
