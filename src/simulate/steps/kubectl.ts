// Past 300 lines: one short function a command of kubectl.
import { listAt, objectAt, objectsAt, textAt, textsAt, withField } from "../../kubernetes/fields.ts";
import { apiVersionOf, type KindInfo, kindKey } from "../../kubernetes/kinds.ts";
import { parseLabelQuery } from "../../kubernetes/label-query.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { controllerReference, uidOf } from "../../kubernetes/owner.ts";
import { schemaOf } from "../../kubernetes/schema.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import { strategicMerge } from "../../kubernetes/strategic-merge.ts";
import type { ReplicaSet } from "../../kubernetes/workloads.ts";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import type { Engine } from "../engine.ts";
import { drain } from "./drain.ts";
import {
  type CommandResult,
  type KubectlArguments,
  kindNamed,
  namedObjects,
  readArguments,
} from "./kubectl-arguments.ts";
import { createObject, pairs } from "./kubectl-create.ts";
import { exposed } from "./kubectl-services.ts";

export const done: CommandResult = { code: 0, errors: [] };
export const failed = (message: string): CommandResult => ({ code: 1, errors: [message] });

type Run = (args: KubectlArguments, engine: Engine) => CommandResult;

/** Plays the effect of one kubectl command; commands that only read do nothing, unknown ones are an error. */
export const runKubectl = (words: readonly string[], engine: Engine): CommandResult => {
  const [verb = "", ...rest] = words;
  const args = readArguments(rest);
  if (args.flags.has("as")) return refusedForUser(verb, args);
  const run = commands[verb];
  if (run !== undefined) return run(args, engine);
  return readers.has(verb) ? done : failed(`error: unknown command "${verb}" for "kubectl"`);
};

const readers = new Set([
  "get",
  "describe",
  "logs",
  "auth",
  "api-resources",
  "api-versions",
  "version",
  "explain",
  "top",
  "cluster-info",
  "wait",
  "events",
  "diff",
]);

/** Who a request is made as is not weighed here: reading changes nothing, and writing is left out. */
const refusedForUser = (verb: string, args: KubectlArguments): CommandResult =>
  readers.has(verb) ? done : failed(`Error from server (Forbidden): ${args.flags.get("as") ?? ""} may not ${verb}`);

export const namespaceOf = (args: KubectlArguments, info: KindInfo): string | undefined =>
  info.namespaced ? (args.flags.get("namespace") ?? "default") : undefined;

const find = (engine: Engine, info: KindInfo, namespace: string | undefined, name: string): JsonObject | undefined =>
  engine.api.store.get(kindKey(apiVersionOf(info), info.kind), namespace, name) as unknown as JsonObject | undefined;

/** The objects that a command names, by name, by selector or all. */
const targets = (args: KubectlArguments, engine: Engine, words = args.words): readonly JsonObject[] => {
  const named = namedObjects(words);
  if (named.length > 0) {
    return named.flatMap(({ info, name }) => {
      const found = find(engine, info, namespaceOf(args, info), name);
      return found === undefined ? [] : [found];
    });
  }
  const selector = args.flags.get("selector");
  if (selector === undefined && !args.flags.has("all")) return [];
  return (words[0] ?? "").split(",").flatMap((kind) => {
    const info = kindNamed(kind);
    if (info === undefined) return [];
    const matcher = compileLabelSelector(selector === undefined ? {} : parseLabelQuery(selector));
    const namespace = args.flags.has("all-namespaces") ? undefined : namespaceOf(args, info);
    return (engine.api.store.list(info.kind, namespace) as unknown as readonly JsonObject[]).filter((object) =>
      matcher.matches(textsAt(object, "metadata", "labels")),
    );
  });
};

/** Writes a change of each named object. */
const change = (
  args: KubectlArguments,
  engine: Engine,
  words: readonly string[],
  edit: (object: JsonObject) => JsonObject | undefined,
): CommandResult => {
  const objects = targets(args, engine, words);
  if (objects.length === 0) return failed(`Error from server (NotFound): ${words.join(" ")} not found`);
  const errors: string[] = [];
  for (const object of objects) {
    const edited = edit(object);
    if (edited === undefined) continue;
    const answer = engine.api.update(edited);
    if (answer.error !== undefined) errors.push(`Error from server (${answer.error.reason}): ${answer.error.message}`);
  }
  return errors.length === 0 ? done : { code: 1, errors };
};

const templatePath = (object: JsonObject): readonly string[] =>
  object["kind"] === "CronJob"
    ? ["spec", "jobTemplate", "spec", "template"]
    : object["kind"] === "Pod"
      ? []
      : ["spec", "template"];

