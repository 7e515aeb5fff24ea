import type { Node } from "../../kubernetes/node.ts";
import { controllerReference, uidOf } from "../../kubernetes/owner.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { DaemonSet } from "../../kubernetes/workloads.ts";
import { createDaemonFit, withDaemonTolerations } from "../controllers/daemon-nodes.ts";
import type { AutoscalerOptions } from "./autoscaler-profile.ts";
import type { NodeFacts } from "./cluster-picture.ts";
import { DELETION_CANDIDATE, type NodeGroup, type NodeTemplate, TO_BE_DELETED } from "./node-group.ts";

/** A node must be ready for a minute before it serves as example. */
const STABLE_MS = 60_000;

/**
 * What a further node of each group would be: a copy of one of its nodes with that node's daemons, the copy of one it had before, or the
 * cloud's template with all daemons that would run there. Source: cluster-autoscaler 1.33.0 `mixed_nodeinfos_processor.go`.
 */
export class NodeTemplates {
  readonly #options: AutoscalerOptions;
  readonly #cache = new Map<string, { readonly template: NodeTemplate; readonly since: number }>();
  readonly #made = new Map<string, { readonly version: unknown; readonly template: NodeTemplate }>();
  #count = 0;

  constructor(options: AutoscalerOptions) {
    this.#options = options;
  }

