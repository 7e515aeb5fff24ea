import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt } from "../fields.ts";
import { duplicate, forbidden, invalid, notSupported, oneOf, type Problems, required } from "./field-problem.ts";
import { validateSelector } from "./metadata.ts";
import { dnsLabel, labelKey, labelValueProblems } from "./names.ts";

const required1 = "requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "preferredDuringSchedulingIgnoredDuringExecution";

/** Where a pod wants to be and not to be. */
export const affinity = (given: JsonObject, at: string): Problems => [
  ...nodeAffinity(objectAt(given, "nodeAffinity"), `${at}.nodeAffinity`),
  ...podAffinity(objectAt(given, "podAffinity"), `${at}.podAffinity`),
  ...podAffinity(objectAt(given, "podAntiAffinity"), `${at}.podAntiAffinity`),
];

const weight = (term: JsonObject, at: string): Problems => {
  const value = Number(term["weight"] ?? 0);
  return value < 1 || value > 100 ? [invalid(`${at}.weight`, value, "must be in the range 1-100")] : [];
};

const nodeAffinity = (given: JsonObject, at: string): Problems => [
  ...(isJsonObject(given[required1]) ? nodeSelector(given[required1], `${at}.${required1}`) : []),
  ...objectsAt(given, preferred).flatMap((term, index) => {
    const place = `${at}.${preferred}[${index}]`;
    return [...weight(term, place), ...nodeSelectorTerm(objectAt(term, "preference"), `${place}.preference`)];
  }),
];

/** The terms of a node selector; there must be one. */
export const nodeSelector = (selector: JsonObject, at: string): Problems => {
  const terms = objectsAt(selector, "nodeSelectorTerms");
  if (terms.length === 0) return [required(`${at}.nodeSelectorTerms`, "must have at least one node selector term")];
  return terms.flatMap((term, index) => nodeSelectorTerm(term, `${at}.nodeSelectorTerms[${index}]`));
};

const nodeSelectorTerm = (term: JsonObject, at: string): Problems => [
  ...objectsAt(term, "matchExpressions").flatMap((requirement, index) =>
    nodeRequirement(requirement, `${at}.matchExpressions[${index}]`),
  ),
  ...objectsAt(term, "matchFields").flatMap((requirement, index) =>
    fieldRequirement(requirement, `${at}.matchFields[${index}]`),
  ),
];