const editContainers = (object: JsonObject, edit: (container: JsonObject) => JsonObject): JsonObject => {
  const path = [...templatePath(object), "spec"];
  let changed = object;
  for (const field of ["containers", "initContainers"]) {
    const list = objectsAt(object, ...path, field);
    if (list.length > 0) changed = withField(changed, [...path, field], list.map(edit));
  }
  return changed;
};

const scale: Run = (args, engine) =>
  change(args, engine, args.words, (object) =>
    withField(object, ["spec", "replicas"], Number(args.flags.get("replicas") ?? 1)),
  );

const set: Run = (args, engine) => {
  const [what = "", ...rest] = args.words;
  const pairs = new Map(
    rest
      .filter((word) => word.includes("="))
      .map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
  );
  const words = rest.filter((word) => !word.includes("=") && !/-$/.test(word));
  const only = args.flags.get("container") ?? args.flags.get("containers");
  const isMeant = (container: JsonObject): boolean =>
    only === undefined || only === "*" || only.split(",").includes(textAt(container, "name"));
  switch (what) {
    case "image":
      return change(args, engine, words, (object) =>
        editContainers(object, (container) => {
          const image = pairs.get(textAt(container, "name")) ?? pairs.get("*");
          return image === undefined ? container : { ...container, image };
        }),
      );
    case "env":
      return change(args, engine, words, (object) =>
        editContainers(object, (container) => {
          if (!isMeant(container)) return container;
          const removed = new Set(rest.filter((word) => /-$/.test(word)).map((word) => word.slice(0, -1)));
          const kept = objectsAt(container, "env").filter(
            (env) => !pairs.has(textAt(env, "name")) && !removed.has(textAt(env, "name")),
          );
          return { ...container, env: [...kept, ...[...pairs].map(([name, value]) => ({ name, value }))] };
        }),
      );
    case "resources":
      return change(args, engine, words, (object) =>
        editContainers(object, (container) => {
          if (!isMeant(container)) return container;
          const resources = objectAt(container, "resources");
          return {
            ...container,
            resources: {
              ...resources,
              ...quantities("limits", args.flags.get("limits"), resources),
              ...quantities("requests", args.flags.get("requests"), resources),
            },
          };
        }),
      );
    case "serviceaccount":
    case "sa":
      return change(args, engine, words.slice(0, 1), (object) =>
        withField(object, [...templatePath(object), "spec", "serviceAccountName"], words[1] ?? "default"),
      );
    default:
      return failed(`error: unknown command "set ${what}"`);
  }
};

const quantities = (field: string, text: string | undefined, resources: JsonObject): JsonObject =>
  text === undefined
    ? {}
    : {
        [field]: {
          ...objectAt(resources, field),
          ...Object.fromEntries(text.split(",").map((pair) => pair.split("=") as [string, string])),
        },
      };

const rollout: Run = (args, engine) => {
  const [what = "", ...words] = args.words;
  switch (what) {
    case "restart":
      return change(args, engine, words, (object) =>
        withField(
          object,
          ["spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"],
          engine.context.time,
        ),
      );
    case "pause":
      return change(args, engine, words, (object) => withField(object, ["spec", "paused"], true));
    case "resume":
      return change(args, engine, words, (object) => withField(object, ["spec", "paused"], false));
    case "undo":
      return change(args, engine, words, (object) =>
        undone(object, Number(args.flags.get("to-revision") ?? 0), engine),
      );
    default:
      return done;
  }
};

