import type { Json, JsonObject } from "../model/json.ts";
import type { MappingValue, Value } from "../model/value.ts";
import type { KubernetesKind } from "./kubernetes-kinds.ts";
import type { StandIn } from "./stand-ins.ts";
import { toDouble } from "./values-number.ts";

export type DocumentPath = readonly (string | number)[];

/** Told, for each value of a document, where in the resource it came from. */
export type PlaceSink = (path: DocumentPath, source: DocumentPath) => void;

/** The fields of an object from the arguments and blocks of the resource that makes it (kubernetes provider 2.38, `structure_*.go`). */
export const objectOfBlocks = (
  values: MappingValue,
  kind: KubernetesKind,
  standIn: StandIn,
  sink: PlaceSink = () => {},
): JsonObject => {
  const document: Record<string, Json> = {};
  for (const [argument, field] of Object.entries(kind.fields)) {
    const value = values.fields.get(argument);
    if (value === undefined) continue;
    const found = fieldOf(value, { name: argument, parent: "", path: [field], source: [argument], sink, standIn });
    if (found !== undefined) document[field] = kind.kind === "Secret" && field === "data" ? encoded(found) : found;
  }
  return document;
};

/** A value of Terraform as JSON; what is not known and has no stand-in, or is null, is left out. */
export const plainJson = (value: Value, standIn: StandIn): Json | undefined => {
  switch (value.kind) {
    case "unknown":
      return standIn(value);
    case "string":
      return value.marks?.has("sensitive") ? sensitiveText : value.value;
    case "number":
      return toDouble(value.value);
    case "bool":
      return value.value;
    case "list":
    case "set":
    case "tuple":
      return value.items.flatMap((item) => plainJson(item, standIn) ?? []);
    case "map":
    case "object": {
      const entries: [string, Json][] = [];
      for (const [name, item] of value.fields) {
        const json = plainJson(item, standIn);
        if (json !== undefined) entries.push([name, json]);
      }
      return Object.fromEntries(entries);
    }
    default:
      return undefined;
  }
};

/** Stands for what must not be shown. */
const sensitiveText = "(sensitive value)";

/** Secrets take base64; the argument `data` is plain text. */
const encoded = (data: Json): Json =>
  Object.fromEntries(
    Object.entries(data as JsonObject).map(([name, text]) => [name, Buffer.from(String(text)).toString("base64")]),
  );

interface Place {
  /** The argument's name, and that of the block that it lies in. */
  readonly name: string;
  readonly parent: string;
  readonly path: DocumentPath;
  readonly source: DocumentPath;
  readonly sink: PlaceSink;
  readonly standIn: StandIn;
}

const fieldOf = (value: Value, place: Place): Json | undefined => {
  const found = convert(value, place);
  if (found !== undefined) place.sink(place.path, place.source);
  return found;
};

const convert = (value: Value, place: Place): Json | undefined => {
  if (value.kind === "object") return blockOf(value, place);
  const isBlocks = "items" in value && value.items.some((item) => item.kind === "object");
  if (isBlocks) return blocksOf(value.items, place);
  const read = plainJson(value, place.standIn);
  // Of a text that is put together a plan says what it refers to, and not what stands around it: an image is more than its registry.
  const json =
    place.name === "image" && typeof read === "string" && /^[\w-]+\.azurecr\.io$/.test(read)
      ? `${read}/known-after-apply`
      : read;
  return json === undefined || isLeftOut(json, place.name) ? undefined : typed(json, place.name);
};

const blocksOf = (items: readonly Value[], place: Place): Json | undefined => {
  if (place.name === "sources") return sourcesOf(items, place);
  const at = (index: number): Place => ({ ...place, source: [...place.source, index] });
  if (!isList(place)) {
    const first = items[0];
    return first === undefined ? undefined : convert(first, at(0));
  }
  return items.flatMap((item, index) => convert(item, { ...at(index), path: [...place.path, index] }) ?? []);
};

const blockOf = (block: MappingValue, place: Place): JsonObject => {
  const object: Record<string, Json> = {};
  for (const [name, value] of block.fields) {
    if (computed.has(name)) continue;
    const isInlined = name === "persistent_volume_source";
    const inner: Place = { ...place, name, parent: place.name, source: [...place.source, name] };
    const field = isInlined ? "" : fieldName(inner);
    const found = fieldOf(value, isInlined ? inner : { ...inner, path: [...place.path, field] });
    if (found === undefined) continue;
    if (isInlined) Object.assign(object, found);
    else object[field] = found;
  }
  return object;
};

/** One block of projected sources may hold several; the API has one an item. */
const sourcesOf = (items: readonly Value[], place: Place): Json =>
  items.flatMap((item, index) => {
    if (item.kind !== "object") return [];
    return [...item.fields].flatMap(([name, value]) =>
      ("items" in value ? value.items : []).flatMap((block, at) => {
        const source = [...place.source, index, name, at];
        const found = convert(block, { ...place, name, parent: "sources", source });
        return found === undefined ? [] : [{ [camel(name)]: found }];
      }),
    );
  });

