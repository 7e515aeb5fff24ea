import { createHash } from "node:crypto";
import { type Cidr, formatCidr, formatIp, parseCidr, parseIp } from "../../azure/cidr.ts";
import { type CloudProvider, configuredTags, reconciledTags, warn } from "./cloud-provider.ts";
import { quote } from "./go-addresses.ts";
import { additionalIps, annotation, isTrue, type LoadBalancerService } from "./load-balancer-service.ts";
import { type Failure, isFailure, type SecurityGroupRule } from "./load-balancer-types.ts";

/** Who may reach a Service, read once from spec and annotations (cloud-provider-azure `accesscontrol.go`). */
interface Access {
  readonly sourceRanges: readonly Cidr[];
  readonly allowedRanges: readonly Cidr[];
  readonly tags: readonly string[];
  readonly invalid: readonly string[];
  readonly ports: Ports;
}

type Protocol = "Tcp" | "Udp" | "*";
type Ports = ReadonlyMap<Protocol, readonly number[]>;

const protocols: readonly Protocol[] = ["Tcp", "Udp", "*"];
const protocolOf: Readonly<Record<string, Protocol>> = { TCP: "Tcp", UDP: "Udp", SCTP: "*" };

const lowestPriority = 500;
const highestPriority = 4096;
const namePrefix = "k8s-azure-lb";

/** Most rules, source addresses and destination addresses of a security group ("Azure subscription limits"). */
const limits = { rules: 1000, sources: 4000, destinations: 4000 } as const;

/**
 * Brings the cluster's security group to what the Service asks for: takes its destinations out of the rules, puts them into those it
 * wants, and drops destinations that no Service has any more.
 */
export const reconcileSecurityRules = (
  provider: CloudProvider,
  service: LoadBalancerService,
  addresses: readonly string[],
  backendIps: readonly string[],
  wanted: boolean,
): Failure | undefined => {
  if (wanted && addresses.length === 0)
    return { error: `no load balancer IP for setting up security rules for service ${service.name}` };
  const additional = additionalIps(service);
  if (wanted && isFailure(additional)) return { error: `unable to get additional public IPs: ${additional.error}` };
  const extra = isFailure(additional) ? [] : additional.map(canonical);
  const access = readAccess(provider, service, !wanted);
  if (isFailure(access)) return access;
  // One address that cannot be read leaves none of them, as upstream.
  const frontendIps = addresses.every((ip) => parseIp(ip) !== undefined) ? addresses : [];
  const own = isTrue(service, annotation.disableFloatingIp) ? backendIps : frontendIps;
  const [v4, v6] = byFamily([...extra, ...own]);
  const group = new RuleSet(provider.account.securityRules);
  const shared = portsOfOthers(provider, service, [...v4, ...v6]);
  if (isFailure(shared)) return shared;
  for (const protocol of protocols) {
    const keep = shared.get(protocol) ?? [];
    for (const destinations of [v4, v6]) {
      const failure = group.removeDestinations(protocol, destinations, keep);
      if (failure !== undefined) return failure;
    }
  }
  if (wanted) {
    const failure = allow(group, service, access, v4, v6);
    if (failure !== undefined) return failure;
  }
  group.retainDestinations([...destinationsInUse(provider), ...frontendIps.map(canonical), ...extra]);
  return writeRules(provider, group);
};

const writeRules = (provider: CloudProvider, group: RuleSet): Failure | undefined => {
  const rules = group.rules();
  const count = (of: (rule: SecurityGroupRule) => number): number => rules.reduce((sum, rule) => sum + of(rule), 0);
  const sources = count((rule) => rule.sources.length);
  const destinations = count((rule) => rule.destinations.length);
  const over = (what: string, have: number, most: number): Failure => ({
    error: `exceeds the maximum number of ${what} (${have} > ${most})`,
  });
  if (rules.length > limits.rules) return over("rules", rules.length, limits.rules);
  if (sources > limits.sources) return over("source IP addresses", sources, limits.sources);
  if (destinations > limits.destinations) return over("destination IP addresses", destinations, limits.destinations);
  const { account, config } = provider;
  const tags = reconciledTags(config, account.securityGroupTags, configuredTags(config));
  if (tags === undefined && group.isUnchanged(rules)) return undefined;
  account.putSecurityRules(rules, tags ?? account.securityGroupTags);
  return undefined;
};

