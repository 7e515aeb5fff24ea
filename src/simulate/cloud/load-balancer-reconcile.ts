import { key, same } from "./azure-account.ts";
import { backendAddresses, emptyPools, fillPools, isPreconfigured, poolId, reconcilePools } from "./backend-pools.ts";
import {
  balancerGroup,
  type CloudProvider,
  configuredTags,
  internalEnding,
  isInternalBalancer,
  partId,
  reconciledTags,
} from "./cloud-provider.ts";
import {
  addressesOn,
  type FrontendState,
  isIpv6Frontend,
  ownershipOf,
  reconcileFrontends,
  removeFrontends,
} from "./load-balancer-frontends.ts";
import { equalProbes, equalRules, reconciled, wantedRules } from "./load-balancer-rules.ts";
import {
  additionalIps,
  families,
  flipped,
  frontendName,
  isInternal,
  type LoadBalancerService,
  ownsRule,
  publicIpGroup,
  withRequestedIps,
} from "./load-balancer-service.ts";
import {
  type Failure,
  type Frontend,
  type InputNode,
  isFailure,
  type LoadBalancer,
  type LoadBalancingRule,
  type Probe,
} from "./load-balancer-types.ts";
import {
  arrangeNodes,
  chooseBalancer,
  forgetBalancer,
  hasOwnPool,
  noteService,
  ownPoolName,
  plainName,
  shareOf,
  syncShares,
} from "./multiple-balancers.ts";
import { deletePrivateLink, ensurePrivateLink } from "./private-links.ts";
import { reconcilePublicIps } from "./public-ips.ts";
import { reconcileSecurityRules } from "./service-access.ts";

/**
 * Makes Azure follow a Service that wants a load balancer, in upstream's order: load balancer with public IP, pools, security rules,
 * private link, then what is left of the other kind (public or internal), then public IPs. Returns the addresses of the status.
 */
export const ensureLoadBalancer = (
  provider: CloudProvider,
  service: LoadBalancerService,
  nodes: readonly InputNode[],
): readonly string[] | Failure => {
  let balancer = reconcileBalancer(provider, service, nodes, true);
  if (balancer === "again") balancer = reconcileBalancer(provider, service, nodes, true);
  if (isFailure(balancer)) return balancer;
  // A private link service that is still in the way the second time has upstream go on with what there is.
  const current = balancer === "again" ? undefined : balancer;
  const state = current === undefined ? undefined : statusOn(provider, service, current);
  if (isFailure(state)) return state;
  const ips = state?.ips ?? [];
  const name = current?.name ?? "";
  const backends = current === undefined ? [] : backendIps(provider, service, current.name);
  const refused = reconcileSecurityRules(provider, service, ips, backends, true);
  if (refused !== undefined) return refused;
  for (const frontend of state?.frontends ?? []) {
    const failure = ensurePrivateLink(provider, service, frontend, familyOf(provider, service, frontend));
    if (failure !== undefined) return failure;
  }
  const settled = withRequestedIps(service, ips);
  const rest = reconcileBalancer(provider, flipped(settled), undefined, false);
  if (isFailure(rest)) return rest;
  const failure = reconcilePublicIps(provider, settled, true, name);
  if (failure !== undefined) return failure;
  if (hasOwnPool(provider, service)) provider.multiple?.locals.set(service.key.toLowerCase(), name.toLowerCase());
  else provider.multiple?.locals.delete(service.key.toLowerCase());
  return [...ips, ...(state?.additional ?? [])];
};

/** Brings the load balancer up to new nodes; nothing to do for a Service that has none. */
export const updateLoadBalancer = (
  provider: CloudProvider,
  service: LoadBalancerService,
  nodes: readonly InputNode[],
): Failure | undefined => {
  const found = findBalancer(provider, service, managedBalancers(provider));
  if (found === "again" || isFailure(found) || !found.exists) return undefined;
  const result = ensureLoadBalancer(provider, service, nodes);
  return isFailure(result) ? result : undefined;
};

