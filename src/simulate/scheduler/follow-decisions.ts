import type { Pod } from "../../kubernetes/pod.ts";
import { isJsonObject } from "../../model/json.ts";
import { type ClusterRun, keyOf } from "./cluster-run.ts";
import type { DecisionDetail } from "./decision.ts";
import { type DecisionRecord, type FollowRecord, type RejectionRecord, toDecisionRecord } from "./decision-record.ts";

/** One decision of another scheduler. Only `pod` must be there; every other field that is there is compared. */
export interface GivenDecision {
  readonly pod: string;
  readonly node?: string;
  readonly result?: string;
  readonly message?: string;
  readonly preemption?: { readonly nominatedNode: string; readonly victims: readonly string[] };
  readonly feasible?: readonly string[];
  readonly argmax?: readonly string[];
  readonly totals?: Readonly<Record<string, number>>;
  readonly scores?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly filtered?: Readonly<Record<string, RejectionRecord>>;
}

export interface FollowSummary {
  readonly decisions: number;
  readonly agree: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly differs: Readonly<Record<string, number>>;
  readonly notDecided: readonly string[];
  readonly crossCheckFailures: number;
}

/** Judges given decisions one by one and carries each GIVEN one out, even where we would decide otherwise. */
export function* followDecisions(
  run: ClusterRun,
  pending: readonly Pod[],
  given: readonly GivenDecision[],
): Generator<DecisionRecord | { readonly summary: FollowSummary }> {
  const attempts = new Map<string, number>();
  const verdicts = new Map<string, number>();
  const differing = new Map<string, number>();
  const seen = new Set<string>();
  let [seq, agree] = [0, 0];
  for (const entry of given) {
    const key = entry.pod.includes("/") ? entry.pod : `default/${entry.pod}`;
    const pod = run.pending(key);
    const base = {
      ...(entry.node ? { givenNode: entry.node } : {}),
      ...(entry.preemption ? { givenPreemption: entry.preemption } : {}),
    };
    let record: DecisionRecord;
    let follow: FollowRecord;
    if (pod === undefined) {
      follow = { ...base, verdict: "not-pending", agree: false };
      record = { seq, pod: key, attempt: 0, priority: 0, result: "error", feasible: [], filtered: {}, scored: false };
    } else {
      seen.add(key);
      const attempt = (attempts.get(key) ?? 0) + 1;
      attempts.set(key, attempt);
      const detail = run.scheduler.describe(pod);
      record = toDecisionRecord(pod, detail, seq, attempt);
      const judged = judge(run, detail, entry);
      const differs = compare(record, entry);
      const { volumes, error } = carryOut(run, pod, detail, entry);
      if (volumes.length > 0) record = { ...record, volumes };
      follow = {
        ...base,
        ...judged,
        ...(differs.length === 0 ? {} : { differs }),
        ...(error === "" ? {} : { error }),
      };
    }
    seq++;
    if (follow.agree) agree++;
    count(verdicts, follow.verdict);
    for (const field of follow.differs ?? []) count(differing, field);
    yield { ...record, follow };
  }
  yield {
    summary: {
      decisions: seq,
      agree,
      verdicts: Object.fromEntries([...verdicts].sort()),
      differs: Object.fromEntries([...differing].sort()),
      notDecided: pending.map(keyOf).filter((key) => !seen.has(key)),
      crossCheckFailures: 0,
    },
  };
}

const count = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

type Verdict = Pick<FollowRecord, "verdict" | "agree" | "scoreGap">;

const judge = (run: ClusterRun, detail: DecisionDetail, given: GivenDecision): Verdict => {
  const { decision, argmax, feasible, totals, preemption } = detail;
  const disagree = (verdict: string): Verdict => ({ verdict, agree: false });
  if (given.preemption?.nominatedNode) {
    if (preemption === undefined) return disagree("spurious-preemption");
    const { nominatedNode, victims } = given.preemption;
    const candidate = preemption.candidates.find(({ node }) => node === nominatedNode);
    if (candidate === undefined || !preemption.tieSet.includes(nominatedNode)) {
      return disagree("wrong-preemption-node");
    }
    return sameSet(candidate.victims, victims ?? [])
      ? { verdict: "agree-preemption", agree: true }
      : disagree("wrong-victims");
  }
  if (given.node) {
    if (!run.nodeNames.has(given.node)) return disagree("unknown-node");
    if (argmax.includes(given.node)) return { verdict: "agree", agree: true };
    if (feasible.includes(given.node)) {
      const gap = (totals.get(argmax[0] ?? "") ?? 0) - (totals.get(given.node) ?? 0);
      return { ...disagree("feasible-not-best"), ...(gap === 0 ? {} : { scoreGap: gap }) };
    }
    const isHeld = decision.result === "gated" || decision.result === "ignored";
    return disagree(isHeld ? `should-be-${decision.result}` : "infeasible");
  }
  if (argmax.length > 0) return disagree("missed");
  if (preemption !== undefined) return disagree("missed-preemption");
  if (given.result && given.result !== decision.result) return disagree("wrong-result");
  return { verdict: `agree-${decision.result}`, agree: true };
};