/** The object with the template of an earlier revision, the one before the last unless a number is given. */
const undone = (object: JsonObject, revision: number, engine: Engine): JsonObject | undefined => {
  const owner = object as unknown as KubeObject;
  if (object["kind"] !== "Deployment") {
    const revisions = [
      ...engine.api.store.ownedBy("ControllerRevision", uidOf(owner)),
    ] as unknown as readonly JsonObject[];
    const sorted = [...revisions].sort((a, b) => Number(a["revision"]) - Number(b["revision"]));
    const target = revision === 0 ? sorted.at(-2) : sorted.find((one) => one["revision"] === revision);
    if (target === undefined) return undefined;
    const { $patch: _, ...template } = objectAt(target, "data", "spec", "template");
    return withField(object, ["spec", "template"], template);
  }
  const number = (replicaSet: ReplicaSet): number =>
    Number(replicaSet.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
  const sets = [...engine.api.store.ownedBy<ReplicaSet>("ReplicaSet", uidOf(owner))].sort(
    (a, b) => number(a) - number(b),
  );
  const target = revision === 0 ? sets.at(-2) : sets.find((one) => number(one) === revision);
  if (target === undefined) return undefined;
  const template = target.spec.template as unknown as JsonObject;
  const labels = { ...textsAt(template, "metadata", "labels") };
  delete labels["pod-template-hash"];
  return withField(object, ["spec", "template"], withField(template, ["metadata", "labels"], labels));
};

const cordon =
  (unschedulable: boolean): Run =>
  (args, engine) =>
    change(args, engine, ["nodes", ...args.words.map((word) => word.replace(/^nodes?\//, ""))], (node) =>
      withField(node, ["spec", "unschedulable"], unschedulable ? true : undefined),
    );

const taint: Run = (args, engine) => {
  const changes = args.words.filter((word) => /:(NoSchedule|NoExecute|PreferNoSchedule)-?$|^[^=:]+-$/.test(word));
  const words = args.words.filter((word) => !changes.includes(word));
  return change(args, engine, words, (node) => {
    let taints = objectsAt(node, "spec", "taints");
    for (const word of changes) {
      const isRemoval = word.endsWith("-");
      const [spec = "", effect] = (isRemoval ? word.slice(0, -1) : word).split(":");
      const [key = "", value] = spec.split("=");
      taints = taints.filter(
        (known) => textAt(known, "key") !== key || (effect !== undefined && textAt(known, "effect") !== effect),
      );
      if (!isRemoval)
        taints = [...taints, { key, ...(value === undefined ? {} : { value }), effect: effect ?? "NoSchedule" }];
    }
    return withField(node, ["spec", "taints"], taints.length === 0 ? undefined : taints);
  });
};

const mark =
  (field: "labels" | "annotations"): Run =>
  (args, engine) => {
    const changes = args.words.filter(
      (word) =>
        /=/.test(word) ||
        (/-$/.test(word) && !word.includes("/") && args.words.indexOf(word) > 0) ||
        /^[^=]+-$/.test(word),
    );
    const words = args.words.filter((word) => !changes.includes(word));
    return change(args, engine, words, (object) => {
      const values: Record<string, Json> = { ...objectAt(object, "metadata", field) };
      for (const word of changes) {
        const equals = word.indexOf("=");
        if (equals === -1) delete values[word.slice(0, -1)];
        else values[word.slice(0, equals)] = word.slice(equals + 1);
      }
      return withField(object, ["metadata", field], values);
    });
  };

const remove: Run = (args, engine) => {
  const objects = targets(args, engine);
  if (objects.length === 0) {
    return args.flags.get("ignore-not-found") === undefined && namedObjects(args.words).length > 0
      ? failed("Error from server (NotFound): not found")
      : done;
  }
  const grace = args.flags.get("grace-period");
  for (const object of objects) {
    const kind = kindKey(textAt(object, "apiVersion"), textAt(object, "kind"));
    const orphan = args.flags.get("cascade") === "orphan";
    if (orphan) orphanDependents(object, engine);
    engine.api.remove(
      kind,
      textAt(object, "metadata", "namespace") || undefined,
      textAt(object, "metadata", "name"),
      grace === undefined ? undefined : Number(grace),
    );
  }
  return done;
};

const orphanDependents = (owner: JsonObject, engine: Engine): void => {
  const uid = textAt(owner, "metadata", "uid");
  for (const kind of ["ReplicaSet", "Pod", "Job", "ControllerRevision"]) {
    for (const object of [...engine.api.store.ownedBy(kind, uid)]) {
      const left = listAt(object as unknown as JsonObject, "metadata", "ownerReferences").filter(
        (reference) => textAt(reference, "uid") !== uid,
      );
      engine.api.update(
        withField(
          object as unknown as JsonObject,
          ["metadata", "ownerReferences"],
          left.length === 0 ? undefined : left,
        ),
      );
    }
  }
};

const patch: Run = (args, engine) => {
  const text = args.flags.get("patch") ?? "{}";
  let parsed: Json;
  try {
    parsed = JSON.parse(text) as Json;
  } catch {
    return failed(`error: unable to parse ${JSON.stringify(text)}`);
  }
  const type = args.flags.get("type") ?? "strategic";
  return change(args, engine, args.words, (object) => {
    if (type === "json" && Array.isArray(parsed)) return jsonPatched(object, parsed as readonly Json[]);
    if (!isJsonObject(parsed)) return undefined;
    if (type === "merge") return mergePatched(object, parsed);
    return strategicMerge(object, parsed, schemaOf(textAt(object, "apiVersion"), textAt(object, "kind")));
  });
};

const mergePatched = (object: JsonObject, part: JsonObject): JsonObject => {
  const result: Record<string, Json> = { ...object };
  for (const [key, value] of Object.entries(part)) {
    if (value === null) delete result[key];
    else result[key] = isJsonObject(value) ? mergePatched(objectAt(result[key]), value) : value;
  }
  return result;
};

const jsonPatched = (object: JsonObject, operations: readonly Json[]): JsonObject => {
  const result = structuredClone(object) as Record<string, Json>;
  for (const operation of operations) {
    const path = textAt(operation, "path")
      .split("/")
      .slice(1)
      .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = path.pop() ?? "";
    let holder: unknown = result;
    for (const step of path) holder = (holder as Record<string, unknown> | undefined)?.[step];
    if (typeof holder !== "object" || holder === null) continue;
    const value = objectAt(operation)["value"] ?? null;
    if (Array.isArray(holder)) {
      const index = last === "-" ? holder.length : Number(last);
      if (textAt(operation, "op") === "add") holder.splice(index, 0, value);
      else if (textAt(operation, "op") === "remove") holder.splice(index, 1);
      else holder[index] = value;
    } else if (textAt(operation, "op") === "remove") delete (holder as Record<string, Json>)[last];
    else (holder as Record<string, Json>)[last] = value;
  }
  return result;
};

const autoscale: Run = (args, engine) => {
  const [target] = targets(args, engine);
  if (target === undefined) return failed("Error from server (NotFound): not found");
  const name = args.flags.get("name") ?? textAt(target, "metadata", "name");
  const cpu = args.flags.get("cpu-percent") ?? args.flags.get("cpu")?.replace("%", "");
  const answer = engine.api.create({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name, namespace: textAt(target, "metadata", "namespace") },
    spec: {
      scaleTargetRef: {
        apiVersion: textAt(target, "apiVersion"),
        kind: textAt(target, "kind"),
        name: textAt(target, "metadata", "name"),
      },
      ...(args.flags.has("min") ? { minReplicas: Number(args.flags.get("min")) } : {}),
      maxReplicas: Number(args.flags.get("max") ?? 1),
      ...(cpu === undefined
        ? {}
        : {
            metrics: [
              {
                type: "Resource",
                resource: { name: "cpu", target: { type: "Utilization", averageUtilization: Number(cpu) } },
              },
            ],
          }),
    },
  });
  return answer.error === undefined ? done : failed(answer.error.message);
};

const create: Run = (args, engine) => {
  if (args.words[0] === "job" && args.flags.has("from")) return jobFrom(args, engine);
  const object = createObject(args);
  if (object === undefined) return failed(`error: cannot create ${args.words.join(" ")}`);
  const answer = engine.api.create(object);
  return answer.error === undefined
    ? done
    : failed(`Error from server (${answer.error.reason}): ${answer.error.message}`);
};

const expose: Run = (args, engine) => {
  const [target] = targets(args, engine);
  if (target === undefined) return failed("Error from server (NotFound): not found");
  const service = exposed(target, args);
  if (typeof service === "string") return failed(service);
  const answer = engine.api.create(service);
  return answer.error === undefined
    ? done
    : failed(`Error from server (${answer.error.reason}): ${answer.error.message}`);
};

/** A Job started by hand from a CronJob's template. */
const jobFrom = (args: KubectlArguments, engine: Engine): CommandResult => {
  const from = (args.flags.get("from") ?? "").split("/")[1] ?? "";
  const namespace = args.flags.get("namespace") ?? "default";
  const cron = engine.api.store.get("CronJob", namespace, from);
  if (cron === undefined) return failed(`Error from server (NotFound): cronjobs.batch "${from}" not found`);
  const template = objectAt(cron as unknown as JsonObject, "spec", "jobTemplate");
  const { blockOwnerDeletion: _, ...owner } = controllerReference(cron);
  const answer = engine.api.create({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: args.words[1] ?? "",
      namespace,
      annotations: { "cronjob.kubernetes.io/instantiate": "manual", ...objectAt(template, "metadata", "annotations") },
      labels: objectAt(template, "metadata", "labels"),
      ownerReferences: [owner],
    },
    spec: template["spec"] ?? {},
  });
  return answer.error === undefined ? done : failed(answer.error.message);
};

const commands: Readonly<Record<string, Run>> = {
  scale,
  set,
  rollout,
  cordon: cordon(true),
  uncordon: cordon(false),
  taint,
  label: mark("labels"),
  annotate: mark("annotations"),
  delete: remove,
  patch,
  autoscale,
  create,
  expose,
  drain: (args, engine) => drain(args, engine),
  run: (args, engine) => {
    const name = args.words[0] ?? "";
    const answer = engine.api.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name,
        namespace: args.flags.get("namespace") ?? "default",
        labels: args.flags.has("labels") ? pairs(args.flags.get("labels")) : { run: name },
      },
      spec: {
        containers: [{ name, image: args.flags.get("image") ?? "" }],
        ...(args.flags.has("restart") ? { restartPolicy: args.flags.get("restart") ?? "Always" } : {}),
      },
    });
    return answer.error === undefined ? done : failed(answer.error.message);
  },
};
