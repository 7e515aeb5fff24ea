import { usesCilium } from "../azure/network-mode.ts";
import type { Service } from "../kubernetes/networking.ts";
import { predictWorld } from "../pipeline.ts";
import type { ReadPlatform } from "../read-platform.ts";
import { plainLine } from "../report/escape.ts";
import { httpWorld } from "../simulate/cloud/http-world.ts";
import {
  type LocalTraffic,
  placedPods,
  type ServiceEndpoints,
  type ServicePortEndpoints,
  serviceEndpoints,
} from "../simulate/cloud/service-endpoints.ts";

/**
 * Which pods a Service reaches, port by port, and what affinity and traffic policies make of it; a line for every Service where `wanted`
 * is true. `undefined` where there is none of that name.
 */
export const explainService = (read: ReadPlatform, wanted: string | true, asJson: boolean): string | undefined => {
  const { services, pods } = httpWorld(read.objects.map(({ object }) => object));
  const chosen = [...services].filter(
    ([key, { metadata }]) =>
      wanted === true || key === wanted || `Service/${key}` === wanted || metadata.name === wanted,
  );
  if (chosen.length === 0) return undefined;
  const placed = placedPods(predictWorld(read).value.predictions[0]);
  const cluster = read.platform.clusters.find(({ isData }) => !isData);
  const by = cluster !== undefined && usesCilium(cluster) ? "Cilium" : "kube-proxy";
  const found = chosen.map(([, service]) => ({ service, endpoints: serviceEndpoints(service, pods, placed) }));
  if (asJson) {
    const answers = found.map(({ endpoints }) => ({ handledBy: by, ...endpoints }));
    return `${JSON.stringify(wanted === true ? answers : answers[0], null, 2)}\n`;
  }
  const lines =
    wanted === true
      ? found.map(({ endpoints }) => `${endpoints.service}: ${shortText(endpoints)}`)
      : found.flatMap(({ service, endpoints }) => longText(service, endpoints, by, placed.nodes.length));
  return lines.map((line) => `${plainLine(line)}\n`).join("");
};

const shortText = (endpoints: ServiceEndpoints): string =>
  endpoints.kind === "external"
    ? "a DNS name, no endpoints"
    : endpoints.kind === "unselected"
      ? "no selector; its endpoints are not pods of the manifests"
      : endpoints.ports.map(portText).join("; ") || "no ports";

const portText = (port: ServicePortEndpoints): string => {
  const name = port.name === "" ? "" : `${port.name}, `;
  return `port ${port.port} (${name}${port.protocol}) ${reached(port)}`;
};

const reached = ({ endpoints, pending, withoutPort }: ServicePortEndpoints): string => {
  const missing = [
    ...(pending === 0 ? [] : [`${pending} more stay Pending`]),
    ...(withoutPort.length === 0 ? [] : [`${withoutPort.join(", ")} has no container port of that name`]),
  ];
  const tail = missing.length === 0 ? "" : `; ${missing.join("; ")}`;
  if (endpoints.length === 0) return `has no endpoints: connections are refused${tail}`;
  const targets = [...new Set(endpoints.map(({ workload, port: number }) => `${workload} port ${number}`))];
  const nodes = new Set(endpoints.map(({ node }) => node)).size;
  const pods = `${endpoints.length} ${endpoints.length === 1 ? "pod" : "pods"}`;
  return `reaches ${pods} of ${targets.join(", ")} on ${nodes} ${nodes === 1 ? "node" : "nodes"}${zonesText(endpoints)}${tail}`;
};

const zonesText = (endpoints: ServicePortEndpoints["endpoints"]): string => {
  const counts = new Map<string, number>();
  for (const { zone } of endpoints) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  const zones = [...counts].filter(([zone]) => zone !== "" && zone !== "0").sort(([a], [b]) => (a < b ? -1 : 1));
  return zones.length < 2 ? "" : ` (${zones.map(([zone, count]) => `${count} in ${zone}`).join(", ")})`;
};

const longText = (service: Service, found: ServiceEndpoints, by: string, nodes: number): readonly string[] => [
  `Service ${found.service}, ${found.headless ? "headless: DNS gives the addresses of the pods themselves" : `type ${found.type}, handled by ${by} on every node`}.`,
  ...(found.kind === "selected"
    ? found.ports.map((port) => `  ${sentence(portText(port))}`)
    : [`  It has ${shortText(found)}.`]),
  ...(found.affinitySeconds === undefined
    ? []
    : [
        `  A client keeps its pod for ${found.affinitySeconds} s (sessionAffinity ClientIP), as long as that pod is ready.`,
      ]),
  ...(found.external === undefined ? [] : [`  From outside: ${externalText(found.external, nodes)}`]),
  ...(found.internal === undefined ? [] : [`  From pods: ${internalText(found.internal, nodes)}`]),
  ...(found.distribution === undefined ? [] : [`  ${distributionText(found.distribution, by)}`]),
  ...(found.kind !== "selected"
    ? []
    : [
        service.spec.publishNotReadyAddresses === true
          ? "  Pods that are not ready count as well (publishNotReadyAddresses)."
          : "  A pod counts once it is ready; here all that run are taken to be.",
      ]),
];

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const externalText = ({ answers, drops }: LocalTraffic, nodes: number): string =>
  answers.length === 0
    ? "no node has a pod of it, so every probe fails (externalTrafficPolicy Local)."
    : `${answers.length} of ${nodes} nodes have a pod and answer the load balancer's probe; ${drops.length} do not and get no traffic. Pods see the client's address (externalTrafficPolicy Local).`;

const internalText = ({ answers, drops }: LocalTraffic, nodes: number): string =>
  drops.length === 0
    ? "every node has a pod of it, and each pod is served by its own node (internalTrafficPolicy Local)."
    : `on ${answers.length} of ${nodes} nodes its own node's pods answer; pods on the other ${drops.length} get no answer (internalTrafficPolicy Local): ${firstOf(drops)}.`;

const firstOf = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");

const distributionText = (distribution: "PreferSameZone" | "PreferSameNode", by: string): string =>
  `trafficDistribution ${distribution}: a pod of the client's ${distribution === "PreferSameNode" ? "node, else of its zone," : "zone"} is taken where there is one, else any.${by === "Cilium" ? " Whether AKS's Cilium is set to follow it is not documented." : ""}`;
