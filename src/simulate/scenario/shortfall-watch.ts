import { pressureOn, type WorldHpa } from "./hpa-loop.ts";
import type { Shortfall } from "./result.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldWorkload } from "./world-state.ts";

interface OpenShortfall {
  readonly since: number;
  readonly from: number;
  worst: number;
  metric: string | undefined;
  limited: boolean;
}

/** Watches for moments at which a workload's ready pods carry more than its HPA wants them to. */
export class ShortfallWatch {
  readonly #world: ScenarioWorld;
  readonly #start: number;
  #byWorkload: ReadonlyMap<WorldWorkload, WorldHpa> = new Map();
  readonly #open = new Map<WorldWorkload, OpenShortfall>();
  readonly #closed: Shortfall[] = [];

  constructor(world: ScenarioWorld, start: number) {
    this.#world = world;
    this.#start = start;
  }

  /** The HPAs from now on; what one that is gone was short of has ended. */
  follow(hpas: readonly WorldHpa[]): void {
    this.#byWorkload = new Map(hpas.map((hpa) => [hpa.workload, hpa]));
    for (const [workload, open] of this.#open) if (!this.#byWorkload.has(workload)) this.#close(workload, open);
  }

  lookAtAll(): void {
    for (const hpa of this.#byWorkload.values()) this.#look(hpa);
  }

  look(workload: WorldWorkload): void {
    const hpa = this.#byWorkload.get(workload);
    if (hpa !== undefined) this.#look(hpa);
  }

  /** All shortfalls, those that last to the end with no end. */
  finish(): readonly Shortfall[] {
    const open = [...this.#open].map(([workload, each]) => shortfall(workload, each, undefined));
    return [...this.#closed, ...open].sort((a, b) => a.since - b.since || (a.workload < b.workload ? -1 : 1));
  }

  #look(hpa: WorldHpa): void {
    const { workload } = hpa;
    const open = this.#open.get(workload);
    if (workload.wanted === 0) {
      if (open !== undefined) this.#close(workload, open);
      return;
    }
    const { now } = this.#world;
    const { isShort, percent, metric } = pressureOn(hpa, now, this.#start);
    if (open === undefined) {
      if (isShort)
        this.#open.set(workload, { since: now, from: workload.ready, worst: percent, metric, limited: false });
      return;
    }
    if (percent > open.worst) {
      open.worst = percent;
      open.metric = metric;
    }
    if (workload.wanted >= hpa.state.hpa.max && isShort) open.limited = true;
    if (!isShort) this.#close(workload, open);
  }

  #close(workload: WorldWorkload, open: OpenShortfall): void {
    this.#open.delete(workload);
    this.#closed.push(shortfall(workload, open, this.#world.now));
  }
}

const shortfall = (workload: WorldWorkload, open: OpenShortfall, until: number | undefined): Shortfall => ({
  workload: workload.address,
  since: open.since,
  until,
  from: open.from,
  to: workload.ready,
  worstPercent: Math.round(open.worst),
  ...(open.metric === undefined ? {} : { metric: open.metric }),
  atMaximum: open.limited,
});
