import { parentPort, workerData } from "node:worker_threads";
import { type Job, prepareJob } from "./worker-jobs.ts";
import type { WorkerAnswer, WorkerOrder } from "./worker-pool.ts";

/** The first file of a worker thread: `dist/worker.js`. It answers each order with the results of its pieces. */
const answerOrders = (job: Job): void => {
  const piece = prepareJob(job);
  parentPort?.on("message", ({ from, to }: WorkerOrder) => {
    const answer: WorkerAnswer =
      piece === undefined
        ? { problem: "what it read is not what the command had read; run it again" }
        : { from, results: Array.from({ length: to - from }, (_, index) => piece(from + index)) };
    parentPort?.postMessage(answer);
  });
};

answerOrders((workerData as { readonly job: Job }).job);
