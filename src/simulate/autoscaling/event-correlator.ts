/** An event as a client records it. */
export interface RecordedEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * The event client's own filter for one object: many like events are combined, equal ones counted, and of each type (Normal,
 * Warning) at most 25 at once and one in 300 s get through. Source: `client-go/tools/record/events_cache.go`, v0.35.4. An event's name is its object's name and the time
 * to the nanosecond, so of two new events at one simulated instant the API server takes the first only.
 */
export class EventCorrelator {
  readonly #stored = new Map<number, { reason: string; type: string; message: string; count: number }>();
  readonly #observed = new Map<string, { count: number; name: number }>();
  readonly #similar = new Map<string, { messages: Set<string>; lastAt: number }>();
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** Takes an event in; what the API server then holds is in `changes`. */
  record(event: RecordedEvent, nowMs: number): void {
    const { key, message } = this.#aggregate(event, nowMs);
    const before = this.#observed.get(key);
    const seen = before === undefined ? { count: 1, name: nowMs } : { count: before.count + 1, name: before.name };
    this.#observed.set(key, seen);
    if (!this.#accept(event.type, nowMs)) return;
    const stored = this.#stored.get(seen.name);
    if (before !== undefined && stored !== undefined) {
      // A patch changes count and message; what the answer says of type and reason is remembered.
      stored.count = seen.count;
      stored.message = message;
      this.#observed.set(fullKey(stored), seen);
      return;
    }
    if (stored !== undefined) return;
    this.#stored.set(seen.name, { reason: event.reason, type: event.type, message, count: seen.count });
    this.#observed.set(fullKey({ ...event, message }), seen);
  }

  /** Stored events whose count has grown since the last call, as `Type Reason: message`, sorted. */
  readonly #reported = new Map<number, number>();
  changes(): readonly string[] {
    const lines: string[] = [];
    for (const [name, { type, reason, message, count }] of this.#stored) {
      if (count <= (this.#reported.get(name) ?? 0)) continue;
      this.#reported.set(name, count);
      const plain = message.startsWith(COMBINED) ? message.slice(COMBINED.length) : message;
      lines.push(`${type} ${reason}: ${plain}`);
    }
    return lines.sort();
  }

  /** From ten different messages of one reason within ten minutes on, they share one event. */
  #aggregate(event: RecordedEvent, nowMs: number): { key: string; message: string } {
    const group = `${event.type}\n${event.reason}`;
    let record = this.#similar.get(group);
    if (record === undefined || nowMs - record.lastAt > 600_000) record = { messages: new Set(), lastAt: nowMs };
    record.messages.add(event.message);
    record.lastAt = nowMs;
    this.#similar.set(group, record);
    if (record.messages.size < 10) return { key: fullKey(event), message: event.message };
    // Upstream forgets an arbitrary one of the ten.
    for (const first of record.messages) {
      record.messages.delete(first);
      break;
    }
    return { key: group, message: `${COMBINED}${event.message}` };
  }

  #accept(type: string, nowMs: number): boolean {
    const { tokens: before, at } = this.#buckets.get(type) ?? { tokens: BURST, at: nowMs };
    const tokens = Math.min(BURST, before + ((nowMs - at) / 1000) * QPS) - 1;
    if (tokens < 0 && Math.trunc((-tokens / QPS) * 1e9) > 0) return false;
    this.#buckets.set(type, { tokens, at: nowMs });
    return true;
  }
}

const BURST = 25;
/** The limiter's rate is a 32-bit float upstream. */
const QPS = Math.fround(1 / 300);
const COMBINED = "(combined from similar events): ";

const fullKey = ({ type, reason, message }: RecordedEvent): string => `${type}\n${reason}\n${message}`;
