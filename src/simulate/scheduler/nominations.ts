import { type PodRecord, podKey } from "./pod-record.ts";

/** Pending pods for which room is being made on a node. */
export class Nominations {
  private readonly byNode = new Map<string, readonly PodRecord[]>();
  private readonly nodeOf = new Map<string, string>();

  get size(): number {
    return this.byNode.size;
  }

  nodes(): Iterable<string> {
    return this.byNode.keys();
  }

  on(nodeName: string): readonly PodRecord[] {
    return this.byNode.get(nodeName) ?? [];
  }

  add(record: PodRecord, nodeName: string): void {
    this.nodeOf.set(podKey(record.namespace, record.name), nodeName);
    this.byNode.set(nodeName, [...this.on(nodeName), record]);
  }

  /** Drops a pod's nomination; returns how to bring it back, or nothing when it had none. */
  drop(key: string): (() => void) | undefined {
    const nodeName = this.nodeOf.get(key);
    if (nodeName === undefined) return undefined;
    const before = this.on(nodeName);
    const left = before.filter((record) => podKey(record.namespace, record.name) !== key);
    this.nodeOf.delete(key);
    if (left.length === 0) this.byNode.delete(nodeName);
    else this.byNode.set(nodeName, left);
    return () => {
      this.nodeOf.set(key, nodeName);
      this.byNode.set(nodeName, before);
    };
  }
}
