import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { defaultPodTemplate, mapObjects } from "./defaults-pod.ts";

type Fields = Record<string, Json>;

/** What `defaults.ts` calls: the object's spec, already copied, and its template already defaulted. */
type DefaultSpec = (spec: Fields, object: JsonObject) => void;

/** Defaults of a Deployment's spec (pkg/apis/apps/v1/defaults.go, v1.35). */
export const defaultDeployment: DefaultSpec = (spec) => {
  spec["template"] = defaultPodTemplate(spec["template"]);
  spec["replicas"] ??= 1;
  const strategy: Fields = { ...objectOf(spec["strategy"]) };
  strategy["type"] ??= "RollingUpdate";
  if (strategy["type"] === "RollingUpdate") {
    strategy["rollingUpdate"] = { maxUnavailable: "25%", maxSurge: "25%", ...objectOf(strategy["rollingUpdate"]) };
  }
  spec["strategy"] = strategy;
  spec["revisionHistoryLimit"] ??= 10;
  spec["progressDeadlineSeconds"] ??= 600;
};

/** Defaults of a DaemonSet's spec. */
export const defaultDaemonSet: DefaultSpec = (spec) => {
  spec["template"] = defaultPodTemplate(spec["template"]);
  const strategy: Fields = { ...objectOf(spec["updateStrategy"]) };
  strategy["type"] ??= "RollingUpdate";
  if (strategy["type"] === "RollingUpdate") {
    strategy["rollingUpdate"] = { maxUnavailable: 1, maxSurge: 0, ...objectOf(strategy["rollingUpdate"]) };
  }
  spec["updateStrategy"] = strategy;
  spec["revisionHistoryLimit"] ??= 10;
};

/** Defaults of a StatefulSet's spec. */
export const defaultStatefulSet: DefaultSpec = (spec) => {
  spec["template"] = defaultPodTemplate(spec["template"]);
  spec["podManagementPolicy"] ??= "OrderedReady";
  const strategy: Fields = { ...objectOf(spec["updateStrategy"]) };
  strategy["type"] ??= "RollingUpdate";
  if (strategy["type"] === "RollingUpdate") {
    strategy["rollingUpdate"] = { partition: 0, ...objectOf(strategy["rollingUpdate"]) };
  }
  spec["updateStrategy"] = strategy;
  spec["persistentVolumeClaimRetentionPolicy"] = {
    whenDeleted: "Retain",
    whenScaled: "Retain",
    ...objectOf(spec["persistentVolumeClaimRetentionPolicy"]),
  };
  spec["replicas"] ??= 1;
  spec["revisionHistoryLimit"] ??= 10;
  if (Array.isArray(spec["volumeClaimTemplates"])) {
    spec["volumeClaimTemplates"] = mapObjects(spec["volumeClaimTemplates"], (claim) => ({
      ...claim,
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: claim["metadata"] ?? {},
      spec: { resources: {}, volumeMode: "Filesystem", ...objectOf(claim["spec"]) },
      status: { phase: "Pending", ...objectOf(claim["status"]) },
    }));
  }
};

/** Defaults of a ReplicaSet's spec. */
export const defaultReplicaSet: DefaultSpec = (spec) => {
  if (spec["template"] !== undefined) spec["template"] = defaultPodTemplate(spec["template"]);
  spec["replicas"] ??= 1;
};

/** Defaults of a ReplicationController's spec: its selector is the template's labels. */
export const defaultReplicationController: DefaultSpec = (spec) => {
  spec["template"] = defaultPodTemplate(spec["template"]);
  spec["replicas"] ??= 1;
  const labels = objectOf(objectOf((spec["template"] as JsonObject)["metadata"])["labels"]);
  if (Object.keys(objectOf(spec["selector"])).length === 0 && Object.keys(labels).length > 0) spec["selector"] = labels;
};

/** Defaults of a Job's spec (pkg/apis/batch/v1/defaults.go, v1.35). */
export const defaultJob: DefaultSpec = (spec) => {
  spec["template"] = defaultPodTemplate(spec["template"]);
  if (spec["completions"] === undefined && spec["parallelism"] === undefined) spec["completions"] = 1;
  spec["parallelism"] ??= 1;
  spec["backoffLimit"] ??= spec["backoffLimitPerIndex"] === undefined ? 6 : 2147483647;
  spec["completionMode"] ??= "NonIndexed";
  spec["suspend"] ??= false;
  spec["manualSelector"] ??= false;
  const policy = spec["podFailurePolicy"];
  spec["podReplacementPolicy"] ??= policy === undefined ? "TerminatingOrFailed" : "Failed";
  if (isJsonObject(policy ?? null) && Array.isArray((policy as JsonObject)["rules"])) {
    const rules = mapObjects((policy as JsonObject)["rules"] as Json, (rule) =>
      Array.isArray(rule["onPodConditions"])
        ? { ...rule, onPodConditions: mapObjects(rule["onPodConditions"], (on) => ({ status: "True", ...on })) }
        : rule,
    );
    spec["podFailurePolicy"] = { ...(policy as JsonObject), rules };
  }
};

/** Defaults of a CronJob's spec; of the job template only the pod template is defaulted. */
export const defaultCronJob: DefaultSpec = (spec) => {
  spec["concurrencyPolicy"] ??= "Allow";
  spec["suspend"] ??= false;
  spec["successfulJobsHistoryLimit"] ??= 3;
  spec["failedJobsHistoryLimit"] ??= 1;
  const job: Fields = { ...objectOf(spec["jobTemplate"]) };
  const jobSpec: Fields = { ...objectOf(job["spec"]) };
  jobSpec["template"] = defaultPodTemplate(jobSpec["template"]);
  spec["jobTemplate"] = { ...job, metadata: job["metadata"] ?? {}, spec: jobSpec };
};

/** Defaults of an autoscaling/v2 HorizontalPodAutoscaler's spec (pkg/apis/autoscaling/v2/defaults.go, v1.35). */
export const defaultHorizontalPodAutoscaler: DefaultSpec = (spec) => {
  spec["minReplicas"] ??= 1;
  if (!Array.isArray(spec["metrics"]) || spec["metrics"].length === 0) {
    spec["metrics"] = [
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
    ];
  }
  if (!isJsonObject(spec["behavior"] ?? null)) return;
  const behavior = spec["behavior"] as JsonObject;
  spec["behavior"] = {
    ...behavior,
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: "Max",
      policies: [
        { type: "Pods", value: 4, periodSeconds: 15 },
        { type: "Percent", value: 100, periodSeconds: 15 },
      ],
      ...objectOf(behavior["scaleUp"]),
    },
    scaleDown: {
      selectPolicy: "Max",
      policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
      ...objectOf(behavior["scaleDown"]),
    },
  };
};

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value ?? null) ? (value as JsonObject) : {});
