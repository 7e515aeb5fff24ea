import type { LabelSelector } from "../../kubernetes/object.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import { same } from "./azure-account.ts";
import { type CloudProvider, internalEnding, isInternalBalancer, warn } from "./cloud-provider.ts";
import { isInternal, isLocal, type LoadBalancerService } from "./load-balancer-service.ts";
import {
  type BalancerConfiguration,
  type CloudConfig,
  type Failure,
  type InputNode,
  isFailure,
  type LoadBalancer,
} from "./load-balancer-types.ts";

/** One configuration of several load balancers, and what is on it. Sets that nothing was ever put into are left out. */
export interface BalancerShare {
  readonly configuration: BalancerConfiguration;
  /** `namespace/name`. */
  services: ReadonlySet<string> | undefined;
  /** Names of nodes in lower case. */
  nodes: ReadonlySet<string> | undefined;
}

/** What the provider keeps about several load balancers (cloud-provider-azure v1.35.3, `azure_loadbalancer.go`). */
export interface BalancerShares {
  readonly shares: readonly BalancerShare[];
  synced: boolean;
  /** Nodes that stand where their primary scale set wants them. */
  readonly settled: Set<string>;
  /** The load balancer of each Service with externalTrafficPolicy Local, in lower case. */
  readonly locals: Map<string, string>;
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Nodes of the endpoints of such Services, by `namespace/name`. */
  readonly endpoints: Readonly<Record<string, readonly string[]>>;
}

/** Why the provider does not start with these configurations; `undefined` where it does, or there are none. */
export const configurationProblem = (config: CloudConfig): string | undefined => {
  const list = config.multipleStandardLoadBalancerConfigurations ?? [];
  if (list.length === 0) return undefined;
  if (config.loadBalancerBackendPoolConfigurationType?.toLowerCase() !== "nodeip")
    return "multiple standard load balancers cannot be used with backend pool type nodeIPConfiguration";
  const names = new Set<string>();
  const primaries = new Set<string>();
  for (const { name, primaryVMSet = "" } of list) {
    if (names.has(name.toLowerCase())) return `duplicated multiple standard load balancer configuration name ${name}`;
    names.add(name.toLowerCase());
    if (primaryVMSet === "") return `multiple standard load balancer configuration ${name} must have primary VMSet`;
    if (primaries.has(primaryVMSet.toLowerCase()))
      return `duplicated primary VMSet ${primaryVMSet} in multiple standard load balancer configurations ${name}`;
    primaries.add(primaryVMSet.toLowerCase());
  }
  return undefined;
};

/** A load balancer's name without the ending of internal ones, which share the configuration of the public one. */
export const plainName = (name: string): string =>
  name.toLowerCase().endsWith(internalEnding) ? name.slice(0, -internalEnding.length) : name;

/** True where the Service has a backend pool of its own. */
export const hasOwnPool = (provider: CloudProvider, service: LoadBalancerService): boolean =>
  provider.multiple !== undefined && isLocal(service);

/** The pool of such a Service. */
export const ownPoolName = (service: LoadBalancerService, ipv6: boolean): string =>
  `${service.key.toLowerCase().replaceAll("/", "-")}${ipv6 ? "-ipv6" : ""}`;

export const shareOf = ({ shares }: BalancerShares, balancer: string): BalancerShare | undefined =>
  shares.find(({ configuration }) => same(configuration.name, plainName(balancer)));

const listedAs = (balancers: readonly LoadBalancer[], name: string): boolean =>
  balancers.some((balancer) => same(plainName(balancer.name), name));

/**
 * The load balancer that a Service is to have: among the configurations that take it the one that it is on, else the first that has no
 * load balancer yet, else the one with the fewest rules, 300 at most.
 */
export const chooseBalancer = (
  multiple: BalancerShares,
  service: LoadBalancerService,
  existing: readonly LoadBalancer[],
): string | Failure => {
  const eligible = eligibleFor(multiple, service);
  if (isFailure(eligible)) return eligible;
  const names = eligible.map(({ configuration }) => configuration.name);
  const current = multiple.shares.find(({ services }) => services?.has(service.key.toLowerCase()))?.configuration.name;
  if (current !== undefined && names.includes(current)) return current;
  const internal = isInternal(service);
  const alike = existing.filter((balancer) => isInternalBalancer(balancer) === internal);
  const fresh = names.find((name) => !listedAs(alike, name));
  if (fresh !== undefined) return fresh;
  let best = "";
  let fewest = 301;
  for (const balancer of alike) {
    // Upstream looks the name up in lower case, so that a configuration with capitals is not found again, and names nothing.
    const name = plainName(balancer.name).toLowerCase();
    if (!names.includes(name) || balancer.rules.length >= fewest) continue;
    fewest = balancer.rules.length;
    best = name;
  }
  return best;
};

