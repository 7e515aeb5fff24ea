import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt } from "../fields.ts";
import { parseQuantity } from "../quantity.ts";
import { forbidden, invalid, notSupported, oneOf, type Problems, required, tooLong } from "./field-problem.ts";
import { configMapKey, dnsSubdomain } from "./names.ts";
import { nodeSelector } from "./pod.ts";
import { isStandardResource, quantityProblems } from "./resources.ts";

const megabyte = 1024 * 1024;

/** A ConfigMap (pkg/apis/core/validation, v1.35). */
export const validateConfigMap = (object: JsonObject): Problems => {
  const [data, binary] = [objectAt(object, "data"), objectAt(object, "binaryData")];
  const keys = (field: string, values: JsonObject): Problems =>
    Object.keys(values).flatMap((key) => configMapKey(key).map((text) => invalid(`${field}[${key}]`, key, text)));
  const size = [...Object.entries(data), ...Object.entries(binary)].reduce(
    (sum, [key, value]) => sum + key.length + String(value).length,
    0,
  );
  return [
    ...keys("data", data),
    ...Object.keys(binary)
      .filter((key) => key in data)
      .map((key) => invalid(`data[${key}]`, key, "duplicate of key present in binaryData")),
    ...keys("binaryData", binary),
    ...(size > megabyte ? [tooLong("", megabyte)] : []),
  ];
};

const secretNeeds: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

export const validateSecret = (object: JsonObject): Problems => {
  const data = objectAt(object, "data");
  const type = textAt(object, "type");
  const missing = (secretNeeds[type] ?? []).filter((key) => data[key] === undefined);
  const basic = type === "kubernetes.io/basic-auth" && data["username"] === undefined && data["password"] === undefined;
  return [
    ...Object.keys(data).flatMap((key) => configMapKey(key).map((text) => invalid(`data[${key}]`, key, text))),
    ...missing.map((key) => required(`data[${key}]`)),
    ...(basic ? [required("data[username]"), required("data[password]")] : []),
  ];
};

const volumeSources = [
  "hostPath",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "glusterfs",
  "flocker",
  "nfs",
  "rbd",
  "quobyte",
  "cephfs",
  "iscsi",
  "cinder",
  "fc",
  "azureFile",
  "vsphereVolume",
  "azureDisk",
  "photonPersistentDisk",
  "portworxVolume",
  "scaleIO",
  "local",
  "storageos",
  "csi",
];

export const validateVolume = (spec: JsonObject): Problems => {
  const modes = listAt(spec, "accessModes");
  const capacity = objectAt(spec, "capacity");
  const present = volumeSources.filter((source) => isJsonObject(spec[source]));
  const storage = capacity["storage"];
  const affinity = objectAt(spec, "nodeAffinity")["required"];
  const csi = objectAt(spec, "csi");
  return [
    ...(modes.length === 0
      ? [required("spec.accessModes")]
      : modes.flatMap((mode) =>
          oneOf("spec.accessModes", mode, ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]),
        )),
    ...(Object.keys(capacity).length === 0 ? [required("spec.capacity")] : []),
    ...(Object.keys(capacity).length > 0 && storage === undefined
      ? [notSupported("spec.capacity", capacity, ["storage"])]
      : []),
    ...(storage !== undefined && (parseQuantity(storage as string)?.nano ?? 1n) <= 0n
      ? [invalid("spec.capacity[storage]", String(storage), "must be greater than zero")]
      : []),
    ...oneOf("spec.persistentVolumeReclaimPolicy", spec["persistentVolumeReclaimPolicy"] ?? "Retain", [
      "Delete",
      "Recycle",
      "Retain",
    ]),
    ...(isJsonObject(affinity) ? nodeSelector(affinity, "spec.nodeAffinity.required") : []),
    ...present.slice(1).map((source) => forbidden(`spec.${source}`, "may not specify more than 1 volume type")),
    ...(present.length === 0 ? [required("spec", "must specify a volume type")] : []),
    ...(present[0] === "csi"
      ? ["driver", "volumeHandle"]
          .filter((field) => textAt(csi, field) === "")
          .map((field) => required(`spec.csi.${field}`))
      : []),
    ...(present[0] === "hostPath" && textAt(spec, "hostPath", "path") === "" ? [required("spec.hostPath.path")] : []),
  ];
};

