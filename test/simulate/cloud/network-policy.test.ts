import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseCidr, parseIp } from "../../../src/azure/cidr.ts";
import type { NetworkPolicy } from "../../../src/kubernetes/networking.ts";
import type { KubeObject } from "../../../src/kubernetes/object.ts";
import type { Deployment } from "../../../src/kubernetes/workloads.ts";
import {
  allConnections,
  allowsPort,
  formatConnections,
  intersection,
  noConnections,
  portsOf,
  union,
} from "../../../src/simulate/cloud/connections.ts";
import {
  createReachability,
  type ExternalRange,
  type PolicyEnd,
  type PolicyEngine,
  type PolicyPod,
} from "../../../src/simulate/cloud/network-policy.ts";

const pod = (
  name: string,
  labels: Record<string, string> = { app: name },
  parts: Partial<PolicyPod> = {},
): PolicyPod => ({
  name,
  namespace: "shop",
  labels,
  ports: [],
  hostNetwork: false,
  ...parts,
});

const policy = (name: string, spec: NetworkPolicy["spec"], namespace = "shop"): NetworkPolicy => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace },
  spec,
});

const world = (policies: readonly NetworkPolicy[], engine: PolicyEngine = "cilium", podRanges?: readonly string[]) =>
  createReachability({ engine, policies, namespaces: new Map(), ...(podRanges === undefined ? {} : { podRanges }) });

const web = pod("web");
const db = pod("db", { app: "db" }, { ports: [{ name: "sql", containerPort: 5432 }] });

const denyAll = policy("deny", { podSelector: {}, policyTypes: ["Ingress"] });
const webToDb = policy("db", {
  podSelector: { matchLabels: { app: "db" } },
  policyTypes: ["Ingress"],
  ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: "sql" }] }],
});

test("without an engine policies have no effect", () => {
  expect(formatConnections(world([denyAll], "none").connections(web, db))).toBe("all");
});

test("a pod that no policy selects is open, one that some select takes what any of them allows", () => {
  expect(formatConnections(world([webToDb]).connections(db, web))).toBe("all");
  expect(formatConnections(world([denyAll]).connections(web, db))).toBe("none");
  expect(formatConnections(world([denyAll, webToDb]).connections(web, db))).toBe("TCP 5432");
  expect(formatConnections(world([denyAll, webToDb]).connections(pod("api"), db))).toBe("none");
});

test("both sides must let it through", () => {
  const noEgress = policy("closed", { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Egress"] });
  const { connections, egress, ingress } = world([webToDb, noEgress]).explain(web, db);
  expect(connections).toBe(noConnections);
  expect(egress.selectedBy).toEqual(["shop/closed"]);
  expect(ingress.allowedBy.map((item) => [item.policy, item.rule])).toEqual([["shop/db", 0]]);
});

test("pods on the host's network are beyond policies", () => {
  const host = pod("agent", { app: "db" }, { hostNetwork: true });
  expect(formatConnections(world([denyAll]).connections(web, host))).toBe("all");
  expect(formatConnections(world([webToDb]).connections(pod("web", { app: "web" }, { hostNetwork: true }), db))).toBe(
    "none",
  );
});

test("whether an ipBlock means pods is the engine's affair", () => {
  const block = (cidr: string, except: readonly string[] = []) =>
    policy("block", {
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ ipBlock: { cidr, except } }] }],
    });
  const reach = (engine: PolicyEngine, of: NetworkPolicy) => {
    const side = world([of], engine, ["10.244.0.0/16"]).explain(web, db).ingress;
    return side.unsure.length > 0 ? "unsure" : formatConnections(side.connections);
  };
  expect(reach("cilium", block("0.0.0.0/0"))).toBe("none");
  expect(reach("calico", block("0.0.0.0/0"))).toBe("all");
  expect(reach("azure", block("10.244.0.0/16"))).toBe("all");
  expect(reach("azure", block("0.0.0.0/0", ["10.0.0.0/8"]))).toBe("none");
  expect(reach("azure", block("10.244.1.0/24"))).toBe("unsure");
  expect(reach("calico", block("192.168.0.0/16"))).toBe("none");
});

interface Recorded {
  readonly cases: readonly {
    readonly objects: readonly KubeObject[];
    readonly connections: readonly (readonly [string, string, string])[];
  }[];
}

const recorded = JSON.parse(
  gunzipSync(readFileSync(new URL("../../conformance/network-policy/connections.json.gz", import.meta.url))).toString(
    "utf8",
  ),
) as Recorded;

