import { key, type Machine, same } from "./azure-account.ts";
import { type CloudProvider, internalEnding, partId } from "./cloud-provider.ts";
import { isInternal, type LoadBalancerService } from "./load-balancer-service.ts";
import { type BackendPool, type Failure, type InputNode, isFailure, type LoadBalancer } from "./load-balancer-types.ts";
import { hasOwnPool, nodesOfPool, ownPoolName } from "./multiple-balancers.ts";

/** The pool of all nodes, or, on several load balancers, that of a Service with externalTrafficPolicy Local alone. */
const poolName = (provider: CloudProvider, service: LoadBalancerService, ipv6: boolean): string => {
  if (hasOwnPool(provider, service)) return ownPoolName(service, ipv6);
  return ipv6 ? `${provider.clusterName}-IPv6` : provider.clusterName;
};

const isIpv6Pool = (name: string): boolean => name.toLowerCase().endsWith("-ipv6");

/** The id of the pool that a Service's rules lead to on a load balancer, by family. */
export const poolId = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: string,
  ipv6: boolean,
): string => partId(provider, balancer, "backendAddressPools", poolName(provider, service, ipv6));

const isOwnPool = (provider: CloudProvider, service: LoadBalancerService, pool: BackendPool): boolean =>
  same(pool.name, poolName(provider, service, false)) || same(pool.name, poolName(provider, service, true));

const usesAddresses = (provider: CloudProvider): boolean =>
  provider.config.loadBalancerBackendPoolConfigurationType?.toLowerCase() === "nodeip";

/** The user says that the pools of such load balancers are made and filled elsewhere. */
export const isPreconfigured = (provider: CloudProvider, service: LoadBalancerService): boolean => {
  const kind = provider.config.preConfiguredBackendPoolLoadBalancerTypes;
  return kind === "all" || kind === (isInternal(service) ? "internal" : "external");
};

/** What became of the pools before the load balancer is written. */
export interface PoolState {
  readonly balancer: LoadBalancer;
  readonly preconfigured: boolean;
  /** A pool was added, so the load balancer must be written. */
  readonly added: boolean;
}

/** Takes nodes out that do not belong, and adds the pools that the Service's families need. */
export const reconcilePools = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
): PoolState | Failure => {
  const preconfigured = isPreconfigured(provider, service);
  const own = balancer.pools.filter((pool) => isOwnPool(provider, service, pool));
  // With pools made elsewhere upstream looks no further than the last one, and adds the other family's again.
  const seen = preconfigured && !usesAddresses(provider) ? own.slice(-1) : own;
  const existing = new Set(seen.map((pool) => isIpv6Pool(pool.name)));
  const cleaned = preconfigured ? balancer : cleanPools(provider, service, balancer);
  if (isFailure(cleaned)) return cleaned;
  let result = cleaned;
  let added = false;
  for (const family of service.spec.ipFamilies ?? []) {
    const ipv6 = family === "IPv6";
    if (existing.has(ipv6)) continue;
    const name = poolName(provider, service, ipv6);
    const id = poolId(provider, service, balancer.name, ipv6);
    result = { ...result, pools: [...result.pools, { name, id, addresses: [] }] };
    added = true;
  }
  return { balancer: result, preconfigured: preconfigured && !added, added };
};

const cleanPools = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
): LoadBalancer | Failure => {
  if (usesAddresses(provider)) return cleanAddressPools(provider, service, balancer);
  const ids: string[] = [];
  const leaving = new Set<Machine>();
  for (const pool of [...balancer.pools].reverse()) {
    if (!isOwnPool(provider, service, pool)) continue;
    const members = provider.account.membersOf(pool.id).map((member) => member.machine);
    const excluded = members.filter((machine) => provider.excludedNodes.has(machine.nodeName.toLowerCase()));
    // Were all of them to go, none goes: an empty pool would cut the Service off.
    if (excluded.length === 0 || excluded.length === members.length) continue;
    ids.push(pool.id);
    for (const machine of excluded) leaving.add(machine);
  }
  for (const machine of leaving) leavePools(provider, machine, ids);
  return balancer;
};

