import { known } from "../model/unknown.ts";
import { type Cidr, containsCidr, overlaps, parseCidr, parseIp } from "./cidr.ts";
import type { SecurityRule } from "./platform.ts";

/** One end of a flow: an address or range, or a service tag such as `Internet`. */
export type FlowEnd = string;

export interface Flow {
  readonly direction: "Inbound" | "Outbound";
  /** `Tcp`, `Udp`, `Icmp`; `*` for all. */
  readonly protocol: string;
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
  /** A port, or `undefined` where any will do. */
  readonly destinationPort: number | undefined;
  readonly sourcePort?: number;
}

/** What the tags of the virtual network stand for. */
export interface NetworkContext {
  /** Address space of the network, its peers and what is connected to it. */
  readonly virtualNetwork: readonly string[];
}

/** What a security group says to a flow: `partly` where it lets only some of a range through, `unsure` where a rule cannot be read. */
export interface FlowAnswer {
  readonly access: "allow" | "deny" | "partly" | "unsure";
  /** The rule that decides; for `partly` and `unsure` the first that stands in the way of a clear answer. */
  readonly rule: string;
  readonly isDefault: boolean;
}

/**
 * Evaluates a flow against a network security group: rules by priority, then Azure's six default rules ("Network security groups").
 */
export const evaluateFlow = (rules: readonly SecurityRule[], flow: Flow, context: NetworkContext): FlowAnswer => {
  const ordered = rules
    .filter((rule) => rule.direction.toLowerCase() === flow.direction.toLowerCase())
    .map((rule) => ({ rule, priority: known(rule.priority) }))
    .sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  let doubt: FlowAnswer | undefined;
  for (const { rule, priority } of ordered) {
    const match = matchRule(rule, flow, context);
    if (match === "no") continue;
    const access = rule.access.toLowerCase() === "allow" ? "allow" : "deny";
    if (match === "yes" && priority !== undefined) {
      if (doubt === undefined || doubt.access === access) return { access, rule: rule.name, isDefault: false };
      return doubt;
    }
    doubt ??= { access: match === "partly" ? "partly" : "unsure", rule: rule.name, isDefault: false };
  }
  const last = defaultRule(flow, context);
  return doubt ?? last;
};

/** Azure's own rules, after all others. */
const defaultRule = (flow: Flow, context: NetworkContext): FlowAnswer => {
  const inside = (end: FlowEnd): boolean => matchPrefix("VirtualNetwork", end, context) === "yes";
  const answer = (access: "allow" | "deny", rule: string): FlowAnswer => ({ access, rule, isDefault: true });
  if (flow.direction === "Inbound") {
    if (inside(flow.source) && inside(flow.destination)) return answer("allow", "AllowVnetInBound");
    if (matchPrefix("AzureLoadBalancer", flow.source, context) === "yes")
      return answer("allow", "AllowAzureLoadBalancerInBound");
    return answer("deny", "DenyAllInBound");
  }
  if (inside(flow.source) && inside(flow.destination)) return answer("allow", "AllowVnetOutBound");
  if (matchPrefix("Internet", flow.destination, context) === "yes") return answer("allow", "AllowInternetOutBound");
  return answer("deny", "DenyAllOutBound");
};

type Match = "yes" | "partly" | "no" | "unsure";

const matchRule = (rule: SecurityRule, flow: Flow, context: NetworkContext): Match => {
  if (!protocolMatches(rule.protocol, flow.protocol)) return "no";
  if (!portMatches(rule.sourcePorts, flow.sourcePort)) return "no";
  const port = portMatches(rule.destinationPorts, flow.destinationPort);
  if (!port) return "no";
  const source = matchAny(rule.sourcePrefixes, flow.source, context);
  const destination = matchAny(rule.destinationPrefixes, flow.destination, context);
  if (source === "no" || destination === "no") return "no";
  if (source === "unsure" || destination === "unsure") return "unsure";
  return source === "yes" && destination === "yes" ? "yes" : "partly";
};

const protocolMatches = (rule: string, flow: string): boolean =>
  rule === "*" || rule.toLowerCase() === "any" || rule.toLowerCase() === flow.toLowerCase();

const portMatches = (ports: readonly string[], port: number | undefined): boolean =>
  ports.length === 0 ||
  ports.some((text) => {
    if (text === "*") return true;
    if (port === undefined) return false;
    const [from = "", to = from] = text.split("-");
    return Number(from) <= port && port <= Number(to);
  });

const matchAny = (prefixes: readonly string[], end: FlowEnd, context: NetworkContext): Match => {
  let best: Match = "no";
  for (const prefix of prefixes.length === 0 ? ["*"] : prefixes) {
    const match = matchPrefix(prefix, end, context);
    if (match === "yes") return "yes";
    if (match === "partly" || best === "no") best = match;
  }
  return best;
};

/** The address from which Azure's load balancer probes ("What is IP address 168.63.129.16"). */
const probeAddress = "168.63.129.16/32";

/** Whether a rule's prefix means an end of the flow. */
const matchPrefix = (prefix: string, end: FlowEnd, context: NetworkContext): Match => {
  if (prefix === "*" || prefix === "0.0.0.0/0" || same(prefix, end)) return "yes";
  const range = rangeOf(prefix);
  const wanted = rangeOf(end);
  if (range !== undefined && wanted !== undefined) return within(range, wanted);
  if (range === undefined && wanted !== undefined) return matchTag(prefix, wanted, context);
  // A range against a tag: the internet as a whole is more than any range but all.
  if (range !== undefined)
    return same(end, "VirtualNetwork") ? networkWithin(range, context) : same(end, "Internet") ? "partly" : "unsure";
  return tagsApart(prefix, end) ? "no" : "unsure";
};

const matchTag = (tag: string, wanted: Cidr, context: NetworkContext): Match => {
  const network = context.virtualNetwork.flatMap((text) => rangeOf(text) ?? []);
  const probe = rangeOf(probeAddress);
  if (same(tag, "VirtualNetwork")) {
    if (network.some((range) => containsCidr(range, wanted))) return "yes";
    return network.some((range) => overlaps(range, wanted)) ? "partly" : "no";
  }
  if (same(tag, "AzureLoadBalancer")) return probe !== undefined && containsCidr(probe, wanted) ? "yes" : "no";
  if (same(tag, "Internet"))
    return network.some((range) => overlaps(range, wanted)) || (probe !== undefined && overlaps(probe, wanted))
      ? "no"
      : "yes";
  return "unsure";
};

const networkWithin = (range: Cidr, context: NetworkContext): Match => {
  const network = context.virtualNetwork.flatMap((text) => rangeOf(text) ?? []);
  if (network.length > 0 && network.every((part) => containsCidr(range, part))) return "yes";
  return network.some((part) => overlaps(range, part)) ? "partly" : "no";
};

/** The three tags of the default rules stand for things that never overlap. */
const tagsApart = (a: string, b: string): boolean => {
  const apart = ["virtualnetwork", "internet", "azureloadbalancer"];
  return apart.includes(a.toLowerCase()) && apart.includes(b.toLowerCase());
};

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const within = (outer: Cidr, inner: Cidr): Match =>
  containsCidr(outer, inner) ? "yes" : overlaps(outer, inner) ? "partly" : "no";

const rangeOf = (text: string): Cidr | undefined => {
  if (text.includes("/")) return parseCidr(text);
  const address = parseIp(text);
  return address === undefined
    ? undefined
    : {
        family: address.family,
        first: address.value,
        last: address.value,
        length: address.family === 4 ? 32 : 128,
        exact: true,
      };
};
