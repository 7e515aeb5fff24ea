import { completeObjects } from "../graph/object-clusters.ts";
import { addressOf } from "../kubernetes/object.ts";
import { type ReadPlatform, readPlatform, vmPrices, vmSizes } from "../read-platform.ts";
import { plainLine } from "../report/escape.ts";
import { listReach, workloadReach } from "../simulate/cloud/workload-reach.ts";
import { prepare, settleBoth } from "../simulate/predict.ts";
import { ownerOf } from "../simulate/predict-settle.ts";
import { podName } from "../simulate/predict-workloads.ts";
import { explainPod } from "../simulate/scheduler/explain-pod.ts";
import type { CommandIo } from "./command.ts";
import { explainAccess } from "./explain-access.ts";
import { explainIdentity } from "./explain-identity.ts";
import { explainMonitoring } from "./explain-monitoring.ts";
import { explainRoute } from "./explain-route.ts";
import { explainService } from "./explain-service.ts";
import { oneCluster } from "./one-cluster.ts";
import { type PlatformFlags, reviewInput } from "./platform-options.ts";

export interface ExplainFlags extends PlatformFlags {
  readonly dir: string;
  readonly cluster?: string;
  readonly canI?: string;
  readonly as?: string;
  readonly asGroup: readonly string[];
  readonly namespace?: string;
  readonly reach?: true;
  readonly route?: string;
  readonly service?: string | true;
  readonly identity?: true;
  readonly monitoring?: string | true;
  readonly json?: true;
}

/** Answers about the platform in a folder: why a pod is where it is, who may do what, who may talk to whom, who answers a URL, what is monitored. */
export const explainPlatform = (what: string | undefined, flags: ExplainFlags, io: CommandIo): void => {
  const directory = typeof flags.monitoring === "string" ? flags.monitoring : flags.dir;
  const given = reviewInput(directory, flags, io);
  if ("problem" in given) {
    io.err(`aks-twin: ${given.problem}\n`);
    io.exit(1);
    return;
  }
  if (flags.monitoring !== undefined) {
    const picture = explainMonitoring(readPlatform(given.input), flags.cluster, flags.json === true);
    if (picture === undefined) {
      io.err(`aks-twin explain: there is no cluster "${flags.cluster}" in "${directory}".\n`);
      io.exit(1);
    } else io.out(picture);
    return;
  }
  const one = oneCluster(readPlatform(given.input), flags.cluster);
  if ("problem" in one) {
    io.err(`aks-twin explain: ${one.problem}\n`);
    io.exit(1);
    return;
  }
  const { read } = one;
  const answer = answerOf(read, what, flags);
  if (answer === undefined && flags.route !== undefined) {
    io.err(`aks-twin explain: "${flags.route}" is no URL. Give one such as https://www.example.com/cart.\n`);
    io.exit(1);
    return;
  }
  if (answer === undefined && flags.service !== undefined) {
    const named = flags.service === true ? "Service" : `Service "${flags.service}"`;
    io.err(`aks-twin explain: there is no ${named} in "${flags.dir}".\n`);
    io.exit(1);
    return;
  }
  if (answer === undefined) {
    io.err(`aks-twin explain: there is no pod or workload "${what}" in "${flags.dir}", and no rule of that code.\n`);
    io.exit(1);
    return;
  }
  io.out(answer);
};

const answerOf = (read: ReadPlatform, what: string | undefined, flags: ExplainFlags): string | undefined => {
  const asJson = flags.json === true;
  if (flags.canI !== undefined) return explainAccess(read, flags.canI, flags);
  if (flags.identity === true) return explainIdentity(read, asJson);
  if (flags.reach === true) return explainReach(read, flags);
  if (flags.route !== undefined) return explainRoute(read, flags.route, asJson);
  if (flags.service !== undefined) return explainService(read, flags.service, asJson);
  return explainPlace(read, what ?? "");
};

/** Each pair of workloads between which something may pass. */
const explainReach = (read: ReadPlatform, flags: ExplainFlags): string => {
  const cluster = read.platform.clusters.find((each) => !each.isData);
  const reach = workloadReach(
    cluster,
    read.objects.map(({ object }) => object),
  );
  const lines = listReach(reach);
  if (flags.json) return `${JSON.stringify({ engine: reach.engine, connections: lines }, null, 2)}\n`;
  const head =
    reach.engine === "none"
      ? "The cluster has no network policy engine: policies have no effect, and every pod reaches every other."
      : `Policies are enforced by ${reach.engine}.`;
  const width = Math.max(0, ...lines.map(({ from }) => from.length));
  const open = lines.filter(({ connections }) => connections !== "none");
  return `${[head, ...open.map(({ from, to, connections }) => plainLine(`${from.padEnd(width)}  →  ${to}: ${connections}`))].join("\n")}\n`;
};

/** The scheduler's words on a pod, or on the first pod of each kind of answer of a workload. */
const explainPlace = (read: ReadPlatform, wanted: string): string | undefined => {
  const cluster = read.platform.clusters.find(({ isData }) => !isData);
  if (cluster === undefined) return undefined;
  const { high } = settleBoth(
    prepare({
      platform: read.platform,
      cluster,
      objects: read.objects.map(({ object }) => object),
      complete: completeObjects(read.objects),
      load: read.configuration.load,
      sizes: vmSizes(read),
      prices: vmPrices(read),
    }),
  );
  const isWanted = (name: string, owner: string): boolean =>
    name === wanted || `Pod/${name}` === wanted || owner === wanted || name.split("/")[1] === wanted;
  const placed = [...high.cluster.placed.values()].filter(({ pod }) => isWanted(podName(pod), ownerOf(high, pod)));
  const pending = high.pending.filter(({ pod }) => isWanted(podName(pod), ownerOf(high, pod)));
  const objects = read.objects.find(({ object }) => addressOf(object) === wanted);
  if (placed.length + pending.length === 0)
    return objects === undefined ? undefined : `${wanted} has no pods at the highest load.\n`;
  const answers = [
    ...placed.map(({ pod, node }) => {
      const { namespace = "default", name } = pod.metadata;
      high.cluster.scheduler.removePod(namespace, name);
      const words = explainPod(high.cluster.scheduler, pod);
      high.cluster.scheduler.bind(pod, node);
      return `${podName(pod)} runs on ${node}. Asked again with all other pods in place:\n${indented(words)}`;
    }),
    ...pending.map(({ pod, reason, message }) =>
      reason === "Unschedulable"
        ? `${podName(pod)} stays Pending.\n${indented(explainPod(high.cluster.scheduler, pod))}`
        : `${podName(pod)} stays Pending (${reason}): ${message}\n`,
    ),
  ];
  return answers.join("\n");
};

const indented = (text: string): string =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => `  ${plainLine(line)}\n`)
    .join("");
