import { overlaps, parseCidr } from "../../azure/cidr.ts";
import { workloadsOf } from "../../graph/pod-templates.ts";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../kubernetes/networking.ts";
import { addressOf, type LabelSelector, type SourcedObject } from "../../kubernetes/object.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { lower, nameOf, onlyCluster, podRanges, rangesOf, subnetsOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const policyWithoutEngine: Rule = {
  code: "AKS7001",
  title: "Network policies have no effect",
  severity: "warning",
  perCluster: true,
  explain: `NetworkPolicy objects are carried out by an engine: network_policy "azure", "calico" or "cilium". Without one the API server takes them and nothing heeds them.
What happens: all traffic that the policies mean to stop goes through.
Mend: network_policy in network_profile; on a running cluster it can be set once without replacing it.
Source: "Secure traffic between pods by using network policies in AKS".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || cluster.isData) return;
    const { policy, plugin } = cluster.network;
    if (isUnknown(policy) || isUnknown(plugin) || lower(plugin) === "none") return;
    if (known(policy) !== undefined && lower(policy) !== "none") return;
    const policies = policiesOf(world);
    const [first] = policies;
    if (first === undefined || hasOwnEngine(world)) return;
    yield violation(policyWithoutEngine, {
      subject: addressOf(first.source.object),
      range: first.source.range,
      detail: `Cluster "${nameOf(cluster)}" has no network_policy, so ${policies.length === 1 ? "this NetworkPolicy has" : `the ${policies.length} NetworkPolicies of the manifests have`} no effect: every pod reaches every other. Set network_policy in network_profile, or take the policies away.`,
      evidence: { policies: policies.length },
      related: relatedTo(["the cluster's network profile", cluster.rangeAt("network_profile")]),
    });
  },
};

export const ciliumIpBlock: Rule = {
  code: "AKS7002",
  title: "Cilium does not match pods and nodes by address",
  severity: "warning",
  perCluster: true,
  explain: `With the Cilium engine an ipBlock stands for addresses outside the cluster only; pods and nodes are known by their labels, even where their addresses lie in the block.
What happens: traffic to pods and nodes that the policy means to allow is dropped.
Mend: podSelector and namespaceSelector for pods.
Source: "Configure Azure CNI Powered by Cilium in AKS", limitations.`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || lower(cluster.network.policy) !== "cilium") return;
    const inside = [
      ...podRanges(cluster),
      ...subnetsOf(world, cluster).flatMap((subnet) => rangesOf(subnet.addressPrefixes)),
    ];
    for (const { source, policy } of policiesOf(world)) {
      for (const direction of ["ingress", "egress"] as const) {
        for (const [index, rule] of (policy.spec?.[direction] ?? []).entries()) {
          const peers = ("from" in rule ? rule.from : undefined) ?? ("to" in rule ? rule.to : undefined) ?? [];
          const block = peers.find((peer) => {
            const range = peer.ipBlock === undefined ? undefined : parseCidr(peer.ipBlock.cidr);
            return range !== undefined && range.length > 0 && inside.some((own) => overlaps(own, range));
          });
          if (block === undefined) continue;
          yield violation(ciliumIpBlock, {
            subject: addressOf(policy),
            range: source.rangeAt(["spec", direction, index]),
            detail: `${addressOf(policy)} allows ${direction} by ipBlock ${block.ipBlock?.cidr}, which holds addresses of the cluster's own nodes or pods; Cilium does not match these by address, so the traffic is dropped. Use podSelector and namespaceSelector.`,
          });
        }
      }
    }
  },
};

