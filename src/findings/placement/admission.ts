import { withLimitDefaults } from "../../cluster/admission/limit-ranger.ts";
import { podSecurityViolations, type SecurityLevel } from "../../cluster/admission/pod-security-checks.ts";
import { quotaApplies, usageOf } from "../../cluster/quota-usage.ts";
import { type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import { applyDefaults } from "../../kubernetes/defaults.ts";
import { defaultPod } from "../../kubernetes/defaults-pod.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import { quantityMilliValue } from "../../kubernetes/quantity.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { counted, scalerOf } from "../cluster-facts.ts";
import { quotaRefusals } from "../objects/refused.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const namespaceQuota: Rule = {
  code: "AKS2029",
  title: "Pods are over the namespace's quota",
  severity: "error",
  perCluster: true,
  explain: `A ResourceQuota limits what all pods of a namespace request together. What goes beyond it is refused when the pod is made, so nothing is Pending: the pods do not exist, and only the
events of the ReplicaSet say why. A quota of CPU or memory also refuses pods that give no figure for it.
What happens: FailedCreate, "exceeded quota" or "must specify requests.cpu", and fewer pods than wanted. A rolling update needs its surge on top.
Mend: a larger quota, lower requests, or fewer pods.
Source: Kubernetes, "Resource Quotas".`,
  *check(world) {
    const quotas = world.objects.filter(({ object }) => object.kind === "ResourceQuota");
    const workloads = workloadsOf(world.objects);
    for (const quota of quotas) {
      const namespace = quota.object.metadata.namespace ?? "default";
      const own = workloads.filter((workload) => workload.namespace === namespace && workload.replicas !== undefined);
      const hard = hardOf(quota);
      const ranges = limitRanges(world, namespace);
      for (const [name, limit] of Object.entries(hard)) {
        const most = quantityMilliValue(limit);
        if (most === undefined || !isCounted(name)) continue;
        const rows = own.flatMap((workload) => rowOf(world, { quota, workload, name, ranges }) ?? []);
        const silent = rows.find((row) => row.each === undefined);
        if (silent !== undefined && name !== "pods") {
          yield violation(namespaceQuota, {
            subject: silent.workload.address,
            range: silent.workload.rangeAt(["containers", 0]),
            summary: "The namespace's quota refuses pods without the figure",
            detail: `${addressOf(quota.object)} limits ${name}, and the pods of ${silent.workload.address} give none: they are refused ("must specify ${name}"), and the workload stays at zero. Give every container ${name.replace(/^(requests|limits)\./, "$1 of ")}.`,
            related: relatedTo(["the quota", quota.rangeAt(["spec", "hard", name])]),
          });
          continue;
        }
        const wanted = rows.reduce((sum, { each, pods }) => sum + (each ?? 0) * pods, 0);
        const highest = rows.reduce((sum, { each, most: pods }) => sum + (each ?? 0) * pods, 0);
        if (highest <= most) continue;
        const already = wanted > most;
        const [largest] = [...rows].sort((a, b) => (b.each ?? 0) * b.most - (a.each ?? 0) * a.most);
        yield violation(namespaceQuota, {
          subject: addressOf(quota.object),
          range: quota.rangeAt(["spec", "hard", name]),
          severity: already ? "error" : "warning",
          detail: `${addressOf(quota.object)} allows ${name} ${limit}; the workloads of namespace "${namespace}" want ${shown(name, already ? wanted : highest)}${already ? "" : " at the autoscalers' highest"}${largest === undefined ? "" : `, ${largest.workload.address} most of it (${counted(already ? largest.pods : largest.most, "pod")})`}: ${already ? refusedText(world, quota) : "the pods beyond it are refused"}. Raise the quota or lower the requests.`,
          evidence: { hard: limit, wanted: shown(name, already ? wanted : highest) },
          related: relatedTo(["the largest workload", largest?.workload.source.range]),
        });
      }
    }
  },
};

/** Who goes without how many pods, where it is predicted: who comes first gets them, here in the order of the input. */
const refusedText = (world: World, quota: SourcedObject): string => {
  const refused = quotaRefusals(world, quota);
  if (refused.length === 0) return "the pods beyond it are refused";
  const parts = refused.map((row) => `${row.refused} of ${counted(row.wanted, "pod")} of ${row.subject}`);
  return `${parts.slice(0, 3).join(", ")}${parts.length > 3 ? ` and more` : ""} ${refused.length === 1 && refused[0]?.refused === 1 ? "is" : "are"} refused`;
};

