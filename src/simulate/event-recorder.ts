import type { KubeObject } from "../kubernetes/object.ts";

export interface RecordedEvent {
  readonly at: number;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string | undefined;
  message: string;
  readonly from: string;
  count: number;
  lastAt: number;
}

export interface EventRecorder {
  readonly events: readonly RecordedEvent[];
  record(
    at: number,
    event: {
      readonly about: KubeObject;
      readonly type: "Normal" | "Warning";
      readonly reason: string;
      readonly message: string;
      readonly from: string;
    },
  ): void;
}

const aggregationWindowMs = 600_000;
const distinctMessages = 10;
const burst = 25;
const refillMs = 300_000;

/**
 * The events of a cluster, correlated as client-go does: equal ones counted, from the tenth message of one kind on one combined event,
 * and no more than a burst of 25 about one object from one source (tools/record/events_cache.go, v0.35). The scheduler's events go by
 * a newer interface, which does neither.
 */
export const createEventRecorder = (): EventRecorder => {
  const events: RecordedEvent[] = [];
  const known = new Map<string, RecordedEvent>();
  const groups = new Map<string, { messages: Set<string>; last: number }>();
  const allowances = new Map<string, { tokens: number; at: number }>();

  const isAllowed = (at: number, source: string): boolean => {
    const bucket = allowances.get(source) ?? { tokens: burst, at };
    bucket.tokens = Math.min(burst, bucket.tokens + (at - bucket.at) / refillMs);
    bucket.at = at;
    allowances.set(source, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  };

  return {
    events,
    record: (at, { about, type, reason, message, from }) => {
      const { namespace, name, uid } = about.metadata;
      const object = `${about.kind}/${namespace ?? ""}/${name}/${uid ?? ""}`;
      let text = message;
      let key = `${from} ${object} ${type} ${reason} ${message}`;
      if (from !== "default-scheduler") {
        if (!isAllowed(at, `${from} ${object}`)) return;
        const groupKey = `${from} ${object} ${type} ${reason}`;
        let group = groups.get(groupKey);
        if (group === undefined || at - group.last > aggregationWindowMs) {
          group = { messages: new Set(), last: at };
          groups.set(groupKey, group);
        }
        group.messages.add(message);
        group.last = at;
        if (group.messages.size >= distinctMessages) {
          group.messages.delete([...group.messages][0] ?? "");
          key = groupKey;
          text = `(combined from similar events): ${message}`;
        }
      }
      const earlier = known.get(key);
      if (earlier !== undefined) {
        earlier.count++;
        earlier.lastAt = at;
        earlier.message = text;
        return;
      }
      const event: RecordedEvent = {
        at,
        type,
        reason,
        kind: about.kind,
        apiVersion: about.apiVersion,
        namespace,
        name,
        uid,
        message: text,
        from,
        count: 1,
        lastAt: at,
      };
      known.set(key, event);
      events.push(event);
    },
  };
};
