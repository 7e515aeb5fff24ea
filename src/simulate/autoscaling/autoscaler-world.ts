import type { Node, Taint } from "../../kubernetes/node.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { controllerReference } from "../../kubernetes/owner.ts";
import type { Pod, PodSpec, ResourceList } from "../../kubernetes/pod.ts";
import type { DaemonSet, PodDisruptionBudget } from "../../kubernetes/workloads.ts";
import { createDaemonFit, withDaemonTolerations } from "../controllers/daemon-nodes.ts";
import type { Scheduler } from "../scheduler/api.ts";
import { createScheduler } from "../scheduler/scheduler.ts";
import { Autoscaler } from "./autoscaler.ts";
import type { CaseDaemonSet, CaseInput, CaseNode, CaseNodeGroup, CasePod } from "./autoscaler-case.ts";
import type { AutoscalerHost } from "./autoscaler-host.ts";
import { type AutoscalerProfile, autoscalerOptions } from "./autoscaler-profile.ts";
import { parsePriorities } from "./expander-priorities.ts";
import type { NodeGroup } from "./node-group.ts";

interface WorldNode {
  node: Node;
  readonly pool: string | undefined;
  readonly createdAt: number;
  ready: boolean;
  readySince: number;
}

interface WorldPod {
  pod: Pod;
  readonly createdAt: number;
  readonly sequence: number;
  readonly owner: string;
}

interface Due {
  readonly at: number;
  readonly sequence: number;
  readonly run: (at: number) => void;
}

interface Pool {
  readonly group: CaseNodeGroup;
  size: number;
  next: number;
  fails: string;
  readonly instances: Set<string>;
}

const EXPANDER_OBJECT = "cluster-autoscaler-priority-expander";
/** To see which options are equally good, the recording asked the expander this often; each time made its events anew. */
const EXPANDER_DRAWS = 60;
const REFUSAL = "the scale set refuses to grow";
const KUBE_PROXY: PodSpec = { containers: [{ name: "kube-proxy", resources: { requests: { cpu: "100m" } } }] };

/** The scale sets, the API server's content and the binder of a recorded case. Times in milliseconds from its start. */
export class AutoscalerWorld {
  readonly autoscaler: Autoscaler;
  readonly scanInterval: number;
  readonly #input: CaseInput;
  readonly #pools = new Map<string, Pool>();
  readonly #nodes = new Map<string, WorldNode>();
  readonly #pods = new Map<string, WorldPod>();
  readonly #workloads = new Map<string, { readonly kind: string; target: number }>();
  readonly #daemonSets: readonly { readonly object: DaemonSet; readonly fits: (node: Node) => boolean }[];
  readonly #binder: Scheduler = createScheduler();
  readonly #due: Due[] = [];
  #events: string[] = [];
  #recording = false;
  #sequence = 0;
  #evictions = 0;

