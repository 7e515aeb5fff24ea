import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt } from "../fields.ts";
import { duplicate, inRange, invalid, notSupported, oneOf, type Problems, required } from "./field-problem.ts";
import { validateLabels, validateSelector } from "./metadata.ts";
import {
  cidrText,
  dnsLabel,
  dnsSubdomain,
  ipText,
  isCidr,
  isIpAddress,
  labelKey,
  labelValueProblems,
} from "./names.ts";
import { tolerations } from "./placement.ts";
import { validateResources } from "./resources.ts";

/** A Node, whose taints upstream finds in its metadata (ValidateNode, pkg/apis/core/validation, v1.35). */
export const validateNode = (spec: JsonObject): Problems => {
  const taints = objectsAt(spec, "taints");
  const seen = new Set<string>();
  return [
    ...taints.flatMap((taint, index): Problems => {
      const at = `metadata.taints[${index}]`;
      const [key, value, effect] = [textAt(taint, "key"), textAt(taint, "value"), textAt(taint, "effect")];
      const bad = labelValueProblems(value);
      const pair = `${effect}/${key}`;
      const isTwice = seen.has(pair);
      seen.add(pair);
      return [
        ...labelKey(key).map((text) => invalid(`${at}.key`, key, text)),
        ...(bad.length === 0 ? [] : [invalid(`${at}.value`, value, bad.join(";"))]),
        ...(effect === ""
          ? [required(`${at}.effect`)]
          : oneOf(`${at}.effect`, effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"])),
        ...(isTwice
          ? [
              {
                type: "FieldValueDuplicate" as const,
                field: at,
                message: `Duplicate value: ${JSON.stringify({ Key: key, Value: value, Effect: effect, TimeAdded: null })}: taints must be unique by key and effect pair`,
              },
            ]
          : []),
      ];
    }),
    ...listAt(spec, "podCIDRs").flatMap((range, index) =>
      isCidr(String(range)) ? [] : [invalid(`spec.podCIDRs[${index}]`, range, cidrText)],
    ),
  ];
};

/** A RuntimeClass (pkg/apis/node/validation). */
export const validateRuntimeClass = (object: JsonObject): Problems => {
  const handler = textAt(object, "handler");
  const scheduling = objectAt(object, "scheduling");
  const overhead = object["overhead"];
  return [
    ...dnsLabel(handler).map((text) => invalid("handler", handler, text)),
    ...(isJsonObject(overhead) ? validateResources("overhead", { limits: objectAt(overhead, "podFixed") }) : []),
    ...validateLabels("scheduling.nodeSelector", scheduling["nodeSelector"]),
    ...tolerations(scheduling, "scheduling.tolerations"),
  ];
};

/** A CSIDriver (pkg/apis/storage/validation). */
export const validateDriver = (spec: JsonObject): Problems => {
  const { fsGroupPolicy: policy, nodeAllocatableUpdatePeriodSeconds: period } = spec;
  const audiences = objectsAt(spec, "tokenRequests").map((request) => textAt(request, "audience"));
  return [
    ...(policy === undefined ? [] : oneOf("spec.fsGroupPolicy", policy, ["File", "None", "ReadWriteOnceWithFSType"])),
    ...objectsAt(spec, "tokenRequests").flatMap((request, index): Problems => {
      const at = `spec.tokenRequests[${index}]`;
      const audience = textAt(request, "audience");
      const seconds = request["expirationSeconds"];
      if (audiences.indexOf(audience) < index)
        return [
          {
            type: "FieldValueDuplicate",
            field: `${at}.audience`,
            message: `Duplicate value: ${JSON.stringify(audience)}`,
          },
        ];
      return typeof seconds === "number" && seconds < 600
        ? [invalid(`${at}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes")]
        : [];
    }),
    ...listAt(spec, "volumeLifecycleModes").flatMap((mode) =>
      oneOf("spec.volumeLifecycleModes", mode, ["Persistent", "Ephemeral"]),
    ),
    ...(typeof period === "number" && period < 10
      ? [invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, "must be greater than or equal to 10 seconds")]
      : []),
  ];
};

/** Both kinds of webhook configurations (pkg/apis/admissionregistration/validation). */
export const validateWebhooks = (object: JsonObject): Problems => {
  const names = objectsAt(object, "webhooks").map((hook) => textAt(hook, "name"));
  return objectsAt(object, "webhooks").flatMap((hook, index) => {
    const at = `webhooks[${index}]`;
    const name = names[index] ?? "";
    return [
      ...webhook(hook, at),
      ...reviewVersions(hook, `${at}.admissionReviewVersions`),
      ...(names.indexOf(name) < index
        ? [
            {
              type: "FieldValueDuplicate" as const,
              field: `${at}.name`,
              message: `Duplicate value: ${JSON.stringify(name)}`,
            },
          ]
        : []),
    ];
  });
};

const reviewVersions = (hook: JsonObject, at: string): Problems => {
  const versions = listAt(hook, "admissionReviewVersions").map(String);
  const text = "must specify one of v1, v1beta1";
  if (versions.length === 0) return [required(at, text)];
  return versions.some((version) => version === "v1" || version === "v1beta1")
    ? []
    : [invalid(at, versions, "must include at least one of v1, v1beta1")];
};

const webhook = (hook: JsonObject, at: string): Problems => {
  const { failurePolicy, matchPolicy, sideEffects, timeoutSeconds: seconds, namespaceSelector, objectSelector } = hook;
  const effects = ["None", "NoneOnDryRun"];
  return [
    ...qualifiedName(textAt(hook, "name"), `${at}.name`),
    ...objectsAt(hook, "rules").flatMap((rule, index) => hookRule(rule, `${at}.rules[${index}]`)),
    ...(failurePolicy === undefined ? [] : oneOf(`${at}.failurePolicy`, failurePolicy, ["Fail", "Ignore"])),
    ...(matchPolicy === undefined ? [] : oneOf(`${at}.matchPolicy`, matchPolicy, ["Equivalent", "Exact"])),
    ...(sideEffects === undefined
      ? [required(`${at}.sideEffects`, `must specify one of ${effects.join(", ")}`)]
      : oneOf(`${at}.sideEffects`, sideEffects, effects)),
    ...(typeof seconds === "number" && (seconds > 30 || seconds < 1)
      ? [invalid(`${at}.timeoutSeconds`, seconds, "the timeout value must be between 1 and 30 seconds")]
      : []),
    ...validateSelector(`${at}.namespaceSelector`, namespaceSelector),
    ...validateSelector(`${at}.objectSelector`, objectSelector),
    ...client(objectAt(hook, "clientConfig"), `${at}.clientConfig`),
    ...objectsAt(hook, "matchConditions").flatMap((condition, index) =>
      ["expression", "name"]
        .filter((field) => textAt(condition, field).trim() === "")
        .map((field) => required(`${at}.matchConditions[${index}].${field}`)),
    ),
  ];
};

/** A subdomain of three parts or more. */
const qualifiedName = (name: string, at: string): Problems => {
  if (name === "") return [required(at)];
  const bad = dnsSubdomain(name);
  if (bad.length > 0) return [invalid(at, name, bad.join(","))];
  return name.split(".").length < 3
    ? [invalid(at, name, "should be a domain with at least three segments separated by dots")]
    : [];
};

const operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const wildcards: Readonly<Record<string, string>> = { apiGroups: "API groups", apiVersions: "API versions" };

const hookRule = (rule: JsonObject, at: string): Problems => {
  const given = listAt(rule, "operations").map(String);
  return [
    ...(given.length === 0 ? [required(`${at}.operations`)] : []),
    ...(given.length > 1 && given.includes("*")
      ? [invalid(`${at}.operations`, given, "if '*' is present, must not specify other operations")]
      : []),
    ...given.flatMap((operation, index) => oneOf(`${at}.operations[${index}]`, operation, operations)),
    ...Object.entries(wildcards).flatMap(([field, what]): Problems => {
      const values = listAt(rule, field).map(String);
      if (values.length === 0) return [required(`${at}.${field}`)];
      return [
        ...(values.length > 1 && values.includes("*")
          ? [invalid(`${at}.${field}`, values, `if '*' is present, must not specify other ${what}`)]
          : []),
        ...(field === "apiVersions"
          ? values.flatMap((value, index) => (value === "" ? [required(`${at}.${field}[${index}]`)] : []))
          : []),
      ];
    }),
    ...(listAt(rule, "resources").length === 0 ? [required(`${at}.resources`)] : []),
    ...listAt(rule, "resources").flatMap((resource, index) =>
      resource === "" ? [required(`${at}.resources[${index}]`)] : [],
    ),
    ...(rule["scope"] === undefined ? [] : oneOf(`${at}.scope`, rule["scope"], ["*", "Cluster", "Namespaced"])),
  ];
};

const client = (config: JsonObject, at: string): Problems => {
  const { url, service } = config;
  if ((url === undefined) === (service === undefined))
    return [required(at, "exactly one of url or service is required")];
  if (!isJsonObject(service)) return [];
  const path = service["path"];
  const place = `${at}.service`;
  return [
    // Upstream takes the one for the other.
    ...(textAt(service, "namespace") === "" ? [required(`${place}.name`)] : []),
    ...(textAt(service, "name") === "" ? [required(`${place}.namespace`)] : []),
    ...inRange(`${place}.port`, Number(service["port"] ?? 0), 1, 65535).map((problem) =>
      invalid(problem.field, Number(service["port"] ?? 0), "port is not valid: must be between 1 and 65535, inclusive"),
    ),
    ...(typeof path === "string" && path !== "" && !path.startsWith("/")
      ? [invalid(`${place}.path`, path, "must start with a '/'")]
      : []),
  ];
};

/** An EndpointSlice (pkg/apis/discovery/validation): that it has a type of addresses and addresses. */
export const validateEndpointSlice = (object: JsonObject): Problems => {
  const type = textAt(object, "addressType");
  const types = ["FQDN", "IPv4", "IPv6"];
  return [
    ...(type === ""
      ? [required("addressType")]
      : types.includes(type)
        ? []
        : [notSupported("addressType", type, types)]),
    ...objectsAt(object, "endpoints").flatMap((endpoint, index) =>
      endpointProblems(endpoint, type, `endpoints[${index}]`),
    ),
    ...endpointPorts(object),
  ];
};

const endpointProblems = (endpoint: JsonObject, type: string, at: string): Problems => {
  const addresses = listAt(endpoint, "addresses").map(String);
  const [host, node] = [endpoint["hostname"], endpoint["nodeName"]];
  return [
    ...(addresses.length === 0 ? [required(`${at}.addresses`, "must contain at least 1 address")] : []),
    ...(type === "IPv4" || type === "IPv6" ? addresses : []).flatMap((address, index) =>
      isIpAddress(address) ? [] : [invalid(`${at}.addresses[${index}]`, address, ipText)],
    ),
    ...(typeof node === "string" ? dnsSubdomain(node).map((text) => invalid(`${at}.nodeName`, node, text)) : []),
    ...(typeof host === "string" ? dnsLabel(host).map((text) => invalid(`${at}.hostname`, host, text)) : []),
  ];
};

const endpointPorts = (object: JsonObject): Problems => {
  const names = objectsAt(object, "ports").map((port) => textAt(port, "name"));
  return objectsAt(object, "ports").flatMap((port, index): Problems => {
    const at = `ports[${index}]`;
    const name = names[index] ?? "";
    const application = port["appProtocol"];
    return [
      ...(name === "" ? [] : dnsLabel(name).map((text) => invalid(`${at}.name`, name, text))),
      ...(names.indexOf(name) < index ? [duplicate(`${at}.name`, name)] : []),
      ...oneOf(`${at}.protocol`, port["protocol"] ?? "TCP", ["SCTP", "TCP", "UDP"]),
      ...(typeof application === "string"
        ? labelKey(application).map((text) => invalid(`${at}.appProtocol`, application, text))
        : []),
    ];
  });
};

/** A Lease (pkg/apis/coordination/validation). */
export const validateLease = (spec: JsonObject): Problems => {
  const { leaseDurationSeconds: duration, leaseTransitions: transitions } = spec;
  return [
    ...(typeof duration === "number" && duration <= 0
      ? [invalid("spec.leaseDurationSeconds", duration, "must be greater than 0")]
      : []),
    ...(typeof transitions === "number" && transitions < 0
      ? [invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0")]
      : []),
  ];
};