export const dnsBlocked: Rule = {
  code: "AKS7003",
  title: "Egress policy shuts the pods off from DNS",
  severity: "warning",
  perCluster: true,
  explain: `Once a policy with policyTypes Egress selects a pod, only what some policy allows goes out. Every pod that looks up a name needs port 53, UDP and TCP, to kube-dns in
kube-system.
What happens: name lookups time out, and with them nearly every connection.
Mend: a rule with ports 53 UDP and TCP, to the namespace kube-system or without a peer.
Source: Kubernetes, "Network Policies"; "Secure traffic between pods by using network policies in AKS".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || known(cluster.network.policy) === undefined) return;
    const policies = policiesOf(world).filter(({ policy }) => restrictsEgress(policy));
    const seen = new Set<SourcedObject>();
    for (const workload of workloadsOf(world.objects)) {
      const selecting = policies.filter(
        ({ policy, namespace }) =>
          namespace === workload.namespace &&
          compileLabelSelector(policy.spec?.podSelector ?? {}).matches(workload.labels),
      );
      const [first] = selecting;
      if (first === undefined || seen.has(first.source) || workload.spec.hostNetwork === true) continue;
      const allows = selecting.some(({ policy }) =>
        (policy.spec?.egress ?? []).some(({ ports, to }) => allowsDns(ports) && reachesDns(to, workload.namespace)),
      );
      // A policy without any egress rule closes the pod on purpose.
      const closed = selecting.every(({ policy }) => (policy.spec?.egress ?? []).length === 0);
      if (allows || closed) continue;
      seen.add(first.source);
      yield violation(dnsBlocked, {
        subject: addressOf(first.source.object),
        range: first.source.rangeAt(["spec", "egress"]),
        detail: `${addressOf(first.source.object)} restricts egress of ${workload.address}, and no policy allows port 53: its pods cannot look up names. Add an egress rule for UDP and TCP 53 to namespace kube-system.`,
      });
    }
  },
};

const restrictsEgress = (policy: NetworkPolicy): boolean =>
  policy.spec?.policyTypes === undefined
    ? policy.spec?.egress !== undefined
    : policy.spec.policyTypes.includes("Egress");

const allowsDns = (ports: readonly NetworkPolicyPort[] | undefined): boolean =>
  ports === undefined ||
  ports.length === 0 ||
  ports.some(
    ({ port, endPort, protocol }) =>
      (protocol ?? "TCP") === "UDP" &&
      (port === undefined ||
        port === 53 ||
        port === "dns" ||
        (typeof port === "number" && port <= 53 && (endPort ?? port) >= 53)),
  );

/** The labels that AKS gives to kube-system and to CoreDNS's pods; selectors by other keys get the benefit of the doubt. */
const dnsNamespace = { "kubernetes.io/metadata.name": "kube-system" };
const dnsPods = { "k8s-app": "kube-dns" };

const reachesDns = (peers: readonly NetworkPolicyPeer[] | undefined, namespace: string): boolean =>
  peers === undefined ||
  peers.length === 0 ||
  peers.some(({ ipBlock, namespaceSelector, podSelector }) => {
    if (ipBlock !== undefined) return true;
    const inNamespace =
      namespaceSelector === undefined ? namespace === "kube-system" : mayMatch(namespaceSelector, dnsNamespace);
    return inNamespace && (podSelector === undefined || mayMatch(podSelector, dnsPods));
  });

const mayMatch = (selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(selector.matchLabels ?? {}).every(
    ([key, value]) => labels[key] === value || mayCarry(labels, key, value),
  ) &&
  (selector.matchExpressions ?? []).every(
    ({ key, operator, values = [] }) =>
      operator !== "In" || values.some((value) => labels[key] === value || mayCarry(labels, key, value)),
  );

/** A label of somebody's own, such as `name: kube-system`. */
const mayCarry = (labels: Readonly<Record<string, string>>, key: string, value: string): boolean =>
  labels[key] === undefined && /dns|system/i.test(value);

interface Policy {
  readonly source: SourcedObject;
  readonly policy: NetworkPolicy;
  readonly namespace: string;
}

const policiesOf = (world: World): readonly Policy[] =>
  world.objects.flatMap((source) =>
    source.object.kind === "NetworkPolicy"
      ? [
          {
            source,
            policy: source.object as NetworkPolicy,
            namespace: source.object.metadata.namespace ?? "default",
          },
        ]
      : [],
  );

/** An engine that the manifests bring themselves, such as Calico's or Cilium's own installation. */
const hasOwnEngine = (world: World): boolean =>
  world.objects.some(
    ({ object }) =>
      object.kind === "DaemonSet" && /^(calico-node|cilium|antrea-agent|kube-router)$/.test(object.metadata.name),
  );
