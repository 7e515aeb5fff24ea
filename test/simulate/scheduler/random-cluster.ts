import type { Node } from "../../../src/kubernetes/node.ts";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import type { Pod, PodSpec } from "../../../src/kubernetes/pod.ts";

/** Numbers from a seed, the same on every machine. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2654435761) >>> 0;
  }

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }
}

const zoneKey = "topology.kubernetes.io/zone";
const hostKey = "kubernetes.io/hostname";

export const randomNode = (dice: Dice, index: number): Node => {
  const name = `n${index}`;
  const labels: Record<string, string> = {
    [hostKey]: name,
    tier: dice.pick(["gold", "silver"]),
    size: `${dice.below(5)}`,
  };
  if (!dice.chance(8)) labels[zoneKey] = `z${dice.below(3)}`;
  const taints = [
    ...(dice.chance(20) ? [{ key: "spot", value: "yes", effect: dice.pick(["NoSchedule", "NoExecute"]) }] : []),
    ...(dice.chance(30) ? [{ key: "old", effect: "PreferNoSchedule" }] : []),
    ...(dice.chance(20) ? [{ key: "slow", effect: "PreferNoSchedule" }] : []),
  ];
  const images = ["a", "b"]
    .filter(() => dice.chance(40))
    .map((image) => ({ names: [`${image}:v1`], sizeBytes: image === "a" ? 300_000_000 : 900_000_000 }));
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    spec: { taints, ...(dice.chance(6) ? { unschedulable: true } : {}) },
    status: {
      allocatable: {
        cpu: `${1 + dice.below(4)}`,
        memory: `${2 + dice.below(6)}Gi`,
        pods: `${3 + dice.below(12)}`,
        ...(dice.chance(20) ? { "example.com/gpu": "2" } : {}),
      },
      images,
    },
  };
};

const apps = ["api", "web", "db", "cache", "job"];

/** The specification and labels of one application's pods. */
export const randomTemplate = (
  dice: Dice,
  index: number,
): { readonly labels: Record<string, string>; readonly spec: PodSpec } => {
  const app = dice.pick(apps);
  const selector = (name: string) => ({ matchLabels: { app: name } });
  const term = () => ({ topologyKey: dice.pick([zoneKey, hostKey, "tier"]), labelSelector: selector(dice.pick(apps)) });
  const terms = (percent: number) => (dice.chance(percent) ? [term()] : []);
  const weighted = (percent: number) =>
    terms(percent).map((each) => ({ weight: 1 + dice.below(100), podAffinityTerm: each }));
  const spread = (whenUnsatisfiable: string, percent: number) =>
    dice.chance(percent)
      ? [
          {
            maxSkew: 1 + dice.below(2),
            topologyKey: dice.pick([zoneKey, hostKey]),
            whenUnsatisfiable,
            labelSelector: selector(app),
            ...(dice.chance(30) ? { nodeTaintsPolicy: "Honor" } : {}),
            ...(dice.chance(20) && whenUnsatisfiable === "DoNotSchedule" ? { minDomains: 1 + dice.below(4) } : {}),
          },
        ]
      : [];
  const preferred = dice.chance(25)
    ? [
        {
          weight: 1 + dice.below(50),
          preference: { matchExpressions: [{ key: "tier", operator: "In", values: ["gold"] }] },
        },
        {
          weight: 1 + dice.below(50),
          preference: { matchExpressions: [{ key: "size", operator: "Gt", values: ["2"] }] },
        },
      ]
    : [];
  const priority = dice.pick([0, 0, 0, 10, 100]);
  const isCoupled = dice.chance(50);
  return {
    labels: { app, version: `v${index % 3}` },
    spec: {
      priority,
      ...(dice.chance(10) ? { preemptionPolicy: "Never" } : {}),
      ...(dice.chance(15) ? { nodeSelector: { tier: dice.pick(["gold", "silver"]) } } : {}),
      ...(dice.chance(40) ? { tolerations: [{ key: "spot", operator: "Exists" }] } : {}),
      topologySpreadConstraints: isCoupled ? [...spread("DoNotSchedule", 40), ...spread("ScheduleAnyway", 40)] : [],
      affinity: {
        ...(preferred.length > 0
          ? { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } }
          : {}),
        ...(isCoupled
          ? {
              podAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: terms(15),
                preferredDuringSchedulingIgnoredDuringExecution: weighted(25),
              },
              podAntiAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: terms(20),
                preferredDuringSchedulingIgnoredDuringExecution: weighted(25),
              },
            }
          : {}),
      },
      containers: [
        {
          name: "main",
          image: dice.pick(["a:v1", "b:v1", "c:v1"]),
          resources: {
            requests: {
              ...(dice.chance(85) ? { cpu: `${100 * (1 + dice.below(12))}m` } : {}),
              ...(dice.chance(85) ? { memory: `${128 * (1 + dice.below(10))}Mi` } : {}),
              ...(dice.chance(6) ? { "example.com/gpu": "1" } : {}),
            },
          },
          ...(dice.chance(12) ? { ports: [{ containerPort: 80, hostPort: 8080 + dice.below(2) }] } : {}),
        },
      ],
    },
  };
};

export const podOf = (name: string, { labels, spec }: ReturnType<typeof randomTemplate>): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", labels },
  spec,
});

export const randomOthers = (dice: Dice): readonly KubeObject[] => [
  ...apps
    .filter(() => dice.chance(30))
    .map((app) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: app, namespace: "default" },
      spec: { selector: { app } },
    })),
  ...apps
    .filter(() => dice.chance(30))
    .map((app) => ({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: app, namespace: "default" },
      spec: { selector: { matchLabels: { app } } },
      status: { disruptionsAllowed: dice.below(2) },
    })),
];
