import { type ChangeRules, changeRules } from "../../azure/force-new.ts";
import type { ResourceInstance } from "../../evaluate/resource-instance.ts";
import type { SourceRange } from "../../model/source-range.ts";
import type { MappingValue, Value } from "../../model/value.ts";
import { instanceAt, valueAt } from "../instance-values.ts";
import type { World } from "../rule.ts";

/** What a change does to one resource that was there before. */
export interface ResourceChange {
  readonly instance: ResourceInstance;
  /** Arguments that force a replacement. */
  readonly replaced: readonly ChangedPath[];
  /** Arguments that make the nodes of a pool anew. */
  readonly rotated: readonly ChangedPath[];
}

export interface ChangedPath {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly range: SourceRange | undefined;
}

const cache = new WeakMap<World, readonly ResourceChange[]>();

/**
 * The resources that the change replaces or rotates: by the plan where there is one, otherwise by the values of both sides and the
 * provider's rules. What is not known on one side is not held against the change.
 */
export const resourceChanges = (world: World): readonly ResourceChange[] => {
  const cached = cache.get(world);
  if (cached !== undefined) return cached;
  const changes = world.instances.flatMap((instance) => {
    const change = instance.mode === "managed" ? changeOf(world, instance) : undefined;
    return change === undefined || (change.replaced.length === 0 && change.rotated.length === 0) ? [] : [change];
  });
  cache.set(world, changes);
  return changes;
};

const changeOf = (world: World, instance: ResourceInstance): ResourceChange | undefined => {
  const before =
    instance.before ?? (world.base === undefined ? undefined : instanceAt(world.base, instance.address)?.values);
  const rules = changeRules(instance.type);
  const planned = instance.actions.includes("delete") && instance.actions.includes("create");
  if (before === undefined) return undefined;
  const changed = (paths: readonly string[], test: Test): readonly ChangedPath[] =>
    paths.flatMap((path) => difference(instance, before, rules, path, test) ?? []);
  const byRules = [
    ...changed(rules?.forceNew ?? [], () => true),
    ...changed(
      (rules?.conditional ?? []).map(({ path }) => path),
      conditionOf(before, instance.values),
    ),
  ];
  // azurerm 3.x replaces an additional pool where 4.x rotates it.
  const isOldPool = instance.type === "azurerm_kubernetes_cluster_node_pool" && instance.providerMajor === 3;
  const rotated = changed(rules?.rotates ?? [], rotationOf(instance));
  const byPlan = instance.replacePaths.map((path): ChangedPath => describe(instance, before, path));
  const ignored = instance.ignoreChanges;
  const kept = (list: readonly ChangedPath[]): readonly ChangedPath[] =>
    ignored === "all"
      ? []
      : list.filter(
          ({ path }) => !ignored.some((name) => plainPath(name) === path || path.startsWith(`${plainPath(name)}.`)),
        );
  const replaced = planned && byPlan.length > 0 ? byPlan : kept([...byRules, ...(isOldPool ? rotated : [])]);
  return { instance, replaced, rotated: isOldPool || replaced.length > 0 ? [] : kept(rotated) };
};

type Test = (path: string, before: Plain, after: Plain) => boolean;
type Plain = string | undefined;

const difference = (
  instance: ResourceInstance,
  before: MappingValue,
  rules: ChangeRules | undefined,
  path: string,
  test: Test,
): ChangedPath | undefined => {
  const steps = path.split(".");
  const [was, will] = [plainOf(valueAt(before, steps)), plainOf(valueAt(instance.values, steps))];
  if (was === "unknown" || will === "unknown") return undefined;
  const fallback = rules?.defaults?.[path];
  const [old, now] = [was.text ?? textOf(fallback), will.text ?? textOf(fallback)];
  // An argument that is taken away keeps its value where the provider computes it, so only a visible change counts.
  if (old === now || (old === undefined && was.isBlock) || (was.isBlock && will.isBlock)) return undefined;
  if (!test(path, old, now)) return undefined;
  return { path, before: old ?? "not set", after: now ?? "not set", range: rangeOf(instance, steps) };
};

const textOf = (value: string | number | boolean | undefined): Plain =>
  value === undefined ? undefined : String(value);

