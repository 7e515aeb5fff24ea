import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";
import { loadBalancersOf, servicesOf } from "./services.ts";

export const localTraffic: Rule = {
  code: "AKS3016",
  title: "Traffic stays on the few nodes that run the pods",
  severity: "info",
  perCluster: true,
  explain: `With externalTrafficPolicy Local a node passes traffic to its own pods only; nodes without one fail the probe. The load balancer spreads by node, not by pod, so uneven pods get uneven
load, and while the only pod moves there is no node at all.
What happens: uneven load, and connections that fail during a rollout.
Mend: as many replicas as spread evenly over the nodes (topologySpreadConstraints by hostname), or policy Cluster where the client's address is not needed.
Source: "Use a public standard load balancer in AKS", maintain the client's IP; Kubernetes, "Virtual IPs and Service Proxies".`,
  *check(world) {
    for (const view of loadBalancersOf(world)) {
      if (view.service.spec?.externalTrafficPolicy !== "Local") continue;
      const owners = new Set((view.backends ?? []).map(({ address }) => address));
      const counts = new Map<string, number>();
      for (const { placements } of world.predictions) {
        for (const { owner, node } of placements) if (owners.has(owner)) counts.set(node, (counts.get(node) ?? 0) + 1);
      }
      const pods = [...counts.values()];
      const uneven = pods.length > 0 && Math.max(...pods) > Math.min(...pods);
      if (pods.length > 1 && !uneven) continue;
      if (pods.length === 0) continue;
      yield violation(localTraffic, {
        subject: view.address,
        range: view.source.rangeAt(["spec", "externalTrafficPolicy"]),
        detail: `${view.address} has externalTrafficPolicy Local and its pods are on ${pods.length} node${pods.length === 1 ? "" : "s"}${uneven ? ` (${Math.min(...pods)} to ${Math.max(...pods)} a node, with equal traffic for each node)` : ""}: ${pods.length === 1 ? "while that pod moves no node takes traffic" : "pods get uneven load"}. Spread the pods over the nodes, or use policy Cluster.`,
        evidence: { nodesWithPods: pods.length },
      });
    }
  },
};

export const internalLocal: Rule = {
  code: "AKS3050",
  title: "Pods on some nodes get no answer from a Service",
  severity: "info",
  perCluster: true,
  explain: `With internalTrafficPolicy Local a Service is answered by pods of the client's own node alone. On a node without one the connection is dropped; no other node steps in.
What happens: clients on those nodes time out, and which nodes these are changes with every rollout and scale-up.
Mend: a DaemonSet behind the Service, or trafficDistribution PreferSameNode, which prefers the own node and falls back.
Source: Kubernetes, "Service Internal Traffic Policy".`,
  *check(world) {
    const [prediction] = world.predictions;
    if (prediction === undefined) return;
    for (const view of servicesOf(world)) {
      const { spec } = view.service;
      if (spec?.internalTrafficPolicy !== "Local" || spec.clusterIP === "None" || view.backends === undefined) continue;
      const owners = new Set(view.backends.map(({ address }) => address));
      const nodes = new Set(prediction.placements.filter(({ owner }) => owners.has(owner)).map(({ node }) => node));
      const bare = prediction.nodes.filter(({ name }) => !nodes.has(name)).length;
      if (nodes.size === 0 || bare === 0) continue;
      yield violation(internalLocal, {
        subject: view.address,
        range: view.source.rangeAt(["spec", "internalTrafficPolicy"]),
        detail: `${view.address} has internalTrafficPolicy Local and its pods are on ${nodes.size} of ${prediction.nodes.length} nodes: clients on the other ${bare} get no answer. Put a DaemonSet behind it, or use trafficDistribution PreferSameNode.`,
        evidence: { nodesWithPods: nodes.size, nodesWithout: bare },
      });
    }
  },
};
