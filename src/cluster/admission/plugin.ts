import type { JsonObject } from "../../model/json.ts";
import type { ApiError, ResourceName } from "../api-status.ts";
import type { IndexedStore } from "../object-store.ts";

/** A request on its way through admission. */
export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly resource: ResourceName;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly name: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly store: IndexedStore;
  readonly previous: JsonObject | undefined;
  /** What is to be stored; plugins put a changed copy here. */
  object: JsonObject;
  /** Warning headers of the answer. */
  readonly warnings: string[];
  /** A name with five letters at its end that no other call gave. */
  readonly randomSuffix: () => string;
}

/** A step of admission under its upstream name: `admit` may change the object, `validate` may only refuse it. */
export interface AdmissionPlugin {
  readonly name: string;
  readonly admit?: (request: AdmissionRequest) => ApiError | undefined;
  readonly validate?: (request: AdmissionRequest) => ApiError | undefined;
}

/** True for the creation of a pod itself. */
export const createsPod = (request: AdmissionRequest): boolean =>
  request.operation === "CREATE" &&
  request.resource.group === "" &&
  request.resource.plural === "pods" &&
  request.subresource === "";