export const validateStorageClass = (object: JsonObject): Problems => [
  ...(textAt(object, "provisioner") === "" ? [required("provisioner")] : []),
  ...(object["reclaimPolicy"] === undefined
    ? []
    : oneOf("reclaimPolicy", object["reclaimPolicy"], ["Delete", "Retain"])),
  ...oneOf("volumeBindingMode", object["volumeBindingMode"] ?? "", ["Immediate", "WaitForFirstConsumer"]),
];

const userLimit = 1_000_000_000;
const systemClasses: Readonly<Record<string, number>> = {
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
};

export const validatePriorityClass = (object: JsonObject): Problems => {
  const name = textAt(object, "metadata", "name");
  const value = Number(object["value"] ?? 0);
  const problems: Problems[] = [];
  if (name.startsWith("system-")) {
    if (systemClasses[name] !== value) {
      const why =
        systemClasses[name] === undefined
          ? `${name} is not a known system priority class`
          : `value of ${name} PriorityClass must be ${systemClasses[name]}`;
      problems.push([
        forbidden(
          "metadata.name",
          `priority class names with 'system-' prefix are reserved for system use only. error: ${why}`,
        ),
      ]);
    }
  } else if (value > userLimit)
    problems.push([forbidden("value", `maximum allowed value of a user defined priority is ${userLimit}`)]);
  if (object["preemptionPolicy"] !== undefined)
    problems.push(oneOf("preemptionPolicy", object["preemptionPolicy"], ["Never", "PreemptLowerPriority"]));
  return problems.flat();
};

const quotaNames = new Set([
  "cpu",
  "memory",
  "ephemeral-storage",
  "requests.cpu",
  "requests.memory",
  "requests.storage",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
]);

export const validateQuota = (spec: JsonObject): Problems =>
  Object.entries(objectAt(spec, "hard")).flatMap(([name, value]) => {
    const at = `spec.hard[${name}]`;
    const isKnown = quotaNames.has(name) || name.startsWith("hugepages-") || name.startsWith("requests.hugepages-");
    const isQualified = name.includes("/");
    return [
      ...(isKnown || isQualified || isStandardResource(name)
        ? []
        : [invalid(at, name, "must be a standard resource type or fully qualified")]),
      ...(isKnown || isQualified ? [] : [invalid(at, name, "must be a standard resource for quota")]),
      ...quantityProblems(at, name, value),
    ];
  });

const below = (a: Json | undefined, b: Json | undefined): boolean => {
  const [one, two] = [parseQuantity((a ?? "0") as string)?.nano, parseQuantity((b ?? "0") as string)?.nano];
  return a !== undefined && b !== undefined && one !== undefined && two !== undefined && one < two;
};

