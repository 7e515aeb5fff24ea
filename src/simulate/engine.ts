import { type ApiServer, type ApiServerOptions, createApiServer } from "../cluster/api-server.ts";
import { bootstrapCluster } from "../cluster/bootstrap.ts";
import type { Change } from "../cluster/store.ts";
import { type Millis, millis } from "../model/quantity.ts";
import type { Controller, ControllerContext } from "./controllers/controller.ts";
import { createEventQueue, type EventQueue } from "./event-queue.ts";
import { createEventRecorder, type RecordedEvent } from "./event-recorder.ts";
import type { Scheduler } from "./scheduler/api.ts";
import { startScheduling } from "./scheduling-loop.ts";

export interface EngineOptions {
  readonly controllers: readonly Controller[];
  /** Without one, pods wait for ever. */
  readonly scheduler?: Scheduler;
  /** RFC 3339 time at which the simulation starts. */
  readonly startTime: string;
  readonly api?: Omit<ApiServerOptions, "now">;
}

/** A cluster that lives: an API server, its controllers and a clock that jumps from event to event. */
export interface Engine {
  readonly api: ApiServer;
  readonly queue: EventQueue;
  readonly context: ControllerContext;
  readonly events: readonly RecordedEvent[];
  /** Time of the last write that changed an object. */
  readonly lastChange: Millis;
  /** Runs until nothing was written for `quiet`, or for `limit` at most; true when it became quiet. */
  settle(quiet: Millis, limit: Millis): boolean;
}

const watchLatency = millis(4);
const firstRetryMs = 5;
const longestRetryMs = 1_000_000;

/**
 * Starts a cluster over an empty store. Same input, same history: events are ordered by time, priority and arrival, and nothing else
 * moves the clock.
 */
export const createEngine = (options: EngineOptions): Engine => {
  const queue = createEventQueue();
  const start = Date.parse(options.startTime);
  const timeText = (): string => `${new Date(start + queue.now).toISOString().slice(0, 19)}Z`;
  const api = createApiServer({ ...options.api, now: timeText });
  const recorder = createEventRecorder();
  let lastChange = queue.now;

  const context: ControllerContext = {
    api,
    store: api.store,
    get now() {
      return queue.now;
    },
    get time() {
      return timeText();
    },
    event: (event) => recorder.record(queue.now, event),
  };

  api.store.subscribeAll((change) => {
    if (change.object.kind !== "Event") lastChange = queue.now;
  });
  for (const controller of options.controllers) runController(controller, queue, context);
  bootstrapCluster(api);
  if (options.scheduler !== undefined) startScheduling(options.scheduler, queue, context);

  return {
    api,
    queue,
    context,
    events: recorder.events,
    get lastChange() {
      return lastChange;
    },
    settle: (quiet, limit) => {
      const begun = queue.now;
      lastChange = begun;
      const end = begun + limit;
      for (;;) {
        const next = queue.next;
        const quietAt = lastChange + quiet;
        if (next === undefined || next > Math.min(quietAt, end)) {
          queue.runUntil(millis(Math.min(quietAt, end)));
          return quietAt <= end;
        }
        queue.step();
      }
    },
  };
};

/** A controller's work queue: keys once each, retries with upstream's growing delay (client-go util/workqueue, v0.35). */
const runController = (controller: Controller, queue: EventQueue, context: ControllerContext): void => {
  const pending = new Set<string>();
  const failures = new Map<string, number>();
  const latency = controller.latency ?? watchLatency;

  const work = (key: string): void => {
    pending.delete(key);
    const result = controller.reconcile(key, context);
    if (result === "done") failures.delete(key);
    else if ("retry" in result) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      queue.schedule(millis(Math.min(longestRetryMs, firstRetryMs * 2 ** count)), 0, `${controller.name} ${key}`, () =>
        enqueueNow(key),
      );
    } else {
      failures.delete(key);
      queue.schedule(result.requeueAfter, 0, `${controller.name} ${key}`, () => enqueueNow(key));
    }
  };

  const enqueueNow = (key: string): void => {
    if (pending.has(key)) return;
    pending.add(key);
    queue.schedule(millis(0), 0, `${controller.name} ${key}`, () => work(key));
  };

  const onChange = (change: Change): void => {
    for (const key of controller.keysOf(change, context)) {
      if (pending.has(key)) continue;
      pending.add(key);
      queue.schedule(latency, 0, `${controller.name} ${key}`, () => work(key));
    }
  };

  for (const kind of controller.watches) context.store.subscribe(kind, onChange);
};
