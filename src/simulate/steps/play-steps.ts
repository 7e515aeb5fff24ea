import type { EvaluateCel } from "../../cluster/cel.ts";
import { validateObject } from "../../kubernetes/validation/validate.ts";
import type { JsonObject } from "../../model/json.ts";
import { millis, seconds } from "../../model/quantity.ts";
import type { Controller } from "../controllers/controller.ts";
import { createControllers } from "../controllers/controllers.ts";
import { createFakeKubelet } from "../controllers/fake-kubelet.ts";
import { annotatedUsage, createHpaController } from "../controllers/horizontal-pod-autoscaler.ts";
import { createEngine, type Engine } from "../engine.ts";
import { createScheduler } from "../scheduler/scheduler.ts";
import { createApplier } from "./apply.ts";
import { runKubectl } from "./kubectl.ts";
import { createNodeStart } from "./node-start.ts";
import { normalise, type PlayedStep } from "./normalise.ts";
import { recordedObjects, summaryOf } from "./recorded-objects.ts";

/** A step of a scenario: manifests that are applied, or kubectl commands, one list of words each. */
export interface ScenarioStep {
  readonly name: string;
  readonly manifests?: readonly JsonObject[];
  readonly commands?: readonly (readonly string[])[];
}

export interface Scenario {
  readonly nodes: readonly JsonObject[];
  readonly steps: readonly ScenarioStep[];
  /** A step ends when nothing changed for `quiet` seconds, or after `limit`. */
  readonly settings: { readonly quiet: number; readonly limit: number };
  /** The text of all files: names and numbers in it are not replaced in the result. */
  readonly text: string;
}

export interface PlayOptions {
  /** Played beside the usual ones. */
  readonly controllers?: readonly Controller[];
  /** Needed where a ValidatingAdmissionPolicy is applied. */
  readonly cel?: EvaluateCel;
}

const startTime = "2026-01-01T00:00:42Z";
/** The recordings' controller manager looks every five seconds and trusts new pods at once. */
const noWarmUp = { initialReadinessDelay: millis(0), cpuInitializationPeriod: millis(0) };
/** The time that kubectl takes from one object to the next. */
const betweenObjects = millis(20);
/** The time that a kubectl takes to start: one command sees what the one before it set off. */
const betweenCommands = millis(90);

/** Plays a scenario on a fresh cluster whose kubelets run everything at once, and returns its history in the form of a recording. */
export const playSteps = (scenario: Scenario, options: PlayOptions = {}): JsonObject => {
  const engine = createEngine({
    controllers: [
      ...createControllers(),
      createNodeStart(),
      createFakeKubelet(),
      createHpaController({ period: seconds(5), flags: noWarmUp, usage: annotatedUsage }),
      ...(options.controllers ?? []),
    ],
    scheduler: createScheduler(),
    startTime,
    api: { validate: validateObject, ...(options.cel === undefined ? {} : { cel: options.cel }) },
  });
  for (const node of scenario.nodes) engine.api.create(node);
  engine.settle(seconds(2), seconds(60));
  const applier = createApplier(engine, betweenObjects);
  const steps = scenario.steps.map((step): PlayedStep => {
    const commands = [
      ...(step.manifests === undefined ? [] : [applied(step, applier.apply(step.manifests))]),
      ...(step.commands ?? []).map((words) => played(words, engine)),
    ];
    const quiet = engine.settle(seconds(scenario.settings.quiet), seconds(scenario.settings.limit));
    return { step: step.name, commands, quiet, after: summaryOf(recordedObjects(engine.api.store)) };
  });
  // A namespace takes its events with it.
  const events = engine.events.filter(
    ({ namespace }) => namespace === undefined || engine.api.store.get("Namespace", undefined, namespace) !== undefined,
  );
  return normalise(steps, recordedObjects(engine.api.store), events, scenario.text);
};

const applied = (step: ScenarioStep, errors: readonly string[]): JsonObject => ({
  args: ["apply", "-f", step.name],
  rc: errors.length === 0 ? 0 : 1,
  stdout: "",
  stderr: errors.join("\n"),
});

const played = (words: readonly string[], engine: Engine): JsonObject => {
  const result = runKubectl(words, engine);
  engine.queue.runUntil(millis(engine.queue.now + betweenCommands));
  return { args: words, rc: result.code, stdout: "", stderr: result.errors.join("\n") };
};