const nodeRequirement = (requirement: JsonObject, at: string): Problems => {
  const [operator, key] = [textAt(requirement, "operator"), textAt(requirement, "key")];
  const values = listAt(requirement, "values");
  const ofOperator = ((): Problems => {
    switch (operator) {
      case "In":
      case "NotIn":
        return values.length === 0
          ? [required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
          : [];
      case "Exists":
      case "DoesNotExist":
        return values.length > 0
          ? [forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
          : [];
      case "Gt":
      case "Lt":
        return values.length === 1
          ? []
          : [required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
      default:
        return [invalid(`${at}.operator`, operator, "not a valid selector operator")];
    }
  })();
  return [...ofOperator, ...labelKey(key).map((text) => invalid(`${at}.key`, key, text))];
};

const fieldRequirement = (requirement: JsonObject, at: string): Problems => {
  const [operator, key] = [textAt(requirement, "operator"), textAt(requirement, "key")];
  const values = listAt(requirement, "values");
  return [
    ...(operator === "In" || operator === "NotIn"
      ? values.length === 1
        ? []
        : [
            required(
              `${at}.values`,
              "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
            ),
          ]
      : [invalid(`${at}.operator`, operator, "not a valid selector operator")]),
    ...(key === "metadata.name" ? [] : [invalid(`${at}.key`, key, "not a valid field selector key")]),
  ];
};

const podAffinity = (given: JsonObject, at: string): Problems => [
  ...objectsAt(given, required1).flatMap((term, index) => podAffinityTerm(term, `${at}.${required1}[${index}]`)),
  ...objectsAt(given, preferred).flatMap((term, index) => {
    const place = `${at}.${preferred}[${index}]`;
    return [...weight(term, place), ...podAffinityTerm(objectAt(term, "podAffinityTerm"), `${place}.podAffinityTerm`)];
  }),
];

const podAffinityTerm = (term: JsonObject, at: string): Problems => [
  ...validateSelector(`${at}.labelSelector`, term["labelSelector"]),
  ...validateSelector(`${at}.namespaceSelector`, term["namespaceSelector"]),
  ...listAt(term, "namespaces").flatMap((name) =>
    dnsLabel(String(name)).map((text) => invalid(`${at}.namespace`, name, text)),
  ),
  ...topologyKey(term, at),
];

const topologyKey = (term: JsonObject, at: string): Problems => {
  const key = textAt(term, "topologyKey");
  return [
    ...(key === "" ? [required(`${at}.topologyKey`, "can not be empty")] : []),
    ...labelKey(key).map((text) => invalid(`${at}.topologyKey`, key, text)),
  ];
};

export const spread = (spec: JsonObject, at: string): Problems => {
  const constraints = objectsAt(spec, "topologySpreadConstraints");
  const pair = (constraint: JsonObject): string =>
    `{${textAt(constraint, "topologyKey")}, ${textAt(constraint, "whenUnsatisfiable")}}`;
  return constraints.flatMap((constraint, index) => {
    const place = `${at}[${index}]`;
    const skew = Number(constraint["maxSkew"] ?? 0);
    const when = textAt(constraint, "whenUnsatisfiable");
    const minDomains = constraint["minDomains"];
    const policies = ["nodeAffinityPolicy", "nodeTaintsPolicy"] as const;
    const key = textAt(constraint, "topologyKey");
    return [
      ...(skew <= 0 ? [invalid(`${place}.maxSkew`, skew, "must be greater than zero")] : []),
      ...(key === "" ? [required(`${place}.topologyKey`, "can not be empty")] : []),
      ...oneOf(`${place}.whenUnsatisfiable`, when, ["DoNotSchedule", "ScheduleAnyway"]),
      ...(constraints.slice(index + 1).some((other) => pair(other) === pair(constraint))
        ? [duplicate(`${place}.{topologyKey, whenUnsatisfiable}`, pair(constraint))]
        : []),
      ...(typeof minDomains !== "number"
        ? []
        : [
            ...(minDomains <= 0 ? [invalid(`${place}.minDomains`, minDomains, "must be greater than zero")] : []),
            ...(when === "DoNotSchedule"
              ? []
              : [
                  invalid(
                    `${place}.minDomains`,
                    minDomains,
                    `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${when}`,
                  ),
                ]),
          ]),
      ...policies.flatMap((policy) =>
        constraint[policy] === undefined ? [] : oneOf(`${place}.${policy}`, constraint[policy], ["Honor", "Ignore"]),
      ),
      ...matchLabelKeys(constraint, place),
      ...validateSelector(`${place}.labelSelector`, constraint["labelSelector"]),
    ];
  });
};

const matchLabelKeys = (constraint: JsonObject, at: string): Problems => {
  const keys = listAt(constraint, "matchLabelKeys");
  if (keys.length === 0) return [];
  if (!isJsonObject(constraint["labelSelector"])) {
    return [forbidden(`${at}.matchLabelKeys`, "must not be specified when labelSelector is not set")];
  }
  return keys.flatMap((key, index) =>
    labelKey(String(key)).map((text) => invalid(`${at}.matchLabelKeys[${index}]`, key, text)),
  );
};

export const tolerations = (spec: JsonObject, at: string): Problems =>
  objectsAt(spec, "tolerations").flatMap((toleration, index) => {
    const place = `${at}[${index}]`;
    const [key, operator, effect] = [
      textAt(toleration, "key"),
      textAt(toleration, "operator"),
      textAt(toleration, "effect"),
    ];
    const value = textAt(toleration, "value");
    const ofOperator = ((): Problems => {
      switch (operator) {
        case "":
        case "Equal":
          return labelValueProblems(value).map((text) => invalid(`${place}.operator`, value, text));
        case "Exists":
          return value === ""
            ? []
            : [invalid(`${place}.operator`, value, "value must be empty when `operator` is 'Exists'")];
        default:
          return [notSupported(`${place}.operator`, operator, ["Equal", "Exists"])];
      }
    })();
    return [
      ...(key === "" ? [] : labelKey(key).map((text) => invalid(`${place}.key`, key, text))),
      ...(key === "" && operator !== "Exists"
        ? [
            invalid(
              `${place}.operator`,
              operator,
              'operator must be Exists when `key` is empty, which means "match all values and all keys"',
            ),
          ]
        : []),
      ...(toleration["tolerationSeconds"] !== undefined && effect !== "NoExecute"
        ? [invalid(`${place}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")]
        : []),
      ...ofOperator,
      ...(effect === "" ? [] : oneOf(`${place}.effect`, effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"])),
    ];
  });
