import type { FieldProblem } from "../kubernetes/validation/field-problem.ts";
import type { JsonObject } from "../model/json.ts";

/** The resource that an answer speaks of. */
export interface ResourceName {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

/** The API server's answer to a request that it does not grant (apimachinery pkg/api/errors/errors.go, v0.35). */
export interface ApiError {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: JsonObject;
}

const qualified = (name: string, group: string): string => (group === "" ? name : `${name}.${group}`);

/** 422: the object breaks rules of its fields. */
export const invalid = (resource: ResourceName, name: string, problems: readonly FieldProblem[]): ApiError => {
  const texts = [...new Set(problems.map((problem) => `${problem.field}: ${problem.message}`))];
  const list = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  return {
    code: 422,
    reason: "Invalid",
    message: `${qualified(resource.kind, resource.group)} "${name}" is invalid: ${list}`,
    details: {
      ...(name === "" ? {} : { name }),
      ...(resource.group === "" ? {} : { group: resource.group }),
      kind: resource.kind,
      causes: problems.map(({ type, field, message }) => ({ reason: type, message, field })),
    },
  };
};

/** 403: admission or authorization says no. */
export const forbidden = (resource: ResourceName, name: string, why: string): ApiError => ({
  code: 403,
  reason: "Forbidden",
  message:
    name === ""
      ? `${qualified(resource.plural, resource.group)} is forbidden: ${why}`
      : `${qualified(resource.plural, resource.group)} "${name}" is forbidden: ${why}`,
  details: named(resource, name),
});

/** 404: no such object. */
export const notFound = (resource: ResourceName, name: string): ApiError => ({
  code: 404,
  reason: "NotFound",
  message: `${qualified(resource.plural, resource.group)} "${name}" not found`,
  details: named(resource, name),
});

/** 409: the name is taken. */
export const alreadyExists = (resource: ResourceName, name: string): ApiError => ({
  code: 409,
  reason: "AlreadyExists",
  message: `${qualified(resource.plural, resource.group)} "${name}" already exists`,
  details: named(resource, name),
});

/** 409: somebody else wrote in between, or the object stands against the change. */
export const conflict = (resource: ResourceName, name: string, why: string): ApiError => ({
  code: 409,
  reason: "Conflict",
  message: `Operation cannot be fulfilled on ${qualified(resource.plural, resource.group)} "${name}": ${why}`,
  details: named(resource, name),
});

/** 400: the request cannot be read. */
export const badRequest = (message: string): ApiError => ({ code: 400, reason: "BadRequest", message });

/** The error as the Status object that a client gets. */
export const statusOf = (error: ApiError): JsonObject => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: error.message,
  reason: error.reason,
  ...(error.details === undefined ? {} : { details: error.details }),
  code: error.code,
});

const named = ({ group, plural }: ResourceName, name: string): JsonObject => ({
  ...(name === "" ? {} : { name }),
  ...(group === "" ? {} : { group }),
  kind: plural,
});