  constructor(input: CaseInput) {
    this.#input = input;
    const options = autoscalerOptions(texts(input.profile), texts(input.flags));
    this.scanInterval = options.scanInterval;
    for (const group of input.nodeGroups) {
      const fails = group.provisionFails ?? "";
      this.#pools.set(group.name, { group, size: 0, next: 0, fails, instances: new Set() });
    }
    this.#daemonSets = (input.daemonSets ?? []).map((daemonSet) => {
      const object = daemonSetObject(daemonSet);
      const daemonFit = createDaemonFit(object.spec.template.spec);
      return { object, fits: (node: Node) => daemonFit(node).shouldRun };
    });
    this.autoscaler = new Autoscaler(options, this.#host());
    this.#start();
  }

  sizes(): Readonly<Record<string, number>> {
    const names = [...this.#pools.keys()].sort();
    return Object.fromEntries(names.map((name) => [name, this.#pools.get(name)?.size ?? 0]));
  }

  /** Lets everything due before a loop happen, then binds what can be bound. */
  advance(loopAt: number): void {
    this.#runDue(loopAt - 1000, true);
    this.#runDue(loopAt - 1000);
    if (this.#input.world?.bind === "first-fit") this.#bindPending();
  }

  /** What the autoscaler's own work in the background does between loops. */
  settle(until: number): void {
    this.#runDue(until, true);
  }

  /** Runs a loop and returns the events made during it. */
  record<Result>(run: () => Result): { readonly result: Result; readonly events: readonly string[] } {
    this.#events = [];
    this.#recording = true;
    const result = run();
    this.#recording = false;
    return { result, events: this.#events.sort() };
  }

  #start(): void {
    const changed = new Map((this.#input.nodes ?? []).map((node) => [node.name, node]));
    for (const pool of this.#pools.values()) {
      for (let index = 0; index < pool.group.nodes; index += 1) {
        const name = this.#newInstance(pool);
        const age = (changed.get(name)?.createdSecondsAgo ?? 3600) * 1000;
        this.#addNode(poolNode(pool.group, name), pool.group.name, -age, changed.get(name));
      }
    }
    for (const node of changed.values()) {
      if (this.#nodes.has(node.name)) continue;
      const age = (node.createdSecondsAgo ?? 3600) * 1000;
      this.#addNode(foreignNode(node), undefined, -age, node);
    }
    for (const pod of this.#input.pods ?? []) this.#addPods(pod, 0, false);
    for (const change of this.#input.changes ?? []) {
      this.#at(change.at * 1000, (at) => {
        for (const pod of change.addPods ?? []) this.#addPods(pod, at, true);
        for (const name of change.deletePods ?? []) this.#deletePods(name);
        for (const node of change.setNodes ?? []) this.#changeNode(node, at);
        for (const [name, fails] of Object.entries(change.failProvisioning ?? {})) {
          const pool = this.#pools.get(name);
          if (pool !== undefined) pool.fails = fails;
        }
      });
    }
  }

  #host(): AutoscalerHost {
    const groups = [...this.#pools.values()].map((pool) => this.#nodeGroup(pool));
    const daemonSets = this.#daemonSets.map(({ object }) => object);
    const budgets = (this.#input.pdbs ?? []).map(budgetObject);
    const priorities = parsePriorities(this.#input.priorities);
    return {
      groups,
      groupOf: (name) => {
        const pool = this.#nodes.get(name)?.pool ?? this.#poolOfInstance(name);
        return groups.find(({ id }) => id === pool);
      },
      // A machine that is being deleted is still there for the provider, so its node counts as ready until it goes.
      hasInstance: () => true,
      replicas: (kind, namespace, name) => {
        const target = this.#workloads.get(`${kind}/${namespace}/${name}`)?.target;
        if (kind === "DaemonSet") return { target: 0, current: 0 };
        return target === undefined ? undefined : { target, current: target };
      },
      budgets: () => budgets,
      daemonSets: () => daemonSets,
      priorities: () => priorities,
      setTaint: (name, taint) => this.#setTaint(name, taint),
      evict: (namespace, name) => this.#evict(namespace, name),
      schedule: (delay, run) => this.#at(this.#now + delay, run, true),
      record: (reason, object) => {
        const times = object === EXPANDER_OBJECT ? EXPANDER_DRAWS : 1;
        for (let time = 0; this.#recording && time < times; time += 1) this.#events.push(`${reason} ${object}`);
      },
    };
  }

  #poolOfInstance(name: string): string | undefined {
    for (const [id, { instances }] of this.#pools) if (instances.has(name)) return id;
    return undefined;
  }

  #nodeGroup(pool: Pool): NodeGroup {
    const { group } = pool;
    return {
      id: group.name,
      min: group.min,
      max: group.max,
      targetSize: () => pool.size,
      instances: () => [...pool.instances],
      template: () => ({ node: cloudTemplate(group), pods: [kubeProxy(group.name)] }),
      increase: (by) => {
        if (pool.fails === "error") return REFUSAL;
        for (let count = 0; count < by; count += 1) {
          const name = this.#newInstance(pool);
          if (pool.fails === "silent") continue;
          this.#at(this.#now + (this.#input.world?.provisionSeconds ?? 120) * 1000, (at) => {
            if (pool.instances.has(name)) this.#addNode(poolNode(group, name), group.name, at, undefined);
          });
        }
        return undefined;
      },
      deleteNodes: (names) => {
        for (const name of names) {
          if (!pool.instances.delete(name)) continue;
          pool.size -= 1;
          this.#at(this.#now + (this.#input.world?.deleteSeconds ?? 30) * 1000, () => this.#removeNode(name));
        }
        return undefined;
      },
    };
  }

  #newInstance(pool: Pool): string {
    const name = `${pool.group.name}-${pool.next}`;
    pool.next += 1;
    pool.size += 1;
    pool.instances.add(name);
    return name;
  }

  // ---- time

  #now = 0;
  readonly #background = new Set<Due>();

  #at(at: number, run: (at: number) => void, isBackground = false): void {
    const due: Due = { at, sequence: this.#sequence, run };
    this.#sequence += 1;
    this.#due.push(due);
    if (isBackground) this.#background.add(due);
  }

  /** In order of time; the autoscaler's own work in the background only, when asked so. */
  #runDue(until: number, backgroundOnly = false): void {
    for (;;) {
      let next: Due | undefined;
      for (const due of this.#due) {
        if (due.at > until || (backgroundOnly && !this.#background.has(due))) continue;
        if (next === undefined || due.at < next.at || (due.at === next.at && due.sequence < next.sequence)) next = due;
      }
      if (next === undefined) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.#background.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run(next.at);
    }
    this.#now = Math.max(this.#now, until);
  }

  /** Sets the clock for a loop. */
  tick(now: number): void {
    this.#now = now;
  }

  // ---- nodes

  #addNode(plain: Node, pool: string | undefined, createdAt: number, changes: CaseNode | undefined): void {
    const node = changes === undefined ? plain : changedNode(plain, changes);
    const world: WorldNode = { node, pool, createdAt, ready: changes?.notReady !== true, readySince: createdAt };
    this.#nodes.set(node.metadata.name, world);
    this.#tell(world);
    for (const { object, fits } of this.#daemonSets) {
      if (!fits(node)) continue;
      const { name, namespace = "kube-system" } = object.metadata;
      const pod: Pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          name: `${name}-${node.metadata.name}`,
          namespace,
          labels: object.spec.template.metadata?.labels ?? {},
          ownerReferences: [controllerReference(object)],
        },
        spec: { ...withDaemonTolerations(object.spec.template.spec), nodeName: node.metadata.name },
      };
      this.#putPod(pod, createdAt, "");
    }
  }

  #removeNode(name: string): void {
    for (const { pod } of [...this.#pods.values()]) {
      if (pod.spec.nodeName === name) this.#dropPod(pod.metadata.namespace ?? "default", pod.metadata.name);
    }
    this.#nodes.delete(name);
    this.#binder.removeNode(name);
    this.autoscaler.removeNode(name);
  }

  #tell(world: WorldNode): void {
    this.autoscaler.setNode(world.node, world);
    this.#binder.setNode(world.node);
  }

  #changeNode(changes: CaseNode, at: number): void {
    const world = this.#nodes.get(changes.name);
    if (world === undefined) return;
    world.node = changedNode(world.node, changes);
    const ready = changes.notReady === true ? false : changes.ready === true ? true : world.ready;
    if (ready !== world.ready) world.readySince = at;
    world.ready = ready;
    this.#tell(world);
  }

  #setTaint(name: string, taint: Taint | undefined): void {
    const world = this.#nodes.get(name);
    if (world === undefined) return;
    const others = (world.node.spec?.taints ?? []).filter(({ key }) => key !== "ToBeDeletedByClusterAutoscaler");
    const taints = taint === undefined ? others : [...others, taint];
    world.node = { ...world.node, spec: { ...world.node.spec, taints } };
    this.#tell(world);
  }

  // ---- pods

  #addPods(given: CasePod, at: number, isChange: boolean): void {
    const { count, namespace = "default", owner = "ReplicaSet" } = given;
    if (owner !== "none") {
      this.#workloads.set(`${owner}/${namespace}/${given.name}`, { kind: owner, target: count ?? 1 });
    }
    const age = given.createdSecondsAgo ?? (isChange ? 0 : given.node === undefined ? 60 : 3600);
    const template = podTemplate(given);
    for (let index = 0; index < (count ?? 1); index += 1) {
      const name = count === undefined ? given.name : `${given.name}-${index}`;
      this.#putPod({ ...template, metadata: { ...template.metadata, name } }, at - age * 1000, owner);
    }
  }

  #putPod(pod: Pod, createdAt: number, owner: string): void {
    const { name, namespace = "default" } = pod.metadata;
    this.#pods.set(`${namespace}/${name}`, { pod, createdAt, sequence: this.#sequence, owner });
    this.#sequence += 1;
    this.autoscaler.setPod(pod, createdAt);
    if (pod.spec.nodeName !== undefined) this.#binder.setPod(pod);
  }

  #dropPod(namespace: string, name: string): void {
    this.#pods.delete(`${namespace}/${name}`);
    this.autoscaler.removePod(namespace, name);
    this.#binder.removePod(namespace, name);
  }

  #deletePods(name: string): void {
    for (const { pod } of [...this.#pods.values()]) {
      if (pod.metadata.name === name) this.#dropPod(pod.metadata.namespace ?? "default", name);
    }
  }

  /** What comes back does so at once, pending: a ReplicaSet's under a new name, a StatefulSet's under its own. */
  #evict(namespace: string, name: string): boolean {
    const found = this.#pods.get(`${namespace}/${name}`);
    if (found === undefined) return true;
    this.#dropPod(namespace, name);
    if (found.owner === "") return true;
    this.#evictions += 1;
    if (found.owner !== "ReplicaSet" && found.owner !== "StatefulSet") return true;
    const { nodeName: _, ...spec } = found.pod.spec;
    const next = found.owner === "ReplicaSet" ? `${name}-r${this.#evictions}` : name;
    this.#putPod({ ...found.pod, metadata: { ...found.pod.metadata, name: next }, spec }, this.#now, found.owner);
    return true;
  }

  #bindPending(): void {
    const pending = [...this.#pods.values()]
      .filter(({ pod }) => pod.spec.nodeName === undefined)
      .sort((a, b) => a.sequence - b.sequence);
    for (const { pod, createdAt, owner } of pending) {
      for (const [name, { ready }] of this.#nodes) {
        if (!ready || this.#binder.check(pod, name) !== undefined) continue;
        const bound = { ...pod, spec: { ...pod.spec, nodeName: name } };
        const { name: podName, namespace = "default" } = pod.metadata;
        this.#pods.set(`${namespace}/${podName}`, { pod: bound, createdAt, sequence: this.#sequence, owner });
        this.#sequence += 1;
        this.autoscaler.setPod(bound, createdAt);
        this.#binder.setPod(bound);
        break;
      }
    }
  }
}

