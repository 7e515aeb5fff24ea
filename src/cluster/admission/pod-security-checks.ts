import { listAt, objectAt, objectsAt, textAt } from "../../kubernetes/fields.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";

export type SecurityLevel = "privileged" | "baseline" | "restricted";

interface Check {
  /** Violations are listed in the order of these names. */
  readonly id: string;
  readonly level: "baseline" | "restricted";
  /** A check of the baseline that this one stands in for at the restricted level. */
  readonly replaces?: string;
  /** The violation's text, if there is one. */
  readonly find: (pod: JsonObject) => string | undefined;
}

/** What a pod does that its namespace's level does not allow, in upstream's words and order (pod-security-admission/policy, v1.35). */
export const podSecurityViolations = (pod: JsonObject, level: SecurityLevel): readonly string[] => {
  if (level === "privileged") return [];
  const replaced = new Set(
    level === "restricted" ? checks.flatMap(({ replaces }) => (replaces === undefined ? [] : [replaces])) : [],
  );
  return checks
    .filter((check) => (check.level === "baseline" || level === "restricted") && !replaced.has(check.id))
    .map((check) => check.find(pod))
    .filter((text) => text !== undefined);
};

const containersOf = (pod: JsonObject): readonly JsonObject[] =>
  ["initContainers", "containers", "ephemeralContainers"].flatMap((field) => objectsAt(pod, "spec", field));

const security = (container: JsonObject): JsonObject => objectAt(container, "securityContext");
const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");
const containersNamed = (names: readonly string[]): string =>
  `${names.length === 1 ? "container" : "containers"} ${quoted(names)}`;

/** The containers that a condition holds for, in upstream's wording. */
const offenders = (pod: JsonObject, condition: (container: JsonObject) => boolean): readonly string[] =>
  containersOf(pod)
    .filter(condition)
    .map((container) => textAt(container, "name"));

const ofContainers =
  (reason: string, must: string, condition: (container: JsonObject) => boolean) => (pod: JsonObject) => {
    const names = offenders(pod, condition);
    return names.length === 0 ? undefined : `${reason} (${containersNamed(names)} ${must})`;
  };

const baselineCapabilities = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

const addedCapabilities = (pod: JsonObject, allowed: ReadonlySet<string>): string | undefined => {
  const bad = new Set<string>();
  const names = offenders(pod, (container) => {
    const wrong = listAt(security(container), "capabilities", "add").filter((name) => !allowed.has(String(name)));
    for (const name of wrong) bad.add(String(name));
    return wrong.length > 0;
  });
  return names.length === 0
    ? undefined
    : `${containersNamed(names)} must not include ${quoted([...bad].sort())} in securityContext.capabilities.add`;
};

const safeSysctls = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
]);

const restrictedVolumeTypes = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
  "image",
]);

/** Whether the pod, or each container itself, says `good`; the containers that say nothing while the pod does not either. */
const seccompProblems = (pod: JsonObject, mustBeSet: boolean): string | undefined => {
  const podType = textAt(pod, "spec", "securityContext", "seccompProfile", "type");
  const isGood = (type: string): boolean => type === "RuntimeDefault" || type === "Localhost";
  const types = containersOf(pod).map((container) => [
    textAt(container, "name"),
    textAt(security(container), "seccompProfile", "type"),
  ]);
  const bad = types.filter(([, type]) => type !== "" && !isGood(type ?? "")).map(([name]) => name ?? "");
  const isPodBad = podType !== "" && !isGood(podType);
  if (bad.length > 0 || isPodBad) {
    const who = [...(isPodBad ? ["pod"] : []), ...(bad.length === 0 ? [] : [containersNamed(bad)])].join(" and ");
    return `seccompProfile (${who} must not set securityContext.seccompProfile.type to "Unconfined")`;
  }
  const silent = types.filter(([, type]) => type === "").map(([name]) => name ?? "");
  if (!mustBeSet || podType !== "" || silent.length === 0) return undefined;
  return `seccompProfile (pod or ${containersNamed(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`;
};

