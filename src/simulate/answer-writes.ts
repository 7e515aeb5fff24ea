import { answerWrite, type WriteAnswer, type WriteRequest } from "../cluster/answer-request.ts";
import type { Caller } from "../cluster/api-server.ts";
import { type ApiError, badRequest, statusOf } from "../cluster/api-status.ts";
import type { EvaluateCel } from "../cluster/cel.ts";
import type { DuplicateKey } from "../cluster/decode-request.ts";
import { stableObject, stableStatus } from "../cluster/stable-answer.ts";
import { convertAutoscalingToV1 } from "../kubernetes/convert-autoscaling.ts";
import { textAt } from "../kubernetes/fields.ts";
import { validateObject } from "../kubernetes/validation/validate.ts";
import type { JsonObject } from "../model/json.ts";
import { seconds } from "../model/quantity.ts";
import { createControllers } from "./controllers/controllers.ts";
import { createEngine } from "./engine.ts";

/** A document as it is sent, or why it could not be read. */
export interface SentDocument {
  readonly body: JsonObject;
  readonly duplicates: readonly DuplicateKey[];
  /** Set for a text that is no YAML: the kind that it seems to be, what the reader said, and the text. */
  readonly unreadable?: {
    readonly kind: string;
    readonly apiVersion: string;
    readonly message: string;
    readonly text: string;
  };
}

export interface WriteOptions {
  readonly namespace: string;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly caller: Caller | undefined;
  readonly replace: boolean;
  /** Sends all documents there. */
  readonly path?: string;
  readonly cel?: EvaluateCel;
  /** With uids and times. */
  readonly raw: boolean;
}

const startTime = "2026-01-01T00:00:00Z";
const administrator: Caller = { user: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] };

/** Sends documents one by one to a fresh API server that holds the `before` objects, and returns its answers. */
export const answerWrites = (
  before: readonly SentDocument[],
  sent: readonly SentDocument[],
  options: WriteOptions,
): readonly WriteAnswer[] => {
  const engine = createEngine({
    controllers: createControllers(),
    startTime,
    api: { validate: validateObject, ...(options.cel === undefined ? {} : { cel: options.cel }) },
  });
  if (engine.api.store.get("Namespace", undefined, options.namespace) === undefined) {
    // A namespace of any name is taken: recordings write theirs in capitals.
    engine.api.store.put({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: options.namespace,
        labels: { "kubernetes.io/metadata.name": options.namespace, ...options.namespaceLabels },
      },
    });
  }
  engine.settle(seconds(1), seconds(10));
  const base = { namespace: options.namespace, caller: options.caller ?? administrator };
  for (const { body, duplicates } of before) {
    answerWrite(engine.api, { method: "POST", body, duplicates, namespace: options.namespace, caller: administrator });
  }
  engine.settle(seconds(1), seconds(10));
  return sent.map((document) => {
    if (document.unreadable !== undefined) return unreadableAnswer(document.unreadable, options);
    const request: WriteRequest = {
      ...base,
      method: options.replace ? "PUT" : "POST",
      body: document.body,
      duplicates: document.duplicates,
      ...(options.path === undefined ? {} : { path: options.path }),
    };
    const answer = answerWrite(engine.api, request);
    return options.raw ? answer : stable(answer, document.body);
  });
};

const stable = (answer: WriteAnswer, sent: JsonObject): WriteAnswer => ({
  ...answer,
  ...(answer.object === undefined ? {} : { object: stableObject(asSent(answer.object, sent), sent) }),
  ...(answer.status === undefined ? {} : { status: stableStatus(answer.status, sent) }),
});

/** An old version asked for is the version answered in. */
const asSent = (object: JsonObject, sent: JsonObject): JsonObject =>
  textAt(sent, "apiVersion") === "autoscaling/v1" ? convertAutoscalingToV1(object) : object;

const unreadableAnswer = (given: NonNullable<SentDocument["unreadable"]>, options: WriteOptions): WriteAnswer => {
  const shown = Buffer.from(given.text, "utf8").subarray(0, 30).toString("hex");
  const error: ApiError = badRequest(
    `the object provided is unrecognized (must be of type ${given.kind}): ${given.message} (${shown} ...)`,
  );
  const path = options.path ?? `/api/v1/namespaces/${options.namespace}/${given.kind.toLowerCase()}s`;
  return {
    request: { method: options.replace ? "PUT" : "POST", path },
    httpStatus: error.code,
    warnings: [],
    status: statusOf(error),
  };
};