  /** Templates by group; `readyNodes` in listing order. */
  update(
    groups: readonly NodeGroup[],
    groupOf: (nodeName: string) => NodeGroup | undefined,
    readyNodes: readonly NodeFacts[],
    daemonSets: readonly DaemonSet[],
    now: number,
  ): ReadonlyMap<string, NodeTemplate> {
    const result = new Map<string, NodeTemplate>();
    for (const facts of readyNodes) {
      if (result.size === groups.length) break;
      const id = groupOf(facts.name)?.id;
      if (id === undefined || result.has(id) || !isGoodExample(facts, now)) continue;
      const template = this.#fromExample(facts, id, daemonSets);
      result.set(id, template);
      this.#cache.set(id, { template, since: now });
    }
    for (const group of groups) {
      if (!result.has(group.id))
        result.set(group.id, this.#remembered(group.id, now) ?? this.#fromCloud(group, daemonSets));
    }
    return result;
  }

  #remembered(id: string, now: number): NodeTemplate | undefined {
    const known = this.#cache.get(id);
    if (known === undefined || now - known.since <= this.#options.nodeInfoCacheExpiry) return known?.template;
    this.#cache.delete(id);
    return undefined;
  }

  #fromExample(facts: NodeFacts, id: string, daemonSets: readonly DaemonSet[]): NodeTemplate {
    const node = this.#sanitized(facts.node, id);
    const pods: Pod[] = [];
    const running = new Set<string>();
    for (const { pod, isDaemon, isMirror, owner } of facts.pods.values()) {
      if (pod.metadata.deletionTimestamp !== undefined) continue;
      if (isDaemon || isMirror) pods.push(pod);
      if (owner?.kind === "DaemonSet") running.add(owner.uid);
    }
    for (const daemonSet of daemonSets) {
      if (running.has(uidOf(daemonSet))) continue;
      if (!this.#options.forceDaemonSets && !isPreemptingSystemCritical(daemonSet)) continue;
      pods.push(...daemonPods(daemonSet, node));
    }
    return { node, pods };
  }

  #fromCloud(group: NodeGroup, daemonSets: readonly DaemonSet[]): NodeTemplate {
    const { node: plain, pods } = group.template();
    const known = this.#made.get(group.id);
    if (known !== undefined && known.version === daemonSets) {
      return { node: this.#renamed(known.template.node, group.id), pods: known.template.pods };
    }
    const sanitized = this.#sanitized(plain, group.id);
    const node = withDeprecatedLabels(sanitized);
    const template = {
      node,
      pods: [...pods, ...daemonSets.flatMap((daemonSet) => daemonPods(daemonSet, sanitized))],
    };
    this.#made.set(group.id, { version: daemonSets, template });
    return template;
  }

  #isLasting(key: string): boolean {
    const { statusTaints } = this.#options;
    const isStatus = statusTaints.includes(key) || key.startsWith(STATUS_TAINT);
    return !passingTaints.has(key) && !isStartupTaint(key, this.#options) && !isStatus;
  }

  #sanitized(node: Node, id: string): Node {
    const taints = (node.spec?.taints ?? []).filter(({ key }) => this.#isLasting(key));
    return { ...this.#renamed(node, id), spec: { ...node.spec, taints } };
  }

  /** Every template has its own name, so that hints from an earlier loop do not find it. */
  #renamed(node: Node, id: string): Node {
    this.#count += 1;
    const name = `template-node-for-${id}-${this.#count}`;
    return {
      ...node,
      metadata: { ...node.metadata, name, labels: { ...node.metadata.labels, "kubernetes.io/hostname": name } },
    };
  }
}

const STATUS_TAINT = "status-taint.cluster-autoscaler.kubernetes.io/";

const isGoodExample = ({ node, ready, readySince }: NodeFacts, now: number): boolean =>
  ready &&
  readySince + STABLE_MS < now &&
  node.spec?.unschedulable !== true &&
  !(node.spec?.taints ?? []).some(({ key }) => key === TO_BE_DELETED);

const passingTaints = new Set([
  TO_BE_DELETED,
  DELETION_CANDIDATE,
  "node.kubernetes.io/not-ready",
  "node.kubernetes.io/unreachable",
  "node.kubernetes.io/unschedulable",
  "node.kubernetes.io/memory-pressure",
  "node.kubernetes.io/disk-pressure",
  "node.kubernetes.io/network-unavailable",
  "node.kubernetes.io/pid-pressure",
  "node.cloudprovider.kubernetes.io/uninitialized",
  "node.cloudprovider.kubernetes.io/shutdown",
]);

const STARTUP_TAINTS = [
  "ignore-taint.cluster-autoscaler.kubernetes.io/",
  "startup-taint.cluster-autoscaler.kubernetes.io/",
];

/** Whether a taint says that a node is not finished starting. */
export const isStartupTaint = (key: string, { startupTaints }: AutoscalerOptions): boolean =>
  startupTaints.includes(key) || STARTUP_TAINTS.some((prefix) => key.startsWith(prefix));

const isPreemptingSystemCritical = ({ spec }: DaemonSet): boolean => {
  const { priorityClassName, preemptionPolicy = "PreemptLowerPriority" } = spec.template.spec;
  return priorityClassName === "system-node-critical" && preemptionPolicy === "PreemptLowerPriority";
};

const daemonPods = (daemonSet: DaemonSet, node: Node): readonly Pod[] => {
  const { metadata = {}, spec } = daemonSet.spec.template;
  if (!createDaemonFit(spec)(node).shouldRun) return [];
  const { namespace } = daemonSet.metadata;
  return [
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        ...metadata,
        name: `${daemonSet.metadata.name}-pod`,
        ...(namespace === undefined ? {} : { namespace }),
        ownerReferences: [controllerReference(daemonSet)],
      },
      spec: { ...withDaemonTolerations(spec), nodeName: node.metadata.name },
    },
  ];
};

const deprecatedLabels: Readonly<Record<string, string>> = {
  "node.kubernetes.io/instance-type": "beta.kubernetes.io/instance-type",
  "topology.kubernetes.io/region": "failure-domain.beta.kubernetes.io/region",
  "topology.kubernetes.io/zone": "failure-domain.beta.kubernetes.io/zone",
};

/** Only the cloud's template gets them, which is why it seldom equals a real node. */
const withDeprecatedLabels = (node: Node): Node => {
  const labels: Record<string, string> = { ...node.metadata.labels };
  for (const [label, old] of Object.entries(deprecatedLabels)) {
    const value = labels[label];
    if (value !== undefined) labels[old] = value;
  }
  return { ...node, metadata: { ...node.metadata, labels } };
};
