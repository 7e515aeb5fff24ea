import type { LoopOutcome } from "./autoscaler.ts";
import type { CaseInput } from "./autoscaler-case.ts";
import { AutoscalerWorld } from "./autoscaler-world.ts";
import type { ExpansionOption } from "./expanders.ts";
import type { PodFacts } from "./pod-facts.ts";
import type { Unremovable } from "./scale-down-planner.ts";

/** A loop as it is recorded from the real autoscaler. Times in seconds. */
export interface LoopRecord {
  readonly t: number;
  readonly error?: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly pendingPods?: readonly string[];
  readonly scaleUp: {
    readonly result: string;
    readonly options?: readonly {
      readonly group: string;
      readonly nodes: number;
      readonly pods: readonly string[];
      readonly similar?: readonly string[];
    }[];
    readonly chosen?: string;
    readonly tie?: readonly string[];
    readonly increases?: readonly string[];
    readonly triggeredBy?: readonly string[];
    readonly awaiting?: readonly string[];
    readonly remaining?: Readonly<Record<string, readonly string[]>>;
  };
  readonly scaleDown: {
    readonly result: string;
    readonly unneeded?: readonly string[];
    readonly unremovable?: Readonly<Record<string, string>>;
    readonly removing?: readonly string[];
    readonly finished?: Readonly<Record<string, string>>;
  };
  readonly events?: readonly string[];
}

export interface AutoscalerRehearsal {
  readonly count: number;
  /** Those that differ from the one before in anything but the time. */
  readonly loops: readonly LoopRecord[];
}

/** Plays a recorded case: the autoscaler against scale sets, pods and a binder that follow the case's rules. */
export const rehearseAutoscaler = (input: CaseInput): AutoscalerRehearsal => {
  const world = new AutoscalerWorld(input);
  const { scanInterval } = world;
  const loops: LoopRecord[] = [];
  let count = 0;
  let before = "";
  for (let now = scanInterval; now <= input.until * 1000; now += scanInterval) {
    world.advance(now);
    world.settle(now);
    world.tick(now);
    const pendingPods = names(world.autoscaler.pendingPods());
    const { result: outcome, events } = world.record(() => world.autoscaler.runOnce(now));
    count += 1;
    const shown = recordOf(outcome, world.sizes(), pendingPods, events);
    const text = JSON.stringify(shown);
    if (text !== before) loops.push({ t: now / 1000, ...shown });
    before = text;
  }
  return { count, loops };
};

const recordOf = (
  { error, scaleUp, scaleDown }: LoopOutcome,
  sizes: LoopRecord["sizes"],
  pendingPods: readonly string[],
  events: readonly string[],
): Omit<LoopRecord, "t"> => ({
  ...(error === undefined ? {} : { error }),
  sizes,
  ...(pendingPods.length === 0 ? {} : { pendingPods }),
  scaleUp: scaleUpRecord(scaleUp),
  scaleDown: scaleDownRecord(scaleDown),
  ...(events.length === 0 ? {} : { events }),
});

const scaleUpRecord = (outcome: LoopOutcome["scaleUp"]): LoopRecord["scaleUp"] => {
  const { result, options, chosen, tie, increases, awaiting, remaining } = outcome;
  const reasons = Object.fromEntries(
    remaining
      .map(({ pod, reasons: byGroup }) => [pod.name, reasonLines(byGroup)] as const)
      .filter(([, lines]) => lines.length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return {
    result,
    ...(options.length === 0 ? {} : { options: options.map(optionRecord) }),
    ...(chosen === undefined ? {} : { chosen: chosen.group.id }),
    ...(tie.length === 0 ? {} : { tie: tie.map(({ id }) => id) }),
    ...(increases.length === 0
      ? {}
      : { increases: increases.map(({ group, from, to }) => `${group.id} ${from}->${to}`).sort() }),
    ...(chosen === undefined ? {} : { triggeredBy: [...names(chosen.pods)].sort() }),
    ...(awaiting.length === 0 ? {} : { awaiting: [...names(awaiting)].sort() }),
    ...(Object.keys(reasons).length === 0 ? {} : { remaining: reasons }),
  };
};

const reasonLines = (byGroup: ReadonlyMap<string, readonly string[]>): readonly string[] =>
  [...byGroup].map(([group, reasons]) => `${group}: ${reasons[0] ?? ""}`).sort();

const optionRecord = ({ group, nodes, pods, similar }: ExpansionOption) => ({
  group: group.id,
  nodes,
  pods: [...names(pods)].sort(),
  ...(similar.length === 0 ? {} : { similar: similar.map(({ id }) => id) }),
});

const names = (pods: readonly PodFacts[]): readonly string[] => pods.map(({ name }) => name);

const scaleDownRecord = (outcome: LoopOutcome["scaleDown"]): LoopRecord["scaleDown"] => {
  const { result, unneeded, unremovable, removing, finished } = outcome;
  const why = sortedEntries(unremovable, unremovableText);
  return {
    result,
    ...(unneeded.length === 0 ? {} : { unneeded: [...unneeded].sort() }),
    ...(unremovable.size === 0 ? {} : { unremovable: why }),
    ...(removing.length === 0
      ? {}
      : {
          removing: removing
            .map(({ name, evicted }) =>
              evicted.length === 0 ? name : `${name} evicting ${[...names(evicted)].sort().join(", ")}`,
            )
            .sort(),
        }),
    ...(finished.size === 0 ? {} : { finished: sortedEntries(finished, (text) => text) }),
  };
};

const sortedEntries = <Value>(
  map: ReadonlyMap<string, Value>,
  text: (value: Value) => string,
): Readonly<Record<string, string>> =>
  Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, text(value)]));

const unremovableText = ({ reason, blocking, utilization }: Unremovable): string => {
  if (blocking !== undefined) return `${reason}: ${blocking.reason} ${blocking.pod.name}`;
  return reason === "NotUnderutilized" ? `${reason} (${(utilization ?? 0).toFixed(4)})` : reason;
};
