import { listAt, objectAt, objectsAt, textAt } from "../../kubernetes/fields.ts";
import type { PodSpec } from "../../kubernetes/pod.ts";
import type { JsonObject } from "../../model/json.ts";

/** An indexed pod knows its index by a variable and by its host name. */
export const indexedSpec = (spec: PodSpec, job: string, index: number): PodSpec => {
  const variable = {
    name: "JOB_COMPLETION_INDEX",
    valueFrom: {
      fieldRef: { apiVersion: "v1", fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" },
    },
  };
  const withIndex = (container: JsonObject): JsonObject =>
    objectsAt(container, "env").some((env) => textAt(env, "name") === variable.name)
      ? container
      : { ...container, env: [...listAt(container, "env"), variable] };
  const given = spec as unknown as JsonObject;
  const initial = objectsAt(given, "initContainers");
  return {
    ...given,
    hostname: `${job}-${index}`,
    containers: objectsAt(given, "containers").map(withIndex),
    ...(initial.length === 0 ? {} : { initContainers: initial.map(withIndex) }),
    ...(Object.keys(objectAt(given, "securityContext")).length === 0
      ? {}
      : { securityContext: objectAt(given, "securityContext") }),
  } as unknown as PodSpec;
};