const isPod = (end: PolicyEnd): end is PolicyPod => "labels" in end;

const asWritten = (text: string): string => {
  if (text === "All Connections") return "all";
  const ports = [...text.matchAll(/(TCP|UDP|SCTP) ([\d,-]+)/g)].map(([, protocol, list]) => [
    protocol,
    (list ?? "")
      .split(",")
      .filter((item) => item !== "")
      .join(","),
  ]);
  return ["TCP", "UDP", "SCTP"]
    .flatMap((name) => ports.filter(([protocol]) => protocol === name).map((item) => item.join(" ")))
    .join(" ");
};

const holds = (text: string, end: PolicyEnd): boolean => {
  if (isPod(end)) return text === end.name;
  return text.split(", ").some((part) => {
    const [from, to = from] = part.replace(/\/32$/, "").split("-");
    const [low, high] = [parseIp(from ?? "")?.value, parseIp(to ?? "")?.value];
    return low !== undefined && high !== undefined && low <= end.range.first && end.range.last <= high;
  });
};

// Recorded from netpol-analyzer v1.2.0.
test("connections are those that a published engine lists, for 320 generated policies", () => {
  let count = 0;
  for (const item of recorded.cases) {
    const pods = item.objects
      .filter((object): object is Deployment => object.kind === "Deployment")
      .map(
        (object): PolicyPod => ({
          name: `${object.metadata.namespace}/${object.metadata.name}[Deployment]`,
          namespace: object.metadata.namespace ?? "",
          labels: object.spec.template.metadata?.labels ?? {},
          ports: object.spec.template.spec.containers[0]?.ports ?? [],
          hostNetwork: false,
        }),
      );
    const reach = createReachability({
      engine: "kubernetes",
      policies: item.objects.filter((object): object is NetworkPolicy => object.kind === "NetworkPolicy"),
      namespaces: new Map(
        item.objects
          .filter((object) => object.kind === "Namespace")
          .map((object) => [object.metadata.name, object.metadata.labels ?? {}]),
      ),
    });
    const compare = (from: PolicyEnd, to: PolicyEnd): void => {
      const theirs = item.connections.find(([source, target]) => holds(source, from) && holds(target, to));
      expect(formatConnections(reach.connections(from, to))).toBe(theirs === undefined ? "none" : asWritten(theirs[2]));
      count++;
    };
    const ranges: readonly ExternalRange[] = reach.externalRanges();
    for (const from of pods) {
      for (const to of pods) if (from !== to) compare(from, to);
      for (const range of ranges) {
        compare(from, range);
        compare(range, from);
      }
    }
  }
  expect(count).toBeGreaterThan(2000);
});

test("one more policy never opens a pod that one selects already less, and never closes what another allows", () => {
  const port = fc.integer({ min: 1, max: 65535 });
  fc.assert(
    fc.property(port, port, (a, b) => {
      const allow = (name: string, number: number) =>
        policy(name, { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ ports: [{ port: number }] }] });
      const one = world([allow("a", a)]).connections(web, db);
      const both = world([allow("a", a), allow("b", b)]).connections(web, db);
      expect(both).toEqual(union(one, portsOf("TCP", b, b)));
      expect(allowsPort(both, "TCP", a)).toBe(true);
    }),
  );
});

test("sets of connections behave as sets", () => {
  const set = fc
    .array(fc.tuple(fc.constantFrom<"TCP" | "UDP">("TCP", "UDP"), fc.integer({ min: 1, max: 40 }), fc.nat(10)), {
      maxLength: 4,
    })
    .map((list) =>
      list.reduce((all, [protocol, from, length]) => union(all, portsOf(protocol, from, from + length)), noConnections),
    );
  fc.assert(
    fc.property(set, set, fc.integer({ min: 1, max: 55 }), (a, b, at) => {
      const [inA, inB] = [allowsPort(a, "TCP", at), allowsPort(b, "TCP", at)];
      expect(allowsPort(union(a, b), "TCP", at)).toBe(inA || inB);
      expect(allowsPort(intersection(a, b), "TCP", at)).toBe(inA && inB);
      expect(intersection(a, allConnections)).toEqual(a);
    }),
  );
});

test("external ranges are cut where policies cut them", () => {
  const of = policy("block", {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }] }],
  });
  const reach = world([of]);
  expect(reach.externalRanges()).toHaveLength(5);
  const range = parseCidr("10.1.2.0/24");
  if (range === undefined) throw new Error("no range");
  expect(formatConnections(reach.connections(web, { range }))).toBe("none");
});
