import type { ServicePort } from "../../kubernetes/networking.ts";
import {
  annotation,
  isLocal,
  isTrue,
  type LoadBalancerService,
  numberAnnotation,
  portAnnotation,
  ruleName,
  sharedProbeName,
  within,
} from "./load-balancer-service.ts";
import {
  type CloudConfig,
  type Failure,
  isFailure,
  type LoadBalancingRule,
  type Probe,
} from "./load-balancer-types.ts";

/** What a Service wants of its load balancer in one family. */
export interface WantedRules {
  readonly rules: readonly LoadBalancingRule[];
  readonly probes: readonly Probe[];
}

/** Where the rules point to. */
export interface RuleTargets {
  readonly frontend: string;
  readonly pool: string;
  /** Gives the id of a probe of the load balancer. */
  readonly probeId: (name: string) => string;
}

/** The rules and probes that a Service asks for in a family (cloud-provider-azure v1.35.3 `getExpectedLBRules`). */
export const wantedRules = (
  service: LoadBalancerService,
  config: CloudConfig,
  ipv6: boolean,
  targets: RuleTargets,
): WantedRules | Failure => {
  const nodeProbe = commonProbe(service, config, ipv6);
  if (isFailure(nodeProbe)) return nodeProbe;
  return isTrue(service, annotation.internal) && isTrue(service, annotation.haPorts)
    ? highAvailability(service, config, ipv6, targets, nodeProbe)
    : ruleByPort(service, config, ipv6, targets, nodeProbe);
};

/** The probe that all ports share: of the node's own health check with local traffic, of kube-proxy in shared probe mode. */
const commonProbe = (service: LoadBalancerService, config: CloudConfig, ipv6: boolean): CommonProbe | Failure => {
  let probe: Probe | undefined;
  const proxied = isTrue(service, annotation.plsCreate) && isTrue(service, annotation.plsProxyProtocol);
  if (service.spec.type === "LoadBalancer" && isLocal(service) && !proxied) {
    const port = service.spec.healthCheckNodePort ?? 0;
    const timing = probeTiming(service, port);
    if (isFailure(timing)) return timing;
    probe = { name: ruleName(service, "TCP", port, ipv6), protocol: "Http", port, path: "/healthz", ...timing };
  }
  const shared =
    config.clusterServiceLoadBalancerHealthProbeMode?.toLowerCase() === "shared" &&
    service.spec.externalTrafficPolicy?.toLowerCase() !== "local";
  if (!shared) return { probe, shared };
  return {
    probe: {
      name: sharedProbeName,
      protocol: "Http",
      port: config.clusterServiceSharedLoadBalancerHealthProbePort || 10256,
      path: config.clusterServiceSharedLoadBalancerHealthProbePath || "/healthz",
      interval: defaultInterval,
      threshold: defaultThreshold,
    },
    shared,
  };
};

interface CommonProbe {
  readonly probe: Probe | undefined;
  readonly shared: boolean;
}

const highAvailability = (
  service: LoadBalancerService,
  config: CloudConfig,
  ipv6: boolean,
  targets: RuleTargets,
  common: CommonProbe,
): WantedRules | Failure => {
  const first = service.ports[0];
  const name = ruleName(service, first?.protocol ?? "TCP", first?.port ?? 0, ipv6);
  const rule = ruleFor(service, config, { port: 0, nodePort: 0 }, "All", name, targets);
  if (isFailure(rule)) {
    const context = "error generate lb rule for ha mod loadbalancer. err: ";
    return within(`${context}${context}`, rule);
  }
  let { probe } = common;
  if (probe === undefined) {
    for (const port of service.ports) {
      const found = portProbe(service, port, name, undefined, false);
      if (found === undefined || isFailure(found)) continue;
      probe = found;
      break;
    }
  }
  return {
    rules: [
      {
        ...rule,
        tcpReset: !isTrue(service, annotation.disableTcpReset),
        probe: probe === undefined ? undefined : targets.probeId(probe.name),
      },
    ],
    probes: probe === undefined ? [] : [probe],
  };
};

