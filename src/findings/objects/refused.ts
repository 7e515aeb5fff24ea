import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import type { Refusal } from "../../simulate/prediction.ts";
import { counted } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const objectRefused: Rule = {
  code: "AKS2030",
  title: "The API server refuses the object",
  severity: "error",
  perCluster: true,
  explain: `The API server holds each object against the rules of its fields before it stores it: a selector that does not match the template's labels, limits below requests, a port out of range,
a node port that another Service has.
What happens: kubectl apply, Helm, Argo CD or the apply of Terraform ends with 422 Invalid, and nothing of the object is made: no pods, no load balancer. An object of that name from before stays as it was.
Mend: the field that is named.
Source: kube-apiserver 1.35, validation of the API types.`,
  *check(world) {
    for (const { subject, message, field } of refusalsOf(world, "object")) {
      const source = sourceOf(world, subject);
      if (field === undefined) {
        yield violation(objectRefused, {
          subject,
          range: source?.range,
          summary: "The namespace refuses the object",
          detail: `${subject} is refused: ${message}. Change it, or the ${message.startsWith("exceeded quota") ? "ResourceQuota" : "LimitRange"}.`,
        });
        continue;
      }
      const placeholder = placeholderIn(message);
      if (placeholder !== undefined) {
        yield violation(objectRefused, {
          subject,
          range: source?.rangeAt(pathOf(field)),
          severity: "info",
          summary: "A placeholder is not filled in",
          detail: `${subject} still has ${placeholder}, which no object can have: it takes no part in the prediction. Give the manifests with their values with --manifests.`,
        });
        continue;
      }
      yield violation(objectRefused, {
        subject,
        range: source?.rangeAt(pathOf(field)),
        detail: `${subject} is invalid: ${shortened(message)}. The API server answers 422 and makes nothing of it. Correct the field.`,
      });
    }
  },
};

/** The first of the refused values where all of them are marks that a pipeline replaces: `__ENV__`, `#{env}#`, `${ENV}`, `<env>`, `{{ env }}`. */
const placeholderIn = (message: string): string | undefined => {
  const values = [...message.matchAll(/Invalid value: ("(?:[^"\\]|\\.)*")/g)].map(([, value = ""]) => value);
  const all = values.length > 0 && values.length === message.split("Invalid value: ").length - 1;
  return all &&
    values.every((value) => /__\w+__|#\{[^}]*\}#?|\$\{[^}]*\}|\$\([^)]*\)|<[^<>]+>|\{\{[^}]*\}\}|@@\w+@@/.test(value))
    ? values[0]
    : undefined;
};

export const limitRangeRefuses: Rule = {
  code: "AKS2031",
  title: "The namespace's LimitRange refuses the pods",
  severity: "error",
  perCluster: true,
  explain: `A LimitRange sets the least and the most that a container or a pod may request or be limited to, and how far the two may lie apart. A pod outside of that is refused when it is made; the
Deployment itself is taken, so nothing is Pending: the pods do not exist, and only the events of the ReplicaSet say why.
What happens: FailedCreate, "maximum memory usage per Container is …", and a workload at zero.
Mend: other requests and limits, or another LimitRange.
Source: Kubernetes, "Limit Ranges"; plugin/pkg/admission/limitranger, v1.35.`,
  *check(world) {
    for (const { subject, message, wanted, refused } of refusalsOf(world, "pods")) {
      if (!/ per (Container|Pod) is /.test(message)) continue;
      const source = sourceOf(world, subject);
      const range = world.objects.find(
        ({ object }) =>
          object.kind === "LimitRange" &&
          (object.metadata.namespace ?? "default") === (source?.object.metadata.namespace ?? "default"),
      );
      yield violation(limitRangeRefuses, {
        subject,
        range: source?.rangeAt(["spec", "template", "spec", "containers", 0, "resources"]),
        detail: `${refused} of ${counted(wanted, "pod")} of ${subject} ${refused === 1 ? "is" : "are"} refused: ${message}. Change the requests and limits, or the LimitRange.`,
        evidence: { wanted, refused },
        related: relatedTo(["the LimitRange", range?.range]),
      });
    }
  },
};

/** What of a workload its namespace's quotas refuse, by the prediction. */
export const quotaRefusals = (world: World, quota: SourcedObject): readonly Refusal[] =>
  refusalsOf(world, "pods").filter(
    ({ subject, message }) =>
      message.startsWith(`exceeded quota: ${quota.object.metadata.name},`) &&
      subject.split("/")[1] === (quota.object.metadata.namespace ?? "default"),
  );

const refusalsOf = (world: World, what: Refusal["what"]): readonly Refusal[] =>
  world.predictions.flatMap(({ refusals = [] }) => refusals.filter((refusal) => refusal.what === what));

const sourceOf = (world: World, address: string): SourcedObject | undefined =>
  world.objects.find(({ object }) => addressOf(object) === address);

/** `spec.containers[0].ports[1].name`, `metadata.labels[a/b]` as steps. */
const pathOf = (field: string): readonly (string | number)[] =>
  [...field.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)].map(([step, key]) =>
    key === undefined ? step : /^\d+$/.test(key) ? Number(key) : key,
  );

const shortened = (message: string): string => {
  const parts = message.split("; ");
  return parts.length <= 3 ? message : `${parts.slice(0, 3).join("; ")} and ${parts.length - 3} more`;
};
