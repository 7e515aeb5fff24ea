import type { JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt, textsAt } from "../fields.ts";
import { portOrName } from "./containers.ts";
import { duplicate, forbidden, inRange, invalid, oneOf, type Problems, required } from "./field-problem.ts";
import { internalJson } from "./internal-json.ts";
import { validateLabels } from "./metadata.ts";
import { cidrText, dnsLabel, dnsSubdomain, ipText, isCidr, isIpAddress, labelKey } from "./names.ts";

/** A Service (validateService, pkg/apis/core/validation, v1.35). */
export const validateService = (spec: JsonObject, service: JsonObject): Problems => {
  const type = textAt(spec, "type");
  const ports = objectsAt(spec, "ports");
  const ips = clusterIps(spec);
  const isHeadless = ips[0] === "None";
  return [
    ...(ports.length === 0 && !isHeadless && type !== "ExternalName" ? [required("spec.ports")] : []),
    ...ofType(spec, type, ips),
    ...ports.flatMap((port, index) => servicePort(port, `spec.ports[${index}]`, ports.length > 1)),
    ...portNames(ports),
    ...validateLabels("spec.selector", spec["selector"]),
    ...affinity(spec),
    ...(type === "ExternalName" ? [] : addresses(spec, ips)),
    ...listAt(spec, "externalIPs").flatMap((ip, index) =>
      isIpAddress(String(ip)) ? [] : [invalid(`spec.externalIPs[${index}]`, ip, ipText)],
    ),
    ...oneOf("spec.type", type, ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]),
    ...(type === "ClusterIP"
      ? ports.flatMap((port, index) =>
          Number(port["nodePort"] ?? 0) === 0
            ? []
            : [forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")],
        )
      : []),
    ...nodePorts(ports),
    ...duplicatePorts(ports),
    ...sourceRanges(spec, service, type),
    ...["allocateLoadBalancerNodePorts", "loadBalancerClass"]
      .filter((field) => spec[field] !== undefined && type !== "LoadBalancer")
      .map((field) => forbidden(`spec.${field}`, onlyLoadBalancer)),
    ...trafficPolicies(spec, type),
  ];
};

const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'";

/** The addresses, the single one standing for the list where only it is given. */
const clusterIps = (spec: JsonObject): readonly string[] => {
  const [single, ips] = [textAt(spec, "clusterIP"), listAt(spec, "clusterIPs").map(String)];
  return ips.length === 0 && single !== "" ? [single] : ips;
};

const affinity = (spec: JsonObject): Problems => {
  const given = spec["sessionAffinity"] ?? "None";
  const seconds = objectAt(spec, "sessionAffinityConfig", "clientIP")["timeoutSeconds"];
  return [
    ...oneOf("spec.sessionAffinity", given, ["ClientIP", "None"]),
    ...(given === "ClientIP" && typeof seconds === "number" && (seconds <= 0 || seconds > 86_400)
      ? [
          invalid(
            "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
            seconds,
            "must be greater than 0 and less than 86400",
          ),
        ]
      : []),
  ];
};

/** Addresses and their families (ValidateServiceClusterIPsRelatedFields). */
const addresses = (spec: JsonObject, ips: readonly string[]): Problems => {
  const at = "spec.clusterIPs";
  const single = textAt(spec, "clusterIP");
  const families = listAt(spec, "ipFamilies").map(String);
  const problems: Problems[] = [];
  if (single === "" && ips.length > 0)
    problems.push([invalid(at, ips, "must be empty when `clusterIP` is not specified")]);
  else if (single !== (ips[0] ?? "")) problems.push([invalid(at, ips, "first value must match `clusterIP`")]);
  for (const [index, family] of families.entries()) {
    problems.push(oneOf(`spec.ipFamilies[${index}]`, family, ["IPv4", "IPv6"]));
    if (families.indexOf(family) < index) problems.push([duplicate(`spec.ipFamilies[${index}]`, family)]);
  }
  if (spec["ipFamilyPolicy"] !== undefined) {
    const policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
    problems.push(oneOf("spec.ipFamilyPolicy", spec["ipFamilyPolicy"], policies));
  }
  const isBadNone = ips[0] === "None" && ips.length > 1;
  if (isBadNone) problems.push([invalid(at, ips, "'None' must be the first and only value")]);
  const bad = ips.flatMap((ip, index) =>
    isIpAddress(ip) || (index === 0 && ip === "None") ? [] : [invalid(`${at}[${index}]`, ip, ipText)],
  );
  problems.push(bad);
  if (ips.length > 2) problems.push([invalid(at, ips, "may only hold up to 2 values")]);
  if (bad.length > 0 || isBadNone) return problems.flat();
  const isSix = (ip: string): boolean => ip.includes(":");
  if (ips.length > 1 && new Set(ips.map(isSix)).size < 2)
    problems.push([invalid(at, ips, "may specify no more than one IP for each IP family")]);
  if (ips[0] === "None") return problems.flat();
  for (const [index, ip] of ips.entries()) {
    const family = families[index];
    if (family === undefined || (family === "IPv6") === isSix(ip)) continue;
    problems.push([
      invalid(`${at}[${index}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``),
    ]);
  }
  return problems.flat();
};

const ofType = (spec: JsonObject, type: string, ips: readonly string[]): Problems => {
  switch (type) {
    case "LoadBalancer":
    case "NodePort":
      return ips[0] === "None"
        ? [invalid("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`)]
        : [];
    case "ExternalName": {
      const name = textAt(spec, "externalName").replace(/\.$/, "");
      const given = [
        ...(ips.length > 0 ? ["clusterIPs"] : []),
        ...(listAt(spec, "ipFamilies").length > 0 ? ["ipFamilies"] : []),
        ...(spec["ipFamilyPolicy"] === undefined ? [] : ["ipFamilyPolicy"]),
      ];
      return [
        ...given.map((field) => forbidden(`spec.${field}`, "may not be set for ExternalName services")),
        ...(name === ""
          ? [required("spec.externalName")]
          : dnsSubdomain(name).map((text) => invalid("spec.externalName", name, text))),
      ];
    }
    default:
      return [];
  }
};

const servicePort = (port: JsonObject, at: string, needsName: boolean): Problems => {
  const name = textAt(port, "name");
  const application = port["appProtocol"];
  return [
    ...(needsName && name === ""
      ? [required(`${at}.name`)]
      : name === ""
        ? []
        : dnsLabel(name).map((text) => invalid(`${at}.name`, name, text))),
    ...inRange(`${at}.port`, Number(port["port"] ?? 0), 1, 65535),
    ...(textAt(port, "protocol") === ""
      ? [required(`${at}.protocol`)]
      : oneOf(`${at}.protocol`, port["protocol"], ["SCTP", "TCP", "UDP"])),
    ...(port["targetPort"] === undefined ? [] : portOrName(port["targetPort"], `${at}.targetPort`)),
    ...(typeof application === "string"
      ? labelKey(application).map((text) => invalid(`${at}.appProtocol`, application, text))
      : []),
  ];
};

const portNames = (ports: readonly JsonObject[]): Problems => {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const name = textAt(port, "name");
    if (name === "") return [];
    const again = names.has(name) ? [duplicate(`spec.ports[${index}].name`, name)] : [];
    names.add(name);
    return again;
  });
};