/** Takes an instance out of pools, in one write. */
const leavePools = (provider: CloudProvider, machine: Machine, ids: readonly string[]): void => {
  let found = false;
  for (const id of ids) {
    const configuration = configurationFor(machine, id);
    if (configuration?.pools.delete(id.toLowerCase()) === true) found = true;
  }
  if (found) provider.account.logInstance(machine);
};

const cleanAddressPools = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
): LoadBalancer => {
  const gone = new Set<string>();
  for (const name of provider.excludedNodes) for (const ip of provider.nodes.get(name)?.ips ?? []) gone.add(ip);
  let updated = false;
  let pools = balancer.pools;
  for (const pool of [...balancer.pools].reverse()) {
    if (!isOwnPool(provider, service, pool)) continue;
    const left = pool.addresses.filter((address) => address.ip !== "" && !gone.has(address.ip));
    const changed = gone.size > 0 && left.length > 0 && left.length < pool.addresses.length;
    if (changed) updated = true;
    if (!updated) continue;
    const addresses = changed ? left : pool.addresses;
    pools = pools.map((item) => (item === pool ? { ...pool, addresses } : item));
    provider.account.putBackendPool(balancer, pool.name, addresses);
  }
  return updated ? { ...balancer, pools } : balancer;
};

/** Puts the nodes into the pools of the Service's load balancer. */
export const fillPools = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
  nodes: readonly InputNode[],
): Failure | undefined => {
  for (const pool of balancer.pools) {
    const ipv6 = isIpv6Pool(pool.name);
    if (!same(pool.name, poolName(provider, service, ipv6))) continue;
    if (usesAddresses(provider)) {
      const members =
        provider.multiple === undefined ? undefined : nodesOfPool(provider.multiple, service, balancer.name);
      if (members !== "elsewhere") fillAddressPool(provider, balancer, pool, ipv6, nodes, members);
      continue;
    }
    const failure = fillInterfacePool(provider, poolId(provider, service, balancer.name, ipv6), nodes);
    if (failure !== undefined) return failure;
  }
  return undefined;
};

const fillAddressPool = (
  provider: CloudProvider,
  balancer: LoadBalancer,
  pool: BackendPool,
  ipv6: boolean,
  nodes: readonly InputNode[],
  members: ReadonlySet<string> | undefined,
): void => {
  const existing = new Set(pool.addresses.map((address) => address.ip.toLowerCase()));
  const wanted = new Set<string>();
  const added: { name: string; ip: string }[] = [];
  for (const node of nodes) {
    if (isControlPlane(node)) continue;
    const ip = (node.ips ?? []).find((address) => address.includes(":") === ipv6) ?? "";
    const isMember = members === undefined || members.has(node.name.toLowerCase());
    if (ip !== "" && isMember) wanted.add(ip.toLowerCase());
    if (!isMember) continue;
    if (!existing.has(ip.toLowerCase())) added.push({ name: ip === "" ? "" : node.name, ip });
  }
  const all = [...pool.addresses, ...added];
  const leaving = all.filter((address) => !wanted.has(address.ip.toLowerCase()));
  if (added.length === 0 && leaving.length === 0) return;
  const left = all.filter((address) => address.ip !== "" && wanted.has(address.ip.toLowerCase()));
  // One load balancer's pool is never emptied; of several a node may leave for another.
  const isKept = left.length === 0 && provider.multiple === undefined;
  provider.account.putBackendPool(balancer, pool.name, isKept ? all : left);
};

const fillInterfacePool = (provider: CloudProvider, id: string, nodes: readonly InputNode[]): Failure | undefined => {
  const { account } = provider;
  const lower = id.toLowerCase();
  const included = nodes.filter(
    (node) =>
      !(isControlPlane(node) && (provider.config.excludeMasterFromStandardLB ?? true)) &&
      !provider.excludedNodes.has(node.name.toLowerCase()),
  );
  const scaleSets = new Set(included.map((node) => node.scaleSet));
  for (const name of scaleSets) {
    const scaleSet = account.scaleSets.get(key(name));
    if (scaleSet === undefined) continue;
    const configuration = configurationFor(scaleSet, id);
    if (configuration === undefined) return noConfiguration(id, name);
    if (configuration.pools.has(lower)) continue;
    // A scale set that another load balancer has is left alone, and upstream then leaves the other scale sets too.
    if (!onSameBalancer(id, configuration.pools)) break;
    configuration.pools.add(lower);
    account.logScaleSet(scaleSet.scaleSet);
  }
  const failures: string[] = [];
  for (const node of included) {
    const machine = account.instances.get(key(node.scaleSet, node.instance));
    if (machine === undefined || !same(node.name.slice(0, -6), node.scaleSet)) continue;
    const configuration = configurationFor(machine, id);
    if (configuration === undefined) {
      failures.push(noConfiguration(id, node.name).error);
      continue;
    }
    if (configuration.pools.has(lower) || !onSameBalancer(id, configuration.pools)) continue;
    configuration.pools.add(lower);
    account.logInstance(machine);
  }
  return failures.length === 0
    ? undefined
    : { error: failures.length === 1 ? (failures[0] ?? "") : `[${[...new Set(failures)].join(", ")}]` };
};

