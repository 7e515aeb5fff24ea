import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt, textsAt } from "../fields.ts";
import { portOrName } from "./containers.ts";
import {
  duplicate,
  forbidden,
  inRange,
  invalid,
  notSupported,
  oneOf,
  type Problems,
  required,
} from "./field-problem.ts";
import { internalJson } from "./internal-json.ts";
import { validateLabels, validateSelector } from "./metadata.ts";
import { cidrText, dnsLabel, dnsSubdomain, ipText, isCidr, isIpAddress, wildcardSubdomain } from "./names.ts";

/** A Service (ValidateService, pkg/apis/core/validation, v1.35). */
export const validateService = (spec: JsonObject, service: JsonObject): Problems => {
  const type = textAt(spec, "type");
  const ports = objectsAt(spec, "ports");
  const ips = listAt(spec, "clusterIPs");
  const address = textAt(spec, "clusterIP") || String(ips[0] ?? "");
  const isHeadless = address === "None";
  const isExternal =
    type === "NodePort" || type === "LoadBalancer" || (type === "ClusterIP" && listAt(spec, "externalIPs").length > 0);
  return [
    ...(ports.length === 0 && !isHeadless && type !== "ExternalName" ? [required("spec.ports")] : []),
    ...ofType(spec, type, address),
    ...ports.flatMap((port, index) => servicePort(port, `spec.ports[${index}]`, ports.length > 1, isHeadless)),
    ...portNames(ports),
    ...validateLabels("spec.selector", spec["selector"]),
    ...oneOf("spec.sessionAffinity", spec["sessionAffinity"] ?? "None", ["ClientIP", "None"]),
    ...(address === "" || isHeadless || isIpAddress(address) ? [] : [invalid("spec.clusterIPs[0]", address, ipText)]),
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
    ...(spec["loadBalancerClass"] !== undefined && type !== "LoadBalancer"
      ? [forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'")]
      : []),
    ...(spec["allocateLoadBalancerNodePorts"] !== undefined && type !== "LoadBalancer"
      ? [forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'")]
      : []),
    ...trafficPolicy(spec, isExternal),
    ...(spec["internalTrafficPolicy"] === undefined
      ? []
      : oneOf("spec.internalTrafficPolicy", spec["internalTrafficPolicy"], ["Cluster", "Local"])),
  ];
};

const ofType = (spec: JsonObject, type: string, address: string): Problems => {
  switch (type) {
    case "LoadBalancer":
      return address === "None"
        ? [invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services")]
        : [];
    case "NodePort":
      return address === "None"
        ? [invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services")]
        : [];
    case "ExternalName": {
      const name = textAt(spec, "externalName").replace(/\.$/, "");
      const problems: Problems[] = [];
      if (address !== "") problems.push([forbidden("spec.clusterIPs[0]", "may not be set for ExternalName services")]);
      problems.push(
        name === ""
          ? [required("spec.externalName")]
          : dnsSubdomain(name).map((text) => invalid("spec.externalName", name, text)),
      );
      return problems.flat();
    }
    default:
      return [];
  }
};

const servicePort = (port: JsonObject, at: string, needsName: boolean, isHeadless: boolean): Problems => {
  const name = textAt(port, "name");
  const target = port["targetPort"];
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
    ...(target === undefined
      ? []
      : portOrName(target, `${at}.targetPort`).filter(() => !(isHeadless && target === port["port"]))),
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
  const annotation = textsAt(service, "metadata", "annotations")[
    "service.beta.kubernetes.io/load-balancer-source-ranges"
  ];
  const ranges = listAt(spec, "loadBalancerSourceRanges");
  if (ranges.length > 0 && type !== "LoadBalancer") {
    return [forbidden("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'")];
  }
  return [
    ...ranges.flatMap((range, index) =>
      isCidr(String(range).trim()) ? [] : [invalid(`spec.LoadBalancerSourceRanges[${index}]`, range, cidrText)],
    ),
    ...(annotation === undefined || annotation.split(",").every((range) => isCidr(range.trim()))
      ? []
      : [
          invalid(
            "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]",
            annotation,
            `must be a comma separated list of CIDRs e.g. 192.168.0.0/16,10.0.0.0/8`,
          ),
        ]),
  ];
};

const trafficPolicy = (spec: JsonObject, isExternal: boolean): Problems => {
  const policy = spec["externalTrafficPolicy"];
  if (policy === undefined) return isExternal ? [required("spec.externalTrafficPolicy")] : [];
  if (!isExternal)
    return [invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services")];
  return oneOf("spec.externalTrafficPolicy", policy, ["Cluster", "Local"]);
};

/** An Ingress (pkg/apis/networking/validation, v1.35). */
export const validateIngress = (spec: JsonObject, ingress: JsonObject): Problems => {
  const rules = objectsAt(spec, "rules");
  const className = textAt(spec, "ingressClassName");
  const annotation = textsAt(ingress, "metadata", "annotations")["kubernetes.io/ingress.class"];
  return [
    ...(annotation !== undefined && className !== "" && annotation !== className
      ? [
          invalid(
            "annotations.kubernetes.io/ingress.class",
            annotation,
            "must match `ingressClassName` when both are specified",
          ),
        ]
      : []),
    ...(rules.length === 0 && spec["defaultBackend"] === undefined
      ? [invalid("spec", null, "either `defaultBackend` or `rules` must be specified")]
      : []),
    ...(isJsonObject(spec["defaultBackend"]) ? backend(spec["defaultBackend"], "spec.defaultBackend") : []),
    ...rules.flatMap((rule, index) => ingressRule(rule, `spec.rules[${index}]`)),
    ...objectsAt(spec, "tls").flatMap((tls, index) =>
      listAt(tls, "hosts").flatMap((host, place) => hostProblems(String(host), `spec.tls[${index}].hosts[${place}]`)),
    ),
    ...(className === ""
      ? []
      : dnsSubdomain(className).map((text) => invalid("spec.ingressClassName", className, text))),
  ];
};

const hostProblems = (host: string, at: string): Problems =>
  (host.includes("*") ? wildcardSubdomain(host) : dnsSubdomain(host)).map((text) => invalid(at, host, text));

const ingressRule = (rule: JsonObject, at: string): Problems => {
  const host = textAt(rule, "host");
  const http = rule["http"];
  const paths = objectsAt(http, "paths");
  return [
    ...(host === ""
      ? []
      : isIpAddress(host)
        ? [invalid(`${at}.host`, host, "must be a DNS name, not an IP address")]
        : hostProblems(host, `${at}.host`)),
    ...(isJsonObject(http) && paths.length === 0 ? [required(`${at}.http.paths`)] : []),
    ...paths.flatMap((path, index) => ingressPath(path, `${at}.http.paths[${index}]`)),
  ];
};

const invalidSequences = ["//", "/./", "/../", "%2f", "%2F"];
const invalidEndings = ["/..", "/."];

const ingressPath = (path: JsonObject, at: string): Problems => {
  const [text, type] = [textAt(path, "path"), path["pathType"]];
  const problems: Problems[] = [];
  if (type === undefined || type === "") problems.push([required(`${at}.pathType`, "pathType must be specified")]);
  else if (type === "Exact" || type === "Prefix") {
    if (!text.startsWith("/")) problems.push([invalid(`${at}.path`, text, "must be an absolute path")]);
    if (text !== "") {
      for (const sequence of invalidSequences)
        if (text.includes(sequence)) problems.push([invalid(`${at}.path`, text, `must not contain '${sequence}'`)]);
      for (const ending of invalidEndings)
        if (text.endsWith(ending)) problems.push([invalid(`${at}.path`, text, `cannot end with '${ending}'`)]);
    }
  } else if (type === "ImplementationSpecific") {
    if (text !== "" && !text.startsWith("/")) problems.push([invalid(`${at}.path`, text, "must be an absolute path")]);
  } else problems.push([notSupported(`${at}.pathType`, type, ["Exact", "ImplementationSpecific", "Prefix"])]);
  problems.push(backend(objectAt(path, "backend"), `${at}.backend`));
  return problems.flat();
};

const backend = (given: JsonObject, at: string): Problems => {
  const { service, resource } = given;
  if (isJsonObject(resource) && isJsonObject(service))
    return [invalid(at, "", "cannot set both resource and service backends")];
  if (isJsonObject(resource)) return [];
  if (!isJsonObject(service)) return [invalid(at, "", "resource or service backend is required")];
  const name = textAt(service, "name");
  const port = objectAt(service, "port");
  const [portName, number] = [textAt(port, "name"), Number(port["number"] ?? 0)];
  const problems: Problems[] = [];
  if (name === "") problems.push([required(`${at}.service.name`)]);
  if (portName === "" && number === 0) problems.push([required(at, "port name or number is required")]);
  if (portName !== "" && number !== 0) problems.push([invalid(at, "", "cannot set both port name & port number")]);
  else if (portName !== "") problems.push(portOrName(portName, `${at}.service.port.name`));
  else if (number !== 0) problems.push(inRange(`${at}.service.port.number`, number, 1, 65535));
  return problems.flat();
};

/** A NetworkPolicy. */
export const validateNetworkPolicy = (spec: JsonObject): Problems => [
  ...validateSelector("spec.podSelector", spec["podSelector"]),
  ...objectsAt(spec, "ingress").flatMap((rule, index) => policyRule(rule, `spec.ingress[${index}]`, "from")),
  ...objectsAt(spec, "egress").flatMap((rule, index) => policyRule(rule, `spec.egress[${index}]`, "to")),
  ...listAt(spec, "policyTypes").flatMap((type, index) =>
    oneOf(`spec.policyTypes[${index}]`, type, ["Ingress", "Egress"]),
  ),
];

const policyRule = (rule: JsonObject, at: string, peers: "from" | "to"): Problems => [
  ...objectsAt(rule, "ports").flatMap((port, index) => policyPort(port, `${at}.ports[${index}]`)),
  ...objectsAt(rule, peers).flatMap((peer, index) => policyPeer(peer, `${at}.${peers}[${index}]`)),
];

const policyPort = (port: JsonObject, at: string): Problems => {
  const [number, end] = [port["port"], port["endPort"]];
  const problems: Problems[] = [];
  if (port["protocol"] !== undefined) problems.push(oneOf(`${at}.protocol`, port["protocol"], ["SCTP", "TCP", "UDP"]));
  if (typeof number === "number") {
    problems.push(inRange(`${at}.port`, number, 1, 65535));
    if (typeof end === "number") {
      if (end < number) problems.push([invalid(`${at}.endPort`, number, "must be greater than or equal to `port`")]);
      problems.push(inRange(`${at}.endPort`, end, 1, 65535));
    }
  } else if (typeof number === "string") {
    if (end !== undefined)
      problems.push([invalid(`${at}.endPort`, end, "may not be specified when `port` is non-numeric")]);
    problems.push(portOrName(number, `${at}.port`));
  } else if (end !== undefined)
    problems.push([invalid(`${at}.endPort`, end, "may not be specified when `port` is not specified")]);
  return problems.flat();
};

const policyPeer = (peer: JsonObject, at: string): Problems => {
  const hasSelector = isJsonObject(peer["podSelector"]) || isJsonObject(peer["namespaceSelector"]);
  const block = peer["ipBlock"];
  if (!hasSelector && !isJsonObject(block)) return [required(at, "must specify a peer")];
  const problems: Problems[] = [
    validateSelector(`${at}.podSelector`, peer["podSelector"]),
    validateSelector(`${at}.namespaceSelector`, peer["namespaceSelector"]),
  ];
  if (isJsonObject(block)) {
    problems.push(ipBlock(block, `${at}.ipBlock`));
    if (hasSelector) problems.push([forbidden(at, "may not specify both ipBlock and another peer")]);
  }
  return problems.flat();
};

const ipBlock = (block: JsonObject, at: string): Problems => {
  const cidr = textAt(block, "cidr");
  if (cidr === "") return [required(`${at}.cidr`)];
  if (!isCidr(cidr)) return [invalid(`${at}.cidr`, cidr, cidrText)];
  return listAt(block, "except").flatMap((except, index): Problems => {
    const place = `${at}.except[${index}]`;
    if (!isCidr(String(except))) return [invalid(place, except as Json, cidrText)];
    return isStrictlyInside(String(except), cidr)
      ? []
      : [invalid(place, except as Json, "must be a strict subset of `cidr`")];
  });
};

/** For IPv4; other families are taken as they are. */
const isStrictlyInside = (inner: string, outer: string): boolean => {
  if (inner.includes(":") || outer.includes(":")) return true;
  const [innerBase = "", innerSize = "32"] = inner.split("/");
  const [outerBase = "", outerSize = "32"] = outer.split("/");
  const number = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const block = 2 ** (32 - Number(outerSize));
  return (
    Number(innerSize) > Number(outerSize) &&
    Math.floor(number(innerBase) / block) === Math.floor(number(outerBase) / block)
  );
};
