import type { KubeObject } from "../../kubernetes/object.ts";
import type { LoadCurve, Scenario } from "../../model/scenario.ts";
import type { LoadSettings } from "../predict-replicas.ts";
import { requestsOf } from "../predict-requests.ts";
import type { ScenarioClock } from "./clock.ts";
import { type LoadRequests, startHpas, startKeda, type WorldHpa, worldHpas } from "./hpa-loop.ts";
import { shareAt } from "./load-curve.ts";
import { scalersOf } from "./scalers.ts";
import { curvesOf } from "./scenario-setup.ts";
import { ShortfallWatch } from "./shortfall-watch.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldWorkload } from "./world-state.ts";

/** All that scales replicas, and the load that it looks at. */
export class WorldScalers {
  readonly shortfalls: ShortfallWatch;
  hpas: readonly WorldHpa[] = [];
  readonly #world: ScenarioWorld;
  readonly #scenario: Scenario;
  readonly #clock: ScenarioClock;
  readonly #curveOf: (address: string) => LoadCurve;
  readonly #curves = new Map<WorldWorkload, LoadCurve>();
  /** By resource: what a pod requested when its workload was first seen. */
  readonly #requests: LoadRequests = new Map();
  readonly #milliCpu = new Map<WorldWorkload, number>();
  readonly #keda = new Set<string>();

  constructor(world: ScenarioWorld, scenario: Scenario, load: LoadSettings, clock: ScenarioClock) {
    this.#world = world;
    this.#scenario = scenario;
    this.#clock = clock;
    this.#curveOf = curvesOf(scenario, load);
    this.shortfalls = new ShortfallWatch(world, scenario.start);
  }

  /** Takes the HPAs and ScaledObjects among the objects as those that there are from now on. */
  follow(objects: readonly KubeObject[]): void {
    const { metrics = new Map(), start } = this.#scenario;
    this.hpas = worldHpas({
      scalers: scalersOf(objects, metrics, this.#clock, start),
      objects,
      workloads: this.#world.workloads,
      curveOf: this.#curveOf,
      requests: this.#requests,
      before: this.hpas,
    });
    this.shortfalls.follow(this.hpas);
    for (const hpa of this.hpas) {
      if (hpa.scaler.keda === undefined || this.#keda.has(hpa.name)) continue;
      this.#keda.add(hpa.name);
      startKeda(
        this.#world,
        hpa,
        () => this.hpas,
        () => this.#keda.delete(hpa.name),
      );
    }
  }

  start(): void {
    startHpas(
      this.#world,
      () => this.hpas,
      this.#scenario.start,
      () => this.shortfalls.lookAtAll(),
    );
  }

  /** The curves whose bends somebody looks at. */
  curves(): readonly LoadCurve[] {
    return [
      ...this.hpas.map(({ curve }) => curve),
      ...[...(this.#scenario.metrics?.values() ?? [])].flatMap((curves) => [...curves.values()]),
    ];
  }

  /** CPU that all workloads use together, as far as they have ready pods. */
  useAt(at: number): { readonly milliCpu: number } {
    let milliCpu = 0;
    for (const workload of this.#world.workloads)
      if (workload.ready > 0)
        milliCpu +=
          shareAt(this.#curve(workload), at, this.#scenario.start, workload.declared) *
          this.#ofOne(workload) *
          workload.declared;
    return { milliCpu };
  }

  #curve(workload: WorldWorkload): LoadCurve {
    const known = this.#curves.get(workload) ?? this.#curveOf(workload.address);
    this.#curves.set(workload, known);
    return known;
  }

  #ofOne(workload: WorldWorkload): number {
    const template = workload.revisions[0]?.template;
    const known = this.#milliCpu.get(workload) ?? (template === undefined ? 0 : requestsOf(template).milliCpu);
    this.#milliCpu.set(workload, known);
    return known;
  }
}