/** Known to the server alone. */
const computed: ReadonlySet<string> = new Set(["generation", "resource_version", "self_link", "uid"]);

/** Unset texts and numbers may come as "" and 0; for these arguments they mean nothing else. */
const isLeftOut = (json: Json, name: string): boolean => {
  if (json === "") return name !== "storage_class_name";
  if (json === 0) return name.endsWith("_port") || name === "host_port";
  return typeof json === "object" && json !== null && Object.keys(json).length === 0;
};

const typed = (json: Json, name: string): Json => {
  if (typeof json !== "string") return json;
  if (octal.has(name)) return Number.parseInt(json, 8);
  return integers.has(name) && /^-?\d+$/.test(json) ? Number(json) : json;
};

const octal: ReadonlySet<string> = new Set(["default_mode", "mode"]);

/** Texts in the provider's schema, numbers or numbers-or-texts in the API. */
const integers: ReadonlySet<string> = new Set([
  "fs_group",
  "max_surge",
  "max_unavailable",
  "min_available",
  "port",
  "replicas",
  "run_as_group",
  "run_as_user",
  "service_port",
  "target_port",
  "toleration_seconds",
  "ttl_seconds_after_finished",
]);

const isList = ({ name, parent }: Place): boolean => {
  const within = lists[name]?.within;
  return lists[name] !== undefined && (within === undefined || within.includes(parent));
};

const fieldName = (place: Place): string => (isList(place) ? lists[place.name]?.field : undefined) ?? camel(place.name);

const camel = (name: string): string =>
  spelled[name] ?? name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const spelled: Readonly<Record<string, string>> = {
  cluster_ip: "clusterIP",
  cluster_ips: "clusterIPs",
  data_disk_uri: "diskURI",
  external_ips: "externalIPs",
  host_ip: "hostIP",
  host_ipc: "hostIPC",
  host_pid: "hostPID",
  load_balancer_ip: "loadBalancerIP",
  non_resource_urls: "nonResourceURLs",
  pod_cidr: "podCIDR",
  provider_id: "providerID",
};

interface ListField {
  readonly field: string;
  /** Blocks in which it is a list; everywhere when left out. */
  readonly within?: readonly string[];
}

const list = (field: string, ...within: readonly string[]): ListField =>
  within.length === 0 ? { field } : { field, within };

/** Blocks that may be repeated, by the name that the provider gives to one, and the field that holds them all. */
const lists: Readonly<Record<string, ListField>> = {
  address: list("addresses"),
  allowed_topologies: list("allowedTopologies"),
  cluster_role_selectors: list("clusterRoleSelectors"),
  container: list("containers"),
  egress: list("egress"),
  endpoint: list("endpoints"),
  env: list("env"),
  env_from: list("envFrom"),
  from: list("from"),
  host_aliases: list("hostAliases"),
  http_header: list("httpHeaders"),
  image_pull_secret: list("imagePullSecrets"),
  image_pull_secrets: list("imagePullSecrets"),
  ingress: list("ingress", "spec"),
  init_container: list("initContainers"),
  items: list("items"),
  limit: list("limits"),
  match_expression: list("matchExpressions"),
  match_expressions: list("matchExpressions"),
  match_fields: list("matchFields"),
  match_label_expressions: list("matchLabelExpressions"),
  metric: list("metrics", "spec"),
  node_selector_term: list("nodeSelectorTerms"),
  not_ready_address: list("notReadyAddresses"),
  on_pod_condition: list("onPodConditions"),
  option: list("options"),
  path: list("paths", "http"),
  policy: list("policies"),
  port: list("ports", "", "container", "init_container", "spec", "subset"),
  ports: list("ports"),
  preferred_during_scheduling_ignored_during_execution: list("preferredDuringSchedulingIgnoredDuringExecution"),
  readiness_gate: list("readinessGates"),
  required_during_scheduling_ignored_during_execution: list(
    "requiredDuringSchedulingIgnoredDuringExecution",
    "pod_affinity",
    "pod_anti_affinity",
  ),
  rule: list("rules"),
  secret: list("secrets", ""),
  sources: list("sources"),
  subject: list("subjects"),
  subset: list("subsets"),
  sysctl: list("sysctls"),
  tls: list("tls"),
  to: list("to"),
  toleration: list("tolerations"),
  topology_spread_constraint: list("topologySpreadConstraints"),
  volume: list("volumes"),
  volume_claim_template: list("volumeClaimTemplates", "spec"),
  volume_device: list("volumeDevices"),
  volume_mount: list("volumeMounts"),
  webhook: list("webhooks"),
};
