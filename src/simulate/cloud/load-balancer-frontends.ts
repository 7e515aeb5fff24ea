import { containsIp, parseCidr, parseIp } from "../../azure/cidr.ts";
import { key, lastPart, same } from "./azure-account.ts";
import { type CloudProvider, networkGroup, partId, warn } from "./cloud-provider.ts";
import { isIpv4Text } from "./go-addresses.ts";
import {
  families,
  frontendName,
  internalSubnet,
  isDualStack,
  isInternal,
  type LoadBalancerService,
  ownsRule,
  publicIpGroup,
  requestedIp,
  requestedIps,
  requestedPublicIpName,
} from "./load-balancer-service.ts";
import { type Failure, type Frontend, type InputSubnet, isFailure, type LoadBalancer } from "./load-balancer-types.ts";
import { ensurePublicIp, publicIpWithAddress, wantedPublicIp } from "./public-ips.ts";

/** Whether a Service has a frontend: `primary` where it bears its name, otherwise because it asks for the frontend's address. */
export interface Ownership {
  readonly primary: boolean;
  /** The family, where the address tells it. */
  readonly ipv6: boolean | undefined;
}

/** How the Service has the frontend, or `undefined` (cloud-provider-azure `serviceOwnsFrontendIP`). */
export const ownershipOf = (
  provider: CloudProvider,
  service: LoadBalancerService,
  frontend: Frontend,
): Ownership | undefined => {
  if (frontend.name.startsWith(service.base)) return primary;
  const ips = requestedIps(service);
  if (isInternal(service)) {
    if (frontend.privateIp === undefined || !ips.some((ip) => same(ip, frontend.privateIp ?? ""))) return undefined;
    return { primary: false, ipv6: !isIpv4Text(frontend.privateIp) };
  }
  const group = publicIpGroup(service, provider.account.resourceGroup);
  if (ips.length > 0) {
    for (const ip of ips) {
      const address = publicIpWithAddress(provider, ip, group);
      if (isFailure(address)) return undefined;
      if (isAttached(frontend, address.id)) return { primary: false, ipv6: address.version === "IPv6" };
    }
    return undefined;
  }
  for (const ipv6 of [false, true]) {
    const name = requestedPublicIpName(service, ipv6);
    if (name === "") continue;
    const address = provider.publicIps.get(group, name)?.address;
    if (address === undefined) return undefined;
    if (isAttached(frontend, address.id)) return { primary: false, ipv6: address.version === "IPv6" };
  }
  return undefined;
};

const primary: Ownership = { primary: true, ipv6: undefined };

const isAttached = (frontend: Frontend, publicIpId: string): boolean =>
  frontend.publicIp !== undefined && same(frontend.publicIp, publicIpId);

/** The family of a frontend that the Service has. */
export const isIpv6Frontend = (service: LoadBalancerService, frontend: Frontend, owned: Ownership): boolean => {
  if (owned.ipv6 !== undefined) return owned.ipv6;
  if (isDualStack(service)) return frontend.name.toLowerCase().endsWith("-ipv6");
  return service.spec.ipFamilies?.[0] === "IPv6";
};

/** The load balancer with the Service's frontends brought in line. */
export interface FrontendState {
  readonly frontends: readonly Frontend[];
  readonly removed: readonly Frontend[];
  readonly changed: boolean;
  /** The Service's frontends that stay, by family. */
  readonly kept: ReadonlyMap<boolean, Frontend>;
}

/** Takes the Service's frontends away, but for those that rules of others or the outbound rule still use. */
export const removeFrontends = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
): FrontendState => {
  const removed: Frontend[] = [];
  for (const frontend of [...balancer.frontends].reverse()) {
    if (ownershipOf(provider, service, frontend) === undefined) continue;
    if (!isUsedByOthers(provider, service, balancer, frontend)) removed.push(frontend);
  }
  return {
    frontends: balancer.frontends.filter((frontend) => !removed.includes(frontend)),
    removed,
    changed: removed.length > 0,
    kept: new Map(),
  };
};

const isUsedByOthers = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
  frontend: Frontend,
): boolean => {
  const begin = `isFrontendIPConfigUnsafeToDelete: frontend IP configuration with ID ${frontend.id} on LB ${balancer.name} cannot be deleted because it is being referenced by`;
  const foreign = balancer.rules.some((rule) => same(rule.frontend, frontend.id) && !ownsRule(service, rule.name));
  if (foreign) warn(provider, "DeletingFrontendIPConfiguration", `${begin} load balancing rules of other services`);
  const outbound = balancer.outboundRules.find((rule) => rule.frontends.some((id) => same(id, frontend.id)));
  if (outbound !== undefined)
    warn(provider, "DeletingFrontendIPConfiguration", `${begin} the outbound rule ${outbound.name}`);
  return foreign || outbound !== undefined;
};

