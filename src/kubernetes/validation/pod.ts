import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt } from "../fields.ts";
import { validateContainers } from "./containers.ts";
import { duplicate, forbidden, inRange, invalid, oneOf, type Problems, required } from "./field-problem.ts";
import { validateLabels, validateTemplateMetadata } from "./metadata.ts";
import { dnsLabel, dnsSubdomain, ipText, isIpAddress, labelKey, underscoredSubdomain } from "./names.ts";
import { affinity, spread, tolerations } from "./placement.ts";
import { validateResources } from "./resources.ts";
import { podSecurity } from "./security.ts";
import { validateVolumes, validVolumeNames } from "./volumes.ts";

const maximumInt32 = 2147483647;

/** A pod's spec, alone or in a template (ValidatePodSpec, pkg/apis/core/validation, v1.35). */
export const validatePodSpec = (spec: JsonObject, at: string, isPod: boolean): Problems => {
  const volumes = validVolumeNames(spec, `${at}.volumes`);
  const deadline = spec["activeDeadlineSeconds"];
  const claims = new Set(objectsAt(spec, "resourceClaims").map((claim) => textAt(claim, "name")));
  return [
    ...validateVolumes(spec, `${at}.volumes`),
    ...validateContainers(spec, at, { volumes, claims }),
    ...(spec["hostNetwork"] === true ? hostPorts(spec, at, isPod) : []),
    ...oneOf(`${at}.restartPolicy`, spec["restartPolicy"] ?? "", ["Always", "OnFailure", "Never"]),
    ...oneOf(`${at}.dnsPolicy`, spec["dnsPolicy"] ?? "", [
      "ClusterFirstWithHostNet",
      "ClusterFirst",
      "Default",
      "None",
    ]),
    ...validateLabels(`${at}.nodeSelector`, spec["nodeSelector"]),
    ...podSecurity(spec, `${at}.securityContext`),
    ...affinity(objectAt(spec, "affinity"), `${at}.affinity`),
    ...dnsConfig(spec, at),
    ...gates(spec, at),
    ...spread(spec, `${at}.topologySpreadConstraints`),
    ...nameField(spec, "serviceAccountName", at, dnsSubdomain),
    ...nameField(spec, "nodeName", at, dnsSubdomain),
    ...(typeof deadline === "number" ? inRange(`${at}.activeDeadlineSeconds`, deadline, 1, maximumInt32) : []),
    ...nameField(spec, "hostname", at, dnsLabel),
    ...nameField(spec, "subdomain", at, dnsLabel),
    ...tolerations(spec, `${at}.tolerations`),
    ...objectsAt(spec, "hostAliases").flatMap((alias, index) => hostAlias(alias, `${at}.hostAliases[${index}]`)),
    ...nameField(spec, "priorityClassName", at, dnsSubdomain),
    ...(spec["runtimeClassName"] === ""
      ? dnsSubdomain("").map((text) => invalid(`${at}.runtimeClassName`, "", text))
      : nameField(spec, "runtimeClassName", at, dnsSubdomain)),
    ...preemption(spec, `${at}.preemptionPolicy`),
    ...(isJsonObject(spec["overhead"]) ? validateResources(`${at}.overhead`, { limits: spec["overhead"] }) : []),
    ...operatingSystem(spec["os"], `${at}.os`),
  ];
};

const hostAlias = (alias: JsonObject, at: string): Problems => {
  const ip = textAt(alias, "ip");
  return [
    ...(isIpAddress(ip) ? [] : [invalid(`${at}.ip`, ip, ipText)]),
    ...listAt(alias, "hostnames").flatMap((host, index) =>
      dnsSubdomain(String(host)).map((text) => invalid(`${at}.hostnames[${index}]`, host, text)),
    ),
  ];
};

