import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt, textsAt } from "../fields.ts";
import type { LabelSelector } from "../object.ts";
import { compileLabelSelector } from "../selectors.ts";
import { duplicate, invalid, nonNegative, notSupported, oneOf, type Problems, required } from "./field-problem.ts";
import { internalJson } from "./internal-json.ts";
import { validateSelector } from "./metadata.ts";
import { dnsLabel, labelKey } from "./names.ts";
import { domainPrefixedPath } from "./network.ts";
import { validatePodTemplate } from "./pod.ts";

/** A Job (pkg/apis/batch/validation, v1.35). */
export const validateJob = (spec: JsonObject, job: JsonObject): Problems => {
  const [name, completions] = [textAt(job, "metadata", "name"), spec["completions"]];
  const selector = spec["selector"];
  const labels = textsAt(spec, "template", "metadata", "labels");
  const host = `${name}-${Number(completions) - 1}`;
  const isLong =
    spec["completionMode"] === "Indexed" && typeof completions === "number" && completions > 0 && !isLabel(host);
  return [
    ...generatedSelector(spec, job),
    ...jobSpec(spec, "spec"),
    ...(selector === undefined ? [required("spec.selector")] : validateSelector("spec.selector", selector)),
    ...(matches(selector, labels)
      ? []
      : [
          invalid(
            "spec.template.metadata.labels",
            Object.keys(labels).length === 0 ? null : labels,
            "`selector` does not match template `labels`",
          ),
        ]),
    ...(isLong ? [invalid("metadata.name", name, `will not able to create pod with invalid DNS label: ${host}`)] : []),
  ];
};

const isLabel = (name: string): boolean => dnsLabel(name).length === 0;

/** A selector that cannot be read has been named already; none at all matches nothing. */
const matches = (selector: Json | undefined, labels: Readonly<Record<string, string>>): boolean => {
  if (!isJsonObject(selector)) return false;
  if (validateSelector("", selector).length > 0) return true;
  return compileLabelSelector(selector as unknown as LabelSelector).matches(labels);
};

/** What the API server sets must select what it sets. */
const generatedSelector = (spec: JsonObject, job: JsonObject): Problems => {
  const selector = spec["selector"];
  if (spec["manualSelector"] === true || !isJsonObject(selector)) return [];
  const labels = textsAt(spec, "template", "metadata", "labels");
  const [uid, name] = [textAt(job, "metadata", "uid"), textAt(job, "metadata", "name")];
  const expected: Readonly<Record<string, string>> = {
    "controller-uid": uid,
    "job-name": name,
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
  };
  return [
    ...Object.entries(expected).flatMap(([key, value]): Problems => {
      const at = "spec.template.metadata.labels";
      if (labels[key] === value) return [];
      return [
        labels[key] === undefined ? required(at, `must be '${value}'`) : invalid(at, labels, `must be '${value}'`),
      ];
    }),
    ...(matches(selector, expected) ? [] : [invalid("spec.selector", selector, "`selector` not auto-generated")]),
  ];
};

/** The Job of a CronJob, whose selector the API server will set. */
export const validateJobTemplate = (spec: JsonObject, at: string): Problems => {
  const { selector, manualSelector } = spec;
  return [
    ...jobSpec(spec, at),
    ...(isJsonObject(selector) ? [invalid(`${at}.selector`, selector, "`selector` will be auto-generated")] : []),
    ...(manualSelector === true ? [notSupported(`${at}.manualSelector`, true, ["nil", "false"])] : []),
  ];
};

const counts = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
  "backoffLimitPerIndex",
  "maxFailedIndexes",
];

const jobSpec = (spec: JsonObject, at: string): Problems => {
  const template = objectAt(spec, "template");
  const given = objectAt(template, "spec")["restartPolicy"];
  const restart = given === undefined || given === "" ? "Always" : given;
  const place = `${at}.template.spec.restartPolicy`;
  const hasFailurePolicy = isJsonObject(spec["podFailurePolicy"]);
  return [
    ...counts.flatMap((field) => nonNegative(`${at}.${field}`, spec[field])),
    ...(spec["maxFailedIndexes"] !== undefined && spec["backoffLimitPerIndex"] === undefined
      ? [required(`${at}.backoffLimitPerIndex`, "when maxFailedIndexes is specified")]
      : []),
    ...(typeof spec["managedBy"] === "string" ? domainPrefixedPath(spec["managedBy"], `${at}.managedBy`) : []),
    ...completion(spec, at),
    ...policies(spec, at),
    ...validatePodTemplate(
      { ...template, spec: { ...objectAt(template, "spec"), restartPolicy: restart } },
      `${at}.template`,
    ),
    ...(restart === "Always"
      ? [required(place, 'valid values: "OnFailure", "Never"')]
      : restart !== "OnFailure" && restart !== "Never"
        ? [notSupported(place, restart, ["OnFailure", "Never"])]
        : hasFailurePolicy && restart !== "Never"
          ? [invalid(place, restart, 'only "Never" is supported when podFailurePolicy is specified')]
          : []),
  ];
};

const mostAtOnce = 100_000;