const checks: readonly Check[] = [
  {
    id: "allowPrivilegeEscalation",
    level: "restricted",
    find: ofContainers(
      "allowPrivilegeEscalation != false",
      "must set securityContext.allowPrivilegeEscalation=false",
      (container) => security(container)["allowPrivilegeEscalation"] !== false,
    ),
  },
  {
    id: "capabilities_baseline",
    level: "baseline",
    find: (pod) => {
      const added = addedCapabilities(pod, baselineCapabilities);
      return added === undefined ? undefined : `non-default capabilities (${added})`;
    },
  },
  {
    id: "capabilities_restricted",
    level: "restricted",
    replaces: "capabilities_baseline",
    find: (pod) => {
      const kept = offenders(pod, (container) => !listAt(security(container), "capabilities", "drop").includes("ALL"));
      const added = addedCapabilities(pod, new Set(["NET_BIND_SERVICE"]));
      const parts = [
        ...(kept.length === 0 ? [] : [`${containersNamed(kept)} must set securityContext.capabilities.drop=["ALL"]`]),
        ...(added === undefined ? [] : [added]),
      ];
      return parts.length === 0 ? undefined : `unrestricted capabilities (${parts.join("; ")})`;
    },
  },
  {
    id: "hostNamespaces",
    level: "baseline",
    find: (pod) => {
      const set = ["hostNetwork", "hostPID", "hostIPC"].filter((field) => objectAt(pod, "spec")[field] === true);
      return set.length === 0 ? undefined : `host namespaces (${set.map((field) => `${field}=true`).join(", ")})`;
    },
  },
  {
    id: "hostPathVolumes",
    level: "baseline",
    find: (pod) => {
      const names = objectsAt(pod, "spec", "volumes")
        .filter((volume) => isJsonObject(volume["hostPath"]))
        .map((volume) => textAt(volume, "name"));
      return names.length === 0
        ? undefined
        : `hostPath volumes (${names.length === 1 ? "volume" : "volumes"} ${quoted(names)})`;
    },
  },
  {
    id: "hostPorts",
    level: "baseline",
    find: (pod) => {
      const ports = new Set<number>();
      const names = offenders(pod, (container) => {
        const used = objectsAt(container, "ports")
          .map((port) => Number(port["hostPort"] ?? 0))
          .filter((port) => port !== 0);
        for (const port of used) ports.add(port);
        return used.length > 0;
      });
      if (names.length === 0) return undefined;
      const list = [...ports].sort((a, b) => a - b);
      return `hostPort (${containersNamed(names)} ${names.length === 1 ? "uses" : "use"} ${list.length === 1 ? "hostPort" : "hostPorts"} ${list.join(", ")})`;
    },
  },
  {
    id: "privileged",
    level: "baseline",
    find: ofContainers(
      "privileged",
      "must not set securityContext.privileged=true",
      (container) => security(container)["privileged"] === true,
    ),
  },
  {
    id: "procMount",
    level: "baseline",
    find: ofContainers(
      "procMount",
      'must not set securityContext.procMount to "Unmasked"',
      (container) => !["", "Default"].includes(textAt(security(container), "procMount")),
    ),
  },
  {
    id: "restrictedVolumes",
    level: "restricted",
    replaces: "hostPathVolumes",
    find: (pod) => {
      const bad = objectsAt(pod, "spec", "volumes").flatMap((volume) =>
        Object.keys(volume)
          .filter((key) => key !== "name" && !restrictedVolumeTypes.has(key))
          .map((type) => [textAt(volume, "name"), type] as const),
      );
      if (bad.length === 0) return undefined;
      const types = [...new Set(bad.map(([, type]) => type))].sort();
      const one = bad.length === 1;
      return `restricted volume types (${one ? "volume" : "volumes"} ${quoted(bad.map(([name]) => name))} ${one ? "uses" : "use"} restricted volume ${types.length === 1 ? "type" : "types"} ${quoted(types)})`;
    },
  },
  {
    id: "runAsNonRoot",
    level: "restricted",
    find: (pod) => {
      const podValue = objectAt(pod, "spec", "securityContext")["runAsNonRoot"];
      const explicit = offenders(pod, (container) => security(container)["runAsNonRoot"] === false);
      if (explicit.length > 0 || podValue === false) {
        const who = [
          ...(podValue === false ? ["pod"] : []),
          ...(explicit.length === 0 ? [] : [containersNamed(explicit)]),
        ];
        return `runAsNonRoot != true (${who.join(" and ")} must not set securityContext.runAsNonRoot=false)`;
      }
      const silent = offenders(pod, (container) => security(container)["runAsNonRoot"] === undefined);
      return podValue === true || silent.length === 0
        ? undefined
        : `runAsNonRoot != true (pod or ${containersNamed(silent)} must set securityContext.runAsNonRoot=true)`;
    },
  },
  {
    id: "runAsUser",
    level: "restricted",
    find: (pod) => {
      const isPodBad = objectAt(pod, "spec", "securityContext")["runAsUser"] === 0;
      const names = offenders(pod, (container) => security(container)["runAsUser"] === 0);
      if (!isPodBad && names.length === 0) return undefined;
      const who = [...(isPodBad ? ["pod"] : []), ...(names.length === 0 ? [] : [containersNamed(names)])];
      return `runAsUser=0 (${who.join(" and ")} must not set runAsUser=0)`;
    },
  },
  { id: "seccompProfile_baseline", level: "baseline", find: (pod) => seccompProblems(pod, false) },
  {
    id: "seccompProfile_restricted",
    level: "restricted",
    replaces: "seccompProfile_baseline",
    find: (pod) => seccompProblems(pod, true),
  },
  {
    id: "sysctls",
    level: "baseline",
    find: (pod) => {
      const bad = objectsAt(pod, "spec", "securityContext", "sysctls")
        .map((sysctl) => textAt(sysctl, "name"))
        .filter((name) => !safeSysctls.has(name));
      return bad.length === 0 ? undefined : `forbidden sysctls (${bad.join(", ")})`;
    },
  },
  {
    id: "windowsHostProcess",
    level: "baseline",
    find: (pod) => {
      const set = (context: JsonObject): boolean => objectAt(context, "windowsOptions")["hostProcess"] === true;
      const isPodBad = set(objectAt(pod, "spec", "securityContext"));
      const names = offenders(pod, (container) => set(security(container)));
      if (!isPodBad && names.length === 0) return undefined;
      const who = [...(isPodBad ? ["pod"] : []), ...(names.length === 0 ? [] : [containersNamed(names)])];
      return `hostProcess (${who.join(" and ")} must not set securityContext.windowsOptions.hostProcess=true)`;
    },
  },
];
