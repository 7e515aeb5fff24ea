import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt } from "../fields.ts";
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  oneOf,
  type Problems,
  required,
  tooLong,
} from "./field-problem.ts";
import { validateSelector } from "./metadata.ts";
import { configMapKey, dnsSubdomain, labelKey } from "./names.ts";

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

export const validateStorageClass = (object: JsonObject): Problems => [
  ...(textAt(object, "provisioner") === ""
    ? [required("provisioner")]
    : labelKey(textAt(object, "provisioner").toLowerCase()).map((text) =>
        invalid("provisioner", textAt(object, "provisioner").toLowerCase(), text),
      )),
  ...(object["reclaimPolicy"] === undefined || object["reclaimPolicy"] === ""
    ? []
    : oneOf("reclaimPolicy", object["reclaimPolicy"], ["Delete", "Retain"])),
  ...oneOf("volumeBindingMode", object["volumeBindingMode"] ?? "", ["Immediate", "WaitForFirstConsumer"]),
  ...topologies(object),
];

/** Where volumes may be; upstream counts a term without expressions as seen before. */
const topologies = (object: JsonObject): Problems => {
  const terms = objectsAt(object, "allowedTopologies");
  const keyOf = (term: JsonObject): string => {
    const expressions = objectsAt(term, "matchLabelExpressions");
    const pairs = expressions.map((one) => `${textAt(one, "key")}=${listAt(one, "values").map(String).sort().join()}`);
    return pairs.sort().join(";");
  };
  const keys = terms.map(keyOf);
  return terms.flatMap((term, index) => {
    const at = `allowedTopologies[${index}].matchLabelExpressions`;
    const expressions = objectsAt(term, "matchLabelExpressions");
    const names = expressions.map((expression) => textAt(expression, "key"));
    const before = keys.slice(0, index).filter((key) => key === keys[index]).length;
    const times = before + (expressions.length === 0 ? terms.length : 0);
    return [
      ...expressions.flatMap((expression, place) => {
        const values = listAt(expression, "values").map(String);
        const name = names[place] ?? "";
        return [
          ...(values.length === 0 ? [required(`${at}[${place}].values`)] : []),
          ...values.flatMap((value, number) =>
            values.indexOf(value) < number ? [duplicate(`${at}[${place}].values[${number}]`, value)] : [],
          ),
          ...labelKey(name).map((text) => invalid(`${at}[${place}].key`, name, text)),
          ...(names.indexOf(name) < place ? [duplicate(`${at}[${place}].key`, name)] : []),
        ];
      }),
      ...Array.from({ length: times }, () => duplicate(at, "")),
    ];
  });
};

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
    problems.push(
      object["preemptionPolicy"] === ""
        ? [required("preemptionPolicy")]
        : oneOf("preemptionPolicy", object["preemptionPolicy"], ["PreemptLowerPriority", "Never"]),
    );
  return problems.flat();
};

const rbacGroup = "rbac.authorization.k8s.io";

export const validateClusterRole = (object: JsonObject): Problems => {
  const aggregation = object["aggregationRule"];
  const selectors = objectsAt(aggregation, "clusterRoleSelectors");
  const at = "aggregationRule.clusterRoleSelectors";
  return [
    ...validateRole(object, false),
    ...(isJsonObject(aggregation) && selectors.length === 0
      ? [required(at, "at least one clusterRoleSelector required if aggregationRule is non-nil")]
      : []),
    ...selectors.flatMap((selector, index) => validateSelector(`${at}[${index}]`, selector)),
  ];
};

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