const completion = (spec: JsonObject, at: string): Problems => {
  const { completionMode: mode, completions, parallelism, maxFailedIndexes: failed } = spec;
  const problems: Problems[] = [];
  if (mode !== undefined) problems.push(oneOf(`${at}.completionMode`, mode, ["NonIndexed", "Indexed"]));
  if (mode === "Indexed") {
    if (completions === undefined) problems.push([required(`${at}.completions`, "when completion mode is Indexed")]);
    if (typeof parallelism === "number" && parallelism > mostAtOnce) {
      const text = `must be less than or equal to ${mostAtOnce} when completion mode is Indexed`;
      problems.push([invalid(`${at}.parallelism`, parallelism, text)]);
    }
    if (typeof failed === "number" && typeof completions === "number" && failed > completions)
      problems.push([invalid(`${at}.maxFailedIndexes`, failed, "must be less than or equal to completions")]);
    if (typeof failed === "number" && failed > mostAtOnce)
      problems.push([invalid(`${at}.maxFailedIndexes`, failed, `must be less than or equal to ${mostAtOnce}`)]);
  } else if (mode === undefined || mode === "NonIndexed") {
    for (const field of ["backoffLimitPerIndex", "maxFailedIndexes"]) {
      const value = spec[field];
      if (value !== undefined) problems.push([invalid(`${at}.${field}`, value, "requires indexed completion mode")]);
    }
  }
  return problems.flat();
};

const policies = (spec: JsonObject, at: string): Problems => {
  const { podFailurePolicy: failure, successPolicy: success, podReplacementPolicy: replacement } = spec;
  const problems: Problems[] = [];
  if (isJsonObject(failure)) {
    for (const [index, rule] of objectsAt(failure, "rules").entries())
      problems.push(failureRule(spec, rule, `${at}.podFailurePolicy.rules[${index}]`));
  }
  if (isJsonObject(success)) {
    const place = `${at}.successPolicy`;
    const rules = objectsAt(success, "rules");
    if (spec["completionMode"] !== "Indexed")
      problems.push([invalid(place, internalJson(success, "SuccessPolicy"), "requires indexed completion mode")]);
    else if (rules.length === 0)
      problems.push([
        required(`${place}.rules`, "at least one rules must be specified when the successPolicy is specified"),
      ]);
    for (const [index, rule] of rules.entries())
      if (spec["completionMode"] === "Indexed") problems.push(successRule(spec, rule, `${place}.rules[${index}]`));
  }
  if (replacement !== undefined) {
    const known = isJsonObject(failure) ? ["Failed"] : ["Failed", "TerminatingOrFailed"];
    problems.push(oneOf(`${at}.podReplacementPolicy`, replacement, known));
  }
  return problems.flat();
};

const successRule = (spec: JsonObject, rule: JsonObject, at: string): Problems => {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  const completions = Number(spec["completions"] ?? 0);
  return [
    ...(count === undefined && indexes === undefined
      ? [required(at, "at least one of succeededCount or succeededIndexes must be specified")]
      : []),
    ...nonNegative(`${at}.succeededCount`, count),
    ...(typeof count === "number" && count > completions
      ? [
          invalid(
            `${at}.succeededCount`,
            count,
            `must be less than or equal to ${completions} (the number of specified completions)`,
          ),
        ]
      : []),
  ];
};

const actions = ["Count", "FailIndex", "FailJob", "Ignore"];
const states = ["False", "True", "Unknown"];
const quoted = (values: readonly string[]): string =>
  `valid values: [${values.map((value) => JSON.stringify(value)).join(" ")}]`;
const known = (at: string, value: string, values: readonly string[]): Problems =>
  value === "" ? [required(at, quoted(values))] : oneOf(at, value, values);

const failureRule = (spec: JsonObject, rule: JsonObject, at: string): Problems => {
  const action = textAt(rule, "action");
  const codes = rule["onExitCodes"];
  const conditions = objectsAt(rule, "onPodConditions");
  const whole = (detail: string) => ({
    type: "FieldValueInvalid" as const,
    field: at,
    message: `Invalid value: ${detail}`,
  });
  const problems: Problems[] = [known(`${at}.action`, action, actions)];
  if (action === "FailIndex" && spec["backoffLimitPerIndex"] === undefined)
    problems.push([invalid(`${at}.action`, action, "requires the backoffLimitPerIndex to be set")]);
  if (isJsonObject(codes)) problems.push(exitCodes(spec, codes, `${at}.onExitCodes`));
  for (const [index, condition] of conditions.entries()) {
    const place = `${at}.onPodConditions[${index}]`;
    const type = textAt(condition, "type");
    problems.push(labelKey(type).map((text) => invalid(`${place}.type`, type, text)));
    problems.push(known(`${place}.status`, textAt(condition, "status"), states));
  }
  if (isJsonObject(codes) && conditions.length > 0)
    problems.push([whole("specifying both OnExitCodes and OnPodConditions is not supported")]);
  if (!isJsonObject(codes) && conditions.length === 0)
    problems.push([whole("specifying one of OnExitCodes and OnPodConditions is required")]);
  return problems.flat();
};

const exitCodes = (spec: JsonObject, codes: JsonObject, at: string): Problems => {
  const operator = textAt(codes, "operator");
  const container = codes["containerName"];
  const values = listAt(codes, "values").map(Number);
  const names = ["containers", "initContainers"].flatMap((field) =>
    objectsAt(spec, "template", "spec", field).map((one) => textAt(one, "name")),
  );
  const text = "must be one of the container or initContainer names in the pod template";
  return [
    ...known(`${at}.operator`, operator, ["In", "NotIn"]),
    ...(typeof container === "string" && !names.includes(container)
      ? [invalid(`${at}.containerName`, container, text)]
      : []),
    ...(values.length === 0
      ? [invalid(`${at}.values`, codes["values"] ?? null, "at least one value is required")]
      : []),
    ...values.flatMap((value, index) => [
      ...(operator === "In" && value === 0
        ? [invalid(`${at}.values[${index}]`, value, "must not be 0 for the In operator")]
        : []),
      ...(values.indexOf(value) < index ? [duplicate(`${at}.values[${index}]`, value)] : []),
    ]),
    ...(values.some((value, index) => index > 0 && (values[index - 1] ?? 0) > value)
      ? [invalid(`${at}.values`, values, "must be ordered")]
      : []),
  ];
};
