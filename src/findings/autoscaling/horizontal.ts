import { containersOf, type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import type { HorizontalPodAutoscaler } from "../../kubernetes/workloads.ts";
import { hasUnseenObjects } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const scalerWithoutRequests: Rule = {
  code: "AKS6004",
  title: "HPA cannot compute utilisation without requests",
  severity: "error",
  perCluster: true,
  explain: `A target of type Utilization is a share of the request. When one container of the pod requests none of that resource the HPA has no figure at all.
What happens: the HPA shows <unknown>, condition ScalingActive False, FailedGetResourceMetric "missing request for cpu in container …", and never scales.
Mend: a request for every container, sidecars too, or a target of type AverageValue.
Source: Kubernetes, "Horizontal Pod Autoscaling", support for resource metrics.`,
  *check(world) {
    const defaulted = new Set(
      world.objects.flatMap(({ object }) =>
        object.kind === "LimitRange" ? [object.metadata.namespace ?? "default"] : [],
      ),
    );
    for (const { source, scaler, target } of scalers(world)) {
      if (target === undefined || defaulted.has(target.namespace) || target.spec.resources !== undefined) continue;
      for (const [index, metric] of (scaler.spec.metrics ?? []).entries()) {
        const of = metric.resource ?? metric.containerResource;
        if (of === undefined || of.target?.type !== "Utilization") continue;
        const lacking = containersOf(target.spec).find(
          ({ container, path }) =>
            (path[0] === "containers" || container.restartPolicy === "Always") &&
            (metric.containerResource === undefined || metric.containerResource.container === container.name) &&
            container.resources?.requests?.[of.name] === undefined &&
            container.resources?.limits?.[of.name] === undefined,
        );
        if (lacking === undefined) continue;
        yield violation(scalerWithoutRequests, {
          subject: addressOf(scaler),
          range: source.rangeAt(["spec", "metrics", index]),
          detail: `${addressOf(scaler)} aims at ${of.target.averageUtilization ?? "?"} % of the ${of.name} request, but container "${lacking.container.name}" of ${target.address} requests no ${of.name}: the HPA shows <unknown> and never scales. Add resources.requests.${of.name}.`,
          related: relatedTo(["the container", target.rangeAt(lacking.path)]),
        });
        break;
      }
    }
  },
};

export const scalerTarget: Rule = {
  code: "AKS6005",
  title: "HPA has no target",
  severity: "warning",
  perCluster: true,
  explain: `An HPA names the kind and the name of what it scales, in its own namespace. A name that does not exist is no error to the API server.
What happens: condition AbleToScale False, FailedGetScale "not found", and nothing is scaled.
Mend: correct scaleTargetRef.
Source: Kubernetes, "Horizontal Pod Autoscaling".`,
  *check(world) {
    const workloads = workloadsOf(world.objects);
    for (const { source, scaler, target } of scalers(world)) {
      const { kind, name } = scaler.spec.scaleTargetRef;
      const namespace = scaler.metadata.namespace ?? "default";
      if (target !== undefined || !["Deployment", "StatefulSet", "ReplicaSet"].includes(kind)) continue;
      // Where the manifests have nothing of the namespace, the target is deployed from elsewhere.
      const others = workloads.filter((workload) => workload.namespace === namespace);
      if (others.length === 0) continue;
      const near = others.find(
        (workload) => workload.name === name || workload.name.startsWith(name) || name.startsWith(workload.name),
      );
      yield violation(scalerTarget, {
        subject: addressOf(scaler),
        range: source.rangeAt(["spec", "scaleTargetRef"]),
        severity: hasUnseenObjects(world) || world.isPartial === true ? "info" : "warning",
        detail: `${addressOf(scaler)} scales ${kind} "${name}", which the manifests do not have in namespace "${namespace}"${near === undefined ? "" : `; there is ${near.address}`}: nothing is scaled. Correct scaleTargetRef.`,
        related: relatedTo(["the nearest workload", near?.source.range]),
      });
    }
  },
};

export const twoScalers: Rule = {
  code: "AKS6008",
  title: "Two autoscalers act on one workload",
  severity: "error",
  perCluster: true,
  explain: `Two HPAs with one target work against each other; the controller then refuses both (AmbiguousSelector). A KEDA ScaledObject makes an HPA of its own.
What happens: neither scales, or the number of pods jumps between two values.
Mend: one HPA with several metrics, or the ScaledObject alone.
Source: Kubernetes, "Horizontal Pod Autoscaling"; "KEDA add-on for AKS".`,
  *check(world) {
    const first = new Map<string, SourcedObject>();
    for (const source of world.objects) {
      const key = targetKey(source);
      if (key === undefined) continue;
      const other = first.get(key);
      if (other === undefined) {
        first.set(key, source);
        continue;
      }
      if (addressOf(other.object) === addressOf(source.object)) continue;
      yield violation(twoScalers, {
        subject: addressOf(source.object),
        range: source.rangeAt(["spec", "scaleTargetRef"]),
        detail: `${addressOf(other.object)} and ${addressOf(source.object)} both scale ${key}. Keep one of them, with all metrics in it.`,
        related: relatedTo(["the other", other.range]),
      });
    }
  },
};

const targetKey = ({ object }: SourcedObject): string | undefined => {
  if (object.kind !== "HorizontalPodAutoscaler" && object.kind !== "ScaledObject") return undefined;
  const target = (object as HorizontalPodAutoscaler).spec?.scaleTargetRef;
  if (target === undefined) return undefined;
  return `${target.kind ?? "Deployment"}/${object.metadata.namespace ?? "default"}/${target.name}`;
};

interface Scaler {
  readonly source: SourcedObject;
  readonly scaler: HorizontalPodAutoscaler;
  readonly target: Workload | undefined;
}

const scalers = (world: World): readonly Scaler[] =>
  world.objects.flatMap((source): Scaler[] => {
    if (source.object.kind !== "HorizontalPodAutoscaler") return [];
    const scaler = source.object as HorizontalPodAutoscaler;
    const reference = scaler.spec?.scaleTargetRef;
    if (reference?.kind === undefined || reference.name === undefined) return [];
    const target = workloadsOf(world.objects).find(
      (workload) =>
        workload.kind === reference.kind &&
        workload.name === reference.name &&
        workload.namespace === (scaler.metadata.namespace ?? "default"),
    );
    return [{ source, scaler, target }];
  });