/** Takes away what a Service had. */
export const deleteLoadBalancer = (provider: CloudProvider, service: LoadBalancerService): Failure | undefined => {
  const found = findBalancer(provider, service, []);
  if (found === "again") return undefined;
  if (isFailure(found)) return found;
  const backends = backendIps(provider, service, found.balancer.name);
  const refused = reconcileSecurityRules(provider, service, found.ips, backends, false);
  if (refused !== undefined) return refused;
  let balancer = reconcileBalancer(provider, service, undefined, false);
  if (balancer === "again") balancer = reconcileBalancer(provider, service, undefined, false);
  if (isFailure(balancer)) return balancer;
  const rest = reconcileBalancer(provider, flipped(service), undefined, false);
  if (isFailure(rest)) return rest;
  const failure = reconcilePublicIps(provider, service, false);
  if (failure === undefined && hasOwnPool(provider, service))
    provider.multiple?.locals.delete(service.key.toLowerCase());
  return failure;
};

const backendIps = (provider: CloudProvider, service: LoadBalancerService, name: string): readonly string[] => {
  const balancer = provider.account.loadBalancers.get(key(balancerGroup(provider), name));
  return balancer === undefined ? [] : backendAddresses(provider, service, balancer);
};

const familyOf = (provider: CloudProvider, service: LoadBalancerService, frontend: Frontend): boolean =>
  isIpv6Frontend(service, frontend, ownershipOf(provider, service, frontend) ?? { primary: false, ipv6: undefined });

interface Status {
  readonly ips: readonly string[];
  readonly frontends: readonly Frontend[];
  readonly additional: readonly string[];
}

const statusOn = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
): Status | undefined | Failure => {
  const found = addressesOn(provider, service, balancer);
  if (found === undefined || isFailure(found)) return found;
  const additional = additionalIps(service);
  return isFailure(additional) ? additional : { ...found, additional };
};

/** The load balancers that are the cluster's: named after it or a configuration, with or without the internal ending. */
const managedBalancers = (provider: CloudProvider): readonly LoadBalancer[] =>
  provider.account.listLoadBalancers(balancerGroup(provider)).filter((balancer) => {
    const isShare = provider.multiple !== undefined && shareOf(provider.multiple, balancer.name) !== undefined;
    return isShare || same(plainName(balancer.name), provider.clusterName);
  });

interface Found {
  readonly balancer: LoadBalancer;
  /** The load balancers it was looked for among: those given, or all of the group where none was. */
  readonly among: readonly LoadBalancer[];
  readonly exists: boolean;
  /** Addresses that the Service has on it, and those with the additional ones. */
  readonly ips: readonly string[];
  readonly ingress: readonly string[];
}

/** The load balancer that has the Service, or the one that is to have it. */
const findBalancer = (
  provider: CloudProvider,
  service: LoadBalancerService,
  given: readonly LoadBalancer[],
  wanted = false,
): Found | "again" | Failure => {
  const internal = isInternal(service);
  const plain =
    provider.multiple === undefined
      ? provider.config.loadBalancerName || provider.clusterName
      : chooseBalancer(provider.multiple, service, given);
  if (isFailure(plain)) return plain;
  const name = `${plain}${internal ? internalEnding : ""}`;
  let existing = given.length > 0 ? given : provider.account.listLoadBalancers(balancerGroup(provider));
  for (const balancer of existing) {
    if (isInternalBalancer(balancer) !== internal) continue;
    const status = statusOn(provider, service, balancer);
    if (isFailure(status)) return status;
    if (status === undefined) continue;
    const ingress = [...status.ips, ...status.additional];
    if (!wanted || same(balancer.name, name))
      return { balancer, among: existing, exists: true, ips: status.ips, ingress };
    const left = leaveBalancer(provider, service, balancer, status.frontends);
    if (left === "again" || isFailure(left)) return left;
    if (provider.multiple !== undefined) existing = afterLeaving(provider, service, balancer, existing);
    const right = existing.find((item) => item !== balancer && same(item.name, name));
    if (right !== undefined) return { balancer: right, among: existing, exists: true, ips: status.ips, ingress };
    break;
  }
  const balancer = existing.find((item) => same(item.name, name)) ?? {
    resourceGroup: balancerGroup(provider),
    name,
    location: provider.account.location,
    frontends: [],
    pools: [],
    rules: [],
    probes: [],
    outboundRules: [],
    tags: {},
  };
  return { balancer, among: existing, exists: false, ips: [], ingress: [] };
};

