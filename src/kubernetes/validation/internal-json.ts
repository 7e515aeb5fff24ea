import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { zeroOf } from "../canonical.ts";
import { itemCodeOf, referencedType, type SchemaField, type SchemaType, schemaOf } from "../schema.ts";

/** Types by their place: a kind and the path to the field. */
const places: Readonly<Record<string, readonly [apiVersion: string, kind: string, ...path: string[]]>> = {
  SecurityContext: ["v1", "Pod", "spec", "containers", "securityContext"],
  PodSpec: ["v1", "Pod", "spec"],
  PodTemplateSpec: ["apps/v1", "Deployment", "spec", "template"],
  DeploymentStrategy: ["apps/v1", "Deployment", "spec", "strategy"],
  DaemonSetUpdateStrategy: ["apps/v1", "DaemonSet", "spec", "updateStrategy"],
  StatefulSetUpdateStrategy: ["apps/v1", "StatefulSet", "spec", "updateStrategy"],
  SuccessPolicy: ["batch/v1", "Job", "spec", "successPolicy"],
  ScopeSelector: ["v1", "ResourceQuota", "spec", "scopeSelector"],
  PodDisruptionBudgetSpec: ["policy/v1", "PodDisruptionBudget", "spec"],
  PersistentVolumeClaimSpec: ["v1", "PersistentVolumeClaim", "spec"],
  PersistentVolumeSpec: ["v1", "PersistentVolume", "spec"],
  ServicePort: ["v1", "Service", "spec", "ports"],
  RoleRef: ["rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef"],
};

/** The order of fields in the server's internal types, where it is not that of v1. */
const orders: Readonly<Record<string, readonly string[]>> = {
  "v1.PodSpec": [
    "Volumes",
    "InitContainers",
    "Containers",
    "EphemeralContainers",
    "RestartPolicy",
    "TerminationGracePeriodSeconds",
    "ActiveDeadlineSeconds",
    "DNSPolicy",
    "NodeSelector",
    "ServiceAccountName",
    "AutomountServiceAccountToken",
    "NodeName",
    "SecurityContext",
    "ImagePullSecrets",
    "Hostname",
    "Subdomain",
    "SetHostnameAsFQDN",
    "Affinity",
    "SchedulerName",
    "Tolerations",
    "HostAliases",
    "PriorityClassName",
    "Priority",
    "PreemptionPolicy",
    "DNSConfig",
    "ReadinessGates",
    "RuntimeClassName",
    "Overhead",
    "EnableServiceLinks",
    "TopologySpreadConstraints",
    "OS",
    "SchedulingGates",
    "ResourceClaims",
    "Resources",
    "HostnameOverride",
    "WorkloadRef",
  ],
  "v1.PodSecurityContext": [
    "HostNetwork",
    "HostPID",
    "HostIPC",
    "ShareProcessNamespace",
    "HostUsers",
    "SELinuxOptions",
    "WindowsOptions",
    "RunAsUser",
    "RunAsGroup",
    "RunAsNonRoot",
    "SupplementalGroups",
    "SupplementalGroupsPolicy",
    "FSGroup",
    "FSGroupChangePolicy",
    "Sysctls",
    "SeccompProfile",
    "AppArmorProfile",
    "SELinuxChangePolicy",
  ],
  "v1.ServicePort": ["Name", "Protocol", "AppProtocol", "Port", "TargetPort", "NodePort"],
};

/** Fields that internal types keep under another struct than v1: the host's namespaces belong to the security context. */
const moved = ["HostNetwork", "HostPID", "HostIPC", "ShareProcessNamespace", "HostUsers"];
/** Types that keep their JSON names in the server's internal form. */
const external = new Set(["v1.LabelSelector", "v1.LabelSelectorRequirement", "v1.ObjectMeta", "v1.OwnerReference"]);

/**
 * A value as the API server prints its internal Go types in error messages: Go's field names, every field, empty ones as null or zero.
 */
export const internalJson = (value: JsonObject, place: keyof typeof places & string): Json => {
  const [apiVersion = "", kind = "", ...path] = places[place] ?? [];
  let type = schemaOf(apiVersion, kind);
  for (const step of path) type = referencedType(type?.fields.get(step)?.code ?? "");
  return type === undefined ? value : writeStruct(value, type, undefined);
};

const writeStruct = (value: JsonObject, type: SchemaType, podSpec: JsonObject | undefined): JsonObject => {
  if (external.has(type.name)) return value;
  const result: Record<string, Json> = {};
  const byName = new Map(type.goFields.map((field) => [field.goName, field]));
  const order = orders[type.name] ?? type.goFields.map(({ goName }) => goName);
  for (const goName of order) {
    const field = byName.get(goName);
    if (field === undefined) {
      if (type.name === "v1.PodSecurityContext") result[goName] = movedField(goName, podSpec);
      continue;
    }
    if (field.inline || field.goName === "ObjectMeta") {
      const inner = referencedType(field.code);
      if (inner === undefined) continue;
      // Embedded metadata keeps its JSON names and leaves out what is empty.
      if (inner.name === "v1.ObjectMeta") Object.assign(result, value[field.name] as JsonObject | undefined);
      else Object.assign(result, writeStruct(value, inner, podSpec));
      continue;
    }
    result[goName] = writeField(value[field.name], field, type.name === "v1.PodSpec" ? value : podSpec);
  }
  return result;
};

const movedField = (goName: string, podSpec: JsonObject | undefined): Json => {
  const name = goName[0]?.toLowerCase() + goName.slice(1);
  const jsonName = name.replace(/^hostpid$/i, "hostPID").replace(/^hostipc$/i, "hostIPC");
  const value = podSpec?.[jsonName];
  return value ?? (moved.indexOf(goName) < 3 ? false : null);
};

const writeField = (value: Json | undefined, field: SchemaField, podSpec: JsonObject | undefined): Json => {
  if (value === undefined || value === null) {
    if (field.pointer) return null;
    return zero(field.code, podSpec);
  }
  return writeValue(value, field.code, podSpec);
};

const zero = (code: string, podSpec: JsonObject | undefined): Json => {
  if (code[0] !== "#") return zeroOf(code);
  const type = referencedType(code);
  return type === undefined ? {} : writeStruct({}, type, podSpec);
};

const writeValue = (value: Json, code: string, podSpec: JsonObject | undefined): Json => {
  switch (code[0]) {
    case "#": {
      const type = referencedType(code);
      return type === undefined || !isJsonObject(value) ? value : writeStruct(value, type, podSpec);
    }
    case "[":
      return (value as readonly Json[]).length === 0
        ? null
        : (value as readonly Json[]).map((item) => writeValue(item, itemCodeOf(code), podSpec));
    case "{":
      return Object.keys(value as JsonObject).length === 0 ? null : value;
    default:
      return value;
  }
};
