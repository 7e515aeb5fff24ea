import { workloadsOf } from "../../graph/pod-templates.ts";
import type { SourcedObject } from "../../kubernetes/object.ts";
import { schemaOf } from "../../kubernetes/schema.ts";
import type { Severity } from "../../model/diagnostic.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { hasUnseenObjects } from "../cluster-facts.ts";
import { valueAt } from "../instance-values.ts";
import { typoOf } from "../near-names.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { type Need, needsOf } from "./needs.ts";

export const objectMissing: Rule = {
  code: "AKS2032",
  title: "Pods name an object that is not there",
  severity: "error",
  perCluster: true,
  explain: `A ConfigMap, Secret or ServiceAccount is looked for in the pod's own namespace, a PriorityClass in the cluster. Where it, or the key that is asked for, is not there and not marked optional,
the pod does not run.
What happens: CreateContainerConfigError for environment variables; ContainerCreating with FailedMount for volumes; no pod at all for a service account ("error looking up service account") or a priority
class.
Where the input has nothing that comes near, the object may be made elsewhere: a warning for a ConfigMap, a ServiceAccount or a PriorityClass, a note for a Secret, which is often kept out of the repository.
Mend: make it, in the pods' namespace, or correct the name.
Source: Kubernetes, "Configure a Pod to Use a ConfigMap", "Secrets", "Configure Service Accounts for Pods".`,
  *check(world) {
    const known = knownObjects(world.objects);
    const said = new Set<string>();
    for (const workload of workloadsOf(world.objects)) {
      for (const need of needsOf(workload)) {
        if (isProvided(need) || /[${}<>]/.test(need.name)) continue;
        const problem = problemOf(world, known, workload.namespace, need);
        // One object is missed once, each key of one that is there for itself.
        const key = `${workload.address} ${need.kind} ${need.name} ${problem?.what}`;
        if (problem === undefined || said.has(key)) continue;
        said.add(key);
        yield violation(objectMissing, {
          subject: workload.address,
          range: workload.rangeAt(need.path),
          severity: problem.severity,
          ...(problem.severity === "info" ? { summary: "Pods name an object that the input does not show" } : {}),
          detail: `${workload.address} ${uses(need)} ${need.kind} "${need.name}", ${problem.what}: ${outcome(need, workload.namespace)}. ${problem.mend}`,
          related: relatedTo([`the ${need.kind}`, problem.near?.range]),
        });
      }
    }
  },
};

interface Problem {
  readonly severity: Severity;
  readonly what: string;
  readonly mend: string;
  readonly near?: SourcedObject | undefined;
}

type Known = ReadonlyMap<string, readonly SourcedObject[]>;

const knownObjects = (objects: readonly SourcedObject[]): Known => {
  const known = new Map<string, SourcedObject[]>();
  for (const source of objects) {
    const { kind } = source.object;
    const list = known.get(kind);
    if (list === undefined) known.set(kind, [source]);
    else list.push(source);
  }
  return known;
};

const problemOf = (world: World, known: Known, namespace: string, need: Need): Problem | undefined => {
  const all = known.get(need.kind) ?? [];
  const isThere = ({ object }: SourcedObject): boolean =>
    need.kind === "PriorityClass" || (object.metadata.namespace ?? "default") === namespace;
  const named = all.filter(({ object }) => object.metadata.name === need.name);
  const found = named.find(isThere);
  if (found !== undefined) return missingKey(found, need);
  if (world.isPartial === true || hasUnseenObjects(world) || hasUnknownNames(world)) return undefined;
  if (isMadeByOther(world.objects, need.name)) return undefined;
  // Pull secrets of the wrong type or in another namespace are told by AKS5022.
  if (need.as === "pull" && named.length > 0) return undefined;
  const elsewhere = named[0];
  if (elsewhere !== undefined) {
    const other = elsewhere.object.metadata.namespace ?? "default";
    return {
      severity: need.kind === "Secret" ? "warning" : "error",
      what: `which namespace "${namespace}" does not have (it is in "${other}")`,
      mend: `Put it into namespace "${namespace}".`,
      near: elsewhere,
    };
  }
  const own = all.filter(isThere);
  const typo = typoOf(need.name, [...new Set(own.map(({ object }) => object.metadata.name))]);
  if (typo !== undefined) {
    return {
      severity: "error",
      what: "which is not there",
      mend: `Did you mean "${typo}"?`,
      near: own.find(({ object }) => object.metadata.name === typo),
    };
  }
  return {
    severity: need.kind === "Secret" ? "info" : "warning",
    what: "which the input does not have",
    mend: "Make it, or correct the name; if something else makes it, nothing is wrong.",
  };
};

/** Keys of a ConfigMap or Secret that is wholly known. */
const missingKey = (source: SourcedObject, need: Need): Problem | undefined => {
  const keys = keysOf(source);
  const lost = keys === undefined ? undefined : need.keys.find((key) => !keys.includes(key));
  if (keys === undefined || lost === undefined) return undefined;
  const typo = typoOf(lost, keys);
  return {
    severity: "error",
    what: `which has no key "${lost}"${keys.length === 0 ? "" : ` (it has ${keys.slice(0, 4).join(", ")}${keys.length > 4 ? ", …" : ""})`}`,
    mend: typo === undefined ? "Add the key, or correct its name." : `Did you mean "${typo}"?`,
    near: source,
  };
};

