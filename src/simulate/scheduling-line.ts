/** A pod that waits for the scheduler. */
export interface Waiting {
  readonly key: string;
  readonly priority: number;
  attempts: number;
  /** Order of arrival. */
  order: number;
  /** `backoff` pods are taken when no other is active; `binding` ones wait for their volumes. */
  state: "active" | "unschedulable" | "backoff" | "binding";
}

/** A place in the line; it counts as long as the pod is in the state that it was given for. */
export interface Ticket {
  readonly entry: Waiting;
  readonly state: "active" | "backoff";
}

export const comesBefore = (a: Ticket, b: Ticket): boolean => {
  if (a.state !== b.state) return a.state === "active";
  return a.entry.priority === b.entry.priority ? a.entry.order < b.entry.order : a.entry.priority > b.entry.priority;
};
