import type { SourceRange } from "./source-range.ts";

export type Severity = "error" | "warning" | "info";

/** One shape for every problem, from a lexer error to a capacity forecast. */
export interface Diagnostic {
  /** "AKS2004": never reused, never renumbered. 1 addresses, 2 nodes and placement, 3 load balancing, 4 storage, 5 identity, 6 autoscaling, 7 network policy, 8 replacement, 9 input. */
  readonly code: string;
  readonly severity: Severity;
  /** What is wrong, in one line, without the particulars. */
  readonly summary: string;
  /** The particulars with numbers, then what to do. */
  readonly detail: string;
  /** `azurerm_kubernetes_cluster_node_pool.user[0]` or `Pod/shop/cart-0`. */
  readonly subject?: string;
  /** The tightest text that is at fault. */
  readonly range?: SourceRange;
  readonly related: readonly { readonly message: string; readonly range: SourceRange }[];
  /** The numbers that the detail speaks of, units in the names. */
  readonly evidence: Readonly<Record<string, string | number>>;
}

/** A result as far as it could be had, and the problems met on the way. */
export interface Outcome<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** A diagnostic with the optional parts left empty. */
export const diagnostic = (
  parts: Omit<Diagnostic, "related" | "evidence"> & Partial<Pick<Diagnostic, "related" | "evidence">>,
): Diagnostic => ({ related: [], evidence: {}, ...parts });