const texts = (given: Readonly<Record<string, unknown>> | undefined): AutoscalerProfile =>
  Object.fromEntries(Object.entries(given ?? {}).map(([key, value]) => [key, String(value)]));

const withPods = (resources: ResourceList): ResourceList => ({ pods: "110", ...resources });

const poolLabels = (name: string, pool: string) => ({
  "kubernetes.io/hostname": name,
  "kubernetes.io/os": "linux",
  "kubernetes.io/arch": "amd64",
  agentpool: pool,
  "kubernetes.azure.com/agentpool": pool,
});

const poolNode = ({ name: pool, template }: CaseNodeGroup, name: string): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { ...poolLabels(name, pool), ...template.labels } },
  spec: { taints: template.taints ?? [] },
  status: { allocatable: withPods(template.allocatable), capacity: withPods(template.capacity) },
});

/** Azure's template knows the VM's size only: its allocatable is its capacity. */
const cloudTemplate = (group: CaseNodeGroup): Node => {
  const node = poolNode(group, `template-${group.name}`);
  const capacity = withPods(group.template.capacity);
  return { ...node, status: { allocatable: capacity, capacity } };
};

const kubeProxy = (pool: string): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: `kube-proxy-${pool}`,
    namespace: "kube-system",
    labels: { component: "kube-proxy" },
    annotations: { "kubernetes.io/config.mirror": "1234567890abcdef", "kubernetes.io/config.source": "file" },
  },
  spec: KUBE_PROXY,
});