/** Brings the Service's frontends in line: those that no longer fit are replaced, missing ones made, with their public IPs. */
export const reconcileFrontends = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
  currentIngress: readonly string[],
): FrontendState | Failure => {
  const subnet = isInternal(service) ? frontendSubnet(provider, service, balancer) : undefined;
  if (isFailure(subnet)) return subnet;
  const removed: Frontend[] = [];
  const kept = new Map<boolean, Frontend>();
  const keptInOrder: [boolean, Frontend][] = [];
  let lastChanged = false;
  let previousZones: readonly string[] | undefined;
  for (const frontend of [...balancer.frontends].reverse()) {
    const owned = ownershipOf(provider, service, frontend);
    if (owned === undefined) continue;
    const ipv6 = isIpv6Frontend(service, frontend, owned);
    const changed = isChanged(provider, service, frontend, owned, ipv6, subnet);
    if (isFailure(changed)) return changed;
    lastChanged = changed;
    if (changed) {
      removed.push(frontend);
      previousZones = frontend.zones;
    } else keptInOrder.unshift([ipv6, frontend]);
  }
  for (const [ipv6, frontend] of keptInOrder) kept.set(ipv6, frontend);
  const frontends = balancer.frontends.filter((frontend) => !removed.includes(frontend));
  const zones = lastChanged ? previousZones : provider.account.zones;
  let changed = removed.length > 0;
  const { v4, v6 } = families(service);
  for (const ipv6 of [...(v4 ? [false] : []), ...(v6 ? [true] : [])]) {
    if (kept.has(ipv6)) continue;
    const made = newFrontend(provider, service, balancer, ipv6, subnet, currentIngress, zones);
    if (isFailure(made)) return made;
    frontends.push(made);
    changed = true;
  }
  return { frontends, removed, changed, kept };
};

type KnownSubnet = InputSubnet & { readonly id: string };

const frontendSubnet = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
): KnownSubnet | Failure => {
  const network = provider.config.vnetName ?? "";
  const name = internalSubnet(service) ?? provider.config.subnetName ?? "";
  return (
    provider.account.subnets.get(key(networkGroup(provider), network, name)) ?? {
      error: `ensure(${service.key}): lb(${balancer.name}) - failed to get subnet: ${network}/${name}`,
    }
  );
};

const isChanged = (
  provider: CloudProvider,
  service: LoadBalancerService,
  frontend: Frontend,
  owned: Ownership,
  ipv6: boolean,
  subnet: KnownSubnet | undefined,
): boolean | Failure => {
  if (!same(frontend.name, frontendName(service, ipv6))) return owned.primary;
  const ip = requestedIp(service, ipv6);
  if (isInternal(service)) {
    if (internalSubnet(service) !== undefined && !same(frontend.subnet ?? "", subnet?.id ?? "")) return true;
    return ip !== "" && !same(ip, frontend.privateIp ?? "");
  }
  const target = wantedPublicIp(provider, service, ipv6);
  if (isFailure(target)) return target;
  const group = publicIpGroup(service, provider.account.resourceGroup);
  const address = provider.publicIps.get(group, target.name)?.address;
  return address === undefined || (frontend.publicIp !== undefined && !same(address.id, frontend.publicIp));
};

const newFrontend = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
  ipv6: boolean,
  subnet: KnownSubnet | undefined,
  currentIngress: readonly string[],
  zones: readonly string[] | undefined,
): Frontend | Failure => {
  const name = frontendName(service, ipv6);
  const id = partId(provider, balancer.name, "frontendIPConfigurations", name);
  if (subnet === undefined) {
    const target = wantedPublicIp(provider, service, ipv6);
    if (isFailure(target)) return target;
    const address = ensurePublicIp(provider, service, target.name, target.named, ipv6);
    return isFailure(address) ? address : { name, id, publicIp: address.id };
  }
  const fits = (ip: string): boolean =>
    isIpv4Text(ip) !== ipv6 && (subnet.prefixes ?? []).some((prefix) => holds(prefix, ip));
  // An address that the Service has or had in this subnet is kept.
  const ip = requestedIp(service, ipv6) || currentIngress.find(fits) || service.ingress.find(fits);
  return {
    name,
    id,
    ...(zones === undefined || zones.length === 0 ? {} : { zones }),
    subnet: subnet.id,
    allocation: ip === undefined ? "Dynamic" : "Static",
    ...(ip === undefined ? {} : { privateIp: ip }),
    ...(ipv6 ? { version: "IPv6" as const } : {}),
  };
};

const holds = (prefix: string, ip: string): boolean => {
  const range = parseCidr(prefix);
  const address = parseIp(ip);
  return range !== undefined && address !== undefined && containsIp(range, address);
};

/** The addresses of the Service's frontends on a load balancer, or `undefined` where it has none there. */
export const addressesOn = (
  provider: CloudProvider,
  service: LoadBalancerService,
  balancer: LoadBalancer,
): { readonly ips: readonly string[]; readonly frontends: readonly Frontend[] } | undefined | Failure => {
  const ips: string[] = [];
  const frontends: Frontend[] = [];
  const group = publicIpGroup(service, provider.account.resourceGroup);
  for (const frontend of balancer.frontends) {
    if (ownershipOf(provider, service, frontend) === undefined) continue;
    if (isInternal(service)) ips.push(frontend.privateIp ?? "");
    else if (frontend.publicIp === undefined)
      return { error: `get(${service.key}): lb(${balancer.name}) - failed to get LB PublicIPAddress is Nil` };
    else ips.push(provider.publicIps.get(group, lastPart(frontend.publicIp))?.address.ip ?? "");
    frontends.push(frontend);
  }
  return frontends.length === 0 ? undefined : { ips, frontends };
};
