import type { AksCluster, Platform } from "../../../src/azure/platform.ts";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import { readScenario } from "../../../src/load/scenario.ts";
import { parseYamlDocuments } from "../../../src/load/yaml/documents.ts";
import type { Scenario } from "../../../src/model/scenario.ts";
import type { ScenarioResult } from "../../../src/simulate/scenario/result.ts";
import { runScenario, type ScenarioInput } from "../../../src/simulate/scenario/run-scenario.ts";
import type { SideInput } from "../../../src/simulate/scenario/scenario-setup.ts";
import { aksCluster, nodePool, platform } from "../../support/platform.ts";
import { worldOf } from "../../support/world.ts";

interface PoolParts {
  readonly count: number;
  readonly min?: number;
  readonly max?: number;
}

/** A platform of one cluster with a pool of 4-core nodes a name; the pool `system` is the default one. */
export const platformOf = (
  pools: Readonly<Record<string, PoolParts>>,
): { readonly platform: Platform; readonly cluster: AksCluster } => {
  const cluster = aksCluster({
    pools: Object.entries(pools).map(([name, { count, min, max }]) =>
      nodePool(name, {
        isDefault: name === "system",
        mode: name === "system" ? "System" : "User",
        vmSize: "Standard_D4ds_v5",
        zones: ["1", "2", "3"],
        nodeCount: count,
        ...(min === undefined ? {} : { autoscaling: true, minCount: min, maxCount: max ?? count }),
      }),
    ),
  });
  return { platform: platform({ clusters: [cluster] }), cluster };
};

/** A Deployment, with an HPA and a budget by maxUnavailable where they are given. */
export const deployment = (
  name: string,
  parts: {
    readonly replicas: number;
    readonly milliCpu: number;
    readonly hpa?: { readonly min: number; readonly max: number; readonly target: number };
    readonly budget?: number;
  },
): readonly KubeObject[] => {
  const metadata = { name, namespace: "default" };
  const labels = { app: name };
  const objects = [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: parts.replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: "main",
                image: `${name}:1`,
                resources: { requests: { cpu: `${parts.milliCpu}m`, memory: "128Mi" } },
                readinessProbe: { httpGet: { path: "/", port: 80 } },
              },
            ],
          },
        },
      },
    },
    ...(parts.hpa === undefined
      ? []
      : [
          {
            apiVersion: "autoscaling/v2",
            kind: "HorizontalPodAutoscaler",
            metadata,
            spec: {
              scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
              minReplicas: parts.hpa.min,
              maxReplicas: parts.hpa.max,
              metrics: [
                {
                  type: "Resource",
                  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: parts.hpa.target } },
                },
              ],
            },
          },
        ]),
    ...(parts.budget === undefined
      ? []
      : [
          {
            apiVersion: "policy/v1",
            kind: "PodDisruptionBudget",
            metadata,
            spec: { maxUnavailable: parts.budget, selector: { matchLabels: labels } },
          },
        ]),
  ];
  return objects as KubeObject[];
};

/** A StatefulSet with a budget of one. */
export const statefulSet = (name: string, replicas: number): readonly KubeObject[] =>
  deployment(name, { replicas, milliCpu: 300, budget: 1 }).map((object) =>
    object.kind === "Deployment" ? ({ ...object, kind: "StatefulSet" } as KubeObject) : object,
  );

/** Plays the scenario and gives its result. */
export const play = (
  where: { readonly platform: Platform; readonly cluster: AksCluster },
  objects: readonly KubeObject[],
  scenario: Scenario,
  more: Partial<ScenarioInput> = {},
): ScenarioResult =>
  runScenario({ ...where, objects, scenario, load: { default: undefined, workloads: new Map() }, ...more }).value;

/** A scenario from its text; what is wrong with it fails the test. */
export const scenarioFrom = (text: string): Scenario => {
  const document = parseYamlDocuments(text, "scenario.yaml").value[0];
  if (document === undefined) throw new Error("no document");
  const { value, diagnostics } = readScenario(document);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ detail }) => detail).join(" "));
  return value;
};

/** Objects from manifests, in the namespace `default` where they name none. */
export const objectsOf = (text: string): readonly KubeObject[] =>
  parseYamlDocuments(text, "k8s.yaml").value.map(({ value }) => {
    const object = value as unknown as KubeObject;
    return { ...object, metadata: { namespace: "default", ...object.metadata } };
  });

/** One side of a change from its text: the cluster of the HCL with the objects of the manifests. */
export const sideFrom = (hcl: string, yaml = ""): SideInput => {
  const { platform } = worldOf({ hcl });
  const [cluster] = platform.clusters;
  if (cluster === undefined) throw new Error("no cluster");
  return { platform, cluster, objects: yaml === "" ? [] : objectsOf(yaml) };
};

/** Plays a scenario's text on a side, or on a change from a base to a head. */
export const playText = (
  text: string,
  head: SideInput,
  base?: SideInput,
  more: Partial<ScenarioInput> = {},
): ScenarioResult =>
  runScenario({
    ...head,
    base,
    scenario: scenarioFrom(text),
    load: { default: undefined, workloads: new Map() },
    ...more,
  }).value;