export const validateLimitRange = (spec: JsonObject): Problems =>
  objectsAt(spec, "limits").flatMap((limit, index) => {
    const at = `spec.limits[${index}]`;
    const parts = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"].map((field) =>
      objectAt(limit, field),
    );
    const [max = {}, min = {}, standard = {}, request = {}] = parts;
    const names = [...new Set(parts.flatMap((part) => Object.keys(part)))].sort();
    return names.flatMap((name) => {
      const problem = (field: string, value: Json | undefined, text: string) =>
        invalid(`${at}.${field}[${name}]`, String(value), text);
      const [low, high, usual, asked] = [min[name], max[name], standard[name], request[name]];
      return [
        ...(below(high, low) ? [problem("min", low, `min value ${low} is greater than max value ${high}`)] : []),
        ...(below(asked, low)
          ? [problem("defaultRequest", asked, `min value ${low} is greater than default request value ${asked}`)]
          : []),
        ...(below(high, asked)
          ? [problem("defaultRequest", asked, `default request value ${asked} is greater than max value ${high}`)]
          : []),
        ...(below(usual, asked)
          ? [
              problem(
                "defaultRequest",
                asked,
                `default request value ${asked} is greater than default limit value ${usual}`,
              ),
            ]
          : []),
        ...(below(usual, low)
          ? [problem("default", low, `min value ${low} is greater than default value ${usual}`)]
          : []),
        ...(below(high, usual)
          ? [problem("default", high, `default value ${usual} is greater than max value ${high}`)]
          : []),
      ];
    });
  });

const rbacGroup = "rbac.authorization.k8s.io";

export const validateRole = (object: JsonObject, namespaced: boolean): Problems =>
  objectsAt(object, "rules").flatMap((rule, index) => {
    const at = `rules[${index}]`;
    const urls = listAt(rule, "nonResourceURLs");
    const problems: Problems[] = [];
    if (listAt(rule, "verbs").length === 0)
      problems.push([required(`${at}.verbs`, "verbs must contain at least one value")]);
    if (urls.length > 0) {
      if (namespaced)
        problems.push([
          invalid(`${at}.nonResourceURLs`, urls as Json, "namespaced rules cannot apply to non-resource URLs"),
        ]);
      if (
        listAt(rule, "apiGroups").length + listAt(rule, "resources").length + listAt(rule, "resourceNames").length >
        0
      ) {
        problems.push([
          invalid(
            `${at}.nonResourceURLs`,
            urls as Json,
            "rules cannot apply to both regular resources and non-resource URLs",
          ),
        ]);
      }
      return problems.flat();
    }
    if (listAt(rule, "apiGroups").length === 0)
      problems.push([required(`${at}.apiGroups`, "resource rules must supply at least one api group")]);
    if (listAt(rule, "resources").length === 0)
      problems.push([required(`${at}.resources`, "resource rules must supply at least one resource")]);
    return problems.flat();
  });

export const validateBinding = (object: JsonObject, namespaced: boolean): Problems => {
  const reference = objectAt(object, "roleRef");
  const kinds = namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
  const problems: Problems[] = [];
  if (textAt(reference, "apiGroup") !== rbacGroup)
    problems.push([notSupported("roleRef.apiGroup", reference["apiGroup"] ?? "", [rbacGroup])]);
  problems.push(oneOf("roleRef.kind", reference["kind"] ?? "", kinds));
  if (textAt(reference, "name") === "") problems.push([required("roleRef.name")]);
  for (const [index, subject] of objectsAt(object, "subjects").entries())
    problems.push(subjectProblems(subject, `subjects[${index}]`, namespaced));
  return problems.flat();
};

const subjectProblems = (subject: JsonObject, at: string, namespaced: boolean): Problems => {
  const name = textAt(subject, "name");
  const group = textAt(subject, "apiGroup");
  const problems: Problems[] = name === "" ? [[required(`${at}.name`)]] : [];
  switch (subject["kind"]) {
    case "ServiceAccount":
      if (name !== "") problems.push(dnsSubdomain(name).map((text) => invalid(`${at}.name`, name, text)));
      if (group !== "") problems.push([notSupported(`${at}.apiGroup`, group, [""])]);
      if (!namespaced && textAt(subject, "namespace") === "") problems.push([required(`${at}.namespace`)]);
      break;
    case "User":
    case "Group":
      if (group !== rbacGroup) problems.push([notSupported(`${at}.apiGroup`, group, [rbacGroup])]);
      break;
    default:
      problems.push([notSupported(`${at}.kind`, subject["kind"] ?? "", ["ServiceAccount", "User", "Group"])]);
  }
  return problems.flat();
};
