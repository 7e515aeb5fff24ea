import type { KubeObject } from "./object.ts";
import type { ResourceList } from "./pod.ts";

/** core/v1 Node. */
export interface Node extends KubeObject {
  readonly kind: "Node";
  readonly spec?: NodeSpec;
  readonly status?: NodeStatus;
}

export interface NodeSpec {
  readonly unschedulable?: boolean;
  readonly taints?: readonly Taint[];
  readonly providerID?: string;
  readonly podCIDR?: string;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

export interface NodeStatus {
  readonly capacity?: ResourceList;
  readonly allocatable?: ResourceList;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
    readonly lastTransitionTime?: string;
  }[];
  readonly images?: readonly { readonly names?: readonly string[]; readonly sizeBytes?: number }[];
  readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  readonly volumesAttached?: readonly { readonly name: string; readonly devicePath: string }[];
  readonly nodeInfo?: Readonly<Record<string, string>>;
}