const gates = (spec: JsonObject, at: string): Problems => {
  const scheduling = objectsAt(spec, "schedulingGates").map((gate) => textAt(gate, "name"));
  return [
    ...objectsAt(spec, "readinessGates").flatMap((gate, index) => {
      const type = textAt(gate, "conditionType");
      return labelKey(type).map((text) => invalid(`${at}.readinessGates[${index}].conditionType`, type, text));
    }),
    ...scheduling.flatMap((name, index) => {
      const place = `${at}.schedulingGates[${index}]`;
      const again = scheduling.indexOf(name) < index ? [duplicate(place, name)] : [];
      return [...labelKey(name).map((text) => invalid(place, name, text)), ...again];
    }),
  ];
};

const operatingSystem = (os: Json | undefined, at: string): Problems => {
  if (!isJsonObject(os)) return [];
  const name = textAt(os, "name");
  return name === "" ? [required(`${at}.name`)] : oneOf(at, name, ["linux", "windows"]);
};

/** A template: its labels and annotations, and its spec. */
export const validatePodTemplate = (template: JsonObject, at: string): Problems => [
  ...validateTemplateMetadata(at, template),
  ...validatePodSpec(objectAt(template, "spec"), `${at}.spec`, false),
  ...(objectsAt(template, "spec", "ephemeralContainers").length > 0
    ? [forbidden(`${at}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template")]
    : []),
];

/** In the host's network a port is the host's own; a template may leave it to its pods. */
const hostPorts = (spec: JsonObject, at: string, isPod: boolean): Problems =>
  objectsAt(spec, "containers").flatMap((container, index) =>
    objectsAt(container, "ports").flatMap((port, place) => {
      const [host, own] = [Number(port["hostPort"] ?? 0), Number(port["containerPort"] ?? 0)];
      if (host === own || (!isPod && host === 0)) return [];
      const text = "must match `containerPort` when `hostNetwork` is true";
      return [invalid(`${at}.containers[${index}].ports[${place}].hostPort`, host, text)];
    }),
  );

const preemption = (spec: JsonObject, at: string): Problems => {
  const policy = spec["preemptionPolicy"];
  if (policy === undefined) return [];
  return policy === "" ? [required(at)] : oneOf(at, policy, ["PreemptLowerPriority", "Never"]);
};

const nameField = (
  spec: JsonObject,
  field: string,
  at: string,
  rule: (name: string) => readonly string[],
): Problems => {
  const name = textAt(spec, field);
  return name === "" ? [] : rule(name).map((text) => invalid(`${at}.${field}`, name, text));
};

const dnsConfig = (spec: JsonObject, at: string): Problems => {
  const config = spec["dnsConfig"];
  const isNone = spec["dnsPolicy"] === "None";
  if (!isJsonObject(config)) {
    return isNone ? [required(`${at}.dnsConfig`, "must provide `dnsConfig` when `dnsPolicy` is None")] : [];
  }
  const servers = listAt(config, "nameservers");
  const searches = listAt(config, "searches").map(String);
  if (isNone && servers.length === 0) {
    const text = "must provide at least one DNS nameserver when `dnsPolicy` is None";
    return [required(`${at}.dnsConfig.nameservers`, text)];
  }
  return [
    ...(servers.length > 3
      ? [invalid(`${at}.dnsConfig.nameservers`, servers as Json, "must not have more than 3 nameservers")]
      : []),
    ...servers.flatMap((server, index) =>
      isIpAddress(String(server)) ? [] : [invalid(`${at}.dnsConfig.nameservers[${index}]`, server, ipText)],
    ),
    ...(searches.length > 32
      ? [invalid(`${at}.dnsConfig.searches`, searches, "must not have more than 32 search paths")]
      : []),
    ...searches.flatMap((search, index) => {
      const name = search.replace(/\.$/, "");
      const place = `${at}.dnsConfig.searches[${index}]`;
      return search === "." ? [] : underscoredSubdomain(name).map((text) => invalid(place, name, text));
    }),
    ...objectsAt(config, "options").flatMap((option, index) =>
      textAt(option, "name") === "" ? [required(`${at}.dnsConfig.options[${index}]`, "must not be empty")] : [],
    ),
  ];
};
