import type { NodeTable } from "./node-table.ts";
import type { PodRecord } from "./pod-record.ts";

/** Which pods are on each row, and what they take of it. */
export class RowLedger {
  /** Pods on each row, in the order in which upstream would hold them. */
  readonly podsOn: PodRecord[][] = [];
  private readonly nodes: NodeTable;
  private readonly priorities = new Map<number, number>();
  private readonly ports: (Map<string, number> | undefined)[] = [];

  constructor(nodes: NodeTable) {
    this.nodes = nodes;
  }

  /** Makes a new row ready. */
  open(row: number): void {
    this.podsOn[row] = [];
    this.ports[row] = undefined;
  }

  /** Lets a pod take its share of a row. */
  occupy(record: PodRecord, row: number): void {
    this.podsOn[row]?.push(record);
    this.account(record, row, 1);
  }

  /** Takes a pod's share back, as upstream does: the last pod moves into its place, whose index is returned. */
  vacate(record: PodRecord, row: number): number {
    const pods = this.podsOn[row] ?? [];
    const at = pods.lastIndexOf(record);
    if (at < 0) throw new Error(`pod ${record.namespace}/${record.name} is not on row ${row}`);
    const last = pods.pop();
    if (last !== undefined && at < pods.length) pods[at] = last;
    this.account(record, row, -1);
    return at;
  }

  /** Undoes `vacate`: the pod gets its old place, and the one that had moved there is last again. */
  restore(record: PodRecord, row: number, at: number): void {
    this.occupy(record, row);
    const pods = this.podsOn[row] ?? [];
    const moved = pods[at];
    if (moved === undefined || moved === record) return;
    pods[at] = record;
    pods[pods.length - 1] = moved;
  }

  /** Puts a record in the place of another that takes the same. */
  exchange(from: PodRecord, to: PodRecord, row: number): void {
    const pods = this.podsOn[row];
    const at = pods?.indexOf(from) ?? -1;
    if (pods !== undefined && at >= 0) pods[at] = to;
  }

  /** Host ports in use on a row, as `ip protocol port`. */
  portsOn(row: number): ReadonlyMap<string, number> | undefined {
    return this.ports[row];
  }

  /** The lowest priority of all pods that are on nodes; infinite when there are none. */
  lowestPriority(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const priority of this.priorities.keys()) if (priority < lowest) lowest = priority;
    return lowest;
  }

  private account(record: PodRecord, row: number, by: 1 | -1): void {
    const { nodes } = this;
    const { requests, priority } = record;
    bump(this.priorities, priority, by);
    add(nodes.pods.requested, row, by);
    add(nodes.cpu.requested, row, by * requests.cpu);
    add(nodes.memory.requested, row, by * requests.memory);
    add(nodes.ephemeralStorage.requested, row, by * requests.ephemeralStorage);
    add(nodes.nonZeroCpu, row, by * requests.nonZeroCpu);
    add(nodes.nonZeroMemory, row, by * requests.nonZeroMemory);
    for (const { name, quantity } of requests.scalars) add(nodes.scalar(name).requested, row, by * quantity);
    const { hostPorts } = record.podClass;
    if (hostPorts.length === 0) return;
    const use = this.ports[row] ?? new Map<string, number>();
    this.ports[row] = use;
    for (const { ip, protocol, port } of hostPorts) bump(use, `${ip} ${protocol} ${port}`, by);
  }
}

const bump = <K>(counts: Map<K, number>, key: K, by: number): void => {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
};

const add = (column: Float64Array, row: number, by: number): void => {
  column[row] = (column[row] ?? 0) + by;
};
