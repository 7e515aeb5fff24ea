import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt, textsAt } from "../fields.ts";
import { intOrPercent } from "../int-or-percent.ts";
import type { LabelSelector } from "../object.ts";
import { compileLabelSelector } from "../selectors.ts";
import {
  type FieldProblem,
  forbidden,
  invalid,
  nonNegative,
  notSupported,
  oneOf,
  type Problems,
  required,
} from "./field-problem.ts";
import { internalJson } from "./internal-json.ts";
import { validateAnnotations, validateLabels, validateSelector } from "./metadata.ts";
import { dnsLabel } from "./names.ts";
import { validatePodSpec, validatePodTemplate } from "./pod.ts";
import { validateClaimSpec } from "./volumes.ts";

const percentText =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** A count or a percentage. */
const countOrPercent = (at: string, value: Json | undefined): Problems => {
  if (typeof value === "number") return nonNegative(at, value);
  return typeof value === "string" && !/^[0-9]+%$/.test(value) ? [invalid(at, value, percentText)] : [];
};

const noMoreThanAll = (at: string, value: Json | undefined): Problems =>
  typeof value === "string" && /^[0-9]+%$/.test(value) && Number.parseInt(value, 10) > 100
    ? [invalid(at, value, "must not be greater than 100%")]
    : [];

const isZero = (value: Json | undefined): boolean =>
  value === 0 || (typeof value === "string" && intOrPercent(value, 100, "up") === 0);

const isEmptySelector = (selector: Json | undefined): boolean =>
  isJsonObject(selector) &&
  Object.keys(objectAt(selector, "matchLabels")).length + listAt(selector, "matchExpressions").length === 0;

/** What is wrong with a selector, and with one that selects everything. */
const ofSelector = (spec: JsonObject, empty: string): Problems => {
  const selector = spec["selector"];
  if (!isJsonObject(selector)) return [required("spec.selector")];
  return [
    ...validateSelector("spec.selector", selector),
    ...(isEmptySelector(selector) ? [invalid("spec.selector", {}, empty)] : []),
  ];
};

const isUnreadable = (spec: JsonObject): boolean => validateSelector("", spec["selector"]).length > 0;

/** A selector as Go prints it. */
const shownSelector = (spec: JsonObject): JsonObject => {
  const selector = objectAt(spec, "selector");
  return {
    ...(selector["matchLabels"] === undefined ? {} : { matchLabels: selector["matchLabels"] }),
    ...(selector["matchExpressions"] === undefined
      ? {}
      : {
          matchExpressions: objectsAt(selector, "matchExpressions").map(({ key, operator, values }) => ({
            key: key ?? "",
            operator: operator ?? "",
            ...(Array.isArray(values) && values.length > 0 ? { values } : {}),
          })),
        }),
  };
};

/** An empty selector has been named already, and one that cannot be read too. */
const matchesTemplate = (spec: JsonObject): Problems => {
  const labels = textsAt(spec, "template", "metadata", "labels");
  const selector = spec["selector"];
  if (isEmptySelector(selector) || isUnreadable(spec)) return [];
  const matcher = compileLabelSelector(isJsonObject(selector) ? (selector as unknown as LabelSelector) : undefined);
  return matcher.matches(labels)
    ? []
    : [
        invalid(
          "spec.template.metadata.labels",
          Object.keys(labels).length === 0 ? null : labels,
          "`selector` does not match template `labels`",
        ),
      ];
};

/** What a template that runs for ever may not say. */
const lasting = (spec: JsonObject, kind: string): Problems => {
  const at = "spec.template.spec";
  const policy = objectAt(spec, "template", "spec")["restartPolicy"] ?? "";
  const deadline = objectAt(spec, "template", "spec")["activeDeadlineSeconds"];
  return [
    ...(policy === "Always" ? [] : [notSupported(`${at}.restartPolicy`, policy, ["Always"])]),
    ...(deadline === undefined
      ? []
      : [forbidden(`${at}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`)]),
  ];
};

/** The template of a Deployment or ReplicaSet. */
const lastingTemplate = (spec: JsonObject): Problems =>
  isUnreadable(spec)
    ? [invalid("spec.selector", shownSelector(spec), "invalid label selector")]
    : [
        ...matchesTemplate(spec),
        ...validatePodTemplate(objectAt(spec, "template"), "spec.template"),
        ...lasting(spec, "ReplicaSet"),
      ];