const nodePorts = (ports: readonly JsonObject[]): Problems => {
  const taken = new Set<string>();
  return ports.flatMap((port, index) => {
    const number = Number(port["nodePort"] ?? 0);
    if (number === 0) return [];
    const key = `${textAt(port, "protocol")}/${number}`;
    if (taken.has(key)) return [duplicate(`spec.ports[${index}].nodePort`, number)];
    taken.add(key);
    return [];
  });
};

const duplicatePorts = (ports: readonly JsonObject[]): Problems => {
  const seen = new Set<string>();
  return ports.flatMap((port, index) => {
    const key = `${textAt(port, "protocol")}/${port["port"]}`;
    if (seen.has(key)) {
      const { protocol = "", port: number = 0 } = port;
      return [duplicate(`spec.ports[${index}]`, internalJson({ protocol, port: number }, "ServicePort"))];
    }
    seen.add(key);
    return [];
  });
};

const sourceRanges = (spec: JsonObject, service: JsonObject, type: string): Problems => {
  const key = "service.beta.kubernetes.io/load-balancer-source-ranges";
  const annotation = textsAt(service, "metadata", "annotations")[key];
  const ranges = listAt(spec, "loadBalancerSourceRanges").map((range) => String(range).trim());
  const onlyHere = (at: string): Problems => (type === "LoadBalancer" ? [] : [forbidden(at, onlyLoadBalancer)]);
  const check = (at: string, range: string): Problems => (isCidr(range) ? [] : [invalid(at, range, cidrText)]);
  if (ranges.length > 0) {
    const at = "spec.LoadBalancerSourceRanges";
    return [...onlyHere(at), ...ranges.flatMap((range, index) => check(`${at}[${index}]`, range))];
  }
  if (annotation === undefined) return [];
  const at = `metadata.annotations[${key}]`;
  const parts = annotation.trim() === "" ? [] : annotation.split(",");
  return [...onlyHere(at), ...parts.flatMap((range) => check(at, range.trim()))];
};

const trafficPolicies = (spec: JsonObject, type: string): Problems => {
  const [outer, inner, distribution] = [
    spec["externalTrafficPolicy"],
    spec["internalTrafficPolicy"],
    spec["trafficDistribution"],
  ];
  const isExternal =
    type === "NodePort" || type === "LoadBalancer" || (type === "ClusterIP" && listAt(spec, "externalIPs").length > 0);
  const health = Number(spec["healthCheckNodePort"] ?? 0);
  const needsHealth = type === "LoadBalancer" && outer === "Local";
  const problems: Problems[] = [];
  if (!isExternal) {
    if (outer !== undefined && outer !== "")
      problems.push([
        invalid("spec.externalTrafficPolicy", outer, "may only be set for externally-accessible services"),
      ]);
  } else if (outer === undefined || outer === "") problems.push([required("spec.externalTrafficPolicy")]);
  else problems.push(oneOf("spec.externalTrafficPolicy", outer, ["Cluster", "Local"]));
  // A port that is needed and not given is drawn.
  if (!needsHealth && health !== 0) {
    const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    problems.push([invalid("spec.healthCheckNodePort", health, text)]);
  } else if (health !== 0) problems.push(inRange("spec.healthCheckNodePort", health, 1, 65535));
  if (inner !== undefined) problems.push(oneOf("spec.internalTrafficPolicy", inner, ["Cluster", "Local"]));
  if (distribution !== undefined) {
    const known = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    problems.push(oneOf("spec.trafficDistribution", distribution, known));
  }
  return problems.flat();
};
