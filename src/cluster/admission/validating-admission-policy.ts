import { listAt, objectAt, objectsAt, textAt, textsAt } from "../../kubernetes/fields.ts";
import { groupOf } from "../../kubernetes/kinds.ts";
import type { LabelSelector } from "../../kubernetes/object.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { type ApiError, forbidden } from "../api-status.ts";
import { celValue, type EvaluateCel } from "../cel.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";

const codes: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

/** A finding of a policy: what it says, and as what it refuses. */
interface Denial {
  readonly message: string;
  readonly reason: string;
}

/** Policies in CEL with their bindings (apiserver pkg/admission/plugin/policy/validating, v1.35). */
export const createPolicyPlugin = (evaluate: EvaluateCel): AdmissionPlugin => ({
  name: "ValidatingAdmissionPolicy",
  validate: (request) => {
    if (request.resource.group === "admissionregistration.k8s.io") return undefined;
    const bindings = request.store.list("ValidatingAdmissionPolicyBinding") as unknown as readonly JsonObject[];
    let refusal: ApiError | undefined;
    for (const policy of request.store.list("ValidatingAdmissionPolicy") as unknown as readonly JsonObject[]) {
      const name = textAt(policy, "metadata", "name");
      if (!matches(objectAt(policy, "spec", "matchConstraints"), request, true)) continue;
      for (const binding of bindings) {
        if (textAt(binding, "spec", "policyName") !== name) continue;
        const narrowed = objectAt(binding, "spec", "matchResources");
        if (!matches(narrowed, request, listAt(narrowed, "resourceRules").length > 0)) continue;
        for (const denial of denials(policy, binding, request, evaluate)) {
          refusal ??= act(policy, binding, denial, request);
        }
      }
    }
    return refusal;
  },
});

const act = (
  policy: JsonObject,
  binding: JsonObject,
  { message, reason }: Denial,
  request: AdmissionRequest,
): ApiError | undefined => {
  const names = `ValidatingAdmissionPolicy '${textAt(policy, "metadata", "name")}' with binding '${textAt(binding, "metadata", "name")}'`;
  const actions = listAt(binding, "spec", "validationActions");
  if (actions.includes("Warn")) request.warnings.push(`Validation failed for ${names}: ${message}`);
  if (!actions.includes("Deny")) return undefined;
  const text = `${names} denied request: ${message}`;
  const error = forbidden(request.resource, request.name, text);
  return { ...error, reason, code: codes[reason] ?? 422, details: { ...error.details, causes: [{ message: text }] } };
};

const matches = (constraints: JsonObject, request: AdmissionRequest, byRules: boolean): boolean => {
  const rules = objectsAt(constraints, "resourceRules");
  const isNamed = !byRules || rules.some((rule) => matchesRule(rule, request));
  if (!isNamed || objectsAt(constraints, "excludeResourceRules").some((rule) => matchesRule(rule, request)))
    return false;
  const labels = textsAt(request.object, "metadata", "labels");
  const namespace = request.store.get("Namespace", undefined, request.namespace || request.name);
  const spaceLabels =
    request.namespace === "" && request.resource.plural !== "namespaces" ? undefined : namespace?.metadata.labels;
  return (
    selects(constraints["objectSelector"], labels) &&
    (spaceLabels === undefined || selects(constraints["namespaceSelector"], spaceLabels))
  );
};

const selects = (selector: Json | undefined, labels: Readonly<Record<string, string>>): boolean =>
  selector === undefined || compileLabelSelector(selector as unknown as LabelSelector).matches(labels);

const matchesRule = (rule: JsonObject, request: AdmissionRequest): boolean => {
  const names = (field: string, value: string): boolean => {
    const values = listAt(rule, field);
    return values.includes("*") || values.includes(value);
  };
  const version = request.apiVersion.split("/").at(-1) ?? "";
  const resource =
    request.subresource === "" ? request.resource.plural : `${request.resource.plural}/${request.subresource}`;
  const resourceNames = listAt(rule, "resourceNames");
  const scope = textAt(rule, "scope");
  const isNamespaced = request.namespace !== "";
  return (
    names("apiGroups", groupOf(request.apiVersion)) &&
    names("apiVersions", version) &&
    names("operations", request.operation) &&
    (names("resources", resource) || listAt(rule, "resources").includes("*/*")) &&
    (resourceNames.length === 0 || resourceNames.includes(request.name)) &&
    (scope === "" || scope === "*" || (scope === "Namespaced") === isNamespaced)
  );
};