const ruleByPort = (
  service: LoadBalancerService,
  config: CloudConfig,
  ipv6: boolean,
  targets: RuleTargets,
  common: CommonProbe,
): WantedRules | Failure => {
  const rules: LoadBalancingRule[] = [];
  const probes: Probe[] = [];
  let commonAdded = false;
  for (const port of service.ports) {
    const name = ruleName(service, port.protocol ?? "", port.port, ipv6);
    if (isTrue(service, portAnnotation(port.port, "no_lb_rule"))) continue;
    if (port.protocol === "SCTP" && !isTrue(service, annotation.internal))
      return { error: "SCTP is only supported on standard loadbalancer in internal mode" };
    const transport = transports[port.protocol ?? ""];
    if (transport === undefined)
      return {
        error: "failed to parse transport protocol: only TCP, UDP and SCTP are supported for Azure LoadBalancers",
      };
    const rule = ruleFor(service, config, port, transport, name, targets);
    if (isFailure(rule)) return within("error generate lb rule for ha mod loadbalancer. err: ", rule);
    let probe: Probe | undefined;
    if (!isTrue(service, portAnnotation(port.port, "no_probe_rule"))) {
      const own = portProbe(service, port, name, common.probe, common.shared);
      if (isFailure(own)) return own;
      probe = own ?? common.probe;
      if (own !== undefined) probes.push(own);
      else if (common.probe !== undefined && !commonAdded) {
        probes.push(common.probe);
        commonAdded = true;
      }
    }
    const direct = isTrue(service, annotation.disableFloatingIp);
    rules.push({
      ...rule,
      probe: probe === undefined ? undefined : targets.probeId(probe.name),
      ...(direct ? { backendPort: port.nodePort ?? 0, floatingIp: false } : {}),
    });
  }
  return { rules, probes };
};

const transports: Readonly<Record<string, "Tcp" | "Udp" | "All">> = { TCP: "Tcp", UDP: "Udp", SCTP: "All" };

const ruleFor = (
  service: LoadBalancerService,
  config: CloudConfig,
  port: Pick<ServicePort, "port" | "nodePort">,
  protocol: LoadBalancingRule["protocol"],
  name: string,
  targets: RuleTargets,
): LoadBalancingRule | Failure => {
  const idle = numberAnnotation(service, annotation.idleTimeout, (value) =>
    value < 4 || value > 100
      ? `idle timeout value must be a whole number representing minutes between 4 and 100, actual value: ${value}`
      : undefined,
  );
  if (isFailure(idle)) return within(`error parsing idle timeout key: ${annotation.idleTimeout}, err: `, idle);
  // An internal IPv6 frontend has no floating IP; the name of the pool tells the family.
  const direct = isTrue(service, annotation.internal) && targets.pool.toLowerCase().endsWith("-ipv6");
  return {
    name,
    frontend: targets.frontend,
    pool: targets.pool,
    probe: undefined,
    protocol,
    frontendPort: port.port,
    backendPort: direct ? (port.nodePort ?? 0) : port.port,
    idleTimeout: idle ?? 4,
    floatingIp: !direct,
    tcpReset: protocol === "Tcp" ? !isTrue(service, annotation.disableTcpReset) : undefined,
    loadDistribution: service.spec.sessionAffinity === "ClientIP" ? "SourceIP" : "Default",
    disableOutboundSnat: config.disableOutboundSNAT ?? false,
  };
};

/** The port's own probe; none for UDP and SCTP, and none where a common probe stands in. */
const portProbe = (
  service: LoadBalancerService,
  port: ServicePort,
  name: string,
  common: Probe | undefined,
  shared: boolean,
): Probe | undefined | Failure => {
  if (shared || port.protocol === "UDP" || port.protocol === "SCTP") return undefined;
  const target = probePort(service, port);
  if (isFailure(target)) return target;
  if (target === undefined && common !== undefined) return undefined;
  const protocol = probeProtocol(service, port);
  const path =
    protocol === "Tcp"
      ? undefined
      : (service.annotations[probeAnnotation(port.port, "request-path")] ??
        service.annotations[annotation.probePath] ??
        "/");
  const timing = probeTiming(service, port.port);
  if (isFailure(timing)) return within(`failed to parse health probe config for port ${port.port}: `, timing);
  return { name, protocol, port: target ?? port.nodePort ?? 0, path, ...timing };
};

const probeAnnotation = (port: number, what: string): string => portAnnotation(port, `health-probe_${what}`);

