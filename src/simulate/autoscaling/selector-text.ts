import type { LabelSelector } from "../../kubernetes/object.ts";
import type { Labels } from "../../kubernetes/selectors.ts";

/**
 * Reads the text of a selector, such as `app=web,tier in (a,b),!legacy`: a test of labels, or what is wrong with it.
 * Source: apimachinery v0.35 `labels.Parse`.
 */
export const parseSelectorText = (text: string): ((labels: Labels) => boolean) | string => {
  const tests: ((labels: Labels) => boolean)[] = [];
  for (const part of splitTerms(text)) {
    const test = parseTerm(part.trim());
    if (typeof test === "string") return test;
    tests.push(test);
  }
  return (labels) => tests.every((test) => test(labels));
};

/** Splits at commas that stand outside of parentheses. */
const splitTerms = (text: string): readonly string[] => (text.trim() === "" ? [] : text.split(/,(?![^(]*\))/));

const parseTerm = (term: string): ((labels: Labels) => boolean) | string => {
  const set = /^([^\s=!<>()]+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = new Set(list.split(",").map((value) => value.trim()));
    return operator === "in"
      ? (labels) => labels[key] !== undefined && values.has(labels[key])
      : (labels) => labels[key] === undefined || !values.has(labels[key]);
  }
  const equality = /^([^\s=!<>()]+)\s*(==|=|!=)\s*([^\s=!<>()]*)$/.exec(term);
  if (equality !== null) {
    const [, key = "", operator, value = ""] = equality;
    return operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const existence = /^(!?)\s*([^\s=!<>()]+)$/.exec(term);
  if (existence !== null) {
    const [, not, key = ""] = existence;
    return not === "!" ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined;
  }
  return `unable to parse requirement: found '${term}', expected: identifier`;
};

/** What upstream's `LabelSelectorAsSelector` has against a selector; undefined when it can be read. */
export const metricSelectorProblem = (selector: LabelSelector): string | undefined => {
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    switch (operator) {
      case "In":
      case "NotIn":
        if (values === undefined || values.length === 0) {
          return "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty";
        }
        break;
      case "Exists":
      case "DoesNotExist":
        if (values !== undefined && values.length > 0) {
          return `values: Invalid value: ${JSON.stringify(values)}: values set must be empty for exists and does not exist`;
        }
        break;
      default:
        return `${JSON.stringify(operator)} is not a valid label selector operator`;
    }
    const bad = (values ?? []).findIndex((value) => !isLabelValue(value));
    if (bad >= 0) return labelValueProblem(key, bad, values?.[bad] ?? "");
  }
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (!isLabelValue(value)) return labelValueProblem(key, 0, value);
  }
  return undefined;
};

const isLabelValue = (value: string): boolean =>
  value.length <= 63 && /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value);

const labelValueProblem = (key: string, index: number, value: string): string =>
  `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${
    value.length > 63 ? "must be no more than 63 bytes" : INVALID_LABEL_VALUE
  }`;

const INVALID_LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
