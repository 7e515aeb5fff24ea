import type { Taint } from "../../kubernetes/node.ts";
import type { PodSpec, ResourceList, Toleration } from "../../kubernetes/pod.ts";

type Texts = Readonly<Record<string, string>>;

/** `input` of a recorded case of the cluster autoscaler; times in seconds from its start. */
export interface CaseInput {
  readonly profile?: Readonly<Record<string, unknown>>;
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly world?: { readonly bind?: string; readonly provisionSeconds?: number; readonly deleteSeconds?: number };
  readonly nodeGroups: readonly CaseNodeGroup[];
  readonly nodes?: readonly CaseNode[];
  readonly daemonSets?: readonly CaseDaemonSet[];
  readonly pods?: readonly CasePod[];
  readonly pdbs?: readonly {
    readonly name?: string;
    readonly namespace?: string;
    readonly selector: Texts;
    readonly disruptionsAllowed?: number;
  }[];
  readonly priorities?: unknown;
  readonly until: number;
  readonly changes?: readonly {
    readonly at: number;
    readonly addPods?: readonly CasePod[];
    readonly deletePods?: readonly string[];
    readonly setNodes?: readonly CaseNode[];
    readonly failProvisioning?: Texts;
  }[];
}

export interface CaseNodeGroup {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly nodes: number;
  readonly template: {
    readonly allocatable: ResourceList;
    readonly capacity: ResourceList;
    readonly labels?: Texts;
    readonly taints?: readonly Taint[];
  };
  /** `silent`: the size grows and no node comes; `error`: the increase is refused. */
  readonly provisionFails?: string;
}

export interface CaseNode {
  readonly name: string;
  readonly allocatable?: ResourceList;
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly taints?: readonly Taint[];
  readonly notReady?: boolean;
  readonly ready?: boolean;
  readonly unschedulable?: boolean;
  readonly createdSecondsAgo?: number;
}

export interface CaseDaemonSet {
  readonly name: string;
  readonly namespace?: string;
  readonly requests?: ResourceList;
  readonly tolerations?: readonly Toleration[];
  readonly nodeSelector?: Texts;
}

export interface CasePod {
  readonly name: string;
  readonly count?: number;
  readonly namespace?: string;
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly requests?: ResourceList;
  /** ReplicaSet, StatefulSet, Job or none. */
  readonly owner?: string;
  readonly node?: string;
  readonly createdSecondsAgo?: number;
  readonly localStorage?: boolean;
  readonly spec?: Partial<PodSpec>;
}
