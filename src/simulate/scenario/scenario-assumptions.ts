import type { KubeObject } from "../../kubernetes/object.ts";
import type { Scenario } from "../../model/scenario.ts";
import type { LoadSettings } from "../predict-replicas.ts";
import type { Assumption } from "../prediction.ts";
import type { WorldHpa } from "./hpa-loop.ts";

/** What the time line rests on that the input does not say. */
export const scenarioAssumptions = (given: {
  readonly scenario: Scenario;
  readonly objects: readonly KubeObject[];
  readonly chance: boolean;
  readonly leftOut: readonly string[];
  readonly hpas: readonly WorldHpa[];
  readonly load: LoadSettings;
}): readonly Assumption[] => {
  const { scenario, objects, chance, leftOut, hpas, load } = given;
  const found: Assumption[] = [
    {
      key: "scenarioTimings",
      text: `A node is Ready ${chance ? "a half to two times, most often just" : ""} two minutes after it is asked for, gone one minute after its deletion; an image that the node lacks takes 10 s, a container 2 s to start, a pod with a readiness probe the probe's initial delay and at least 5 s more; a pod stops within 10 s. None of this is documented.`.replace(
        "  ",
        " ",
      ),
      override: "timings in the scenario",
      certainty: "uncertain",
    },
    {
      key: "scenarioLoad",
      text: "Ready pods share a workload's load evenly, a pod uses no more than its CPU limit, and the metrics API answers with the use of the moment.",
      override: "load in the scenario",
      certainty: "likely",
    },
  ];
  if (objects.some(({ kind }) => kind === "Job" || kind === "CronJob"))
    found.push({
      key: "scenarioJobs",
      text: "The pods of one run of each Job and CronJob are taken to run all the time.",
      override: "suspend: true on those that are not to count",
      certainty: "uncertain",
    });
  const foreign = new Set(
    hpas.flatMap(({ figures }) =>
      figures.flatMap(({ metric }) =>
        metric.type === "Resource" || metric.type === "ContainerResource" ? [] : metric.name,
      ),
    ),
  );
  if (foreign.size > 0)
    found.push({
      key: "scenarioMetrics",
      text: `${[...foreign].sort().join(", ")}: not known before it runs, taken as just met.`,
      override: "an HPA on cpu or memory",
      certainty: "uncertain",
    });
  const unsaid = hpas.filter(
    ({ workload: { address } }) => !scenario.load.workloads.has(address) && !load.workloads.has(address),
  );
  if (unsaid.length > 0 && scenario.load.default === undefined && load.default === undefined)
    found.push({
      key: "scenarioDefaultLoad",
      text: `The load of ${unsaid.length} of ${hpas.length} autoscaled workloads is not given; they are taken to use 70 % of what their declared replicas request.`,
      override: "load.default in the scenario",
      certainty: "uncertain",
    });
  if (leftOut.length > 0)
    found.push({
      key: "poolsLeftOut",
      text: `The nodes of pools "${leftOut.join('", "')}" are not known, since the VM size is not in the table: they are missing.`,
      override: "skus in aks-twin.yaml (az vm list-skus -o json)",
      certainty: "uncertain",
    });
  return found;
};
