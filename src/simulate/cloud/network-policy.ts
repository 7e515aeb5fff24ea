import { type Cidr, containsCidr, overlaps, parseCidr } from "../../azure/cidr.ts";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../kubernetes/networking.ts";
import { compileLabelSelector, type LabelMatcher } from "../../kubernetes/selectors.ts";
import {
  allConnections,
  type Connections,
  intersection,
  noConnections,
  portsOf,
  type Transport,
  union,
} from "./connections.ts";

/**
 * Who enforces policies. `none`: nobody, they have no effect. `kubernetes` is the letter of the API, where an ipBlock never means pods.
 * Azure and Calico match a pod's address against an ipBlock as any other; Cilium does not ("Secure traffic between pods by using network
 * policies", "Configure Azure CNI Powered by Cilium").
 */
export type PolicyEngine = "none" | "kubernetes" | "azure" | "calico" | "cilium";

/** One pod, or all pods of a workload that are alike. */
export interface PolicyPod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
  readonly hostNetwork: boolean;
}

/** A stretch of addresses outside the cluster. */
export interface ExternalRange {
  readonly range: Cidr;
}

export type PolicyEnd = PolicyPod | ExternalRange;

export interface PolicyWorld {
  readonly engine: PolicyEngine;
  readonly policies: readonly NetworkPolicy[];
  /** Labels of namespaces; `kubernetes.io/metadata.name` is added. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Where pods have their addresses, for engines that match them against ipBlocks. */
  readonly podRanges?: readonly string[];
}

/** One side of a connection: which policies select the pod, and what each lets through. */
export interface Side {
  /** Names of the policies that select the pod for this direction; empty where everything is let through. */
  readonly selectedBy: readonly string[];
  readonly allowedBy: readonly { readonly policy: string; readonly rule: number; readonly connections: Connections }[];
  readonly connections: Connections;
  /** What the answer hangs on: an ipBlock that holds only part of the pods' addresses. */
  readonly unsure: readonly string[];
}

export interface Reachability {
  /** What may pass from one end to the other. */
  readonly connections: (from: PolicyEnd, to: PolicyEnd) => Connections;
  /** The same with its reasons: the way out of `from`, the way into `to`. */
  readonly explain: (
    from: PolicyEnd,
    to: PolicyEnd,
  ) => { readonly egress: Side; readonly ingress: Side; readonly connections: Connections };
  /** The ranges of external addresses that the policies tell apart, in order, covering all of IPv4. */
  readonly externalRanges: () => readonly ExternalRange[];
}

const isExternal = (end: PolicyEnd): end is ExternalRange => "range" in end;

/** Makes ready a set of policies for many questions. */
export const createReachability = (world: PolicyWorld): Reachability => {
  const policies = world.engine === "none" ? [] : world.policies.map((policy) => compile(policy, world));
  const byNamespace = new Map<string, CompiledPolicy[]>();
  for (const policy of policies) {
    const list = byNamespace.get(policy.namespace) ?? [];
    list.push(policy);
    byNamespace.set(policy.namespace, list);
  }
  const selecting = new WeakMap<PolicyPod, readonly CompiledPolicy[]>();
  const policiesOf = (pod: PolicyPod): readonly CompiledPolicy[] => {
    const known = selecting.get(pod);
    if (known !== undefined) return known;
    // Pods on the host's network have the node's address: no engine applies policies to them.
    const found = pod.hostNetwork
      ? []
      : (byNamespace.get(pod.namespace) ?? []).filter((policy) => policy.pods.matches(pod.labels));
    selecting.set(pod, found);
    return found;
  };
  const side = (of: PolicyEnd, peer: PolicyEnd, direction: "ingress" | "egress"): Side => {
    if (isExternal(of)) return open;
    const selected = policiesOf(of).filter((policy) => policy[direction] !== undefined);
    if (selected.length === 0) return open;
    const target = direction === "ingress" ? of : peer;
    return judge(selected, direction, peer, target);
  };
  const explain = (from: PolicyEnd, to: PolicyEnd): ReturnType<Reachability["explain"]> => {
    const egress = side(from, to, "egress");
    const ingress = side(to, from, "ingress");
    const same = from === to;
    return {
      egress,
      ingress,
      connections: same ? allConnections : intersection(egress.connections, ingress.connections),
    };
  };
  return {
    explain,
    connections: (from, to) => {
      if (from === to) return allConnections;
      const out = side(from, to, "egress").connections;
      return out === noConnections ? out : intersection(out, side(to, from, "ingress").connections);
    },
    externalRanges: () => partition(policies),
  };
};