const readAccess = (provider: CloudProvider, service: LoadBalancerService, withEvents: boolean): Access | Failure => {
  const source = readRanges((service.spec.loadBalancerSourceRanges ?? []).map((text) => text.trim()));
  const allowed = readRanges(
    [annotation.allowedRanges, annotation.allowedRangesOld].flatMap((name) =>
      (service.annotations[name]?.trim().split(",") ?? []).map((text) => text.trim()),
    ),
  );
  const list = (ranges: readonly string[]): string => `[${ranges.map(quote).join(" ")}]`;
  const ending = "ignoring and adding a default DenyAll rule in security group.";
  if (withEvents && source.invalid.length > 0)
    warn(
      provider,
      "InvalidSourceRanges",
      `Found invalid spec.LoadBalancerSourceRanges ${list(source.invalid)}, ${ending}`,
    );
  if (withEvents && allowed.invalid.length > 0)
    warn(
      provider,
      "InvalidAllowedIPRanges",
      `Found invalid ${annotation.allowedRanges} ${list(allowed.invalid)}, ${ending}`,
    );
  const tags = service.annotations[annotation.allowedTags]
    ?.trim()
    .split(",")
    .map((tag) => tag.trim());
  const ports = portsOf(service);
  if (isFailure(ports)) return ports;
  if (source.valid.length > 0 && allowed.valid.length > 0)
    return {
      error: `cannot set both spec.LoadBalancerSourceRanges and service annotation ${annotation.allowedRanges}`,
    };
  if (withEvents && source.valid.length > 0 && (tags?.length ?? 0) > 0)
    warn(
      provider,
      "ConflictConfiguration",
      `Please use annotation ${annotation.allowedRanges} instead of spec.loadBalancerSourceRanges while using ${annotation.allowedTags} annotation at the same time.`,
    );
  return {
    sourceRanges: source.valid,
    allowedRanges: allowed.valid,
    tags: tags ?? [],
    invalid: [...source.invalid, ...allowed.invalid],
    ports,
  };
};

/** A range must name its network address: host bits make it invalid. */
const readRanges = (
  texts: readonly string[],
): { readonly valid: readonly Cidr[]; readonly invalid: readonly string[] } => {
  const valid: Cidr[] = [];
  const invalid: string[] = [];
  for (const text of texts) {
    const range = parseCidr(text);
    if (range?.exact === true) valid.push(range);
    else invalid.push(text);
  }
  return { valid, invalid };
};

/** Ports by protocol as the security group sees them: service ports, or node ports without floating IP. */
const portsOf = (service: LoadBalancerService): Ports | Failure => {
  const direct = isTrue(service, annotation.disableFloatingIp);
  const ports = new Map<Protocol, number[]>();
  for (const port of service.ports) {
    const protocol = protocolOf[port.protocol ?? ""];
    if (protocol === undefined) return { error: `unsupported protocol ${port.protocol ?? ""}` };
    const list = ports.get(protocol) ?? [];
    list.push(direct ? (port.nodePort ?? 0) : port.port);
    ports.set(protocol, list);
  }
  return ports;
};

/** Ports that other Services have on the same addresses; without floating IP, those of all Services without floating IP. */
const portsOfOthers = (
  provider: CloudProvider,
  service: LoadBalancerService,
  addresses: readonly string[],
): Ports | Failure => {
  const direct = isTrue(service, annotation.disableFloatingIp);
  const wanted = new Set(addresses);
  const ports = new Map<Protocol, number[]>();
  for (const other of provider.services.values()) {
    if (other.key === service.key) continue;
    const shares = direct ? isTrue(other, annotation.disableFloatingIp) : other.ingress.some((ip) => wanted.has(ip));
    if (!shares) continue;
    const theirs = portsOf(other);
    if (isFailure(theirs)) return { error: `fetch security rule dst ports for ${other.name}: ${theirs.error}` };
    for (const [protocol, list] of theirs) ports.set(protocol, [...(ports.get(protocol) ?? []), ...list]);
  }
  return ports;
};

/** Every destination that a Service or node of the cluster has, with repetitions. */
const destinationsInUse = (provider: CloudProvider): readonly string[] => {
  const found: string[] = [];
  for (const service of provider.services.values()) found.push(...destinationsOf(service));
  for (const node of provider.nodes.values()) {
    if (node.labels?.["kubernetes.azure.com/managed"]?.toLowerCase() === "false") continue;
    for (const ip of node.ips ?? []) if (parseIp(ip) !== undefined) found.push(canonical(ip));
  }
  return found;
};

const known = new WeakMap<LoadBalancerService, readonly string[]>();

