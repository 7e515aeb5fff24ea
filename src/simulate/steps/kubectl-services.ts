import { objectAt, objectsAt, textAt, textsAt } from "../../kubernetes/fields.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { KubectlArguments } from "./kubectl-arguments.ts";

const portOf = (text: string): Json => (/^\d+$/.test(text) ? Number(text) : text);

const serviceTypes: Readonly<Record<string, string>> = {
  clusterip: "ClusterIP",
  nodeport: "NodePort",
  loadbalancer: "LoadBalancer",
  externalname: "ExternalName",
};

/** The Service that `kubectl create service TYPE NAME --tcp=80:8080` sends; undefined for a type that is none. */
export const createdService = (args: KubectlArguments): JsonObject | undefined => {
  const [, kind = "", name = ""] = args.words;
  const type = serviceTypes[kind];
  if (type === undefined) return undefined;
  const labels = { app: name };
  const ports = args.values("tcp").map((pair) => {
    const [port = "", target = port] = pair.split(":");
    const node = args.flags.get("node-port");
    return {
      name: target === port ? port : `${port}-${target}`,
      protocol: "TCP",
      port: Number(port),
      targetPort: portOf(target),
      ...(node === undefined ? {} : { nodePort: Number(node) }),
    };
  });
  const external = args.flags.get("external-name");
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: args.flags.get("namespace") ?? "default", labels },
    spec: {
      type,
      selector: labels,
      ...(ports.length === 0 ? {} : { ports }),
      ...(external === undefined ? {} : { externalName: external }),
      ...(args.flags.get("clusterip") === undefined ? {} : { clusterIP: args.flags.get("clusterip") ?? "" }),
    },
  };
};

/** The Service that `kubectl expose` makes of a workload, a pod or another Service; or what it lacks. */
export const exposed = (target: JsonObject, args: KubectlArguments): JsonObject | string => {
  const own = textAt(target, "metadata", "name");
  const selector = selectorOf(target, args);
  if (Object.keys(selector).length === 0) return "error: couldn't retrieve selectors via --selector flag";
  const containers = objectsAt(target, "spec", "template", "spec", "containers");
  const declared = [...containers, ...objectsAt(target, "spec", "containers")].flatMap((one) =>
    objectsAt(one, "ports"),
  );
  const given = args.flags.get("port");
  const numbers =
    given === undefined ? declared.map((port) => Number(port["containerPort"])) : given.split(",").map(Number);
  if (numbers.length === 0) return "error: couldn't find port via --port flag or introspection";
  const wanted = args.flags.get("target-port");
  const protocol = args.flags.get("protocol") ?? "TCP";
  const ports = numbers.map((port, index) => ({
    ...(numbers.length === 1 ? {} : { name: `port-${index + 1}` }),
    protocol: given === undefined ? (declared[index]?.["protocol"] ?? protocol) : protocol,
    port,
    targetPort: wanted === undefined ? port : portOf(wanted),
  }));
  const { type, clusterIP } = { type: args.flags.get("type"), clusterIP: args.flags.get("cluster-ip") };
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: args.flags.get("name") ?? own,
      namespace: textAt(target, "metadata", "namespace") || "default",
      labels: { ...textsAt(target, "metadata", "labels") },
    },
    spec: {
      selector,
      ports,
      ...(type === undefined ? {} : { type }),
      ...(clusterIP === undefined ? {} : { clusterIP }),
    },
  };
};

const selectorOf = (target: JsonObject, args: KubectlArguments): JsonObject => {
  const given = args.flags.get("selector");
  if (given !== undefined)
    return Object.fromEntries(given.split(",").map((pair) => pair.split("=") as [string, string]));
  const kind = textAt(target, "kind");
  if (kind === "Pod") return { ...textsAt(target, "metadata", "labels") };
  if (kind === "Service" || kind === "ReplicationController") return objectAt(target, "spec", "selector");
  return objectAt(target, "spec", "selector", "matchLabels");
};
