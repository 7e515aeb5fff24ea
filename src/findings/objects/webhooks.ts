import { workloadsOf } from "../../graph/pod-templates.ts";
import type { Service } from "../../kubernetes/networking.ts";
import { addressOf, type LabelSelector, type SourcedObject } from "../../kubernetes/object.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { hasUnseenObjects, managedClusters } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const webhookUnanswered: Rule = {
  code: "AKS6040",
  title: "Nobody answers an admission webhook",
  severity: "error",
  perCluster: true,
  explain: `The API server asks a webhook before it stores what the webhook's rules name. With failurePolicy Fail, the default, no answer means no: while the webhook's pods do not run, nothing of that
kind can be made, and where it watches pods of its own namespace not even its own. AKS keeps webhooks off kube-system.
What happens: "failed calling webhook …: no endpoints available for service", pods are not made, and upgrades hang.
Mend: deploy what answers, with two replicas; failurePolicy Ignore; a namespaceSelector that leaves the webhook's own namespace out.
Source: Kubernetes, "Admission webhook good practices"; "Frequently asked questions about AKS", admission controllers.`,
  *check(world) {
    for (const source of world.objects) {
      if (!/^(Validating|Mutating)WebhookConfiguration$/.test(source.object.kind)) continue;
      for (const [index, webhook] of objects(source.object as unknown as JsonObject, "webhooks").entries()) {
        const problem = problemOf(world, webhook);
        if (problem === undefined) continue;
        yield violation(webhookUnanswered, {
          subject: addressOf(source.object),
          range: source.rangeAt(["webhooks", index, "clientConfig"]),
          severity: problem.severity,
          ...(problem.summary === undefined ? {} : { summary: problem.summary }),
          detail: `${addressOf(source.object)} asks Service/${problem.service} about ${problem.watched}, and ${problem.why}: they are refused as long as nobody answers (failurePolicy Fail). ${problem.mend}`,
          related: relatedTo(["what answers", problem.related?.range]),
        });
      }
    }
  },
};

interface Problem {
  readonly severity: "error" | "warning";
  readonly summary?: string;
  readonly service: string;
  readonly watched: string;
  readonly why: string;
  readonly mend: string;
  readonly related?: SourcedObject | undefined;
}

const problemOf = (world: World, webhook: JsonObject): Problem | undefined => {
  const { clientConfig } = webhook;
  const service = isJsonObject(clientConfig) ? clientConfig["service"] : undefined;
  if ((webhook["failurePolicy"] ?? "Fail") !== "Fail" || !isJsonObject(service)) return undefined;
  const watched = watchedKinds(webhook);
  if (watched === undefined) return undefined;
  const [namespace, name] = [String(service["namespace"] ?? "default"), String(service["name"] ?? "")];
  const said = { service: `${namespace}/${name}`, watched };
  const found = world.objects.find(
    ({ object }) =>
      object.kind === "Service" &&
      object.metadata.name === name &&
      (object.metadata.namespace ?? "default") === namespace,
  );
  if (found === undefined) {
    if (hasUnseenObjects(world)) return undefined;
    return {
      ...said,
      severity: "warning",
      why: "the input has no such Service",
      mend: "Deploy what answers, or correct the Service's name.",
    };
  }
  const selector = (found.object as Service).spec?.selector;
  if (selector === undefined || Object.keys(selector).length === 0) return undefined;
  const behind = workloadsOf(world.objects).filter(
    (workload) =>
      workload.namespace === namespace &&
      Object.entries(selector).every(([key, value]) => workload.labels[key] === value),
  );
  const running = behind.filter(({ address, replicas }) => replicas !== 0 && hasPods(world, address));
  const [first] = behind;
  if (running.length === 0 && managedClusters(world).length > 0) {
    if (first === undefined && hasUnseenObjects(world)) return undefined;
    return {
      ...said,
      severity: "error",
      why: first === undefined ? "no pod template carries its labels" : `${first.address} has no running pods`,
      mend: "Deploy what answers.",
      related: first?.source ?? found,
    };
  }
  if (watched !== "pods" || first === undefined || !watchesNamespace(world, webhook, namespace, first.labels))
    return undefined;
  return {
    ...said,
    severity: "warning",
    summary: "An admission webhook watches its own pods",
    why: `its own pods, those of ${first.address}, are among them`,
    mend: "Leave its namespace out by namespaceSelector.",
    related: first.source,
  };
};

/** Pods of a workload that the prediction places; without a prediction they count as running. */
const hasPods = (world: World, address: string): boolean =>
  world.predictions.length === 0 ||
  world.predictions.some(({ placements }) => placements.some(({ owner }) => owner === address));

/** What a cluster cannot do without: pods, or the workloads that make them. */
const watchedKinds = (webhook: JsonObject): string | undefined => {
  const rules = objects(webhook, "rules").filter(({ operations }) =>
    texts(operations).some((one) => one === "CREATE" || one === "*"),
  );
  const names = rules.flatMap(({ apiGroups, resources }) =>
    texts(apiGroups).some((group) => group === "" || group === "*" || group === "apps") ? texts(resources) : [],
  );
  if (names.some((name) => name === "pods" || name === "*" || name === "*/*")) return "pods";
  return names.find((name) => name === "deployments" || name === "statefulsets");
};

const watchesNamespace = (
  world: World,
  webhook: JsonObject,
  namespace: string,
  pod: Readonly<Record<string, string>>,
): boolean => {
  if (namespace === "kube-system") return false;
  const found = world.objects.find(({ object }) => object.kind === "Namespace" && object.metadata.name === namespace);
  if (found === undefined) return false;
  const labels = { "kubernetes.io/metadata.name": namespace, ...found.object.metadata.labels };
  return (
    selects(webhook["namespaceSelector"], labels) &&
    selects(webhook["objectSelector"], pod) &&
    texts(webhook["matchConditions"]).length === 0 &&
    objects(webhook, "matchConditions").length === 0
  );
};

const selects = (selector: Json | undefined, labels: Readonly<Record<string, string>>): boolean =>
  !isJsonObject(selector) || compileLabelSelector(selector as unknown as LabelSelector).matches(labels);

const objects = (of: JsonObject, name: string): readonly JsonObject[] => {
  const value = of[name];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
};

const texts = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
