import type { ConfigureCommand } from "./command.ts";

/** A command and how its module is loaded; only the one that is asked for is read from disk. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly configure: ConfigureCommand }>;
}

/** Every command, in the order of the help text. */
export const commands: readonly CommandEntry[] = [
  {
    name: "review",
    summary: "what will happen, what changes against the base, findings",
    load: () => import("./review.ts"),
  },
  { name: "graph", summary: "the dependency graph", load: () => import("./graph.ts") },
  {
    name: "evaluate",
    summary: "Terraform's view, in the JSON form of a plan",
    load: () => import("./evaluate.ts"),
  },
  {
    name: "console",
    summary: "expressions on standard input, values out",
    load: () => import("./console.ts"),
  },
  {
    name: "validate",
    summary: "the API server's answer to each object",
    load: () => import("./validate.ts"),
  },
  { name: "schedule", summary: "each pending pod's decision", load: () => import("./schedule.ts") },
  {
    name: "simulate",
    summary: "the end state of a cluster given as Kubernetes objects",
    load: () => import("./simulate.ts"),
  },
  {
    name: "rehearse",
    summary: "each step of an autoscaler or of the load balancer on recorded input",
    load: () => import("./rehearse.ts"),
  },
  { name: "capacity", summary: "what still fits, and what ends first", load: () => import("./capacity.ts") },
  {
    name: "explain",
    summary: "a rule's page; why a pod is where it is, who may do what, who answers a URL",
    load: () => import("./explain.ts"),
  },
  {
    name: "comment",
    summary: "post or update the Markdown report on a pull request",
    load: () => import("./comment.ts"),
  },
  { name: "init", summary: "write a commented aks-twin.yaml and a workflow", load: () => import("./init.ts") },
  { name: "completion", summary: "a completion script for bash, zsh or fish", load: () => import("./completion.ts") },
];
