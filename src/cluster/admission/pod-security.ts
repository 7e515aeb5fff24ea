import { objectAt, textAt, textsAt } from "../../kubernetes/fields.ts";
import { type FieldProblem, invalid as invalidField } from "../../kubernetes/validation/field-problem.ts";
import type { JsonObject } from "../../model/json.ts";
import { forbidden, invalid } from "../api-status.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";
import { podSecurityViolations, type SecurityLevel } from "./pod-security-checks.ts";

/** Where the pod template stands in the kinds that have one. */
const templates: Readonly<Record<string, readonly string[]>> = {
  replicationcontrollers: ["spec", "template"],
  podtemplates: ["template"],
  replicasets: ["spec", "template"],
  deployments: ["spec", "template"],
  daemonsets: ["spec", "template"],
  statefulsets: ["spec", "template"],
  jobs: ["spec", "template"],
  cronjobs: ["spec", "jobTemplate", "spec", "template"],
};

/**
 * The Pod Security Standards by a namespace's labels: `enforce` refuses pods, `warn` warns of pods and templates
 * (staging/src/k8s.io/pod-security-admission, v1.35).
 */
export const podSecurity: AdmissionPlugin = {
  name: "PodSecurity",
  validate: (request) => {
    if (request.operation === "DELETE" || request.subresource !== "") return undefined;
    if (request.resource.plural === "namespaces" && request.resource.group === "") return ofNamespace(request);
    const namespace = request.store.get("Namespace", undefined, request.namespace);
    const labels = textsAt(namespace as unknown as JsonObject, "metadata", "labels");
    if (request.resource.plural === "pods" && request.resource.group === "") return ofPod(request, labels);
    const path = templates[request.resource.plural];
    if (path === undefined) return undefined;
    const spec = objectAt(request.object, ...path, "spec");
    if (Object.keys(spec).length > 0) warn(request, labels, objectAt(request.object, ...path));
    return undefined;
  },
};

const PREFIX = "pod-security.kubernetes.io/";

/** A namespace's labels must name levels and versions; wrong ones that were there before may stay. */
const ofNamespace = (request: AdmissionRequest) => {
  const problems = labelProblems(request.object);
  const before = request.previous === undefined ? [] : labelProblems(request.previous);
  if (problems.length === 0 || JSON.stringify(problems) === JSON.stringify(before)) return undefined;
  return invalid(request.resource, request.name, problems);
};

const labelProblems = (namespace: JsonObject) => {
  const labels = textsAt(namespace, "metadata", "labels");
  const problems: FieldProblem[] = [];
  const check = (key: string, isRight: (value: string) => boolean, text: string): void => {
    const value = labels[`${PREFIX}${key}`];
    if (value !== undefined && !isRight(value)) {
      problems.push(invalidField(`metadata.labels[${PREFIX}${key}]`, value, text));
    }
  };
  for (const mode of ["enforce", "audit", "warn"]) {
    const levels = ["privileged", "baseline", "restricted"];
    check(mode, (value) => levels.includes(value), `must be one of ${levels.join(", ")}`);
    check(`${mode}-version`, (value) => /^(latest|v1\.(0|[1-9]\d*))$/.test(value), 'must be "latest" or "v1.x"');
  }
  return problems;
};

const ofPod = (request: AdmissionRequest, labels: Readonly<Record<string, string>>) => {
  if (request.previous !== undefined && textAt(request.previous, "status", "phase") !== "") {
    const [before, after] = [objectAt(request.previous, "spec"), objectAt(request.object, "spec")];
    if (JSON.stringify(before) === JSON.stringify(after)) return undefined;
  }
  const [level, version] = levelOf(labels, "enforce");
  const violations = podSecurityViolations(request.object, level);
  if (violations.length > 0) {
    return forbidden(
      request.resource,
      request.name,
      `violates PodSecurity "${level}:${version}": ${violations.join(", ")}`,
    );
  }
  warn(request, labels, request.object);
  return undefined;
};

const warn = (request: AdmissionRequest, labels: Readonly<Record<string, string>>, pod: JsonObject): void => {
  const [level, version] = levelOf(labels, "warn");
  const violations = podSecurityViolations(pod, level);
  if (violations.length > 0) {
    request.warnings.push(`would violate PodSecurity "${level}:${version}": ${violations.join(", ")}`);
  }
};

const levelOf = (labels: Readonly<Record<string, string>>, mode: string): readonly [SecurityLevel, string] => {
  const level = labels[`pod-security.kubernetes.io/${mode}`];
  const version = labels[`pod-security.kubernetes.io/${mode}-version`] ?? "latest";
  return [level === "baseline" || level === "restricted" ? level : "privileged", version];
};
