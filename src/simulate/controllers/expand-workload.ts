import { applyDefaults } from "../../kubernetes/defaults.ts";
import { defaultPod } from "../../kubernetes/defaults-pod.ts";
import { generatedName, generatedSuffix } from "../../kubernetes/generated-name.ts";
import { groupOf } from "../../kubernetes/kinds.ts";
import type { Node } from "../../kubernetes/node.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { uidOf } from "../../kubernetes/owner.ts";
import type { Pod, PodSpec, PodTemplate } from "../../kubernetes/pod.ts";
import type { PersistentVolumeClaim } from "../../kubernetes/storage.ts";
import { podTemplateHash } from "../../kubernetes/template-hash.ts";
import type { CronJob, DaemonSet, Deployment, Job, ReplicaSet, StatefulSet } from "../../kubernetes/workloads.ts";
import type { JsonObject } from "../../model/json.ts";
import { createDaemonFit, pinnedToNode, withDaemonTolerations } from "./daemon-nodes.ts";
import { podFromTemplate } from "./pod-from-template.ts";
import { claimsOfOrdinal, statefulPod } from "./stateful-pod.ts";

/** The pods that a workload comes to when everything it asks for is there, before admission and without a node. */
export interface ExpandedWorkload {
  readonly pods: readonly Pod[];
  /** Made from a StatefulSet's volumeClaimTemplates. */
  readonly claims: readonly PersistentVolumeClaim[];
}

const nothing: ExpandedWorkload = { pods: [], claims: [] };

/**
 * Turns a workload into the pods that its controllers would make, without running them: same labels, owners, names of claims, and
 * pod names that are the same in each run. `replicas` stands in for the count in the object (of a Job: pods at a time; of a CronJob:
 * pods of one run); `nodes` are what a DaemonSet looks at, and `firstOrdinal` the number of its pods that have names already. Other
 * kinds give nothing.
 */
export const expandWorkload = (
  object: KubeObject,
  replicas?: number,
  nodes: readonly Node[] = [],
  firstOrdinal = 0,
): ExpandedWorkload => {
  const defaulted = applyDefaults(object);
  switch (`${groupOf(object.apiVersion)}/${object.kind}`) {
    case "/Pod":
      return { pods: [defaulted as Pod], claims: [] };
    case "apps/Deployment":
      return expandDeployment(defaulted as Deployment, replicas);
    case "apps/ReplicaSet":
    case "/ReplicationController":
      return expandReplicaSet(defaulted as ReplicaSet, replicas);
    case "apps/StatefulSet":
      return expandStatefulSet(defaulted as StatefulSet, replicas);
    case "apps/DaemonSet":
      return expandDaemonSet(defaulted as DaemonSet, nodes, firstOrdinal);
    case "batch/Job":
      return expandJob(defaulted as Job, replicas);
    case "batch/CronJob":
      return expandCronJob(defaulted as CronJob, replicas);
    default:
      return nothing;
  }
};

/** The ReplicaSet that a Deployment makes for its current template. */
export const replicaSetOf = (deployment: Deployment): ReplicaSet => {
  const { template, selector } = deployment.spec;
  const hash = podTemplateHash(template);
  const labels = { ...template.metadata?.labels, "pod-template-hash": hash };
  const { namespace } = deployment.metadata;
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          name: deployment.metadata.name,
          uid: uidOf(deployment),
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      ...(deployment.spec.replicas === undefined ? {} : { replicas: deployment.spec.replicas }),
      ...(deployment.spec.minReadySeconds === undefined ? {} : { minReadySeconds: deployment.spec.minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, "pod-template-hash": hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
};

const expandDeployment = (deployment: Deployment, replicas: number | undefined): ExpandedWorkload =>
  expandReplicaSet(replicaSetOf(deployment), replicas);

const expandReplicaSet = (set: ReplicaSet, replicas: number | undefined): ExpandedWorkload => {
  const { template } = set.spec;
  if (template === undefined) return nothing;
  const spec = podSpecOf(template);
  const generateName = `${set.metadata.name}-`;
  const seed = seedOf(set);
  return {
    pods: upTo(replicas ?? set.spec.replicas ?? 1, (ordinal) =>
      podFromTemplate(template, set, { name: generatedName(generateName, seed, ordinal), generateName, spec }),
    ),
    claims: [],
  };
};

const expandStatefulSet = (set: StatefulSet, replicas: number | undefined): ExpandedWorkload => {
  const first = set.spec.ordinals?.start ?? 0;
  const count = replicas ?? set.spec.replicas ?? 1;
  return {
    pods: upTo(count, (index) => statefulPod(set, first + index)),
    claims: upTo(count, (index) => claimsOfOrdinal(set, first + index)).flat(),
  };
};

const expandDaemonSet = (set: DaemonSet, nodes: readonly Node[], firstOrdinal: number): ExpandedWorkload => {
  const { template } = set.spec;
  const spec = withDaemonTolerations(podSpecOf(template));
  const suits = createDaemonFit(template.spec);
  const generateName = `${set.metadata.name}-`;
  const seed = seedOf(set);
  return {
    pods: nodes
      .filter((node) => suits(node).shouldRun)
      .map((node, index) =>
        podFromTemplate(template, set, {
          name: generatedName(generateName, seed, firstOrdinal + index),
          generateName,
          spec: pinnedToNode(spec, node.metadata.name),
        }),
      ),
    claims: [],
  };
};

const expandJob = (job: Job, replicas: number | undefined): ExpandedWorkload => {
  if (job.spec.suspend === true) return nothing;
  const { completions, parallelism = 1, template } = job.spec;
  const count = replicas ?? Math.min(parallelism, completions ?? parallelism);
  const indexed = job.spec.completionMode === "Indexed";
  const spec = podSpecOf(template);
  const seed = seedOf(job);
  const jobName = { "batch.kubernetes.io/job-name": job.metadata.name, "job-name": job.metadata.name };
  return {
    pods: upTo(count, (index) => {
      const generateName = indexed ? `${job.metadata.name}-${index}-` : `${job.metadata.name}-`;
      const name = generatedName(generateName, seed, index);
      if (!indexed) return podFromTemplate(template, job, { name, generateName, spec, labels: jobName });
      const place = { "batch.kubernetes.io/job-completion-index": String(index) };
      return podFromTemplate(template, job, {
        name,
        generateName,
        spec,
        labels: { ...jobName, ...place },
        annotations: place,
      });
    }),
    claims: [],
  };
};

const expandCronJob = (cron: CronJob, replicas: number | undefined): ExpandedWorkload => {
  if (cron.spec.suspend === true) return nothing;
  const { namespace, name } = cron.metadata;
  const job: Job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      ...cron.spec.jobTemplate.metadata,
      name: `${name}-${generatedSuffix(seedOf(cron), 0)}`,
      ...(namespace === undefined ? {} : { namespace }),
    },
    spec: cron.spec.jobTemplate.spec,
  };
  return expandJob(applyDefaults(job), replicas);
};

/** The spec with what only pods get, made once and shared by all pods of the template. */
const podSpecOf = (template: PodTemplate): PodSpec =>
  defaultPod({ spec: template.spec } as unknown as JsonObject)["spec"] as unknown as PodSpec;

const seedOf = (object: KubeObject): string =>
  `${object.kind}/${object.metadata.namespace ?? ""}/${object.metadata.name}`;

const upTo = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: Math.max(0, count) }, (_, index) => make(index));
