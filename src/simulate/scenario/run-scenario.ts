import { autoscalerProfile } from "../../azure/autoscaler-keys.ts";
import type { VmPrices } from "../../azure/retail-prices.ts";
import type { VcpuQuota } from "../../azure/sku-dump.ts";
import type { VmSizeOverrides } from "../../azure/vm-sizes.ts";
import type { Diagnostic, Outcome } from "../../model/diagnostic.ts";
import { millis } from "../../model/quantity.ts";
import type { Scenario } from "../../model/scenario.ts";
import { autoscalerOptions } from "../autoscaling/autoscaler-profile.ts";
import { verticalBounds } from "../autoscaling/vertical.ts";
import type { LoadSettings } from "../predict-replicas.ts";
import { admissionClasses } from "../predict-workloads.ts";
import { startActions } from "./actions.ts";
import { playApply } from "./apply.ts";
import { ApplyLog } from "./apply-log.ts";
import { applyObjects } from "./apply-objects.ts";
import { planApply } from "./apply-plan.ts";
import { type AutoscalerRecord, startAutoscaler } from "./autoscaler-loop.ts";
import { assumedDate, scenarioClock } from "./clock.ts";
import { WorldJobs } from "./jobs.ts";
import { bendsOf } from "./load-curve.ts";
import { randomStream } from "./random-stream.ts";
import { Recorder } from "./recorder.ts";
import type { ScenarioResult } from "./result.ts";
import { assumedRunTime, scenarioAssumptions } from "./scenario-assumptions.ts";
import {
  emptyCluster,
  type ScenarioSide,
  type SideInput,
  scenarioSide,
  schedulerObjects,
  worldTimings,
} from "./scenario-setup.ts";
import { type RunningProvisioning, startProvisioning } from "./start-provisioning.ts";
import { UpgradeLog } from "./upgrade-log.ts";
import { WorkloadWatch } from "./workload-watch.ts";
import { ScenarioWorld } from "./world.ts";
import { WorldPools } from "./world-pools.ts";
import { WorldScalers } from "./world-scalers.ts";
import type { WorldPod } from "./world-state.ts";

export interface ScenarioInput extends SideInput {
  /** The cluster before the change, for scenarios that apply it. */
  readonly base?: SideInput | undefined;
  readonly scenario: Scenario;
  /** The loads of `aks-twin.yaml`, for workloads without a curve: they rest halfway. */
  readonly load: LoadSettings;
  readonly sizes?: VmSizeOverrides | undefined;
  /** Of the Azure Retail Prices API: what node auto-provisioning chooses by. */
  readonly prices?: VmPrices | undefined;
  /** vCPU quotas of the user's `az vm list-usage`. */
  readonly quotas?: ReadonlyMap<string, VcpuQuota> | undefined;
  /** Draws what Azure and the autoscaler leave to chance; without it each takes its usual time and the first of equals. */
  readonly chance?: { readonly seed: number; readonly run: number };
  /** Called after each event, for those who want to see everything. */
  readonly probe?: (world: ScenarioWorld, pools: WorldPools) => void;
  readonly evicted?: (world: ScenarioWorld, pod: WorldPod, wasReady: boolean) => void;
  /** Looks at the world every ten simulated seconds, after all that happens then; `true` ends the scenario there. */
  readonly watch?: (world: ScenarioWorld, pools: WorldPools) => boolean;
}

