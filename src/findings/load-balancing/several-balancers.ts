import type { AksCluster, ClusterLoadBalancer } from "../../azure/platform.ts";
import { isUnknown, known, knownOr } from "../../model/unknown.ts";
import { balancerConfigurations, namespaceLabels } from "../../simulate/cloud/balancer-configurations.ts";
import { loadBalancerService } from "../../simulate/cloud/load-balancer-service.ts";
import { isFailure } from "../../simulate/cloud/load-balancer-types.ts";
import { type BalancerShares, chooseBalancer } from "../../simulate/cloud/multiple-balancers.ts";
import { lower, managedClusters, nameOf, onlyCluster } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { loadBalancersOf } from "./services.ts";

export const severalBalancers: Rule = {
  code: "AKS3035",
  title: "Several load balancers that AKS does not take",
  severity: "error",
  explain: `Several Standard load balancers (preview) need backend_pool_type nodeIP, one of them with the name "kubernetes", and for each a pool of this cluster that is the
primary pool of no other one and always has a node.
What happens: the load balancer is refused, or the provider serves no Service: "no configuration named kubernetes is found".
Mend: as the finding says.
Source: "Use multiple public Standard Load Balancers in AKS"; cloud-provider-azure v1.35.3, azure.go.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const balancers = cluster.loadBalancers ?? [];
      const [first] = balancers;
      if (first === undefined) continue;
      for (const problem of [...settingProblems(cluster, balancers), ...poolProblems(cluster, balancers)])
        yield violation(severalBalancers, {
          subject: problem.of.address,
          range: problem.of.rangeAt(problem.path),
          detail: problem.detail,
          related: relatedTo(["the cluster", cluster.range]),
        });
    }
  },
};

interface Problem {
  readonly of: ClusterLoadBalancer;
  readonly path: string;
  readonly detail: string;
}

const settingProblems = (cluster: AksCluster, balancers: readonly ClusterLoadBalancer[]): readonly Problem[] => {
  const [of] = balancers;
  if (of === undefined) return [];
  const problems: Problem[] = [];
  const { backendPoolType } = cluster.network.loadBalancer;
  // Left out it is NodeIPConfiguration.
  if (!isUnknown(backendPoolType) && (backendPoolType ?? "").toLowerCase() !== "nodeip")
    problems.push({
      of,
      path: "name",
      detail: `Cluster "${nameOf(cluster)}" has several load balancers, but ${backendPoolType === undefined ? "no backend_pool_type, which is then NodeIPConfiguration" : `backend_pool_type ${backendPoolType}`}: the provider takes several with nodeIP only. Set backend_pool_type = "NodeIP" in load_balancer_profile.`,
    });
  const names = balancers.map(({ name }) => known(name));
  if (!names.includes(undefined) && !names.some((name) => name?.toLowerCase() === "kubernetes"))
    problems.push({
      of,
      path: "name",
      detail: `None of the load balancers of cluster "${nameOf(cluster)}" (${names.join(", ")}) has the name "kubernetes", so that the provider serves no Service. Add one, or rename one.`,
    });
  const version = /^1\.(\d+)/.exec(known(cluster.kubernetesVersion) ?? "")?.[1];
  if (version !== undefined && Number(version) < 28)
    problems.push({
      of,
      path: "name",
      detail: `Several load balancers need Kubernetes 1.28; cluster "${nameOf(cluster)}" has ${known(cluster.kubernetesVersion)}.`,
    });
  return problems;
};

const poolProblems = (cluster: AksCluster, balancers: readonly ClusterLoadBalancer[]): readonly Problem[] => {
  const path = "primary_agent_pool_name";
  const takenBy = new Map<string, string>();
  const isComplete = cluster.pools.every((pool) => known(pool.name) !== undefined);
  return balancers.flatMap((of): readonly Problem[] => {
    if (isUnknown(of.primaryPool)) return [];
    const name = of.primaryPool ?? "";
    if (name === "")
      return [{ of, path, detail: `Load balancer "${nameOf(of)}" names no primaryAgentPoolName, which it must.` }];
    const other = takenBy.get(name.toLowerCase());
    if (other !== undefined)
      return [
        {
          of,
          path,
          detail: `Pool "${name}" is the primary pool of load balancer "${other}" already; "${nameOf(of)}" needs another one.`,
        },
      ];
    takenBy.set(name.toLowerCase(), nameOf(of));
    const pool = cluster.pools.find((item) => lower(item.name) === name.toLowerCase());
    if (pool === undefined)
      return isComplete
        ? [
            {
              of,
              path,
              detail: `Load balancer "${nameOf(of)}" has the primary pool "${name}", which cluster "${nameOf(cluster)}" does not have.`,
            },
          ]
        : [];
    const scaled = known(pool.autoscaling) === true;
    if (knownOr(scaled ? pool.minCount : pool.nodeCount, 1) > 0) return [];
    return [
      {
        of,
        path,
        detail: `The primary pool "${name}" of load balancer "${nameOf(of)}" may have no node (${scaled ? "min_count" : "node_count"} 0); a primary pool must have one.`,
      },
    ];
  });
};

export const noBalancerForService: Rule = {
  code: "AKS3036",
  title: "None of several load balancers takes the Service",
  severity: "error",
  perCluster: true,
  explain: `With several load balancers (preview) a Service goes to one that its annotation azure-load-balancer-configurations names, that lets Services be placed, and whose
serviceLabelSelector and serviceNamespaceSelector match.
What happens: the Service stays <pending>, with the words in the finding as its event.
Mend: labels on the Service or its namespace, another selector, or another name in the annotation.
Source: cloud-provider-azure v1.35.3, azure_loadbalancer.go (getEligibleLoadBalancersForService).`,
  *check(world) {
    const cluster = onlyCluster(world);
    const configurations = cluster === undefined ? undefined : balancerConfigurations(cluster);
    if (cluster === undefined || configurations === undefined) return;
    const namespaces = world.objects.flatMap(({ object }) => (object.kind === "Namespace" ? [object] : []));
    const byNamespace = configurations.some(({ serviceNamespaceSelector }) => serviceNamespaceSelector !== undefined);
    const views = loadBalancersOf(world);
    const multiple: BalancerShares = {
      shares: configurations.map((configuration) => ({ configuration, services: undefined, nodes: undefined })),
      synced: true,
      settled: new Set(),
      locals: new Map(),
      namespaces: namespaceLabels(
        views.map(({ service }) => service),
        namespaces,
      ),
      endpoints: {},
    };
    for (const view of views) {
      // Labels of a namespace that is made elsewhere are not known.
      if (byNamespace && !namespaces.some(({ metadata }) => metadata.name === view.namespace)) continue;
      const metadata = { ...view.service.metadata, namespace: view.namespace };
      const chosen = chooseBalancer(multiple, loadBalancerService({ ...view.service, metadata }, []), []);
      if (!isFailure(chosen)) continue;
      yield violation(noBalancerForService, {
        subject: view.address,
        range: view.annotationRange("azure-load-balancer-configurations"),
        detail: `${view.address} stays pending on cluster "${nameOf(cluster)}": ${chosen.error}.`,
        evidence: { loadBalancers: configurations.map(({ name }) => name).join(", ") },
        related: relatedTo(["a load balancer", cluster.loadBalancers?.[0]?.range]),
      });
    }
  },
};