/** Additional addresses and those of the status; a Service as given never changes, so this is found once. */
const destinationsOf = (service: LoadBalancerService): readonly string[] => {
  const before = known.get(service);
  if (before !== undefined) return before;
  const additional = additionalIps(service);
  const all = [...(isFailure(additional) ? [] : additional), ...service.ingress];
  const destinations = all.filter((ip) => parseIp(ip) !== undefined).map(canonical);
  known.set(service, destinations);
  return destinations;
};

const canonical = (ip: string): string => {
  const address = parseIp(ip);
  return address === undefined ? ip : formatIp(address);
};

const byFamily = (ips: readonly string[]): readonly [readonly string[], readonly string[]] => {
  const list = ips.map(canonical);
  return [list.filter((ip) => !ip.includes(":")), list.filter((ip) => ip.includes(":"))];
};

const allow = (
  group: RuleSet,
  service: LoadBalancerService,
  access: Access,
  v4: readonly string[],
  v6: readonly string[],
): Failure | undefined => {
  const allowAll = (ranges: readonly Cidr[]): boolean => ranges.some((range) => range.length === 0);
  const tags = [...access.tags];
  if (isOpen(service, access) && !allowAll(access.allowedRanges) && !allowAll(access.sourceRanges))
    tags.push("Internet");
  const ranges = [...access.sourceRanges, ...access.allowedRanges];
  for (const protocol of protocols) {
    const ports = access.ports.get(protocol);
    if (ports === undefined) continue;
    for (const [family, destinations] of [[4, v4] as const, [6, v6] as const]) {
      if (destinations.length === 0) continue;
      for (const tag of tags) {
        const failure = group.allow(protocol, family, [tag], destinations, ports);
        if (failure !== undefined) return failure;
      }
      const sources = aggregate(ranges.filter((range) => range.family === family)).map(formatCidr);
      const failure = sources.length === 0 ? undefined : group.allow(protocol, family, sources, destinations, ports);
      if (failure !== undefined) return failure;
    }
  }
  const denyElse = access.invalid.length > 0 || (isTrue(service, annotation.denyAllElse) && ranges.length > 0);
  if (!denyElse) return undefined;
  return (v4.length > 0 ? group.denyAll(4, v4) : undefined) ?? (v6.length > 0 ? group.denyAll(6, v6) : undefined);
};

/** Open to the internet: nothing restricts it; an internal Service must say so itself with a range of all addresses. */
const isOpen = (service: LoadBalancerService, access: Access): boolean => {
  const restricts = (ranges: readonly Cidr[]): boolean =>
    ranges.length > 0 && !ranges.some((range) => range.length === 0);
  if (access.tags.length > 0 || access.invalid.length > 0) return false;
  if (restricts(access.sourceRanges) || restricts(access.allowedRanges)) return false;
  return !isTrue(service, annotation.internal) || access.allowedRanges.length > 0 || access.sourceRanges.length > 0;
};

/** Ranges of one family in order, those inside others left out, neighbours joined. */
const aggregate = (ranges: readonly Cidr[]): readonly Cidr[] => {
  if (ranges.length <= 1) return ranges;
  const sorted = [...ranges].sort((a, b) => (a.first === b.first ? a.length - b.length : a.first < b.first ? -1 : 1));
  const result: Cidr[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last !== undefined && last.first <= range.first && range.last <= last.last) continue;
    result.push(range);
    for (;;) {
      const [a, b] = result.slice(-2);
      const joined = a === undefined || b === undefined ? undefined : join(a, b);
      if (joined === undefined) break;
      result.splice(-2, 2, joined);
    }
  }
  return result;
};

const join = (a: Cidr, b: Cidr): Cidr | undefined => {
  if (a.length !== b.length || a.length === 0) return undefined;
  const half = a.last - a.first + 1n;
  if (a.last + 1n !== b.first || a.first % (2n * half) !== 0n) return undefined;
  return { ...a, last: b.last, length: a.length - 1 };
};

/** The rules of a security group while they are being changed. */
class RuleSet {
  readonly #rules = new Map<string, SecurityGroupRule>();
  readonly #before: readonly SecurityGroupRule[];
  readonly #priorities = new Set<number>();

  constructor(rules: readonly SecurityGroupRule[]) {
    for (const rule of rules) {
      this.#rules.set(rule.name, rule);
      this.#priorities.add(rule.priority);
    }
    this.#before = inOrder(rules);
  }