const open: Side = { selectedBy: [], allowedBy: [], connections: allConnections, unsure: [] };

interface CompiledPolicy {
  readonly name: string;
  readonly namespace: string;
  readonly pods: LabelMatcher;
  /** `undefined` where the policy says nothing of the direction. */
  readonly ingress: readonly CompiledRule[] | undefined;
  readonly egress: readonly CompiledRule[] | undefined;
}

interface CompiledRule {
  /** `undefined` where the rule is for every peer. */
  readonly peers: readonly CompiledPeer[] | undefined;
  readonly ports: readonly NetworkPolicyPort[];
}

type Match = "yes" | "no" | "unsure";

interface CompiledPeer {
  readonly pod: (pod: PolicyPod) => Match;
  readonly block: Block | undefined;
}

interface Block {
  readonly range: Cidr;
  readonly except: readonly Cidr[];
}

const compile = (policy: NetworkPolicy, world: PolicyWorld): CompiledPolicy => {
  const namespace = policy.metadata.namespace ?? "default";
  // What is read from a file may lack it; the API server reads that as the empty one.
  const spec: Partial<NonNullable<NetworkPolicy["spec"]>> = policy.spec ?? {};
  const types = spec.policyTypes ?? ["Ingress", ...((spec.egress ?? []).length > 0 ? ["Egress"] : [])];
  const rule = (
    peers: readonly NetworkPolicyPeer[] | undefined,
    ports: readonly NetworkPolicyPort[] | undefined,
  ): CompiledRule => ({
    peers:
      peers === undefined || peers.length === 0 ? undefined : peers.map((peer) => compilePeer(peer, namespace, world)),
    ports: ports ?? [],
  });
  return {
    name: `${namespace}/${policy.metadata.name}`,
    namespace,
    pods: compileLabelSelector(spec.podSelector ?? {}),
    ingress: types.includes("Ingress") ? (spec.ingress ?? []).map((item) => rule(item.from, item.ports)) : undefined,
    egress: types.includes("Egress") ? (spec.egress ?? []).map((item) => rule(item.to, item.ports)) : undefined,
  };
};

const compilePeer = (peer: NetworkPolicyPeer, namespace: string, world: PolicyWorld): CompiledPeer => {
  if (peer.ipBlock !== undefined) {
    const range = parseCidr(peer.ipBlock.cidr);
    if (range === undefined) return { pod: () => "no", block: undefined };
    const block = { range, except: (peer.ipBlock.except ?? []).flatMap((text) => parseCidr(text) ?? []) };
    const answer = blockOnPods(block, world);
    return { pod: (pod) => (pod.hostNetwork ? "no" : answer), block };
  }
  const pods = peer.podSelector === undefined ? undefined : compileLabelSelector(peer.podSelector);
  const spaces = peer.namespaceSelector === undefined ? undefined : compileLabelSelector(peer.namespaceSelector);
  const inSpace = (name: string): boolean =>
    spaces === undefined
      ? name === namespace
      : spaces.matches({ ...world.namespaces.get(name), "kubernetes.io/metadata.name": name });
  return {
    pod: (pod) =>
      !pod.hostNetwork && (pods === undefined || pods.matches(pod.labels)) && inSpace(pod.namespace) ? "yes" : "no",
    block: undefined,
  };
};