const foreignNode = ({ name, allocatable = {} }: CaseNode): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: {
    name,
    labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" },
  },
  spec: { taints: [] },
  status: { allocatable: withPods(allocatable), capacity: withPods(allocatable) },
});

const changedNode = (node: Node, { labels, annotations, taints, unschedulable }: CaseNode): Node => ({
  ...node,
  metadata: {
    ...node.metadata,
    labels: { ...node.metadata.labels, ...labels },
    ...(annotations === undefined ? {} : { annotations }),
  },
  spec: {
    ...node.spec,
    ...(taints === undefined ? {} : { taints }),
    ...(unschedulable === undefined ? {} : { unschedulable }),
  },
});

const daemonSetObject = ({
  name,
  namespace = "kube-system",
  requests = {},
  tolerations,
  nodeSelector,
}: CaseDaemonSet): DaemonSet => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name, namespace, uid: `daemonset-${namespace}-${name}` },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [{ name: "main", resources: { requests } }],
        ...(tolerations === undefined ? {} : { tolerations }),
        ...(nodeSelector === undefined ? {} : { nodeSelector }),
      },
    },
  },
});

const podTemplate = (given: CasePod): Pod => {
  const {
    name,
    namespace = "default",
    labels = { app: name },
    annotations,
    requests = {},
    owner = "ReplicaSet",
  } = given;
  const workload: KubeObject = {
    apiVersion: owner === "Job" ? "batch/v1" : "apps/v1",
    kind: owner,
    metadata: { name, namespace, uid: `${owner}-${namespace}-${name}` },
  };
  const { containers, volumes, ...rest } = given.spec ?? {};
  const [first, ...others] = containers ?? [{ name: "main" }];
  const main = {
    ...first,
    name: first?.name ?? "main",
    resources: { ...first?.resources, requests: { ...first?.resources?.requests, ...requests } },
  };
  const local = given.localStorage === true ? [{ name: "scratch", emptyDir: {} }] : [];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      labels,
      ...(annotations === undefined ? {} : { annotations }),
      ...(owner === "none" ? {} : { ownerReferences: [controllerReference(workload)] }),
    },
    spec: {
      ...rest,
      containers: [main, ...others],
      ...(local.length + (volumes?.length ?? 0) === 0 ? {} : { volumes: [...local, ...(volumes ?? [])] }),
      ...(given.node === undefined ? {} : { nodeName: given.node }),
    },
  };
};

const budgetObject = (
  { name, namespace = "default", selector, disruptionsAllowed = 0 }: NonNullable<CaseInput["pdbs"]>[number],
  index: number,
): PodDisruptionBudget => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: name ?? `pdb-${index}`, namespace },
  spec: { selector: { matchLabels: selector } },
  status: { disruptionsAllowed },
});