  /** The rules that still have a destination, by priority. */
  rules(): readonly SecurityGroupRule[] {
    return inOrder([...this.#rules.values()].filter((rule) => rule.destinations.length > 0));
  }

  isUnchanged(rules: readonly SecurityGroupRule[]): boolean {
    return (
      rules.length === this.#before.length &&
      rules.every((rule, index) => rule === this.#before[index] || isSameRule(rule, this.#before[index]))
    );
  }

  allow(
    protocol: string,
    family: 4 | 6,
    sources: readonly string[],
    destinations: readonly string[],
    ports: readonly number[],
  ): Failure | undefined {
    const sortedSources = [...sources].sort();
    const sortedPorts = ports.map(String).sort();
    const text = [protocol, sortedSources.join(","), sortedPorts.join(",")].join("_");
    const name = `${namePrefix}_allow_IPv${family}_${createHash("md5").update(text).digest("hex")}`;
    const existing = this.#rules.get(name);
    const priority = existing?.priority ?? this.#freePriority("first");
    if (priority === undefined) return { error: "security rule priority exhausted" };
    this.#priorities.add(priority);
    this.#rules.set(name, {
      name,
      priority,
      direction: "Inbound",
      access: "Allow",
      protocol,
      sources: sortedSources,
      destinations: normalised([...(existing?.destinations ?? []), ...destinations]),
      destinationPorts: sortedPorts,
    });
    return undefined;
  }

  denyAll(family: 4 | 6, destinations: readonly string[]): Failure | undefined {
    const name = `${namePrefix}_deny-all_IPv${family}`;
    const existing = this.#rules.get(name);
    const priority = existing?.priority ?? this.#freePriority("last");
    if (priority === undefined) return { error: "security rule priority exhausted" };
    this.#priorities.add(priority);
    this.#rules.set(name, {
      name,
      priority,
      direction: "Inbound",
      access: "Deny",
      protocol: "*",
      sources: ["*"],
      destinations: normalised([...destinations, ...(existing?.destinations ?? [])]),
      destinationPorts: ["*"],
    });
    return undefined;
  }

  /** Takes destinations out of the rules of a protocol; ports that others still have on them move to a rule of their own. */
  removeDestinations(
    protocol: Protocol,
    destinations: readonly string[],
    keepPorts: readonly number[],
  ): Failure | undefined {
    const gone = new Set(destinations);
    for (const rule of [...this.#rules.values()]) {
      if (rule.protocol !== protocol || !isManaged(rule)) continue;
      const left = rule.destinations.filter((ip) => !gone.has(ip));
      if (rule.access === "Deny" && keepPorts.length === 0) {
        this.#rules.set(rule.name, { ...rule, destinations: normalised(left) });
        continue;
      }
      if (rule.destinationPorts.some((port) => !/^[+-]?\d+$/.test(port))) continue;
      const ports = new Set(rule.destinationPorts.map(Number));
      const kept = keepPorts.filter((port) => ports.has(port));
      if (left.length === rule.destinations.length || kept.length === rule.destinationPorts.length) continue;
      this.#rules.set(rule.name, { ...rule, destinations: normalised(left) });
      if (kept.length === 0) continue;
      const family = destinations[0]?.includes(":") ? 6 : 4;
      const failure = this.allow(protocol, family, rule.sources, destinations, kept);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  /**
   * Leaves only destinations of the list. Upstream counts how often the list names a rule's destinations and takes an equal count for
   * an unchanged rule; so does this.
   */
  retainDestinations(list: readonly string[]): void {
    const times = new Map<string, number>();
    for (const ip of list) times.set(ip, (times.get(ip) ?? 0) + 1);
    for (const rule of this.#rules.values()) {
      if (!isManaged(rule)) continue;
      const count = [...new Set(rule.destinations)].reduce((sum, ip) => sum + (times.get(ip) ?? 0), 0);
      if (count === rule.destinations.length) continue;
      this.#rules.set(rule.name, {
        ...rule,
        destinations: normalised(rule.destinations.filter((ip) => times.has(ip))),
      });
    }
  }

  #freePriority(from: "first" | "last"): number | undefined {
    if (from === "first") {
      for (let priority = lowestPriority; priority < highestPriority; priority++)
        if (!this.#priorities.has(priority)) return priority;
      return undefined;
    }
    for (let priority = highestPriority - 1; priority >= lowestPriority; priority--)
      if (!this.#priorities.has(priority)) return priority;
    return undefined;
  }
}

const isSameRule = (a: SecurityGroupRule, b: SecurityGroupRule | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

const isManaged = (rule: SecurityGroupRule): boolean =>
  rule.name.startsWith(namePrefix) && rule.priority >= lowestPriority && rule.priority <= highestPriority;

const normalised = (list: readonly string[]): readonly string[] => [...new Set(list)].sort();

const inOrder = (rules: readonly SecurityGroupRule[]): readonly SecurityGroupRule[] =>
  [...rules].sort((a, b) => a.priority - b.priority);