/** The range of an argument; list blocks stand at index 0. */
const rangeOf = (instance: ResourceInstance, steps: readonly string[]): SourceRange | undefined => {
  const path: (string | number)[] = [];
  let value: Value | undefined = instance.values;
  for (const [index, step] of steps.entries()) {
    path.push(step);
    value = valueAt(value, [step]);
    if (index < steps.length - 1 && (value?.kind === "list" || value?.kind === "set")) path.push(0);
  }
  return instance.rangeAt(path);
};

type PlainValue = { readonly text: Plain; readonly isBlock: boolean } | "unknown";

const plainOf = (value: Value | undefined): PlainValue => {
  if (value === undefined || value.kind === "null") return { text: undefined, isBlock: false };
  switch (value.kind) {
    case "unknown":
      return value.origin === undefined
        ? "unknown"
        : { text: `${value.origin.address}.${value.origin.path.join(".")}`, isBlock: false };
    case "string":
      return {
        text: value.value === "" ? undefined : value.marks?.has("sensitive") ? "(sensitive)" : value.value,
        isBlock: false,
      };
    case "number":
      return { text: typeof value.value === "number" ? String(value.value) : undefined, isBlock: false };
    case "bool":
      return { text: String(value.value), isBlock: false };
    case "list":
    case "set":
    case "tuple": {
      if (value.items.length === 0) return { text: undefined, isBlock: false };
      const items = value.items.map(plainOf);
      if (items.some((item) => item === "unknown")) return "unknown";
      if (items.some((item) => item !== "unknown" && item.isBlock)) return { text: "set", isBlock: true };
      return { text: items.map((item) => (item === "unknown" ? "" : (item.text ?? ""))).join(", "), isBlock: false };
    }
    default:
      return { text: "set", isBlock: true };
  }
};

const describe = (instance: ResourceInstance, before: MappingValue, path: string): ChangedPath => {
  const plain = plainPath(path);
  const steps = plain.split(".");
  const [was, will] = [plainOf(valueAt(before, steps)), plainOf(valueAt(instance.values, steps))];
  return {
    path: plain,
    before: was === "unknown" ? "not known" : (was.text ?? "not set"),
    after: will === "unknown" ? "known after apply" : (will.text ?? "not set"),
    range: rangeOf(instance, steps),
  };
};

/** A path without list indices. */
const plainPath = (path: string): string => path.replace(/\[\d+\]/g, "").replace(/\.\d+(?=\.|$)/g, "");

/** The provider's conditions (CustomizeDiff of kubernetes_cluster_resource.go and kubernetes_cluster_node_pool_resource.go, 4.79.0). */
const conditionOf =
  (before: MappingValue, after: MappingValue): Test =>
  (path, old, now) => {
    switch (path) {
      case "default_node_pool.name":
        return plainText(before, "default_node_pool.temporary_name_for_rotation") !== old;
      case "oidc_issuer_enabled":
        return old === "true" && now === "false";
      case "network_profile.network_plugin":
        return !(
          old === "kubenet" &&
          now === "azure" &&
          plainText(after, "network_profile.network_plugin_mode") === "overlay"
        );
      case "network_profile.network_plugin_mode":
        return now !== "overlay";
      case "network_profile.network_policy":
        return old !== undefined && !(now === "cilium" && (old === "azure" || old === "calico"));
      case "network_profile.network_data_plane":
        return old !== undefined && !(old === "azure" && now === "cilium");
      case "network_profile.pod_cidr":
      case "network_profile.pod_cidrs":
        return old !== undefined && now !== undefined;
      case "service_principal.client_id":
        return old === undefined || old === "msi";
      case "os_sku":
        return false;
      case "upgrade_settings.drain_timeout_in_minutes":
      case "default_node_pool.upgrade_settings.drain_timeout_in_minutes":
        return old !== undefined && old !== "0" && (now === undefined || now === "0");
      default:
        return old !== undefined && now === undefined;
    }
  };

const rotationOf =
  (instance: ResourceInstance): Test =>
  (path, old, now) => {
    if (path.endsWith("os_sku")) return ![old, now].every((sku) => /^(Ubuntu|AzureLinux)/.test(sku ?? "Ubuntu"));
    if (path === "default_node_pool.name") return false;
    // Computed where it is left out: what is taken away stays as it is.
    return (
      now !== undefined || instance.before === undefined || !/os_disk_size_gb|max_pods|kubelet_disk_type/.test(path)
    );
  };

const plainText = (value: MappingValue, path: string): Plain => {
  const plain = plainOf(valueAt(value, path.split(".")));
  return plain === "unknown" ? undefined : plain.text;
};