/** pkg/apis/apps/validation, v1.35. */
export const validateDeployment = (spec: JsonObject): Problems => [
  ...nonNegative("spec.replicas", spec["replicas"]),
  ...ofSelector(spec, "empty selector is invalid for deployment"),
  ...lastingTemplate(spec),
  ...strategy(objectAt(spec, "strategy")),
  ...nonNegative("spec.minReadySeconds", spec["minReadySeconds"]),
  ...nonNegative("spec.revisionHistoryLimit", spec["revisionHistoryLimit"]),
  ...nonNegative("spec.progressDeadlineSeconds", spec["progressDeadlineSeconds"]),
  ...(typeof spec["progressDeadlineSeconds"] === "number" &&
  spec["progressDeadlineSeconds"] <= Number(spec["minReadySeconds"] ?? 0)
    ? [invalid("spec.progressDeadlineSeconds", spec["progressDeadlineSeconds"], "must be greater than minReadySeconds")]
    : []),
];

const strategy = (given: JsonObject): Problems => {
  const rolling = given["rollingUpdate"];
  const at = "spec.strategy.rollingUpdate";
  switch (given["type"]) {
    case "Recreate":
      return rolling === undefined ? [] : [forbidden(at, "may not be specified when strategy `type` is 'Recreate'")];
    case "RollingUpdate": {
      const { maxUnavailable, maxSurge } = objectAt(rolling);
      return [
        ...countOrPercent(`${at}.maxUnavailable`, maxUnavailable),
        ...countOrPercent(`${at}.maxSurge`, maxSurge),
        ...(isZero(maxUnavailable) && isZero(maxSurge)
          ? [invalid(`${at}.maxUnavailable`, maxUnavailable ?? 0, "may not be 0 when `maxSurge` is 0")]
          : []),
        ...noMoreThanAll(`${at}.maxUnavailable`, maxUnavailable),
      ];
    }
    default:
      return [notSupported("spec.strategy", internalJson(given, "DeploymentStrategy"), ["Recreate", "RollingUpdate"])];
  }
};

export const validateReplicaSet = (spec: JsonObject): Problems => [
  ...nonNegative("spec.replicas", spec["replicas"]),
  ...nonNegative("spec.minReadySeconds", spec["minReadySeconds"]),
  ...ofSelector(spec, "empty selector is invalid for deployment"),
  ...lastingTemplate(spec),
];

export const validateDaemonSet = (spec: JsonObject): Problems => {
  const update = objectAt(spec, "updateStrategy");
  const { maxUnavailable, maxSurge } = objectAt(update, "rollingUpdate");
  const at = "spec.updateStrategy";
  const rolling = `${at}.rollingUpdate`;
  return [
    ...validateSelector("spec.selector", spec["selector"]),
    ...matchesTemplate(spec),
    ...(isEmptySelector(spec["selector"])
      ? [invalid("spec.selector", {}, "empty selector is invalid for daemonset")]
      : []),
    ...validatePodTemplate(objectAt(spec, "template"), "spec.template"),
    ...lasting(spec, "DaemonSet"),
    ...nonNegative("spec.minReadySeconds", spec["minReadySeconds"]),
    ...(update["type"] === "OnDelete"
      ? []
      : update["type"] === "RollingUpdate"
        ? [
            ...countOrPercent(`${rolling}.maxUnavailable`, maxUnavailable),
            ...noMoreThanAll(`${rolling}.maxUnavailable`, maxUnavailable),
            ...countOrPercent(`${rolling}.maxSurge`, maxSurge),
            ...noMoreThanAll(`${rolling}.maxSurge`, maxSurge),
            ...(!isZero(maxUnavailable) && !isZero(maxSurge)
              ? [invalid(`${rolling}.maxSurge`, maxSurge ?? 0, "may not be set when maxUnavailable is non-zero")]
              : []),
            ...(isZero(maxUnavailable) && isZero(maxSurge)
              ? [required(`${rolling}.maxUnavailable`, "cannot be 0 when maxSurge is 0")]
              : []),
          ]
        : [notSupported(at, internalJson(update, "DaemonSetUpdateStrategy"), ["RollingUpdate", "OnDelete"])]),
    ...nonNegative("spec.revisionHistoryLimit", spec["revisionHistoryLimit"]),
  ];
};