/** The load balancers once a Service has left one of several, with its own pool gone from there. */
const afterLeaving = (
  provider: CloudProvider,
  service: LoadBalancerService,
  left: LoadBalancer,
  existing: readonly LoadBalancer[],
): readonly LoadBalancer[] => {
  noteService(provider, service, left.name, false);
  const { account } = provider;
  if (!account.loadBalancers.has(key(left.resourceGroup, left.name)))
    return existing.filter((balancer) => !same(balancer.name, left.name));
  return hasOwnPool(provider, service) ? withoutOwnPools(provider, service, existing) : existing;
};

/** Deletes the pools that a Service has to itself, and reads the load balancers anew where there were some. */
const withoutOwnPools = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancers: readonly LoadBalancer[],
): readonly LoadBalancer[] => {
  let found = false;
  for (const balancer of balancers) {
    for (const { name } of balancer.pools) {
      if (!same(name, ownPoolName(service, name.toLowerCase().endsWith("ipv6")))) continue;
      provider.account.deleteBackendPool(balancer, name);
      found = true;
    }
  }
  return found ? managedBalancers(provider) : balancers;
};

/** Takes a Service off a load balancer that is not the one it belongs on, and deletes that one where no frontend is left. */
const leaveBalancer = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
  frontends: readonly Frontend[],
): "again" | Failure | undefined => {
  const named = (name: string): boolean => frontends.some((frontend) => name.includes(frontend.name));
  const rest = {
    ...balancer,
    frontends: balancer.frontends.filter((frontend) => !frontends.includes(frontend)),
    rules: balancer.rules.filter((rule) => !named(rule.name)),
    probes: balancer.probes.filter((probe) => !named(probe.name)),
  };
  let again = false;
  for (const frontend of frontends)
    if (deletePrivateLink(provider, service, frontend, familyOf(provider, service, frontend))) again = true;
  if (again) return "again";
  if (rest.frontends.length > 0) return provider.account.putLoadBalancer(rest);
  if (isPreconfigured(provider, service)) return undefined;
  const failure = emptyPools(provider, balancer);
  if (failure !== undefined) return failure;
  provider.account.deleteLoadBalancer(balancer.resourceGroup, balancer.name);
  forgetBalancer(provider, balancer.name);
  return undefined;
};

/**
 * Brings one load balancer in line with a Service: pools, frontends, probes, rules, then the members of the pools. `again` where a
 * private link service had to go first, since that changes the load balancer behind the provider's back.
 */
const reconcileBalancer = (
  provider: CloudProvider,
  service: LoadBalancerService,
  nodes: readonly InputNode[] | undefined,
  wanted: boolean,
): LoadBalancer | "again" | Failure => {
  let managed = managedBalancers(provider);
  if (provider.multiple !== undefined && !hasOwnPool(provider, service))
    managed = withoutOwnPools(provider, service, managed);
  const unsynced = syncShares(provider, managed, nodes);
  if (unsynced !== undefined) return unsynced;
  const found = findBalancer(provider, service, managed, wanted);
  if (found === "again" || isFailure(found)) return found;
  let { balancer } = found;
  let dirty = false;
  let preconfigured = isPreconfigured(provider, service);
  if (wanted) {
    const pools = reconcilePools(provider, service, balancer);
    if (isFailure(pools)) return pools;
    ({ balancer, preconfigured } = pools);
    dirty = pools.added;
  }
  const state = wanted
    ? reconcileFrontends(provider, service, balancer, found.ingress)
    : removeFrontends(provider, service, balancer);
  if (isFailure(state)) return state;
  balancer = { ...balancer, frontends: state.frontends };
  const rules = rulesFor(provider, service, balancer, state, wanted);
  if (isFailure(rules)) return rules;
  const owns = (name: string): boolean => ownsRule(service, name);
  const probes = reconciled(balancer.probes, rules.probes, owns, equalProbes);
  const changedRules = reconciled(balancer.rules, rules.rules, owns, equalRules(wanted));
  const tags = reconciledTags(provider.config, balancer.tags, configuredTags(provider.config));
  dirty ||= state.changed || probes !== undefined || changedRules !== undefined || tags !== undefined;
  balancer = {
    ...balancer,
    probes: probes ?? balancer.probes,
    rules: changedRules ?? balancer.rules,
    tags: tags ?? balancer.tags,
  };
  if (dirty) {
    const written = writeBalancer(provider, service, balancer, state, wanted ? "any" : found.among);
    if (written === "again" || isFailure(written)) return written;
    balancer = written;
  }
  if (wanted && nodes !== undefined && nodes.length > 0 && !preconfigured) {
    let targets: readonly LoadBalancer[] = [balancer];
    if (provider.multiple !== undefined) {
      targets = withBalancer(found.among, balancer);
      arrangeNodes(provider, provider.multiple, balancer.name, targets, nodes);
    }
    for (const target of targets) {
      const failure = fillPools(provider, service, target, nodes);
      if (failure !== undefined) return failure;
    }
  }
  if (state.changed) noteService(provider, service, balancer.name, wanted);
  return balancer;
};

