import type { AzureResource, Platform } from "../azure/platform.ts";
import { builtInRole, type Permission } from "../azure/roles.ts";
import { known } from "../model/unknown.ts";
import { effectiveRoles, type Grant } from "./effective-roles.ts";

/** Whether a principal may do something to a resource, and which grant says so. */
export interface Answer {
  /** `unsure` where a role, a principal or a scope is not known before apply, or a condition is attached. */
  readonly may: "yes" | "no" | "unsure";
  readonly by: Grant | undefined;
}

/**
 * Whether a principal may do an action, such as `Microsoft.Network/virtualNetworks/subnets/join/action`, on a resource: by a role held on
 * it or on what it lies in; of several actions one is enough. Source: "What is Azure role-based access control": allowed when some role's actions match and its
 * notActions do not.
 */
export const mayAct = (
  platform: Platform,
  principal: string,
  resource: AzureResource,
  action: string | readonly string[],
  plane: "control" | "data" = "control",
): Answer => {
  const actions = typeof action === "string" ? [action] : action;
  if (isStandIn(platform, principal)) return { may: "unsure", by: undefined };
  const { sure, unsure } = effectiveRoles(platform).held(principal, resource);
  let doubtful = unsure[0];
  for (const grant of sure) {
    // A role on one namespace of a cluster does nothing to the cluster.
    if (grant.assignment?.namespace !== undefined) continue;
    const permissions = permissionsOf(platform, grant.role ?? "");
    if (permissions === undefined) {
      doubtful ??= grant;
      continue;
    }
    if (!actions.some((one) => permits(permissions, one, plane))) continue;
    if (grant.assignment?.condition === undefined) return { may: "yes", by: grant };
    doubtful ??= grant;
  }
  return doubtful === undefined ? { may: "no", by: undefined } : { may: "unsure", by: doubtful };
};

/**
 * True for the node of a cluster's own identity where the cluster has one of the user's that the configuration does not show: then
 * nobody can tell who acts.
 */
const isStandIn = (platform: Platform, principal: string): boolean =>
  platform.clusters.some(
    (cluster) =>
      (principal === `${cluster.address}#identity` && /userassigned/i.test(known(cluster.identity.type) ?? "")) ||
      (principal === `${cluster.address}#kubelet_identity` && cluster.kubeletIdentity !== undefined),
  );

/** What a role allows: a built-in one by name or id, or a definition of the configuration; `undefined` where it is neither. */
export const permissionsOf = (platform: Platform, role: string): readonly Permission[] | undefined => {
  const builtIn = builtInRole(role);
  if (builtIn !== undefined) return builtIn.permissions;
  return platform.roleDefinitions.find(
    (definition) => definition.address === role || known(definition.name)?.toLowerCase() === role.toLowerCase(),
  )?.permissions;
};

const permits = (permissions: readonly Permission[], action: string, plane: "control" | "data"): boolean =>
  permissions.some(({ actions, notActions, dataActions, notDataActions }) => {
    const [allowed, taken] = plane === "control" ? [actions, notActions] : [dataActions, notDataActions];
    return allowed.some((pattern) => covers(pattern, action)) && !taken.some((pattern) => covers(pattern, action));
  });

/** `*` stands for any text, in any case. */
const covers = (pattern: string, action: string): boolean => {
  const parts = pattern.toLowerCase().split("*");
  const text = action.toLowerCase();
  const [head = "", ...rest] = parts;
  if (rest.length === 0) return text === head;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  const tail = rest.pop() ?? "";
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
};