/** The node port that an annotation sends the probe to, by the name or number of a service port, or any other port as it is. */
const probePort = (service: LoadBalancerService, port: ServicePort): number | undefined | Failure => {
  const name = probeAnnotation(port.port, "port");
  const given = service.annotations[name];
  if (given === undefined) return undefined;
  const named = service.ports.filter((item) => (item.name ?? "").toLowerCase() === given.toLowerCase());
  const isNumber = /^[+-]?\d+$/.test(given);
  if (named.length === 0) {
    if (!isNumber || !Number.isSafeInteger(Number(given)))
      return { error: `failed to parse annotation ${name}: port ${given} not found in service` };
    if (Number(given) < 0 || Number(given) > 65535)
      return { error: `failed to parse annotation ${name}: port ${Number(given)} is out of range` };
  }
  if (!isNumber) return named.at(-1)?.nodePort ?? 0;
  const number = Number(given);
  const target = service.ports.find((item) => item.port === number);
  return target === undefined ? number : (target.nodePort ?? 0);
};

/** By annotation of the port, else appProtocol, else annotation of the Service; what is none of TCP, HTTP and HTTPS is TCP. */
const probeProtocol = (service: LoadBalancerService, port: ServicePort): Probe["protocol"] => {
  const given =
    service.annotations[probeAnnotation(port.port, "protocol")] ??
    port.appProtocol ??
    service.annotations[annotation.probeProtocol] ??
    "Tcp";
  const protocol = given.trim().toLowerCase();
  return protocol === "https" ? "Https" : protocol === "http" ? "Http" : "Tcp";
};

const defaultInterval = 5;
const defaultThreshold = 2;

const probeTiming = (
  service: LoadBalancerService,
  port: number,
): { readonly interval: number; readonly threshold: number } | Failure => {
  const threshold = timing(service, port, "num-of-probe", annotation.probeCount, 2, defaultThreshold, ": ");
  if (isFailure(threshold)) return threshold;
  const interval = timing(service, port, "interval", annotation.probeInterval, 5, defaultInterval, ":");
  if (isFailure(interval)) return interval;
  if (product(interval, threshold) >= 120)
    return { error: "total probe should be less than 120, please adjust interval and number of probe accordingly" };
  return { interval, threshold };
};

/** Upstream multiplies 32-bit numbers, so large ones wrap around. */
const product = (a: number, b: number): number => Math.imul(a, b);

const timing = (
  service: LoadBalancerService,
  port: number,
  what: string,
  general: string,
  least: number,
  fallback: number,
  separator: string,
): number | Failure => {
  const check = (value: number): string | undefined =>
    value < least ? `the minimum value of ${what} is ${least}` : undefined;
  const name = probeAnnotation(port, what);
  const own = numberAnnotation(service, name, check);
  if (isFailure(own)) return within(`failed to parse annotation ${name}${separator}`, own);
  if (own !== undefined) return own;
  const common = numberAnnotation(service, general, check);
  if (isFailure(common)) return within(`failed to parse annotation ${general}: `, common);
  return common ?? fallback;
};

/** The list with what the Service no longer wants taken out and what is new put in; `undefined` where nothing changes. */
export const reconciled = <T extends { readonly name: string }>(
  existing: readonly T[],
  wanted: readonly T[],
  owns: (name: string) => boolean,
  equal: (a: T, b: T) => boolean,
): readonly T[] | undefined => {
  const known = (list: readonly T[], item: T): boolean =>
    list.some((other) => other.name.toLowerCase() === item.name.toLowerCase() && equal(other, item));
  const kept = existing.filter((item) => !owns(item.name) || known(wanted, item));
  const result = [...kept];
  for (const item of wanted) if (!known(result, item)) result.push(item);
  return kept.length === existing.length && result.length === kept.length ? undefined : result;
};

export const equalProbes = (a: Probe, b: Probe): boolean =>
  a.port === b.port &&
  a.protocol === b.protocol &&
  (a.path ?? "").toLowerCase() === (b.path ?? "").toLowerCase() &&
  a.interval === b.interval &&
  a.threshold === b.threshold;

/** The idle timeout counts only while the Service wants a load balancer. */
export const equalRules =
  (wanted: boolean) =>
  (a: LoadBalancingRule, b: LoadBalancingRule): boolean =>
    a.protocol === b.protocol &&
    (a.protocol !== "Tcp" || (a.tcpReset ?? false) === (b.tcpReset ?? false)) &&
    a.frontend.toLowerCase() === b.frontend.toLowerCase() &&
    a.pool.toLowerCase() === b.pool.toLowerCase() &&
    a.loadDistribution === b.loadDistribution &&
    a.frontendPort === b.frontendPort &&
    a.backendPort === b.backendPort &&
    (a.probe ?? "").toLowerCase() === (b.probe ?? "").toLowerCase() &&
    a.floatingIp === b.floatingIp &&
    a.disableOutboundSnat === b.disableOutboundSnat &&
    (!wanted || a.idleTimeout === b.idleTimeout);
