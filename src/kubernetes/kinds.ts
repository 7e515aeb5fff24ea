import { readFileSync } from "node:fs";

/** A kind as the API server of Kubernetes 1.35 serves it. */
export interface KindInfo {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The kinds of /openapi/v2, in order of group and name. */
export const knownKinds = (): readonly KindInfo[] => {
  table ??= (JSON.parse(readFileSync(new URL("./data/kinds.json", import.meta.url), "utf8")) as { kinds: KindInfo[] })
    .kinds;
  return table;
};

/** The kind of an apiVersion such as `apps/v1`; undefined for custom resources and versions that are no longer served. */
export const kindInfo = (apiVersion: string, kind: string): KindInfo | undefined => {
  byKey ??= new Map(knownKinds().map((info) => [`${apiVersionOf(info)} ${info.kind}`, info]));
  return byKey.get(`${apiVersion} ${kind}`);
};

/** `v1` for the core group, else `group/version`. */
export const apiVersionOf = (info: Pick<KindInfo, "group" | "version">): string =>
  info.group === "" ? info.version : `${info.group}/${info.version}`;

/** The group of an apiVersion; the core group is the empty text. */
export const groupOf = (apiVersion: string): string => {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
};

/** `Kind` for kinds that Kubernetes serves, `Kind.group` for others, so that a custom `Service` is not taken for the core one. */
export const kindKey = (apiVersion: string, kind: string): string => {
  const known = groupsByKind().get(kind);
  if (known === undefined) return kind;
  const group = groupOf(apiVersion);
  return known.has(group) ? kind : `${kind}.${group}`;
};

let table: readonly KindInfo[] | undefined;
let byKey: Map<string, KindInfo> | undefined;
let groups: Map<string, Set<string>> | undefined;

const groupsByKind = (): ReadonlyMap<string, ReadonlySet<string>> => {
  if (groups !== undefined) return groups;
  groups = new Map();
  for (const { kind, group } of knownKinds()) {
    const set = groups.get(kind);
    if (set === undefined) groups.set(kind, new Set([group]));
    else set.add(group);
  }
  // Versions that were served once keep their meaning.
  for (const kind of ["Deployment", "DaemonSet", "ReplicaSet", "Ingress", "NetworkPolicy"])
    groups.get(kind)?.add("extensions");
  return groups;
};
