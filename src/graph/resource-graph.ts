import type { SourceRange } from "../model/source-range.ts";

/** How one thing stands to another, always read "from … to": `Service selects Deployment`, `pool inSubnet subnet`. */
export type EdgeKind =
  | "contains"
  | "inSubnet"
  | "guardedBy"
  | "routesTo"
  | "egressesThrough"
  | "peersWith"
  | "connectsTo"
  | "linkedTo"
  | "authenticatesAs"
  | "trusts"
  | "mayActOn"
  | "grants"
  | "pullsFrom"
  | "readsFrom"
  | "logsTo"
  | "tells"
  | "extends"
  | "runsOn"
  | "selects"
  | "guards"
  | "scales"
  | "mounts"
  | "reads"
  | "provisionedBy"
  | "exposedThrough"
  | "binds"
  | "ownedBy"
  | "dependsOn"
  | "reaches";

export interface GraphNode {
  /** Terraform address, `Kind/namespace/name`, or `address#part` for something that a resource brings with it. */
  readonly id: string;
  /** Terraform's type or the Kubernetes kind. */
  readonly kind: string;
  readonly source: "terraform" | "kubernetes" | "derived";
  readonly range: SourceRange | undefined;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** What passes, such as `TCP 8080`, where the kind alone does not say it. */
  readonly label?: string;
  /** What a change does to it, in a graph of changes. */
  readonly change?: "opened" | "closed" | "changed";
  readonly range: SourceRange | undefined;
}

/** Nodes in order of id, edges in order of from, to and kind; may hold cycles. */
export interface ResourceGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Collects nodes and edges without repeats. */
export interface GraphBuilder {
  readonly node: (id: string, kind: string, source: GraphNode["source"], range?: SourceRange) => void;
  readonly edge: (from: string, to: string | undefined, kind: EdgeKind, range?: SourceRange) => void;
  readonly has: (id: string) => boolean;
}