const denials = (
  policy: JsonObject,
  binding: JsonObject,
  request: AdmissionRequest,
  evaluate: EvaluateCel,
): readonly Denial[] => {
  const spec = objectAt(policy, "spec");
  const failsOpen = textAt(spec, "failurePolicy") === "Ignore";
  const variables = variablesOf(policy, binding, request, evaluate);
  for (const condition of objectsAt(spec, "matchConditions")) {
    const result = attempt(textAt(condition, "expression"), variables, evaluate);
    if ("error" in result) {
      return failsOpen
        ? []
        : [
            {
              message: `match condition '${textAt(condition, "name")}' resulted in error: ${result.error}`,
              reason: "Invalid",
            },
          ];
    }
    if (result.value !== true) return [];
  }
  return objectsAt(spec, "validations").flatMap((validation) => {
    const expression = textAt(validation, "expression");
    const result = attempt(expression, variables, evaluate);
    const reason = textAt(validation, "reason") || "Invalid";
    if ("error" in result)
      return failsOpen
        ? []
        : [{ message: `expression '${expression}' resulted in error: ${result.error}`, reason: "Invalid" }];
    return result.value === true ? [] : [{ message: messageOf(validation, variables, evaluate), reason }];
  });
};

const messageOf = (
  validation: JsonObject,
  variables: Readonly<Record<string, unknown>>,
  evaluate: EvaluateCel,
): string => {
  const byExpression = textAt(validation, "messageExpression");
  if (byExpression !== "") {
    const result = attempt(byExpression, variables, evaluate);
    if ("value" in result && typeof result.value === "string" && result.value.trim() !== "") return result.value;
  }
  return textAt(validation, "message") || `failed expression: ${textAt(validation, "expression").trim()}`;
};

const attempt = (
  expression: string,
  variables: Readonly<Record<string, unknown>>,
  evaluate: EvaluateCel,
): { readonly value: unknown } | { readonly error: string } => {
  try {
    return { value: evaluate(expression, variables) };
  } catch (error) {
    return { error: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error) };
  }
};

const variablesOf = (
  policy: JsonObject,
  binding: JsonObject,
  request: AdmissionRequest,
  evaluate: EvaluateCel,
): Readonly<Record<string, unknown>> => {
  const namespace = request.store.get("Namespace", undefined, request.namespace);
  const base: Record<string, unknown> = {
    object: request.operation === "DELETE" ? null : celValue(request.object),
    oldObject: celValue(request.previous),
    request: celValue({
      operation: request.operation,
      name: request.name,
      namespace: request.namespace,
      userInfo: { username: request.user, groups: request.groups },
      resource: { group: request.resource.group, resource: request.resource.plural },
      kind: { group: request.resource.group, kind: request.resource.kind },
      dryRun: false,
    }),
    namespaceObject: celValue(namespace as unknown as JsonObject | undefined),
    params: celValue(paramsOf(policy, binding, request)),
  };
  const named: Record<string, unknown> = {};
  // Variables may use those before them.
  for (const variable of objectsAt(policy, "spec", "variables")) {
    const result = attempt(textAt(variable, "expression"), { ...base, variables: named }, evaluate);
    if ("value" in result) named[textAt(variable, "name")] = result.value;
  }
  return { ...base, variables: named };
};

const paramsOf = (policy: JsonObject, binding: JsonObject, request: AdmissionRequest): JsonObject | undefined => {
  const kind = textAt(policy, "spec", "paramKind", "kind");
  const reference = objectAt(binding, "spec", "paramRef");
  if (kind === "") return undefined;
  const namespace = textAt(reference, "namespace") || request.namespace;
  return (request.store.get(kind, namespace, textAt(reference, "name")) ??
    request.store.get(kind, undefined, textAt(reference, "name"))) as unknown as JsonObject | undefined;
};
