import type { Finding } from "./finding.ts";

/** What a change does to the platform's behaviour, base against head. */
export interface Changes {
  /** One line; "Nothing changes." where that is so. */
  readonly summary: string;
  readonly nothingChanged: boolean;
  readonly findings: {
    readonly new: readonly Finding[];
    readonly fixed: readonly Finding[];
    readonly unchanged: number;
  };
  readonly behaviour: readonly BehaviourChange[];
}

export type ChangeArea =
  | "pods"
  | "nodes"
  | "pools"
  | "addresses"
  | "loadBalancers"
  | "publicIps"
  | "volumes"
  | "autoscaling"
  | "network"
  | "monitoring"
  | "resources";

export interface BehaviourChange {
  readonly area: ChangeArea;
  /** A workload, pool, subnet, load balancer or resource address. */
  readonly subject: string;
  /** One sentence with both figures. */
  readonly summary: string;
  readonly before: string | number | undefined;
  readonly after: string | number | undefined;
  /** True where a reader would call it worse: more Pending, fewer free addresses below zero, a replacement. */
  readonly worse: boolean;
  /** How many changes the line stands for; one where left out. */
  readonly count?: number;
}
