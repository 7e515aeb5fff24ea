import type { AksCluster } from "../../azure/platform.ts";
import { addressOf, type SourcedObject } from "../../kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { counted, hasUnseenObjects, lower, nameOf, onlyCluster } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { violation } from "../violation.ts";

export const kindNotServed: Rule = {
  code: "AKS6042",
  title: "Objects of a kind that the cluster does not serve",
  severity: "warning",
  perCluster: true,
  explain: `Some kinds are there only once an add-on has brought them: ScaledObject with KEDA, VerticalPodAutoscaler with VPA, NginxIngressController with application routing, VirtualService with
the Istio add-on. The input neither switches the add-on on nor brings the CustomResourceDefinition itself.
What happens: 'no matches for kind "ScaledObject" in version "keda.sh/v1alpha1"', and what the object asks for never happens.
Mend: the add-on's argument of the cluster, or the project's own installation; if that is there already, nothing is wrong.
Source: "Kubernetes Event-driven Autoscaling add-on", "Vertical pod autoscaling in AKS", "Istio-based service mesh add-on for AKS".`,
  *check(world) {
    const cluster = onlyCluster(world);
    // AKS Automatic has them all.
    if (lower(cluster?.skuName) === "automatic") return;
    if (cluster === undefined || cluster.isData || hasUnseenObjects(world) || world.isPartial === true) return;
    const brought = new Set(world.objects.flatMap(({ object }) => groupOfDefinition(object as unknown as JsonObject)));
    const first = new Map<string, SourcedObject[]>();
    for (const source of world.objects) {
      const group = source.object.apiVersion.split("/")[0] ?? "";
      if (addOns[group] === undefined || brought.has(group)) continue;
      first.set(group, [...(first.get(group) ?? []), source]);
    }
    for (const [group, sources] of first) {
      const addOn = addOns[group];
      const [source] = sources;
      if (addOn === undefined || source === undefined || addOn.isOn(cluster, world) !== false) continue;
      yield violation(kindNotServed, {
        subject: addressOf(source.object),
        range: source.range,
        detail: `${addressOf(source.object)}${sources.length === 1 ? "" : ` and ${counted(sources.length - 1, "more object")}`} of ${source.object.apiVersion} ${sources.length === 1 ? "needs" : "need"} ${addOn.name}, but cluster "${nameOf(cluster)}" does not have ${addOn.argument} and the input does not install it otherwise: 'no matches for kind "${source.object.kind}"'. Switch it on.`,
      });
    }
  },
};

interface AddOn {
  readonly name: string;
  readonly argument: string;
  /** `undefined` where it cannot be told. */
  readonly isOn: (cluster: AksCluster, world: World) => boolean | undefined;
}

const truth = (fact: AksCluster["addons"]["keda"]): boolean | undefined =>
  isUnknown(fact) ? undefined : known(fact) === true;

const addOns: Readonly<Record<string, AddOn>> = {
  "keda.sh": {
    name: "KEDA",
    argument: "workload_autoscaler_profile { keda_enabled = true }",
    isOn: ({ addons }) => truth(addons.keda),
  },
  "autoscaling.k8s.io": {
    name: "the Vertical Pod Autoscaler",
    argument: "workload_autoscaler_profile { vertical_pod_autoscaler_enabled = true }",
    isOn: ({ addons }) => truth(addons.vpa),
  },
  "approuting.kubernetes.azure.com": {
    name: "application routing",
    argument: "a web_app_routing block",
    isOn: ({ addons }) => addons.webAppRouting !== undefined,
  },
  "networking.istio.io": {
    name: "Istio",
    argument: "a service_mesh_profile block",
    isOn: ({ addons }) => addons.serviceMesh !== undefined,
  },
  "dapr.io": {
    name: "Dapr",
    argument: "the extension Microsoft.Dapr",
    isOn: (_, { platform }) =>
      platform.extensions.some(({ extensionType }) => lower(extensionType) === "microsoft.dapr"),
  },
};

const groupOfDefinition = (object: JsonObject): readonly string[] => {
  const { spec } = object;
  const group =
    object["kind"] === "CustomResourceDefinition" && isJsonObject(spec ?? null)
      ? (spec as JsonObject)["group"]
      : undefined;
  return typeof group === "string" ? [group] : [];
};
