import { addressOf } from "../../kubernetes/object.ts";
import { policyBlocks } from "../../simulate/cloud/http-answer.ts";
import { httpRoutes } from "../../simulate/cloud/http-routes.ts";
import { policyEngine } from "../../simulate/cloud/workload-reach.ts";
import { onlyCluster } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

export const controllerShutOut: Rule = {
  code: "AKS7020",
  title: "Network policies shut the ingress controller out",
  severity: "error",
  perCluster: true,
  explain: `A request from outside reaches the pods from the ingress controller's pods, which are in a namespace of their own (app-routing-system for application routing). Where a policy
selects the pods, it must let that namespace in.
What happens: the Ingress has an address, and answers 504 Gateway Time-out.
Mend: an ingress rule with a namespaceSelector for the controller's namespace (kubernetes.io/metadata.name: app-routing-system).
Source: Kubernetes, "Network Policies"; "Managed NGINX ingress with the application routing add-on".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || policyEngine(cluster) === "none") return;
    const objects = world.objects.map(({ object }) => object);
    if (!objects.some(({ kind }) => kind === "NetworkPolicy")) return;
    const blocked = policyBlocks(cluster, objects);
    const said = new Set<string>();
    for (const route of httpRoutes(objects)) {
      if (route.problem !== "") continue;
      for (const [service, why] of blocked(route)) {
        if (said.has(`${route.source} ${service}`)) continue;
        said.add(`${route.source} ${service}`);
        const source = world.objects.find(({ object }) => addressOf(object) === route.source);
        yield violation(controllerShutOut, {
          subject: route.source,
          range: source?.range,
          detail: `${route.source} leads to Service/${service}, but ${why}: requests end with 504. Let the controller's namespace in.`,
        });
      }
    }
  },
};
