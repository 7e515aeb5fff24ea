import { key, same } from "./azure-account.ts";
import {
  balancerGroup,
  type CloudProvider,
  configuredTags,
  parseTags,
  reconciledTags,
  warn,
} from "./cloud-provider.ts";
import {
  annotation,
  families,
  isInternal,
  type LoadBalancerService,
  ownPublicIpName,
  publicIpGroup,
  requestedIp,
  requestedPrefix,
  requestedPublicIpName,
  within,
} from "./load-balancer-service.ts";
import { type Failure, isFailure, type PublicIpAddress } from "./load-balancer-types.ts";
import type { KnownPublicIp } from "./public-ip-cache.ts";

const serviceTag = "k8s-azure-service";
const clusterTag = "k8s-azure-cluster-name";
const dnsTag = "k8s-azure-dns-label-service";

/** Earlier names of the tags; they are read still. */
const legacyTags: Readonly<Record<string, string>> = {
  [serviceTag]: "service",
  [clusterTag]: "kubernetes-cluster-name",
  [dnsTag]: "kubernetes-dns-label-service",
};

const tagOf = (address: PublicIpAddress, tag: string): string =>
  address.tags[tag] ?? address.tags[legacyTags[tag] ?? ""] ?? "";

/** The public IP with that address in the group, or the provider's words where there is none. */
export const publicIpWithAddress = (provider: CloudProvider, ip: string, group: string): PublicIpAddress | Failure =>
  provider.publicIps.withAddress(group, ip)?.address ?? {
    error: `findMatchedPIPByLoadBalancerIP: cannot find public IP with IP address ${ip} in resource group ${group}`,
  };

/** The name of the public IP that a Service is to have in a family; `named` where the Service itself names one, which must exist. */
export const wantedPublicIp = (
  provider: CloudProvider,
  service: LoadBalancerService,
  ipv6: boolean,
): { readonly name: string; readonly named: boolean } | Failure => {
  const given = requestedPublicIpName(service, ipv6);
  if (given !== "") return { name: given, named: true };
  const ip = requestedPrefix(service, ipv6) === "" ? requestedIp(service, ipv6) : "";
  if (ip === "") return { name: ownPublicIpName(provider.clusterName, service, ipv6), named: false };
  const found = publicIpWithAddress(provider, ip, publicIpGroup(service, provider.account.resourceGroup));
  return isFailure(found) ? found : { name: found.name, named: false };
};

/** Whether a public IP is the Service's, and whether it is a user's own: one without a Service tag. */
const ownership = (
  provider: CloudProvider,
  service: LoadBalancerService,
  address: PublicIpAddress,
): { readonly owns: boolean; readonly usersOwn: boolean } => {
  const ipv6 = address.version === "IPv6";
  const tag = tagOf(address, serviceTag);
  const selected =
    (address.ip ?? "") !== "" &&
    (same(address.ip ?? "", requestedIp(service, ipv6)) || same(address.name, requestedPublicIpName(service, ipv6)));
  if (tag === "") return { owns: selected, usersOwn: true };
  if (servicesIn(tag).some((name) => same(name, service.key))) {
    const cluster = tagOf(address, clusterTag);
    return { owns: cluster === "" || same(cluster, provider.clusterName), usersOwn: false };
  }
  return { owns: selected, usersOwn: false };
};

const servicesIn = (tag: string): string[] =>
  tag
    .split(",")
    .filter((name) => name !== "")
    .map((name) => name.trim());

/** The tag with one more Service in it; `undefined` where it is there already. */
const withService = (tag: string, name: string): string | undefined => {
  if (tag === "") return name;
  return servicesIn(tag).includes(name) ? undefined : `${tag},${name}`;
};