/** The configurations that take a Service: by annotation, placement flag and selectors; one with a selector that matches goes before those without. */
const eligibleFor = (multiple: BalancerShares, service: LoadBalancerService): readonly BalancerShare[] | Failure => {
  const asked = configurationNames(service);
  const selected =
    asked.length === 0
      ? multiple.shares
      : multiple.shares.filter(({ configuration }) => asked.includes(configuration.name.toLowerCase()));
  if (selected.length === 0)
    return {
      error: `service "${service.name}" selects ${asked.length} load balancers by annotation, but none of them is defined in cloud provider configuration`,
    };
  const closed: string[] = [];
  const otherLabels: string[] = [];
  const otherNamespaces: string[] = [];
  const kept: BalancerShare[] = [];
  let matched = false;
  for (const share of [...selected].reverse()) {
    const { name, allowServicePlacement, serviceLabelSelector, serviceNamespaceSelector } = share.configuration;
    if (allowServicePlacement === false && share.services?.has(service.key.toLowerCase()) !== true) {
      closed.push(name);
      continue;
    }
    if (serviceLabelSelector) {
      if (!matches(serviceLabelSelector, service.labels)) {
        otherLabels.push(name);
        continue;
      }
      matched = true;
    }
    if (serviceNamespaceSelector) {
      const labels = multiple.namespaces[service.namespace];
      if (labels === undefined) return { error: `namespaces "${service.namespace}" not found` };
      if (!matches(serviceNamespaceSelector, labels)) {
        otherNamespaces.push(name);
        continue;
      }
      matched = true;
    }
    kept.unshift(share);
  }
  if (kept.length === 0) {
    const names = selected.map(({ configuration }) => configuration.name);
    const list = (some: readonly string[]): string => `(${some.join(", ")})`;
    return {
      error: `service "${service.key}" selects ${names.length} load balancers ${list(names)}, but ${closed.length} of them ${list(closed)} have AllowServicePlacement set to false and the service is not using any of them, ${otherLabels.length} of them ${list(otherLabels)} do not match the service label selector, and ${otherNamespaces.length} of them ${list(otherNamespaces)} do not match the service namespace selector`,
    };
  }
  if (!matched) return kept;
  return kept.filter(
    ({ configuration }) => configuration.serviceLabelSelector || configuration.serviceNamespaceSelector,
  );
};

const configurationsAnnotation = "service.beta.kubernetes.io/azure-load-balancer-configurations";

/** The names of the annotation, in lower case. */
const configurationNames = ({ annotations }: LoadBalancerService): readonly string[] =>
  Object.entries(annotations).flatMap(([name, text]) =>
    name.toLowerCase() === configurationsAnnotation ? text.split(",").map((part) => part.trim().toLowerCase()) : [],
  );