/** The list with one load balancer as it is now, at the end where it is new. */
const withBalancer = (list: readonly LoadBalancer[], current: LoadBalancer): readonly LoadBalancer[] =>
  list.some(({ name }) => same(name, current.name))
    ? list.map((balancer) => (same(balancer.name, current.name) ? current : balancer))
    : [...list, current];

const rulesFor = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
  state: FrontendState,
  wanted: boolean,
): { readonly rules: readonly LoadBalancingRule[]; readonly probes: readonly Probe[] } | Failure => {
  const rules: LoadBalancingRule[] = [];
  const probes: Probe[] = [];
  const { v4, v6 } = families(service);
  for (const ipv6 of wanted ? [...(v4 ? [false] : []), ...(v6 ? [true] : [])] : []) {
    const frontend =
      state.kept.get(ipv6)?.id ??
      partId(provider, balancer.name, "frontendIPConfigurations", frontendName(service, ipv6));
    const conflict = portConflict(service, balancer, frontend);
    if (conflict !== undefined) return conflict;
    const made = wantedRules(service, provider.config, ipv6, {
      frontend,
      pool: poolId(provider, service, balancer.name, ipv6),
      probeId: (name) => partId(provider, balancer.name, "probes", name),
    });
    if (isFailure(made)) return made;
    rules.push(...made.rules);
    probes.push(...made.probes);
  }
  return { rules, probes };
};

/** Two Services on one address must differ in port or protocol. */
const portConflict = (
  service: LoadBalancerService,
  balancer: LoadBalancer,
  frontendId: string,
): Failure | undefined => {
  for (const port of service.ports) {
    const other = balancer.rules.find(
      (rule) =>
        rule.frontendPort === port.port &&
        same(rule.frontend, frontendId) &&
        same(rule.protocol, port.protocol ?? "") &&
        !ownsRule(service, rule.name),
    );
    if (other !== undefined)
      return {
        error: `checkLoadBalancerResourcesConflicts: service port ${port.name ?? ""} is trying to consume the port ${other.frontendPort} which is being referenced by an existing loadBalancing rule ${other.name} with the same protocol ${other.protocol} and frontend IP config with ID ${other.frontend}`,
      };
  }
  return undefined;
};

/** Writes the load balancer, or deletes one that has no frontend left; first the private links of frontends that go. */
const writeBalancer = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
  state: FrontendState,
  existing: "any" | readonly LoadBalancer[],
): LoadBalancer | "again" | Failure => {
  let again = false;
  for (const frontend of state.removed)
    if (deletePrivateLink(provider, service, frontend, familyOf(provider, service, frontend))) again = true;
  if (again) return "again";
  if (balancer.frontends.length === 0) {
    const known = existing === "any" || existing.some((item) => same(item.name, balancer.name));
    if (isPreconfigured(provider, service) || !known) return balancer;
    const failure = emptyPools(provider, balancer);
    if (failure !== undefined) return failure;
    provider.account.deleteLoadBalancer(balancer.resourceGroup, balancer.name);
    forgetBalancer(provider, balancer.name);
    return balancer;
  }
  const refused = provider.account.putLoadBalancer(balancer);
  if (refused !== undefined) return refused;
  if (state.changed && !isInternal(service))
    provider.publicIps.forget(publicIpGroup(service, provider.account.resourceGroup));
  return { ...(provider.account.loadBalancers.get(key(balancer.resourceGroup, balancer.name)) ?? balancer) };
};