const carryOut = (run: ClusterRun, pod: Pod, { decision, feasible }: DecisionDetail, given: GivenDecision) => {
  if (given.preemption?.nominatedNode) {
    const missing = run.preempt(pod, given.preemption.nominatedNode, given.preemption.victims ?? []);
    return { volumes: [], error: missing.map((key) => `no such victim ${key}; `).join("") };
  }
  if (!given.node || !run.nodeNames.has(given.node)) return { volumes: [], error: "" };
  const isOurs = feasible.includes(given.node);
  const volumes = isOurs ? run.scheduler.volumesFor(pod, given.node) : [];
  return { volumes: run.bind(pod, given.node, decision.node === given.node ? decision.volumes : volumes), error: "" };
};

/** The fields given that are not equal to ours. */
const compare = (ours: DecisionRecord, given: GivenDecision): readonly string[] => {
  const differs: string[] = [];
  const check = (field: string, isGiven: boolean, isSame: () => boolean) => {
    if (isGiven && !isSame()) differs.push(field);
  };
  check("message", given.message !== undefined && ours.message !== undefined, () => given.message === ours.message);
  check("feasible", given.feasible !== undefined, () => sameSet(given.feasible ?? [], ours.feasible));
  check("argmax", given.argmax !== undefined, () => sameSet(given.argmax ?? [], ours.argmax ?? []));
  check("totals", given.totals !== undefined, () => sameNumbers(given.totals ?? {}, ours.totals ?? {}, false));
  check("scores", given.scores !== undefined, () => sameScores(given.scores ?? {}, ours.scores ?? {}));
  check("filtered", given.filtered !== undefined, () => sameFiltered(given.filtered ?? {}, ours.filtered ?? {}));
  return differs;
};

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

type Numbers = Readonly<Record<string, number>>;

const sameNumbers = (a: Numbers, b: Numbers, absentIsZero: boolean): boolean =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
    absentIsZero ? (a[key] ?? 0) === (b[key] ?? 0) : a[key] === b[key],
  );

const sameScores = (a: Readonly<Record<string, Numbers>>, b: Readonly<Record<string, Numbers>>): boolean =>
  sameSet(Object.keys(a), Object.keys(b)) &&
  Object.keys(a).every((node) => sameNumbers(a[node] ?? {}, b[node] ?? {}, true));

const sameFiltered = (
  a: Readonly<Record<string, RejectionRecord>>,
  b: Readonly<Record<string, RejectionRecord>>,
): boolean =>
  sameSet(Object.keys(a), Object.keys(b)) &&
  Object.entries(a).every(([node, { plugin, code, reasons }]) => {
    const other = b[node];
    if (other === undefined || !sameSet(reasons ?? [], other.reasons)) return false;
    return (!plugin || plugin === other.plugin) && (!code || code === other.code);
  });

/** Reads decisions: JSON lines or one array. Lines that name no pod (such as a summary) are passed over. */
export const parseDecisions = (text: string): readonly GivenDecision[] => {
  const trimmed = text.trim();
  const entries: readonly unknown[] = trimmed.startsWith("[")
    ? (JSON.parse(trimmed) as unknown[])
    : trimmed.split("\n").flatMap((line) => (line.trim() === "" ? [] : [JSON.parse(line) as unknown]));
  return entries
    .filter((entry) => isJsonObject(entry) && typeof entry["pod"] === "string" && entry["pod"] !== "")
    .map((entry) => withoutNulls(entry as Readonly<Record<string, unknown>>) as unknown as GivenDecision);
};

const withoutNulls = (entry: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null));
