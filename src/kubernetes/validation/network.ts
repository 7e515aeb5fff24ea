import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt, textsAt } from "../fields.ts";
import { forbidden, inRange, invalid, notSupported, oneOf, type Problems, required, tooLong } from "./field-problem.ts";
import { validateSelector } from "./metadata.ts";
import {
  cidrText,
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  isCidr,
  isIpAddress,
  pathSegment,
  portName,
  wildcardSubdomain,
} from "./names.ts";

/** An Ingress (pkg/apis/networking/validation, v1.35). */
export const validateIngress = (spec: JsonObject, ingress: JsonObject): Problems => {
  const rules = objectsAt(spec, "rules");
  const className = spec["ingressClassName"];
  const annotation = textsAt(ingress, "metadata", "annotations")["kubernetes.io/ingress.class"];
  return [
    ...(rules.length === 0 && spec["defaultBackend"] === undefined
      ? [invalid("spec", spec["rules"] ?? null, "either `defaultBackend` or `rules` must be specified")]
      : []),
    ...(isJsonObject(spec["defaultBackend"]) ? backend(spec["defaultBackend"], "spec.defaultBackend") : []),
    ...rules.flatMap((rule, index) => ingressRule(rule, `spec.rules[${index}]`)),
    ...objectsAt(spec, "tls").flatMap((tls, index) => certificate(tls, `spec.tls[${index}]`)),
    ...(typeof className === "string"
      ? dnsSubdomain(className).map((text) => invalid("spec.ingressClassName", className, text))
      : []),
    ...(annotation !== undefined && typeof className === "string" && annotation !== className
      ? [
          invalid(
            "annotations.kubernetes.io/ingress.class",
            annotation,
            "must match `ingressClassName` when both are specified",
          ),
        ]
      : []),
  ];
};

const certificate = (tls: JsonObject, at: string): Problems => {
  const secret = textAt(tls, "secretName");
  return [
    ...listAt(tls, "hosts").flatMap((host, index) => hostProblems(String(host), `${at}.hosts[${index}]`)),
    ...(secret === "" ? [] : dnsSubdomain(secret).map((text) => invalid(`${at}.secretName`, secret, text))),
  ];
};

/** An IngressClass. */
export const validateIngressClass = (spec: JsonObject): Problems => {
  const controller = textAt(spec, "controller");
  const parameters = spec["parameters"];
  return [
    ...(controller.length > 250 ? [tooLong("spec.controller", 250)] : []),
    ...domainPrefixedPath(controller, "spec.controller"),
    ...(isJsonObject(parameters) ? classParameters(parameters, "spec.parameters") : []),
  ];
};

const classParameters = (parameters: JsonObject, at: string): Problems => {
  const { scope, namespace } = parameters;
  const problems: Problems[] = [localReference(parameters, at)];
  if (scope === "Namespace") {
    problems.push(
      typeof namespace === "string"
        ? dnsLabel(namespace).map((text) => invalid(`${at}.namespace`, namespace, text))
        : [required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'")],
    );
  } else if (scope === "Cluster") {
    if (namespace !== undefined)
      problems.push([forbidden(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'")]);
  } else
    problems.push([
      scope === undefined ? required(`${at}.scope`) : notSupported(`${at}.scope`, scope, ["Cluster", "Namespace"]),
    ]);
  return problems.flat();
};

/** A domain, a slash and a path of it (IsDomainPrefixedPath). */
export const domainPrefixedPath = (text: string, at: string): Problems => {
  if (text === "") return [required(at)];
  const cut = text.indexOf("/");
  const [host, path] = [text.slice(0, Math.max(cut, 0)), text.slice(cut + 1)];
  if (cut === -1 || host === "" || path === "")
    return [invalid(at, text, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const allowed = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
  return [
    ...dnsSubdomain(host).map((problem) => invalid(at, host, problem)),
    ...(new RegExp(`^${allowed}$`).test(path)
      ? []
      : [invalid(at, path, `Invalid path (regex used for validation is '${allowed}')`)]),
  ];
};

/** A reference to an object of any kind (validateIngressTypedLocalObjectReference). */
const localReference = (reference: JsonObject, at: string): Problems => {
  const group = reference["apiGroup"];
  return [
    ...(typeof group === "string" ? dnsSubdomain(group).map((text) => invalid(`${at}.apiGroup`, group, text)) : []),
    ...["kind", "name"].flatMap((field) => {
      const value = textAt(reference, field);
      return value === ""
        ? [required(`${at}.${field}`)]
        : pathSegment(value).map((text) => invalid(`${at}.${field}`, value, text));
    }),
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
  if (type === undefined) return [required(`${at}.pathType`, "pathType must be specified")];
  if (type === "Exact" || type === "Prefix") {
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
  if (isJsonObject(resource)) return localReference(resource, `${at}.resource`);
  if (!isJsonObject(service)) return [invalid(at, "", "resource or service backend is required")];
  const name = textAt(service, "name");
  const port = objectAt(service, "port");
  const [named, number] = [textAt(port, "name"), Number(port["number"] ?? 0)];
  const problems: Problems[] = [
    name === ""
      ? [required(`${at}.service.name`)]
      : dns1035Label(name).map((text) => invalid(`${at}.service.name`, name, text)),
  ];
  if (named !== "" && number !== 0) problems.push([invalid(at, "", "cannot set both port name & port number")]);
  else if (named !== "") problems.push(portName(named).map((text) => invalid(`${at}.service.port.name`, named, text)));
  else if (number !== 0) problems.push(inRange(`${at}.service.port.number`, number, 1, 65535));
  else problems.push([required(at, "port name or number is required")]);
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
  if (port["protocol"] !== undefined) problems.push(oneOf(`${at}.protocol`, port["protocol"], ["TCP", "UDP", "SCTP"]));
  if (typeof number === "number") {
    problems.push(inRange(`${at}.port`, number, 1, 65535));
    if (typeof end === "number") {
      if (end < number) problems.push([invalid(`${at}.endPort`, number, "must be greater than or equal to `port`")]);
      problems.push(inRange(`${at}.endPort`, end, 1, 65535));
    }
  } else if (typeof number === "string") {
    if (end !== undefined)
      problems.push([invalid(`${at}.endPort`, end, "may not be specified when `port` is non-numeric")]);
    problems.push(portName(number).map((text) => invalid(`${at}.port`, number, text)));
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
