import type { PendingPod, Placement, Prediction, Range } from "../simulate/prediction.ts";
import type { BehaviourChange, ChangeArea } from "./changes.ts";
import { counted } from "./cluster-facts.ts";

/** How the predicted cluster behaves differently, what is worse first: pods, nodes, addresses, load balancers, volumes, autoscalers. */
export const behaviourChanges = (
  before: readonly Prediction[],
  after: readonly Prediction[],
): readonly BehaviourChange[] => {
  const changes = [
    ...podChanges(before, after),
    ...poolChanges(before, after),
    ...subnetChanges(before, after),
    ...balancerChanges(before, after),
    ...presenceChanges("publicIps", "public IP", named(before, ipsOf), named(after, ipsOf)),
    ...presenceChanges("volumes", "volume", named(before, volumesOf), named(after, volumesOf)),
    ...scalerChanges(before, after),
  ];
  return [...changes.filter(({ worse }) => worse), ...changes.filter(({ worse }) => !worse)];
};

type Named = ReadonlyMap<string, string>;

const named = (predictions: readonly Prediction[], of: (prediction: Prediction) => readonly string[]): Named =>
  new Map(predictions.flatMap(of).map((name) => [name, name]));

const ipsOf = ({ publicIps }: Prediction): readonly string[] =>
  publicIps.map(({ name, purpose }) => `${name} (${purpose})`);
const volumesOf = ({ volumes }: Prediction): readonly string[] =>
  volumes.map(({ claim, storageClass }) => `${claim} (${storageClass})`);

/** Pods of one workload: how many wait, and how many are on which pool. */
interface WorkloadState {
  readonly pending: number;
  readonly pools: ReadonlyMap<string, number>;
}

const podChanges = (before: readonly Prediction[], after: readonly Prediction[]): readonly BehaviourChange[] => {
  const [was, now] = [workloadStates(before), workloadStates(after)];
  return [...new Set([...was.keys(), ...now.keys()])].sort().flatMap((owner) => {
    const [old, fresh] = [was.get(owner), now.get(owner)];
    const waits = (fresh?.pending ?? 0) - (old?.pending ?? 0);
    const total = fresh === undefined ? 0 : fresh.pending + sum(fresh.pools);
    const earlier = old === undefined ? 0 : old.pending + sum(old.pools);
    const make = (summary: string, beforeValue: number, afterValue: number, worse: boolean): BehaviourChange[] => [
      { area: "pods", subject: owner, summary, before: beforeValue, after: afterValue, worse },
    ];
    if (waits > 0) {
      return make(
        `${fresh?.pending} of ${counted(total, "pod")} of ${owner} stay Pending (${old?.pending ?? 0} before).`,
        old?.pending ?? 0,
        fresh?.pending ?? 0,
        true,
      );
    }
    if (old === undefined) return make(`${owner} is new: ${counted(total, "pod")}.`, 0, total, false);
    if (fresh === undefined) return make(`${owner} is gone: ${counted(earlier, "pod")} before.`, earlier, 0, false);
    if (waits < 0) {
      return make(
        `${owner}: ${fresh.pending} pods stay Pending (${old.pending} before).`,
        old.pending,
        fresh.pending,
        false,
      );
    }
    // A DaemonSet follows the nodes, which are told of themselves.
    if (owner.startsWith("DaemonSet/")) return [];
    if (total !== earlier) return make(`${owner}: ${earlier} → ${total} pods.`, earlier, total, false);
    const moved = movedPods(old.pools, fresh.pools);
    return moved === 0
      ? []
      : make(
          `${moved} of ${counted(total, "pod")} of ${owner} move: ${poolsText(old.pools)} → ${poolsText(fresh.pools)}.`,
          0,
          moved,
          false,
        );
  });
};

const workloadStates = (predictions: readonly Prediction[]): ReadonlyMap<string, WorkloadState> => {
  const states = new Map<string, { pending: number; pools: Map<string, number> }>();
  const stateOf = ({ owner, pod }: Pick<Placement | PendingPod, "owner" | "pod">) => {
    const key = owner === "" ? pod : owner;
    let state = states.get(key);
    if (state === undefined) {
      state = { pending: 0, pools: new Map() };
      states.set(key, state);
    }
    return state;
  };
  for (const { placements, pending } of predictions) {
    for (const placement of placements) {
      const { pools } = stateOf(placement);
      pools.set(placement.pool, (pools.get(placement.pool) ?? 0) + 1);
    }
    for (const pod of pending) stateOf(pod).pending += 1;
  }
  return states;
};

const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((all, count) => all + count, 0);

const movedPods = (was: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): number =>
  [...now].reduce((moved, [pool, count]) => moved + Math.max(0, count - (was.get(pool) ?? 0)), 0);

const poolsText = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([pool, count]) => `${count} on "${pool}"`)
    .join(", ");

const rangeText = (range: Range): string =>
  range.low === range.high ? String(range.low) : `${range.low}–${range.high}`;