const keysOf = ({ object, partial }: SourcedObject): readonly string[] | undefined => {
  const { metadata } = object;
  const fields = object as unknown as JsonObject;
  // Tokens and what controllers fill in later are not in the manifest.
  const isFilled = fields["type"] !== undefined && fields["type"] !== "Opaque";
  const isOthers = Object.keys(metadata.annotations ?? {}).some((name) =>
    /inject|reloader|replicat|reflector/i.test(name),
  );
  const maps = ["data", "stringData", "binaryData"].map((name) => fields[name]);
  if (partial === true || isFilled || isOthers || maps.every((map) => map === undefined)) return undefined;
  return maps.flatMap((map) => (isJsonObject(map) ? Object.keys(map) : []));
};

/** Names that AKS, Kubernetes or a mesh put into every namespace. */
const isProvided = ({ kind, name }: Need): boolean =>
  kind === "ConfigMap" && /^(kube-root-ca\.crt|istio-ca-root-cert|linkerd-.*|openshift-service-ca\.crt)$/.test(name);

/** True where an object of another kind (ExternalSecret, Certificate, SealedSecret, SecretProviderClass …) names it. */
const isMadeByOther = (objects: readonly SourcedObject[], name: string): boolean =>
  objects.some(
    ({ object }) =>
      schemaOf(object.apiVersion, object.kind) === undefined &&
      (object.metadata.name === name || holds((object as unknown as JsonObject)["spec"], name)),
  );

const holds = (value: Json | undefined, text: string): boolean => {
  if (typeof value === "string") return value === text;
  if (Array.isArray(value)) return value.some((item: Json) => holds(item, text));
  return isJsonObject(value) && Object.values(value).some((item) => holds(item, text));
};

/** Terraform makes objects whose names are known after apply. */
const hasUnknownNames = (world: World): boolean =>
  world.instances.some(
    ({ type, mode, values }) =>
      mode === "managed" &&
      ((type.startsWith("kubernetes_") &&
        ["name", "namespace"].some(
          (field) =>
            valueAt(values, ["metadata", 0, field])?.kind === "unknown" &&
            type !== "kubernetes_namespace" &&
            type !== "kubernetes_namespace_v1",
        )) ||
        (type === "kubectl_manifest" &&
          valueAt(values, ["yaml_body"])?.kind === "unknown" &&
          draftless(values.fields.get("yaml_body")))),
  );

const draftless = (value: { readonly kind: string; readonly draft?: unknown } | undefined): boolean =>
  value?.kind === "unknown" && value.draft === undefined;

const uses = ({ kind, as }: Need): string =>
  kind === "ServiceAccount"
    ? "runs as"
    : kind === "PriorityClass"
      ? "asks for"
      : as === "volume"
        ? "mounts"
        : as === "pull"
          ? "pulls with"
          : "takes environment variables from";

const outcome = ({ kind, as, name }: Need, namespace: string): string => {
  if (kind === "ServiceAccount")
    return `its pods are not made, "error looking up service account ${namespace}/${name}"`;
  if (kind === "PriorityClass") return `its pods are not made, "no PriorityClass with name ${name} was found"`;
  if (as === "pull") return "pulls of private images end in ImagePullBackOff";
  return as === "volume"
    ? "its pods stay in ContainerCreating with FailedMount"
    : "its containers stay in CreateContainerConfigError";
};

export const namespaceMissing: Rule = {
  code: "AKS2033",
  title: "The objects' namespace is not there",
  severity: "warning",
  perCluster: true,
  explain: `An object goes into a namespace that is there already; kubectl apply does not make one.
What happens: 404, 'namespaces "shop" not found', and none of its objects is made.
Mend: a Namespace in the manifests, before what goes into it, or the right name.
Source: Kubernetes, "Namespaces".`,
  *check(world) {
    const made = new Set(
      world.objects.flatMap(({ object }) => (object.kind === "Namespace" ? [object.metadata.name] : [])),
    );
    if (hasUnseenObjects(world) || world.isPartial === true) return;
    const first = new Map<string, SourcedObject>();
    for (const source of world.objects) {
      const { namespace } = source.object.metadata;
      if (namespace === undefined || made.has(namespace) || isOwn(namespace) || /[${}<>]/.test(namespace)) continue;
      if (source.object.metadata.uid === undefined && !first.has(namespace)) first.set(namespace, source);
    }
    for (const [namespace, source] of first) {
      const typo = typoOf(namespace, [...made]);
      const count = world.objects.filter(({ object }) => object.metadata.namespace === namespace).length;
      yield violation(namespaceMissing, {
        subject: `Namespace/${namespace}`,
        range: source.rangeAt(["metadata", "namespace"]),
        // Where the input makes no namespaces at all, somebody else does.
        severity: typo !== undefined ? "error" : made.size > 0 ? "warning" : "info",
        detail: `${count === 1 ? "One object goes" : `${count} objects go`} into namespace "${namespace}", which the input does not make: if it is not there already, they are refused ("namespaces "${namespace}" not found"). ${typo === undefined ? "Add a Namespace." : `Did you mean "${typo}"?`}`,
      });
    }
  },
};

/** Namespaces that every AKS cluster has, or that an add-on makes. */
const isOwn = (namespace: string): boolean =>
  /^(default|kube-.*|gatekeeper-system|app-routing-system|aks-istio-.*|calico-system|tigera-operator|flux-system|dapr-system|azure-arc|aks-command|keda)$/.test(
    namespace,
  );