/** Brings the public IP to what the Service asks for, and makes it where it is missing (cloud-provider-azure `ensurePublicIPExists`). */
export const ensurePublicIp = (
  provider: CloudProvider,
  service: LoadBalancerService,
  name: string,
  mustExist: boolean,
  ipv6: boolean,
): PublicIpAddress | Failure => {
  const { account, config } = provider;
  const group = publicIpGroup(service, account.resourceGroup);
  const label = service.annotations[annotation.dnsLabel];
  const existing = provider.publicIps.get(group, name)?.address;
  if (existing === undefined && mustExist)
    return {
      error: `PublicIP from annotation azure-pip-name(-IPv6)=${name} for service ${service.key} doesn't exist`,
    };
  let address = existing ?? newPublicIp(provider, service, group, name, ipv6);
  let changed = existing === undefined;
  let usersOwn = false;
  if (existing !== undefined) {
    const held = ownership(provider, service, existing);
    usersOwn = held.usersOwn;
    if (held.owns && !usersOwn) {
      const tag = withService(tagOf(existing, serviceTag), service.key);
      address = { ...address, tags: { ...address.tags, [serviceTag]: tag ?? tagOf(existing, serviceTag) } };
      changed = tag !== undefined;
    }
    if (address.sku === undefined || !same(address.sku, "Standard")) {
      address = { ...address, sku: "Standard" };
      changed = true;
    }
    const user = tagOf(address, dnsTag);
    if (same(address.dnsLabel ?? "", label ?? "") && user !== "" && same(user, service.key))
      return changed ? write(provider, group, address) : address;
  }
  if (!usersOwn) {
    const tags = reconciledTags(config, address.tags, wantedTags(provider, service, address));
    if (tags !== undefined) {
      address = { ...address, tags };
      changed = true;
    }
  }
  if (label !== undefined) {
    const named = withDnsLabel(service, address, label, usersOwn);
    if (isFailure(named))
      return within(`ensurePublicIPExists for service(${service.key}): failed to reconcileDNSSettings: `, named);
    if (named !== undefined) {
      address = named;
      changed = true;
    }
  }
  const version = ipv6 ? "IPv6" : "IPv4";
  if (address.version !== version || (ipv6 && !same(address.allocation, "Static"))) {
    address = { ...address, version, allocation: ipv6 ? "Static" : address.allocation };
    changed = true;
  }
  return changed ? write(provider, group, address) : account.requirePublicIp(group, address.name);
};

const newPublicIp = (
  provider: CloudProvider,
  service: LoadBalancerService,
  group: string,
  name: string,
  ipv6: boolean,
): PublicIpAddress => {
  const prefix = requestedPrefix(service, ipv6);
  return {
    resourceGroup: group,
    name,
    id: provider.account.id(group, "Microsoft.Network", "publicIPAddresses", name),
    ip: undefined,
    version: ipv6 ? "IPv6" : "IPv4",
    sku: "Standard",
    allocation: "Static",
    zones: provider.account.zones,
    dnsLabel: undefined,
    prefix: prefix === "" ? undefined : prefix,
    ipTags: requestedIpTags(service) ?? {},
    tags: { [serviceTag]: service.key, [clusterTag]: provider.clusterName },
  };
};

const write = (provider: CloudProvider, group: string, address: PublicIpAddress): PublicIpAddress | Failure => {
  const refused = provider.account.putPublicIp({ ...address, resourceGroup: group });
  if (refused !== undefined) {
    warn(provider, "CreateOrUpdatePublicIPAddress", refused.error);
    return refused;
  }
  provider.publicIps.forget(group);
  return provider.account.requirePublicIp(group, address.name);
};

/** Tags of configuration and annotation, and those that tell cluster, Services and DNS user, under their present names. */
const wantedTags = (
  provider: CloudProvider,
  service: LoadBalancerService,
  address: PublicIpAddress,
): Record<string, string> => {
  const tags = configuredTags(provider.config);
  const given = service.annotations[annotation.pipTags];
  for (const [name, value] of Object.entries(given === undefined ? {} : parseTags(given, {}))) {
    const held = Object.keys(tags).find((tag) => same(tag, name));
    if (held === undefined || !same(tags[held] ?? "", value)) tags[held ?? name] = value;
  }
  for (const tag of [clusterTag, serviceTag, dnsTag]) {
    const value = tagOf(address, tag);
    if (value !== "") tags[tag] = value;
  }
  return tags;
};

