import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type Diagnostic, diagnostic, type Outcome } from "../model/diagnostic.ts";
import type { Job } from "./worker-jobs.ts";

/** Pieces `from` to `to`, the end exclusive. */
export interface WorkerOrder {
  readonly from: number;
  readonly to: number;
}

export type WorkerAnswer =
  | { readonly from: number; readonly results: readonly unknown[] }
  | { readonly problem: string };

interface Spread {
  readonly job: Job;
  /** How many pieces there are. */
  readonly count: number;
  /** So many workers at most, 1 for none beside this thread; where left out, one a core if the work is worth it. */
  readonly workers?: number | undefined;
  /** The file that a worker starts with; where it is not known, all is done in this thread. */
  readonly entry: URL | undefined;
  /** Told after each answer, for a progress line. */
  readonly onDone?: (done: number) => void;
}

/** The number of `--workers`; `undefined` where the text is none. */
export const workersOf = (text: string): number | undefined =>
  /^\d{1,3}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;

/** Work that takes less is done before workers have started and read the platform for themselves. */
const worthWorkersMs = 1500;
/** So long it is done here, to see what a piece takes. */
const trialMs = 300;
/** Each worker asks about so many times for more, so that none waits long for the last. */
const ordersAWorker = 12;

/**
 * Does all pieces of a job, here or in workers, and returns their results in the order of their numbers: the same from any number of workers.
 * A worker that fails ends the others and gives AKS9421.
 */
export const doPieces = async <T>(
  { job, count, workers, entry, onDone = () => undefined }: Spread,
  piece: (index: number) => T,
): Promise<Outcome<readonly T[] | undefined>> => {
  const cores = entry === undefined ? 1 : availableParallelism();
  const most = entry === undefined ? 1 : (workers ?? cores);
  const results: T[] = [];
  const start = performance.now();
  while (
    results.length < count &&
    (most === 1 || (workers === undefined && !isWorthWorkers(start, results.length, count)))
  ) {
    results.push(piece(results.length));
    onDone(results.length);
  }
  const many = Math.min(most, count - results.length);
  if (many === 0 || entry === undefined) return { value: results, diagnostics: [] };
  return inWorkers({ job, count, entry, onDone }, many, results);
};

const isWorthWorkers = (start: number, done: number, count: number): boolean => {
  const spent = performance.now() - start;
  return done > 0 && spent >= trialMs && (spent / done) * (count - done) >= worthWorkersMs;
};

/** The pieces that `results` does not hold yet, in workers. */
const inWorkers = async <T>(
  { job, count, entry, onDone }: Required<Omit<Spread, "workers" | "entry">> & { readonly entry: URL },
  many: number,
  results: T[],
): Promise<Outcome<readonly T[] | undefined>> => {
  let next = results.length;
  let done = results.length;
  const size = Math.max(1, Math.floor((count - next) / (many * ordersAWorker)));
  const nextOrder = (): WorkerOrder | undefined => {
    if (next >= count) return undefined;
    const from = next;
    next = Math.min(count, from + size);
    return { from, to: next };
  };
  const take = (from: number, answered: readonly unknown[]): void => {
    // What a worker hands over is a copy of what the job's piece returns.
    for (const [index, result] of answered.entries()) results[from + index] = result as T;
    done += answered.length;
    onDone(done);
  };
  const running: Worker[] = [];
  try {
    for (let worker = 0; worker < many; worker++) running.push(new Worker(entry, { workerData: { job } }));
    await Promise.all(running.map((worker) => untilDone(worker, nextOrder, take)));
    return { value: results, diagnostics: [] };
  } catch (problem) {
    return { value: undefined, diagnostics: [workerFailed(problem, done, count)] };
  } finally {
    await Promise.all(running.map((worker) => worker.terminate()));
  }
};

/** Gives a worker orders until there are none; rejected where it fails or ends before. */
const untilDone = (
  worker: Worker,
  nextOrder: () => WorkerOrder | undefined,
  take: (from: number, results: readonly unknown[]) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const order = (): void => {
      const given = nextOrder();
      if (given === undefined) resolve();
      else worker.postMessage(given);
    };
    worker.on("message", (answer: WorkerAnswer) => {
      if ("problem" in answer) return reject(answer.problem);
      take(answer.from, answer.results);
      order();
    });
    worker.on("messageerror", reject);
    worker.on("error", reject);
    worker.on("exit", (code) => reject(`it ended with code ${code}`));
    order();
  });

const workerFailed = (problem: unknown, done: number, count: number): Diagnostic => {
  const words = problem instanceof Error ? problem.message : String(problem);
  return diagnostic({
    code: "AKS9421",
    severity: "error",
    summary: "A worker failed",
    detail: `After ${done} of ${count} pieces of the work a worker stopped: ${words}. Run it with --workers 1 to do all in one thread; where memory ran out, give Node.js more with NODE_OPTIONS=--max-old-space-size=8192.`,
    evidence: { done, count },
  });
};