const poolChanges = (before: readonly Prediction[], after: readonly Prediction[]): readonly BehaviourChange[] =>
  compared(
    before.flatMap(({ cluster, pools }) => pools.map((pool) => ({ key: `${cluster} ${pool.name}`, pool }))),
    after.flatMap(({ cluster, pools }) => pools.map((pool) => ({ key: `${cluster} ${pool.name}`, pool }))),
    (entry) => entry.key,
    (old, now) => {
      const nodes = (pool: typeof old): string => (pool === undefined ? "none" : rangeText(pool.pool.nodes.predicted));
      const name = (now ?? old)?.pool.name ?? "";
      const make = (summary: string, worse = false): BehaviourChange => ({
        area: "pools",
        subject: (now ?? old)?.pool.address ?? name,
        summary,
        before: nodes(old),
        after: nodes(now),
        worse,
      });
      if (old === undefined) return make(`Pool "${name}" is new: ${nodes(now)} nodes of ${now?.pool.vmSize}.`);
      if (now === undefined) return make(`Pool "${name}" is gone: ${nodes(old)} nodes before.`);
      const parts = [
        nodes(old) === nodes(now) ? "" : `nodes ${nodes(old)} → ${nodes(now)}`,
        old.pool.vmSize === now.pool.vmSize ? "" : `size ${old.pool.vmSize} → ${now.pool.vmSize}`,
        old.pool.min === now.pool.min && old.pool.max === now.pool.max
          ? ""
          : `bounds ${old.pool.min}..${old.pool.max} → ${now.pool.min}..${now.pool.max}`,
      ].filter((part) => part !== "");
      return parts.length === 0 ? undefined : make(`Pool "${name}": ${parts.join(", ")}.`);
    },
  );

const subnetChanges = (before: readonly Prediction[], after: readonly Prediction[]): readonly BehaviourChange[] =>
  compared(
    before.flatMap(({ subnets }) => subnets),
    after.flatMap(({ subnets }) => subnets),
    (subnet) => subnet.address,
    (old, now) => {
      const subnet = now ?? old;
      if (subnet === undefined) return undefined;
      const summary =
        old === undefined
          ? `Subnet "${subnet.name}" is new: ${now?.free} of ${now?.usable} addresses free.`
          : now === undefined
            ? `Subnet "${subnet.name}" is no longer used.`
            : old.free === now.free && old.used === now.used && old.usable === now.usable
              ? undefined
              : `Subnet "${subnet.name}": used ${old.used} → ${now.used}, reserved ${old.reserved} → ${now.reserved}, free ${old.free} → ${now.free} of ${now.usable}.`;
      return summary === undefined
        ? undefined
        : {
            area: "addresses",
            subject: subnet.address,
            summary,
            before: old?.free,
            after: now?.free,
            worse: now !== undefined && now.free < 0 && (old === undefined || old.free >= 0),
          };
    },
  );

const balancerChanges = (before: readonly Prediction[], after: readonly Prediction[]): readonly BehaviourChange[] => {
  const services = (predictions: readonly Prediction[]): Named =>
    new Map(
      predictions.flatMap(({ loadBalancers }) =>
        loadBalancers.flatMap(({ name, frontends }) =>
          frontends.flatMap((frontend) =>
            frontend.services.map(
              (service) => [service, `${name}${frontend.ip === undefined ? "" : ` at ${frontend.ip}`}`] as const,
            ),
          ),
        ),
      ),
    );
  const [was, now] = [services(before), services(after)];
  return [...new Set([...was.keys(), ...now.keys()])].sort().flatMap((service): BehaviourChange[] => {
    const [old, fresh] = [was.get(service), now.get(service)];
    if (old === fresh) return [];
    const summary =
      old === undefined
        ? `${service} gets a frontend of load balancer ${fresh}.`
        : fresh === undefined
          ? `${service} loses its frontend of load balancer ${old}.`
          : `${service} moves from load balancer ${old} to ${fresh}: its address changes.`;
    return [{ area: "loadBalancers", subject: service, summary, before: old, after: fresh, worse: old !== undefined }];
  });
};

const scalerChanges = (before: readonly Prediction[], after: readonly Prediction[]): readonly BehaviourChange[] =>
  compared(
    before.flatMap(({ autoscaling }) => autoscaling),
    after.flatMap(({ autoscaling }) => autoscaling),
    (scaler) => `${scaler.kind} ${scaler.subject}`,
    (old, now) => {
      if (old === undefined || now === undefined || old.limited === now.limited) return undefined;
      return {
        area: "autoscaling",
        subject: now.subject,
        summary: `${now.subject} ${now.limited ? `now stands at its limit ${now.max}` : "no longer stands at its limit"} (${rangeText(old.to)} → ${rangeText(now.to)}).`,
        before: rangeText(old.to),
        after: rangeText(now.to),
        worse: now.limited,
      };
    },
  );

const presenceChanges = (area: ChangeArea, noun: string, was: Named, now: Named): readonly BehaviourChange[] => [
  ...[...now.keys()]
    .filter((name) => !was.has(name))
    .map((name) => ({
      area,
      subject: name,
      summary: `New ${noun}: ${name}.`,
      before: undefined,
      after: name,
      worse: false,
    })),
  ...[...was.keys()]
    .filter((name) => !now.has(name))
    .map((name) => ({
      area,
      subject: name,
      summary: `No longer there: ${noun} ${name}.`,
      before: name,
      after: undefined,
      worse: false,
    })),
];

/** Pairs the entries of both sides by key, in order of key. */
const compared = <T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (entry: T) => string,
  change: (old: T | undefined, now: T | undefined) => BehaviourChange | undefined,
): readonly BehaviourChange[] => {
  const [was, now] = [
    new Map(before.map((entry) => [keyOf(entry), entry])),
    new Map(after.map((entry) => [keyOf(entry), entry])),
  ];
  return [...new Set([...was.keys(), ...now.keys()])].sort().flatMap((key) => change(was.get(key), now.get(key)) ?? []);
};