/** An IP configuration may be in pools of one load balancer only, the internal one of the same name counted with it. */
const onSameBalancer = (id: string, pools: ReadonlySet<string>): boolean => {
  const wanted = balancerOf(id.toLowerCase());
  for (const pool of pools) if (balancerOf(pool) !== wanted) return false;
  return true;
};

const balancerOf = (poolId: string): string => {
  const name = /\/loadbalancers\/([^/]+)\//.exec(poolId)?.[1] ?? "";
  return name.endsWith(internalEnding) ? name.slice(0, -internalEnding.length) : name;
};

/** The IP configuration of a machine that a pool takes: the first, or the IPv6 one for an IPv6 pool. */
const configurationFor = (machine: Machine, poolId: string): Machine["ipConfigurations"][number] | undefined =>
  isIpv6Pool(poolId)
    ? machine.ipConfigurations.find((configuration) => configuration.ipv6)
    : machine.ipConfigurations[0];

const noConfiguration = (poolId: string, name: string): Failure => ({
  error: `failed to find a primary IP configuration (IPv6=${isIpv6Pool(poolId)}) for the VMSS VM or VMSS "${name}"`,
});

const isControlPlane = (node: InputNode): boolean =>
  node.labels?.["node-role.kubernetes.io/control-plane"] !== undefined ||
  node.labels?.["node-role.kubernetes.io/master"] !== undefined ||
  node.labels?.["kubernetes.io/role"] === "master";

/** Takes all scale sets and instances out of a load balancer's pools, before it is deleted. */
export const emptyPools = (provider: CloudProvider, balancer: LoadBalancer): Failure | undefined => {
  const { account } = provider;
  const ids = balancer.pools.map((pool) => pool.id);
  if (ids.length === 0) return undefined;
  const failures = new Set<string>();
  const joined: Machine[] = [];
  for (const scaleSet of account.scaleSets.values()) {
    for (const id of ids) {
      const configuration = configurationFor(scaleSet, id);
      if (configuration === undefined) failures.add(noConfiguration(id, scaleSet.scaleSet).error);
      else if (configuration.pools.has(id.toLowerCase()) && !joined.includes(scaleSet)) joined.push(scaleSet);
    }
  }
  if (failures.size > 0) {
    const list = [...failures];
    const text = list.length === 1 ? (list[0] ?? "") : `[${list.join(", ")}]`;
    return { error: `safeDeleteLoadBalancer: failed to EnsureBackendPoolDeleted: ${text}` };
  }
  for (const scaleSet of joined) {
    for (const id of ids) configurationFor(scaleSet, id)?.pools.delete(id.toLowerCase());
    account.logScaleSet(scaleSet.scaleSet);
  }
  const machines = new Set(ids.flatMap((id) => account.membersOf(id).map((member) => member.machine)));
  for (const machine of machines) leavePools(provider, machine, ids);
  return undefined;
};

/** Addresses of the nodes in the pools, which are the rules' destinations where there is no floating IP. */
export const backendAddresses = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
): readonly string[] => {
  const found = new Set<string>();
  for (const pool of balancer.pools) {
    if (!isOwnPool(provider, service, pool)) continue;
    if (usesAddresses(provider)) {
      for (const address of pool.addresses) if (address.ip !== "") found.add(address.ip);
      continue;
    }
    for (const { machine } of provider.account.membersOf(pool.id))
      for (const ip of provider.nodes.get(machine.nodeName.toLowerCase())?.ips ?? []) found.add(ip);
  }
  return [...found];
};