/** Whether an ipBlock means pods: by the letter and with Cilium never, else where their addresses lie in it. */
const blockOnPods = (block: Block, world: PolicyWorld): Match => {
  if (world.engine !== "azure" && world.engine !== "calico") return "no";
  const ranges = (world.podRanges ?? []).flatMap((text) => parseCidr(text) ?? []);
  if (ranges.length === 0) return overlapsAnyPrivate(block) ? "unsure" : "no";
  if (ranges.every((range) => !overlaps(block.range, range))) return "no";
  const whole = ranges.every(
    (range) => containsCidr(block.range, range) && !block.except.some((hole) => overlaps(hole, range)),
  );
  const cutOut = ranges.every((range) => block.except.some((hole) => containsCidr(hole, range)));
  return whole ? "yes" : cutOut ? "no" : "unsure";
};

const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

const overlapsAnyPrivate = (block: Block): boolean =>
  privateRanges.some((text) => {
    const range = parseCidr(text);
    return range !== undefined && overlaps(block.range, range);
  });

const judge = (
  selected: readonly CompiledPolicy[],
  direction: "ingress" | "egress",
  peer: PolicyEnd,
  target: PolicyEnd,
): Side => {
  const allowedBy: { policy: string; rule: number; connections: Connections }[] = [];
  const unsure: string[] = [];
  let connections = noConnections;
  for (const policy of selected)
    for (const [index, rule] of (policy[direction] ?? []).entries()) {
      const match = matchPeers(rule, peer);
      if (match === "no") continue;
      if (match === "unsure") {
        unsure.push(`${policy.name} rule ${index + 1}`);
        continue;
      }
      const ports = portsFor(rule.ports, target);
      if (ports === noConnections) continue;
      allowedBy.push({ policy: policy.name, rule: index, connections: ports });
      connections = union(connections, ports);
    }
  return { selectedBy: selected.map((policy) => policy.name), allowedBy, connections, unsure };
};

const matchPeers = (rule: CompiledRule, peer: PolicyEnd): Match => {
  if (rule.peers === undefined) return "yes";
  let best: Match = "no";
  for (const item of rule.peers) {
    const match = isExternal(peer) ? blockHolds(item.block, peer.range) : item.pod(peer);
    if (match === "yes") return "yes";
    if (match === "unsure") best = "unsure";
  }
  return best;
};

const blockHolds = (block: Block | undefined, range: Cidr): Match => {
  if (block === undefined || !overlaps(block.range, range)) return "no";
  if (block.except.some((hole) => containsCidr(hole, range))) return "no";
  return containsCidr(block.range, range) && !block.except.some((hole) => overlaps(hole, range)) ? "yes" : "unsure";
};

/** Ports of a rule; a name stands for the ports of that name and protocol that the target's containers declare. */
const portsFor = (ports: readonly NetworkPolicyPort[], target: PolicyEnd): Connections => {
  if (ports.length === 0) return allConnections;
  let connections = noConnections;
  for (const port of ports) {
    const protocol = (port.protocol ?? "TCP") as Transport;
    if (port.port === undefined) connections = union(connections, portsOf(protocol));
    else if (typeof port.port === "number")
      connections = union(connections, portsOf(protocol, port.port, port.endPort ?? port.port));
    else if (!isExternal(target))
      for (const own of target.ports)
        if (own.name === port.port && (own.protocol ?? "TCP") === protocol)
          connections = union(connections, portsOf(protocol, own.containerPort, own.containerPort));
  }
  return connections;
};

/** Cuts IPv4 at the ends of all ipBlocks and their exceptions, into ranges that no policy tells apart any further. */
const partition = (policies: readonly CompiledPolicy[]): readonly ExternalRange[] => {
  const cuts = new Set<bigint>([0n, 1n << 32n]);
  for (const policy of policies)
    for (const rule of [...(policy.ingress ?? []), ...(policy.egress ?? [])])
      for (const { block } of rule.peers ?? [])
        for (const range of block === undefined ? [] : [block.range, ...block.except]) {
          if (range.family !== 4) continue;
          cuts.add(range.first);
          cuts.add(range.last + 1n);
        }
  const ends = [...cuts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return ends.slice(1).map((end, index) => ({
    range: { family: 4, first: ends[index] ?? 0n, last: end - 1n, length: 0, exact: true },
  }));
};
