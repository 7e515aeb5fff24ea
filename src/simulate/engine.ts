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

/** From a write to the controllers that watch it, on a machine that is not idle. */
const watchLatency = millis(12);
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
  /** Keys that wait, and the time at which each is looked at. */
  const pending = new Map<string, number>();
  const failures = new Map<string, number>();
  const lastRun = new Map<string, number>();
  const latency = controller.latency ?? watchLatency;
  let freeAt = 0;

  const work = (key: string, at: number): void => {
    if (pending.get(key) !== at) return;
    pending.delete(key);
    if (controller.pause !== undefined) lastRun.set(key, context.now);
    const result = controller.reconcile(key, context);
    if (result === "done") failures.delete(key);
    else if ("retry" in result) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      later(key, Math.min(longestRetryMs, firstRetryMs * 2 ** count));
    } else {
      failures.delete(key);
      later(key, result.requeueAfter);
    }
  };

  const later = (key: string, delay: number): void => {
    queue.schedule(millis(delay), 0, `${controller.name} ${key}`, () => enqueue(key, 0));
  };

  const enqueue = (key: string, delay: number): void => {
    if ((pending.get(key) ?? Number.POSITIVE_INFINITY) <= context.now + delay) return;
    const earliest = (lastRun.get(key) ?? Number.NEGATIVE_INFINITY) + (controller.pause ?? 0);
    let at = Math.max(context.now + delay, earliest);
    if (controller.spacing !== undefined) at = Math.max(at, freeAt);
    if ((pending.get(key) ?? Number.POSITIVE_INFINITY) <= at) return;
    if (controller.spacing !== undefined) freeAt = at + controller.spacing;
    pending.set(key, at);
    queue.schedule(millis(at - context.now), 0, `${controller.name} ${key}`, () => work(key, at));
  };

  const onChange = (change: Change): void => {
    const delay = latency + (controller.batching?.(change) ?? 0);
    for (const key of controller.keysOf(change, context)) enqueue(key, delay);
  };

  const { resync } = controller;
  if (resync !== undefined) {
    const again = (): void => {
      for (const key of resync.keys(context)) enqueue(key, 0);
      queue.schedule(resync.every, 9, `${controller.name} resync`, again);
    };
    queue.schedule(resync.every, 9, `${controller.name} resync`, again);
  }

  for (const kind of controller.watches) context.store.subscribe(kind, onChange);
};