/** Plays the scenario on the cluster from its beginning to its end. */
export const runScenario = (input: ScenarioInput): Outcome<ScenarioResult> => {
  const { scenario, chance, sizes } = input;
  const head = scenarioSide(input, sizes);
  const applies = scenario.events.some(({ action }) => action.kind === "apply") && input.base !== undefined;
  const side = applies && input.base !== undefined ? scenarioSide(input.base, sizes) : head;
  const { objects } = side;
  const timings = worldTimings(scenario);
  const world = new ScenarioWorld({
    cluster: emptyCluster(side, sizes),
    objects,
    classes: admissionClasses(objects),
    timings,
  });
  const stream = (purpose: string) =>
    chance === undefined ? undefined : randomStream(chance.seed, chance.run, purpose);
  const quotas = quotasOf(input);
  const pools = new WorldPools(world, side.pools, { ...side, quotas }, stream("provisioning"));
  const clock = scenarioClock(scenario.date ?? assumedDate, scenario.start);
  const provisioning = startProvisioning({ world, pools, side, sizes, prices: input.prices, clock, applies });
  pools.begin();
  world.fill(provisioning.begin);

  const scalers = new WorldScalers(world, scenario, input.load, clock);
  const jobs = new WorldJobs(world, clock, runTimeOf(scenario));
  const workloads = new WorkloadWatch(world);
  const upgrades = new UpgradeLog(world);
  const recorder = new Recorder(world, pools, (at) => scalers.useAt(at));
  let applied: ApplyLog | undefined;
  let evictions = 0;
  pools.changed = () => applied?.lookAtPools();
  world.listener = {
    workloadChanged: (workload) => {
      scalers.shortfalls.look(workload);
      workloads.look(workload);
      upgrades.look(workload);
      applied?.look(workload);
    },
    podMoved: (pod, from, to) => upgrades.moved(pod, from, to),
    bound: (pod) => workloads.bound(pod),
    evicted: (pod, wasReady) => {
      evictions += 1;
      input.evicted?.(world, pod, wasReady);
    },
  };
  jobs.follow(objects, applies);
  const optionsOf = ({ cluster }: ScenarioSide) => autoscalerOptions(autoscalerProfile(cluster));
  const autoscaler = startAutoscaler(world, pools, objects, optionsOf(side), stream("expander"));
  scalers.follow(objects);
  scalers.start();
  for (const curve of scalers.curves())
    for (const at of bendsOf(curve)) world.after(at, "load bends", () => scalers.shortfalls.lookAtAll(), 5);
  const context = { world, pools, log: upgrades };
  const plan = applies ? planApply(side, head) : undefined;
  const apply = (manifests: "after" | "before"): void => {
    if (plan === undefined || applied !== undefined) return;
    applied = new ApplyLog(world, pools);
    playApply({
      context,
      plan,
      log: applied,
      manifests,
      enterHead: () => pools.move({ ...head, quotas }),
      restartAutoscaler: () => autoscaler.restart(head.objects, optionsOf(head)),
      applyObjects: () => {
        applyObjects(world, side, head, {
          base: schedulerObjects(side, sizes),
          head: schedulerObjects(head, sizes),
        });
        jobs.follow(head.objects);
        scalers.follow(head.objects);
        autoscaler.restart(head.objects, optionsOf(head));
      },
    });
  };
  const notSupported = startActions(world, pools, upgrades, scenario.events, applies ? apply : undefined);
  startSamples(world, recorder, scenario);
  play(world, pools, input);

  return {
    value: {
      cluster: side.cluster.address,
      start: scenario.start,
      until: scenario.until,
      samples: recorder.samples,
      workloads: workloads.finish(),
      shortfalls: scalers.shortfalls.finish(),
      upgrades: upgrades.finish(),
      jobs: jobs.finish(),
      vertical: verticalBounds(head.objects, head.pools),
      ...(applied === undefined ? {} : { apply: applied.finish() }),
      events: world.events,
      evictions,
      ties: [...autoscaler.record.ties.values()],
      pending: pendingAtEnd(world, autoscaler.record, provisioning),
      assumptions: [
        ...scenarioAssumptions({ input, sides: applies ? [side, head] : [side], timings, hpas: scalers.hpas }),
        ...provisioning.assumptions(),
        ...side.assumptions,
        ...(applies ? head.assumptions.filter(({ key }) => !side.assumptions.some((each) => each.key === key)) : []),
      ],
      notSupported: [...notSupported, ...(plan?.notSupported ?? [])],
    },
    diagnostics: [...side.diagnostics, ...(applies ? head.diagnostics : [])] as readonly Diagnostic[],
  };
};

const WATCH_MS = 10_000;

const play = (world: ScenarioWorld, pools: WorldPools, { scenario: { until }, probe, watch }: ScenarioInput): void => {
  const { queue } = world;
  let isOver = false;
  if (watch !== undefined) {
    const look = (): void => {
      isOver = watch(world, pools);
      if (!isOver) world.after(WATCH_MS, "watch", look, 95);
    };
    world.after(0, "watch", look, 95);
  }
  while ((probe !== undefined || watch !== undefined) && !isOver && queue.next !== undefined && queue.next <= until) {
    queue.step();
    probe?.(world, pools);
  }
  if (!isOver) queue.runUntil(until);
};

/** The dump's quotas, with those of the scenario in their place: what it names is for this cluster alone. */
const quotasOf = ({ quotas, scenario }: ScenarioInput): ReadonlyMap<string, VcpuQuota> | undefined => {
  const own = [...(scenario.vcpuQuota ?? [])].map(
    ([key, limit]) => [key, { family: quotas?.get(key)?.family ?? key, used: 0, limit }] as const,
  );
  return quotas === undefined && own.length === 0 ? undefined : new Map([...(quotas ?? []), ...own]);
};

const runTimeOf =
  ({ runTimes }: Scenario): ((address: string) => number) =>
  (address) =>
    runTimes?.workloads.get(address) ?? runTimes?.default ?? assumedRunTime;

const startSamples = (world: ScenarioWorld, recorder: Recorder, { until, sample }: Scenario): void => {
  const every = sample ?? usualStep(until);
  const take = (): void => {
    recorder.sample();
    if (world.now + every <= until) world.after(millis(every), "sample", take, 100);
  };
  world.after(0, "sample", take, 100);
};

/** Whole minutes that give at most about 300 points. */
const usualStep = (until: number): number => Math.max(1, Math.ceil(until / 300 / 60_000)) * 60_000;

const pendingAtEnd = (
  world: ScenarioWorld,
  record: AutoscalerRecord,
  provisioning: RunningProvisioning,
): ScenarioResult["pending"] =>
  [...world.pods.values()]
    .filter(({ phase }) => phase === "pending")
    .map(({ key }) => ({ pod: key, reasons: [...(record.unhelped.get(key) ?? []), ...provisioning.refused(key)] }))
    .sort((a, b) => (a.pod < b.pod ? -1 : 1));
