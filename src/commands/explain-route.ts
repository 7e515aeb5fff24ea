import { type HostAnswer, hostAnswers } from "../findings/load-balancing/host-records.ts";
import { predictWorld } from "../pipeline.ts";
import type { ReadPlatform } from "../read-platform.ts";
import { plainLine } from "../report/escape.ts";
import { answerHttp, appRoutingReach, type HttpAnswer, type HttpRequest } from "../simulate/cloud/http-answer.ts";
import type { HttpBackend } from "../simulate/cloud/http-route.ts";
import type { Prediction } from "../simulate/prediction.ts";

/** Who answers a URL from outside, and with what; `undefined` where the text is no URL of a web server. */
export const explainRoute = (read: ReadPlatform, url: string, asJson: boolean): string | undefined => {
  const request = requestOf(url);
  if (request === undefined) return undefined;
  const cluster = read.platform.clusters.find((each) => !each.isData);
  const verdict = answerHttp(
    cluster,
    read.objects.map(({ object }) => object),
    request,
  );
  const services = new Set(verdict.taken.flatMap(({ backends }) => backends.flatMap(({ workloads }) => workloads)));
  const prediction = services.size === 0 ? undefined : predictWorld(read).value.predictions[0];
  const dns = hostAnswers(
    { platform: read.platform, instances: read.instances, objects: read.objects, predictions: [] },
    request.host,
  );
  if (asJson) {
    const pods = Object.fromEntries([...services].map((workload) => [workload, podsOf(prediction, workload)]));
    return `${JSON.stringify({ request, ...verdict, pods, dns }, null, 2)}\n`;
  }
  const names = dns.map((answer) => `${plainLine(dnsText(answer, request.host))}\n`).join("");
  if (verdict.nothing !== "") return `${plainLine(`Nothing answers. ${verdict.nothing}`)}\n${names}`;
  const reach = verdict.taken.some(({ route }) => route.controller === "application routing")
    ? appRoutingReach(cluster)
    : undefined;
  const answers = verdict.taken.map((answer) => answerText(answer, prediction));
  return answers.join("\n").concat(reach === undefined ? "" : `The controller is reached ${reach}.\n`, names);
};

/** Where the name leads, by the records of the configuration. */
const dnsText = ({ zone, isPrivate, networks, records, writtenBy, isOpen }: HostAnswer, host: string): string => {
  const seen = networks.length === 0 ? "linked to no network" : `seen from ${networks.join(", ")}`;
  const where = isPrivate ? `private zone ${zone} (${seen})` : `zone ${zone}`;
  if (records.length > 0) {
    const told = records.map(({ address, name, targets }) => `${address} (${name}) leads to ${targets.join(", ")}`);
    return `Name, in ${where}: ${told.join("; ")}.`;
  }
  if (writtenBy !== "") return `Name, in ${where}: ${writtenBy} writes the record of ${host}.`;
  return `Name, in ${where}: the configuration has no record for ${host}${isOpen ? ", and who else writes some is not known" : ""}.`;
};

const requestOf = (text: string): HttpRequest | undefined => {
  if (!URL.canParse(text.includes("://") ? text : `https://${text}`)) return undefined;
  const { protocol, hostname, pathname } = new URL(text.includes("://") ? text : `https://${text}`);
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  return { scheme: protocol === "https:" ? "https" : "http", host: hostname, path: pathname };
};

const answerText = ({ route, backends, answers, notes }: HttpAnswer, prediction: Prediction | undefined): string => {
  const by = route.controller === "none" || route.controller === "other" ? "" : ` (${route.controller})`;
  const runs = backends.some(
    ({ problem, workloads }) =>
      problem === "" && (workloads.length === 0 || workloads.some((each) => podsOf(prediction, each).running > 0)),
  );
  const lines = [
    `${answers && runs ? "Answered" : "Not answered"} through ${route.source}, served by ${route.served || "nobody"}${by}: host ${route.host}, path ${route.path} (${route.match}).`,
    ...backends.map((backend) => `  ${backendText(backend, backends, prediction)}`),
    ...(route.tls === undefined || route.tls.from === "missing"
      ? []
      : [`  Certificate: secret ${route.tls.secret}, from ${sources[route.tls.from]}.`]),
    ...notes.map((note) => `  Note: ${note}.`),
  ];
  return lines.map((line) => `${plainLine(line)}\n`).join("");
};

const sources = {
  manifest: "the manifests",
  "key vault": "Key Vault",
  "cert-manager": "cert-manager",
  "external secret": "External Secrets",
};

const backendText = (backend: HttpBackend, all: readonly HttpBackend[], prediction: Prediction | undefined): string => {
  const weights = all.reduce((sum, { weight }) => sum + weight, 0);
  const share = all.length > 1 && weights > 0 ? ` (${Math.round((100 * backend.weight) / weights)} %)` : "";
  const head = `Service ${backend.service}${backend.port === "" ? "" : `, port ${backend.port}`}${share}`;
  if (backend.problem !== "") return `${head}: no answer, ${backend.problem}.`;
  if (backend.workloads.length === 0) return `${head}: its endpoints are not pods of the manifests.`;
  return `${head}: ${backend.workloads.map((workload) => workloadText(workload, prediction)).join(", ")}.`;
};

const workloadText = (workload: string, prediction: Prediction | undefined): string => {
  const { running, pending } = podsOf(prediction, workload);
  if (prediction === undefined) return workload;
  return `${workload} (${running} ${running === 1 ? "pod runs" : "pods run"} at the highest load${pending === 0 ? "" : `, ${pending} stay Pending`})`;
};

const podsOf = (
  prediction: Prediction | undefined,
  workload: string,
): { readonly running: number; readonly pending: number } => ({
  running: prediction?.placements.filter(({ owner }) => owner === workload).length ?? 0,
  pending: prediction?.pending.filter(({ owner }) => owner === workload).length ?? 0,
});