const matches = (selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean =>
  compileLabelSelector(selector).matches(labels);

const isEmpty = (selector: LabelSelector | null | undefined): boolean =>
  !selector || (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0);

/** What is done at the first call: a configuration must bear the cluster's name, and nodes go where load balancers are already. */
export const syncShares = (
  provider: CloudProvider,
  existing: readonly LoadBalancer[],
  nodes: readonly InputNode[] | undefined,
): Failure | undefined => {
  const { multiple } = provider;
  if (multiple === undefined || multiple.synced) return undefined;
  if (!multiple.shares.some(({ configuration }) => same(configuration.name, provider.clusterName)))
    return {
      error: `multiple standard load balancers are enabled but no configuration named "${provider.clusterName}" is found`,
    };
  arrangeNodes(provider, multiple, "", existing, nodes ?? []);
  multiple.synced = true;
  return undefined;
};

/**
 * Gives every node one load balancer: that of its primary scale set, else of those whose node selector matches it (of those without one
 * where none does) the one with the fewest nodes. Only load balancers that are there, or that this call makes, count.
 */
export const arrangeNodes = (
  provider: CloudProvider,
  multiple: BalancerShares,
  balancer: string,
  existing: readonly LoadBalancer[],
  nodes: readonly InputNode[],
): void => {
  const places = withoutGone(multiple, nodes);
  const isThere = ({ configuration }: BalancerShare): boolean =>
    listedAs(existing, configuration.name) || same(plainName(balancer), configuration.name);
  const leave = (node: string): void => {
    const share = places.get(node);
    if (share?.nodes !== undefined) share.nodes = without(share.nodes, node);
  };
  for (const node of nodes) {
    const name = node.name.toLowerCase();
    if (multiple.settled.has(name)) continue;
    const share = multiple.shares.find(
      (one) => same(one.configuration.primaryVMSet ?? "", node.scaleSet) && isThere(one),
    );
    if (share === undefined) continue;
    multiple.settled.add(name);
    if (share.nodes?.has(name) === true) continue;
    leave(name);
    share.nodes = new Set([...(share.nodes ?? []), name]);
  }
  for (const node of nodes) {
    const name = node.name.toLowerCase();
    if (multiple.settled.has(name)) continue;
    const eligible = sharesFor(multiple, node, isThere);
    const place = places.get(name);
    if (place !== undefined && eligible.includes(place)) continue;
    const [first, ...rest] = eligible;
    const least = rest.reduce((a, b) => ((b.nodes?.size ?? 0) < (a?.nodes?.size ?? 0) ? b : a), first);
    if (place !== undefined && place !== least) leave(name);
    if (least === undefined)
      warn(provider, "FailedToFindLoadBalancerForNode", `failed to find a lb for node ${node.name}`);
    else least.nodes = new Set([...(least.nodes ?? []), name]);
  }
};

/** Where each node stands; nodes that are gone are taken out. */
const withoutGone = (multiple: BalancerShares, nodes: readonly InputNode[]): ReadonlyMap<string, BalancerShare> => {
  const present = new Set(nodes.map(({ name }) => name.toLowerCase()));
  const places = new Map<string, BalancerShare>();
  for (const share of multiple.shares) {
    if (share.nodes === undefined) continue;
    share.nodes = new Set([...share.nodes].filter((name) => present.has(name)));
    for (const name of share.nodes) places.set(name, share);
  }
  return places;
};

const sharesFor = (
  { shares }: BalancerShares,
  { labels = {} }: InputNode,
  isThere: (share: BalancerShare) => boolean,
): readonly BalancerShare[] => {
  const selecting = shares.filter(
    (share) =>
      !isEmpty(share.configuration.nodeSelector) &&
      matches(share.configuration.nodeSelector ?? {}, labels) &&
      isThere(share),
  );
  if (selecting.length > 0) return selecting;
  return shares.filter((share) => isEmpty(share.configuration.nodeSelector) && isThere(share));
};

const without = (names: ReadonlySet<string>, name: string): ReadonlySet<string> =>
  new Set([...names].filter((one) => one !== name));

/** Notes that a Service is on a load balancer, or no longer. */
export const noteService = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: string,
  on: boolean,
): void => {
  const share = provider.multiple === undefined ? undefined : shareOf(provider.multiple, balancer);
  if (share === undefined) return;
  const name = service.key.toLowerCase();
  if (on) share.services = new Set([...(share.services ?? []), name]);
  else if (share.services !== undefined) share.services = without(share.services, name);
};

/** A load balancer that is deleted holds no nodes any more, and they may be placed anew. */
export const forgetBalancer = (provider: CloudProvider, balancer: string): void => {
  const share = provider.multiple === undefined ? undefined : shareOf(provider.multiple, balancer);
  if (share === undefined) return;
  for (const name of share.nodes ?? []) provider.multiple?.settled.delete(name);
  share.nodes = new Set();
};

/** The nodes that a pool is to hold; `undefined` where it holds all of them, and "elsewhere" where it is not the Service's now. */
export const nodesOfPool = (
  multiple: BalancerShares,
  service: LoadBalancerService,
  balancer: string,
): ReadonlySet<string> | undefined | "elsewhere" => {
  if (!isLocal(service)) {
    const share = shareOf(multiple, balancer);
    return share === undefined ? new Set() : share.nodes;
  }
  const place = multiple.locals.get(service.key.toLowerCase());
  if (place !== undefined && !same(place, balancer)) return "elsewhere";
  const names = multiple.endpoints[service.key];
  return names === undefined ? undefined : new Set(names.map((name) => name.toLowerCase()));
};