export const validateStatefulSet = (spec: JsonObject): Problems => {
  const update = objectAt(spec, "updateStrategy");
  const policy = spec["podManagementPolicy"];
  const retention = objectAt(spec, "persistentVolumeClaimRetentionPolicy");
  const claims = objectsAt(spec, "volumeClaimTemplates");
  const service = textAt(spec, "serviceName");
  return [
    ...(policy === "OrderedReady" || policy === "Parallel"
      ? []
      : policy === "" || policy === undefined
        ? [required("spec.podManagementPolicy")]
        : [invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")]),
    ...(update["type"] === "OnDelete"
      ? update["rollingUpdate"] === undefined
        ? []
        : [
            invalid(
              "spec.updateStrategy.rollingUpdate",
              update["rollingUpdate"],
              "only allowed for updateStrategy 'RollingUpdate'",
            ),
          ]
      : update["type"] === "RollingUpdate"
        ? nonNegative("spec.updateStrategy.rollingUpdate.partition", objectAt(update, "rollingUpdate")["partition"])
        : [
            invalid(
              "spec.updateStrategy",
              internalJson(update, "StatefulSetUpdateStrategy"),
              "must be 'RollingUpdate' or 'OnDelete'",
            ),
          ]),
    ...["whenDeleted", "whenScaled"].flatMap((field) =>
      retention[field] === undefined
        ? []
        : oneOf(`spec.persistentVolumeClaimRetentionPolicy.${field}`, retention[field], ["Retain", "Delete"]),
    ),
    ...claims.flatMap((claim, index) =>
      validateClaimSpec(objectAt(claim, "spec"), `spec.volumeClaimTemplates[${index}].spec`),
    ),
    ...nonNegative("spec.replicas", spec["replicas"]),
    ...nonNegative("spec.minReadySeconds", spec["minReadySeconds"]),
    ...nonNegative("spec.ordinals.start", objectAt(spec, "ordinals")["start"]),
    ...(service === "" ? [] : dnsLabel(service).map((text) => invalid("spec.serviceName", service, text))),
    ...ofSelector(spec, "empty selector is invalid for statefulset"),
    ...(isUnreadable(spec) ? [unreadable(spec)] : setTemplate(spec, claims)),
    ...lasting(spec, "StatefulSet"),
  ];
};

/** Upstream says no more than the selector here. */
const unreadable = (spec: JsonObject): FieldProblem => ({
  type: "FieldValueInvalid",
  field: "spec.selector",
  message: `Invalid value: ${JSON.stringify(shownSelector(spec))}`,
});

/** The controller sets the host's names and puts a volume for each claim before the template's own. */
const setTemplate = (spec: JsonObject, claims: readonly JsonObject[]): Problems => {
  const template = objectAt(spec, "template");
  const { hostname: _, subdomain: __, ...pod } = objectAt(template, "spec");
  const names = [...new Set(claims.map((claim) => textAt(claim, "metadata", "name")))];
  const volumes = [
    ...names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...objectsAt(pod, "volumes").filter((volume) => !names.includes(textAt(volume, "name"))),
  ];
  return [
    ...matchesTemplate(spec),
    ...validatePodTemplate({ ...template, spec: { ...pod, volumes } }, "spec.template"),
    // Upstream looks at these twice.
    ...validateLabels("spec.template.labels", objectAt(template, "metadata")["labels"]),
    ...validateAnnotations("spec.template.annotations", objectAt(template, "metadata")["annotations"]),
  ];
};

export const validatePod = (spec: JsonObject): Problems => validatePodSpec(spec, "spec", true);

export const validateDisruptionBudget = (spec: JsonObject): Problems => [
  ...(spec["minAvailable"] !== undefined && spec["maxUnavailable"] !== undefined
    ? [
        invalid(
          "spec",
          internalJson(spec, "PodDisruptionBudgetSpec"),
          "minAvailable and maxUnavailable cannot be both set",
        ),
      ]
    : []),
  ...["minAvailable", "maxUnavailable"].flatMap((field) => [
    ...countOrPercent(`spec.${field}`, spec[field]),
    ...noMoreThanAll(`spec.${field}`, spec[field]),
  ]),
  ...validateSelector("spec.selector", spec["selector"]),
  ...(spec["unhealthyPodEvictionPolicy"] === undefined
    ? []
    : oneOf("spec.unhealthyPodEvictionPolicy", spec["unhealthyPodEvictionPolicy"], ["AlwaysAllow", "IfHealthyBudget"])),
];