/** The address with the label, and the tag that tells who uses it; `undefined` where nothing changes. An empty label takes it away but leaves the tag. */
const withDnsLabel = (
  service: LoadBalancerService,
  address: PublicIpAddress,
  label: string,
  usersOwn: boolean,
): PublicIpAddress | undefined | Failure => {
  const user = tagOf(address, dnsTag);
  if (user !== "" && !same(user, service.key))
    return {
      error: `ensurePublicIPExists for service(${service.key}): pip(${address.name}) - there is an existing service ${user} consuming the DNS label on the public IP, so the service cannot set the DNS label annotation with this value`,
    };
  if (label === "") return address.dnsLabel === undefined ? undefined : { ...address, dnsLabel: undefined };
  const relabel = !same(address.dnsLabel ?? "", label);
  const retag = !usersOwn && user === "";
  if (!relabel && !retag) return undefined;
  return {
    ...address,
    dnsLabel: relabel ? label : address.dnsLabel,
    tags: retag ? { ...address.tags, [dnsTag]: service.key } : address.tags,
  };
};

const requestedIpTags = (service: LoadBalancerService): Record<string, string> | undefined => {
  const given = service.annotations[annotation.pipIpTags];
  if (given === undefined) return undefined;
  const tags: Record<string, string> = {};
  for (const pair of given.trim().split(",")) {
    const parts = pair.split("=");
    if (parts.length === 2) tags[(parts[0] ?? "").trim()] = (parts[1] ?? "").trim();
  }
  return tags;
};

const sameTags = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);

/**
 * Brings all public IPs to what the Service asks for now: takes its name off those it leaves, deletes those that nobody uses any more,
 * and makes or mends the one it wants (cloud-provider-azure `reconcilePublicIPs`).
 */
export const reconcilePublicIps = (
  provider: CloudProvider,
  service: LoadBalancerService,
  wanted: boolean,
  balancerName?: string,
): Failure | undefined => {
  const { account } = provider;
  const group = publicIpGroup(service, account.resourceGroup);
  const all = [
    ...provider.publicIps.list(group),
    ...(same(group, account.resourceGroup) ? [] : provider.publicIps.list(account.resourceGroup)),
  ];
  const { v4, v6 } = families(service);
  for (const ipv6 of [...(v4 ? [false] : []), ...(v6 ? [true] : [])]) {
    const addresses = all.filter((known) => (known.address.version === "IPv6") === ipv6);
    const failure = reconcileFamily(provider, service, addresses, wanted, ipv6, balancerName);
    if (failure !== undefined) return failure;
  }
  return undefined;
};

const reconcileFamily = (
  provider: CloudProvider,
  service: LoadBalancerService,
  addresses: readonly KnownPublicIp[],
  wanted: boolean,
  ipv6: boolean,
  balancerName: string | undefined,
): Failure | undefined => {
  const isPublic = wanted && !isInternal(service);
  const target = isPublic ? wantedPublicIp(provider, service, ipv6) : { name: "", named: false };
  if (isFailure(target)) return target;
  const found = isPublic && addresses.some((known) => known.address.name === target.name);
  const plan = planPublicIps(provider, service, addresses, wanted, target.name);
  if (isPublic && target.named && !found)
    return { error: `reconcilePublicIP for service(${service.key}): pip(${target.name}) not found` };
  const group = publicIpGroup(service, provider.account.resourceGroup);
  for (const address of plan.update) {
    const written = write(provider, group, address);
    if (isFailure(written)) return { error: written.error };
  }
  for (const known of plan.remove) {
    const refused = removePublicIp(provider, known, balancerName);
    if (refused !== undefined) return refused;
  }
  if (!isPublic) return undefined;
  const removed = plan.remove.some((known) => known.address.name === target.name);
  const made = ensurePublicIp(provider, service, target.name, target.named && found && !removed, ipv6);
  return isFailure(made) ? made : undefined;
};

