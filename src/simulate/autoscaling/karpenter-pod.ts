import type { Taint } from "../../kubernetes/node.ts";
import type { Pod, PodSpec } from "../../kubernetes/pod.ts";
import { podRequests } from "../scheduler/requests.ts";
import { tolerates } from "../scheduler/taint-toleration.ts";
import type { Amounts } from "./karpenter-instance-types.ts";
import { podRequirements, type Requirements } from "./karpenter-requirements.ts";

/** What the scheduling simulation reads of a pod as it now stands. */
export interface PodAsks {
  readonly requests: Amounts;
  /** With the heaviest preference taken for a requirement. */
  readonly requirements: Requirements;
  readonly strict: Requirements;
  readonly ports: readonly HostPort[];
}

export interface HostPort {
  readonly ip: string;
  readonly port: number;
  readonly protocol: string;
}

const bySpec = new WeakMap<PodSpec, PodAsks>();

/** Pods of one template share their spec, so each spec is read once. */
export const podAsks = (pod: Pod): PodAsks => {
  const known = bySpec.get(pod.spec);
  if (known !== undefined) return known;
  const asks: PodAsks = {
    requests: requestsOf(pod),
    requirements: podRequirements(pod, true),
    strict: podRequirements(pod, false),
    ports: hostPortsOf(pod),
  };
  bySpec.set(pod.spec, asks);
  return asks;
};

/** CPU in thousandths, all others in whole units, and one pod. */
const requestsOf = (pod: Pod): Amounts => {
  const amounts = new Map<string, number>([["pods", 1]]);
  for (const [name, milli] of podRequests(pod)) amounts.set(name, name === "cpu" ? milli : Math.ceil(milli / 1000));
  return amounts;
};

const hostPortsOf = ({ spec }: Pod): readonly HostPort[] =>
  spec.containers.flatMap(({ ports = [] }) =>
    (ports ?? []).flatMap(({ hostPort, hostIP, protocol }) =>
      hostPort === undefined || hostPort === 0
        ? []
        : [{ ip: hostIP ?? "0.0.0.0", port: hostPort, protocol: protocol ?? "TCP" }],
    ),
  );

export const portsConflict = (used: readonly HostPort[], wanted: readonly HostPort[]): boolean =>
  wanted.some((want) =>
    used.some(
      (have) =>
        have.port === want.port &&
        have.protocol === want.protocol &&
        (have.ip === want.ip || isAny(have.ip) || isAny(want.ip)),
    ),
  );

const isAny = (ip: string): boolean => ip === "0.0.0.0" || ip === "::" || ip === "";

/** The first taint that the pod does not tolerate; PreferNoSchedule counts until it is given up. */
export const untolerated = (taints: readonly Taint[], { tolerations }: PodSpec): Taint | undefined =>
  taints.find((taint) => !tolerates(tolerations ?? [], taint));

export const sum = (a: Amounts, b: Amounts): Amounts => {
  const result = new Map(a);
  for (const [name, amount] of b) result.set(name, (result.get(name) ?? 0) + amount);
  return result;
};

/** Whether all that is asked is there. */
export const fitsIn = (asked: Amounts, room: Amounts): boolean => {
  for (const [name, amount] of asked) if (amount > (room.get(name) ?? 0)) return false;
  return true;
};

/**
 * The pod with one preference less, or undefined where none is left. Order of `pkg/controllers/provisioning/scheduling/preferences.go`
 * (kubernetes-sigs/karpenter v1.14.0): alternatives of required node affinity, preferred pod affinity, preferred anti-affinity,
 * preferred node affinity, soft spread, soft taints.
 */
export const relaxed = (pod: Pod, softTaints: boolean): Pod | undefined => {
  const { affinity, topologySpreadConstraints = [], tolerations = [] } = pod.spec;
  const withAffinity = (change: object): Pod => ({
    ...pod,
    spec: { ...pod.spec, affinity: { ...affinity, ...change } },
  });
  const node = affinity?.nodeAffinity;
  const required = node?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required !== undefined && (required?.nodeSelectorTerms ?? []).length > 1)
    return withAffinity({
      nodeAffinity: {
        ...node,
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: required.nodeSelectorTerms.slice(1) },
      },
    });
  for (const kind of ["podAffinity", "podAntiAffinity", "nodeAffinity"] as const) {
    const terms = affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    if (terms.length === 0) continue;
    const lighter = [...terms].sort((a, b) => b.weight - a.weight).slice(1);
    return withAffinity({ [kind]: { ...affinity?.[kind], preferredDuringSchedulingIgnoredDuringExecution: lighter } });
  }
  const soft = topologySpreadConstraints.findIndex(({ whenUnsatisfiable }) => whenUnsatisfiable === "ScheduleAnyway");
  if (soft >= 0)
    return {
      ...pod,
      spec: { ...pod.spec, topologySpreadConstraints: topologySpreadConstraints.filter((_, index) => index !== soft) },
    };
  const toleration = { operator: "Exists", effect: "PreferNoSchedule" };
  const has = tolerations.some(
    ({ key, operator, effect }) => !key && operator === "Exists" && effect === "PreferNoSchedule",
  );
  if (!softTaints || has) return undefined;
  return { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, toleration] } };
};
