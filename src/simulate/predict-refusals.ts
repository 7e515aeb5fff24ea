import { admissionPlugins } from "../cluster/admission/chain.ts";
import { limitRanger } from "../cluster/admission/limit-ranger.ts";
import type { AdmissionRequest } from "../cluster/admission/plugin.ts";
import { podSecurity } from "../cluster/admission/pod-security.ts";
import { resourceQuota } from "../cluster/admission/resource-quota.ts";
import { createObjectStore } from "../cluster/object-store.ts";
import { prepareForCreate } from "../cluster/strategy.ts";
import { groupOf, kindInfo } from "../kubernetes/kinds.ts";
import { addressOf, type KubeObject } from "../kubernetes/object.ts";
import type { Pod } from "../kubernetes/pod.ts";
import { schemaOf } from "../kubernetes/schema.ts";
import type { FieldProblem } from "../kubernetes/validation/field-problem.ts";
import { validateObject } from "../kubernetes/validation/validate.ts";
import type { JsonObject } from "../model/json.ts";
import type { Refusal } from "./prediction.ts";

/**
 * Objects that the API server answers with 422 Invalid, and the rest. `complete` are those that are wholly known; of others nobody can
 * tell. What is there already (it has a uid) has been taken before.
 */
export const refusedObjects = (
  objects: readonly KubeObject[],
  complete: ReadonlySet<string>,
): { readonly taken: readonly KubeObject[]; readonly refused: readonly Refusal[] } => {
  const refused: Refusal[] = [];
  const ports = new Map<string, string>();
  const gate = createGate(objects);
  const taken = objects.filter((object) => {
    if (object.metadata.uid !== undefined) return true;
    const address = addressOf(object);
    const problems = [
      ...(complete.has(address) ? problemsOf(object) : []),
      ...(object.kind === "Service" && object.apiVersion === "v1" ? takenPorts(object, ports) : []),
    ];
    const [first] = problems;
    const denied = first === undefined && !makesPods.has(object.kind) ? gate?.(object) : undefined;
    if (first === undefined && denied === undefined) return true;
    if (first === undefined) {
      const message = (denied ?? "").replace(/^\S+( "[^"]*")? is forbidden: /, "");
      refused.push({ subject: address, what: "object", wanted: 1, refused: 1, message });
      return false;
    }
    refused.push({
      subject: address,
      what: "object",
      wanted: 1,
      refused: 1,
      message: problems.map(({ field, message }) => `${field}: ${message}`).join("; "),
      field: first.field,
    });
    return false;
  });
  return { taken, refused };
};

/** Pods are counted as they are made, not with what makes them. */
const makesPods: ReadonlySet<string> = new Set(["Pod", "ResourceQuota", "LimitRange", "Namespace"]);

const now = "2026-01-01T00:00:00Z";

/** What the API server's rules of the fields say, once for an object. */
const problemsOf = (object: KubeObject): readonly FieldProblem[] => {
  const known = problemsBefore.get(object);
  if (known !== undefined) return known;
  const problems = findProblems(object);
  problemsBefore.set(object, problems);
  return problems;
};

const problemsBefore = new WeakMap<KubeObject, readonly FieldProblem[]>();

const findProblems = (object: KubeObject): readonly FieldProblem[] => {
  if (schemaOf(object.apiVersion, object.kind) === undefined) return [];
  const key = `${groupOf(object.apiVersion)}/${object.kind}`;
  const prepared = prepareForCreate(key, object as unknown as JsonObject, now);
  const problems = validateObject(prepared);
  // Placeholders of other tools (envsubst, Flux, Helm, kustomize) and texts that are kept back are not what will be sent.
  return problems.some(({ message }) => /\$\{|\{\{|\$\(|<%|\(sensitive value\)/.test(message)) ? [] : problems;
};

/** Node ports that an earlier Service of the input asks for by number (pkg/registry/core/service/storage/alloc.go, v1.35). */
const takenPorts = (object: KubeObject, ports: Map<string, string>): readonly FieldProblem[] => {
  const { spec } = object as KubeObject & {
    readonly spec?: { readonly ports?: readonly { readonly nodePort?: number; readonly protocol?: string }[] };
  };
  const address = addressOf(object);
  const problems: FieldProblem[] = [];
  for (const [index, { nodePort, protocol = "TCP" }] of (spec?.ports ?? []).entries()) {
    if (typeof nodePort !== "number" || nodePort === 0) continue;
    const holder = ports.get(`${protocol} ${nodePort}`);
    if (holder === undefined) ports.set(`${protocol} ${nodePort}`, address);
    else if (holder !== address) {
      problems.push({
        type: "FieldValueInvalid",
        field: `spec.ports[${index}].nodePort`,
        message: `Invalid value: ${nodePort}: provided port is already allocated (by ${holder})`,
      });
    }
  }
  return problems;
};

/** Says of a pod, or another object that quotas count, whether its namespace takes it: why not, or `undefined`. */
export type Gate = (object: KubeObject) => string | undefined;

/**
 * What namespaces refuse by pod security level, LimitRange and ResourceQuota, in the plugins' words; what is let in uses up the quota.
 * `undefined` where no namespace has any of them.
 */
export const createGate = (objects: readonly KubeObject[]): Gate | undefined => {
  const limits = objects.filter((object) => object.kind === "LimitRange" || object.kind === "ResourceQuota");
  const levels = objects.filter(
    ({ kind, metadata }) =>
      kind === "Namespace" &&
      /^(baseline|restricted)$/.test(metadata.labels?.["pod-security.kubernetes.io/enforce"] ?? ""),
  );
  if (limits.length + levels.length === 0) return undefined;
  const store = createObjectStore();
  for (const object of [...limits, ...levels]) store.put(object);
  const guarded = new Set([...limits.map(namespaceOf), ...levels.map(({ metadata }) => metadata.name)]);
  const plugins = [podSecurity, limitRanger, resourceQuota].sort(
    (a, b) => admissionPlugins.indexOf(a) - admissionPlugins.indexOf(b),
  );
  return (object) => {
    const namespace = namespaceOf(object);
    if (!guarded.has(namespace)) return undefined;
    const info = kindInfo(object.apiVersion, object.kind);
    if (info === undefined) return undefined;
    const request: AdmissionRequest = {
      operation: "CREATE",
      resource: { group: groupOf(object.apiVersion), kind: object.kind, plural: info.plural },
      apiVersion: object.apiVersion,
      namespace,
      name: object.metadata.name,
      subresource: "",
      user: "",
      groups: [],
      store,
      previous: undefined,
      object: object as unknown as JsonObject,
      warnings: [],
      randomSuffix: () => "",
    };
    for (const plugin of plugins) {
      const refusal = plugin.validate?.(request);
      if (refusal !== undefined) return refusal.message;
    }
    return undefined;
  };
};

const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? "default";

/** Counts what a gate refuses of each workload. */
export class RefusedPods {
  readonly #byWorkload = new Map<string, { wanted: number; refused: number; message: string }>();

  /** True where the pod may be made. */
  admits(gate: Gate | undefined, address: string, pod: Pod): boolean {
    if (gate === undefined) return true;
    const message = gate(pod);
    const row = this.#byWorkload.get(address) ?? { wanted: 0, refused: 0, message: "" };
    row.wanted++;
    if (message !== undefined) {
      row.refused++;
      if (row.message === "") row.message = message.replace(/^pods( "[^"]*")? is forbidden: /, "");
    }
    this.#byWorkload.set(address, row);
    return message === undefined;
  }

  list(): readonly Refusal[] {
    return [...this.#byWorkload]
      .filter(([, { refused }]) => refused > 0)
      .map(([subject, row]) => ({ subject, what: "pods" as const, ...row }));
  }
}
