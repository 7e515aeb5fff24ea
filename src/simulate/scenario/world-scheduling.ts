import type { ScenarioWorld } from "./world.ts";
import type { WorldNode, WorldPod } from "./world-state.ts";

const FIRST_RETRY_MS = 10_000;
const LAST_RETRY_MS = 300_000;

/** From a waiting pod to a ready one: the scheduler looks, the kubelet pulls and starts. */
export class WorldScheduling {
  readonly #world: ScenarioWorld;
  #fresh: WorldPod[] = [];
  #hasRoom = false;
  #isPlanned = false;
  #preemptions = 0;

  constructor(world: ScenarioWorld) {
    this.#world = world;
  }

  /** A pod that nobody has looked at yet. */
  enter(pod: WorldPod): void {
    this.#fresh.push(pod);
    this.#plan();
  }

  /** Room has come somewhere: all that waits is looked at again. */
  roomHasCome(): void {
    this.#hasRoom = true;
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned || this.#world.isWarm) return;
    this.#isPlanned = true;
    this.#world.after(0, "schedule", () => this.placeAll(), 20);
  }

  /** Lets the scheduler look at new pods, and at all that wait where room has come. */
  placeAll(): void {
    const { cluster, book, isStopped } = this.#world;
    this.#isPlanned = false;
    if (isStopped) return;
    const tried = this.#hasRoom ? [...book.pending] : this.#fresh.filter((pod) => book.pending.has(pod));
    this.#fresh = [];
    this.#hasRoom = false;
    if (tried.length === 0) return;
    cluster.place(tried.map(({ object }) => object));
    this.#takeVictims();
    for (const pod of tried) this.#settle(pod);
  }

  #settle(pod: WorldPod): void {
    const placed = this.#world.cluster.placed.get(pod.key);
    if (placed !== undefined) this.#bind(pod, placed.node);
    else this.#world.tellWaiting(pod);
  }

  /** Pods that had to make way for others of higher priority wait anew, or are on another node already. */
  #takeVictims(): void {
    const { cluster, book, nodes } = this.#world;
    const { events } = cluster;
    for (; this.#preemptions < events.length; this.#preemptions += 1) {
      const pod = book.pods.get(events[this.#preemptions]?.subject.slice("Pod/".length) ?? "");
      if (pod === undefined || pod.workload === undefined || pod.phase === "pending") continue;
      book.totals.preempted += 1;
      nodes.get(pod.node ?? "")?.pods.delete(pod);
      book.load(pod, -1);
      if (pod.phase === "terminating") continue;
      book.move(pod, "pending");
      pod.epoch += 1;
      pod.node = undefined;
      pod.isTold = false;
      this.#settle(pod);
    }
  }

  #bind(pod: WorldPod, name: string): void {
    const { nodes, book, autoscaler, listener, isWarm, now } = this.#world;
    const node = nodes.get(name);
    if (node === undefined || pod.workload === undefined) return;
    book.move(pod, "starting");
    pod.node = name;
    pod.boundAt = now;
    pod.epoch += 1;
    node.pods.add(pod);
    book.load(pod, 1);
    autoscaler?.setPod(pod.object, pod.createdAt, name);
    listener.bound(pod);
    if (pod.movedFrom !== undefined) listener.podMoved(pod, pod.movedFrom, name);
    if (isWarm) {
      for (const image of pod.revision?.images ?? []) node.images.add(image);
      this.#world.becomeReady(pod);
    } else this.start(pod, node, FIRST_RETRY_MS);
  }

  /** Pulls what the node does not have; a registry that is down is asked again with a growing delay, as the kubelet does. */
  start(pod: WorldPod, node: WorldNode, retry = FIRST_RETRY_MS): void {
    const { epoch, workload } = pod;
    const { imagePull, podStart } = this.#world.timings;
    const isCurrent = (): boolean => pod.epoch === epoch && pod.phase === "starting" && !node.isDown;
    const missing = (pod.revision?.images ?? []).filter((image) => !node.images.has(image));
    if (missing.some((image) => this.#isDown(image))) {
      this.#world.after(retry, "pull again", () => {
        if (isCurrent()) this.start(pod, node, Math.min(2 * retry, LAST_RETRY_MS));
      });
      return;
    }
    const delay = missing.length * imagePull + podStart + (workload?.readyDelay ?? 0);
    this.#world.after(delay, "pod ready", () => {
      if (!isCurrent()) return;
      for (const image of missing) node.images.add(image);
      this.#world.becomeReady(pod);
    });
  }

  #isDown(image: string): boolean {
    const { downRegistries } = this.#world;
    return downRegistries.has("*") || downRegistries.has(registryOf(image));
  }
}

/** The host of an image's name; without one it is Docker Hub. */
const registryOf = (image: string): string => {
  const first = image.split("/")[0] ?? "";
  return image.includes("/") && /[.:]|^localhost$/.test(first) ? first : "docker.io";
};