interface PublicIpPlan {
  readonly update: PublicIpAddress[];
  readonly remove: KnownPublicIp[];
}

const planPublicIps = (
  provider: CloudProvider,
  service: LoadBalancerService,
  addresses: readonly KnownPublicIp[],
  wanted: boolean,
  target: string,
): PublicIpPlan => {
  const plan: PublicIpPlan = { update: [], remove: [] };
  const ipTags = requestedIpTags(service);
  for (const known of addresses) {
    const found = known.address;
    const { owns, usersOwn } = ownership(provider, service, found);
    if (!owns || usersOwn) continue;
    let address = found;
    let users = servicesIn(tagOf(found, serviceTag));
    let dirty = false;
    if (!wanted) {
      const index = users.findLastIndex((name) => same(name, service.key));
      users = users.filter((_, position) => position !== index);
      address = withoutService(address, service, users);
      dirty = true;
    }
    const tags = reconciledTags(provider.config, address.tags, wantedTags(provider, service, address));
    if (tags !== undefined) {
      address = { ...address, tags };
      dirty = true;
    }
    if (address !== found) provider.publicIps.alter(known, address);
    const shared = wanted ? users.length > 1 : users.length > 0;
    const leave =
      !wanted ||
      isInternal(service) ||
      address.name !== target ||
      (ipTags !== undefined && !sameTags(address.ipTags, ipTags));
    if (!shared && leave) plan.remove.push(known);
    else if (dirty) plan.update.push(address);
  }
  return plan;
};

/** The address without the Service's name in its tags, also as the user of the DNS label. */
const withoutService = (
  address: PublicIpAddress,
  service: LoadBalancerService,
  users: readonly string[],
): PublicIpAddress => {
  const tags: Record<string, string> = { ...address.tags };
  const user = tagOf(address, dnsTag);
  if (user !== "" && same(user, service.key)) {
    delete tags[dnsTag];
    delete tags[legacyTags[dnsTag] ?? ""];
  }
  tags[serviceTag] = users.join(",");
  return { ...address, tags };
};

/** Deletes a public IP: first off its frontend on the Service's load balancer. One that is in use elsewhere stays, with an event. */
const removePublicIp = (
  provider: CloudProvider,
  known: KnownPublicIp,
  balancerName: string | undefined,
): Failure | undefined => {
  const { address } = known;
  const group = address.resourceGroup.toLowerCase();
  if (known.attached && provider.publicIps.refresh(group).byName.get(address.name.toLowerCase())?.attached === true) {
    const frontend = provider.account.frontendWith(address.id);
    if (frontend !== undefined && balancerName !== undefined) {
      const failure = detach(provider, balancerName, frontend.id);
      if (failure !== undefined) return { error: failure.error };
    }
  }
  const refused = provider.account.deletePublicIp(group, address.name);
  if (refused === undefined) {
    provider.publicIps.forget(group);
    return undefined;
  }
  warn(provider, "DeletePublicIPAddress", refused.error);
  return refused.error.includes("PublicIPAddressCannotBeDeleted") ? undefined : { error: refused.error };
};

/** Takes a frontend and its rules off a load balancer; the probes stay. */
const detach = (provider: CloudProvider, balancerName: string, frontendId: string): Failure | undefined => {
  const balancer = provider.account.loadBalancers.get(key(balancerGroup(provider), balancerName));
  if (balancer === undefined || !balancer.frontends.some((frontend) => same(frontend.id, frontendId))) return undefined;
  return provider.account.putLoadBalancer({
    ...balancer,
    frontends: balancer.frontends.filter((frontend) => !same(frontend.id, frontendId)),
    rules: balancer.rules.filter((rule) => !same(rule.frontend, frontendId)),
  });
};