interface Row {
  readonly workload: Workload;
  readonly pods: number;
  /** At the autoscaler's highest. */
  readonly most: number;
  /** Thousandths for one pod; `undefined` where the pod gives none. */
  readonly each: number | undefined;
}

const isCounted = (name: string): boolean =>
  /^(pods|cpu|memory|(requests|limits)\.(cpu|memory|ephemeral-storage))$/.test(name);

interface RowInput {
  readonly quota: SourcedObject;
  readonly workload: Workload;
  readonly name: string;
  /** The namespace's LimitRanges. */
  readonly ranges: readonly JsonObject[];
}

const rowOf = (world: World, { quota, workload, name, ranges }: RowInput): Row | undefined => {
  const pod = withLimitDefaults(defaultPod(podOf(workload)), ranges);
  if (!quotaApplies(quota.object as unknown as JsonObject, "pods", pod)) return undefined;
  const usage = usageOf("", "pods", pod).get(name);
  const pods = workload.replicas ?? 0;
  const most = scalerOf(world, workload)?.spec.maxReplicas ?? pods;
  const each = usage === undefined ? undefined : Number(usage.nano / 1_000_000n);
  return { workload, pods, most: Math.max(pods, most), each };
};

const limitRanges = (world: World, namespace: string): readonly JsonObject[] =>
  world.objects.flatMap(({ object }) =>
    object.kind === "LimitRange" && (object.metadata.namespace ?? "default") === namespace
      ? [applyDefaults(object) as unknown as JsonObject]
      : [],
  );

/** The pod that a template makes, as admission sees it. */
const podOf = (workload: Workload): JsonObject =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: workload.name,
      namespace: workload.namespace,
      labels: workload.labels,
      annotations: workload.annotations,
    },
    spec: workload.spec,
  }) as unknown as JsonObject;

const hardOf = (quota: SourcedObject): Readonly<Record<string, string>> => {
  const { spec } = quota.object as SourcedObject["object"] & { readonly spec?: JsonObject };
  const hard = spec?.["hard"];
  return isJsonObject(hard)
    ? Object.fromEntries(Object.entries(hard).map(([name, value]) => [name, String(value)]))
    : {};
};

/** Thousandths in the unit that people write. */
const shown = (name: string, milli: number): string =>
  /memory|storage/.test(name)
    ? `${Math.round(milli / 1000 / 2 ** 20)}Mi`
    : name === "pods"
      ? String(milli / 1000)
      : `${milli}m`;

export const podSecurityLevel: Rule = {
  code: "AKS5021",
  title: "The namespace's pod security level refuses the pods",
  severity: "error",
  perCluster: true,
  explain: `A namespace with the label pod-security.kubernetes.io/enforce: baseline or restricted refuses pods that break the standard. The Deployment itself is taken, with a warning at most, so nothing
is Pending: the pods do not exist.
What happens: FailedCreate, "violates PodSecurity", and a workload at zero.
Mend: the securityContext that the level asks for (restricted: runAsNonRoot, allowPrivilegeEscalation false, capabilities drop ALL, seccompProfile RuntimeDefault), or another level.
Source: Kubernetes, "Pod Security Standards"; "Enforce Pod Security Standards with Namespace Labels".`,
  *check(world) {
    const levels = new Map<string, { readonly level: SecurityLevel; readonly source: SourcedObject }>();
    for (const source of world.objects) {
      const level = source.object.metadata.labels?.["pod-security.kubernetes.io/enforce"];
      if (source.object.kind === "Namespace" && (level === "baseline" || level === "restricted")) {
        levels.set(source.object.metadata.name, { level, source });
      }
    }
    if (levels.size === 0) return;
    for (const workload of workloadsOf(world.objects)) {
      const found = levels.get(workload.namespace);
      const broken = found === undefined ? [] : podSecurityViolations(podOf(workload), found.level);
      if (found === undefined || broken.length === 0) continue;
      yield violation(podSecurityLevel, {
        subject: workload.address,
        range: workload.rangeAt(["securityContext"]),
        detail: `Namespace "${workload.namespace}" enforces pod security level "${found.level}", which the pods of ${workload.address} break: ${broken.slice(0, 4).join("; ")}. They are refused, and the workload stays at zero. Set the securityContext accordingly, or change the namespace's level.`,
        evidence: { violations: broken.length },
        related: relatedTo(["the namespace's level", found.source.rangeAt(["metadata", "labels"])]),
      });
    }
  },
};
