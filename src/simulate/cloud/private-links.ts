import { parseIp } from "../../azure/cidr.ts";
import { key, same } from "./azure-account.ts";
import { type CloudProvider, configuredTags, networkGroup, reconciledTags } from "./cloud-provider.ts";
import { isIpv4Text } from "./go-addresses.ts";
import {
  annotation,
  isDualStack,
  isInternal,
  isTrue,
  type LoadBalancerService,
  numberAnnotation,
} from "./load-balancer-service.ts";
import {
  type Failure,
  type Frontend,
  type InputSubnet,
  isFailure,
  type PrivateLinkIp,
  type PrivateLinkService,
} from "./load-balancer-types.ts";

const ownerTag = "k8s-azure-owner-service";
const clusterTag = "k8s-azure-cluster-name";

const linkGroup = (provider: CloudProvider, service: LoadBalancerService): string =>
  service.annotations[annotation.plsResourceGroup]?.trim() ||
  provider.config.privateLinkServiceResourceGroup ||
  provider.account.resourceGroup;

const linkOf = (provider: CloudProvider, group: string, frontendId: string): PrivateLinkService | undefined => {
  for (const place of [...provider.account.privateLinks.keys()].sort()) {
    const link = provider.account.privateLinks.get(place);
    if (link !== undefined && same(link.resourceGroup, group) && same(link.frontend, frontendId)) return link;
  }
  return undefined;
};

const asksFor = (service: LoadBalancerService, name: string): boolean =>
  service.annotations[name]?.trim().toLowerCase() === "true";

/** Deletes the private link service of a frontend; true where there was one. */
export const deletePrivateLink = (
  provider: CloudProvider,
  service: LoadBalancerService,
  frontend: Frontend,
  ipv6: boolean,
): boolean => {
  if (ipv6) return false;
  const link = linkOf(provider, linkGroup(provider, service), frontend.id);
  if (link === undefined) return false;
  provider.account.deletePrivateLink(link.resourceGroup, link.name);
  return true;
};

/** Makes or mends the private link service of a frontend, where the Service asks for one. */
export const ensurePrivateLink = (
  provider: CloudProvider,
  service: LoadBalancerService,
  frontend: Frontend,
  ipv6: boolean,
): Failure | undefined => {
  if (!asksFor(service, annotation.plsCreate)) return undefined;
  if (ipv6) return isDualStack(service) ? undefined : { error: "IPv6 is not supported for private link service" };
  const context = `reconcilePrivateLinkService for service(${service.key})`;
  if (!isInternal(service) && !isTrue(service, annotation.disableFloatingIp))
    return { error: `${context}: service requiring private link service must be internal or disable floating ip` };
  const group = linkGroup(provider, service);
  const existing = linkOf(provider, group, frontend.id);
  if (existing !== undefined) {
    const linkId = provider.account.id(
      existing.resourceGroup,
      "Microsoft.Network",
      "privateLinkServices",
      existing.name,
    );
    if (!same((existing.tags[clusterTag] ?? "").trim(), provider.clusterName))
      return {
        error: `${context} failed: LB frontend(${frontend.id}) already has unmanaged private link service(${linkId})`,
      };
    const owner = existing.tags[ownerTag] ?? "";
    if (!same(owner, service.key)) {
      if (!furtherAnnotations.some((name) => service.annotations[name] !== undefined)) return undefined;
      return {
        error: `${context} failed: LB frontend(${frontend.id}) already has existing private link service(${existing.name}) owned by service(${owner})`,
      };
    }
  }
  return writeLink(provider, service, frontend, group, existing);
};

const furtherAnnotations: readonly string[] = [
  annotation.plsName,
  annotation.plsSubnet,
  annotation.plsIpCount,
  annotation.plsIps,
  annotation.plsFqdns,
  annotation.plsProxyProtocol,
  annotation.plsVisibility,
  annotation.plsAutoApproval,
];

const writeLink = (
  provider: CloudProvider,
  service: LoadBalancerService,
  frontend: Frontend,
  group: string,
  existing: PrivateLinkService | undefined,
): Failure | undefined => {
  const name = linkName(service, frontend, existing);
  if (isFailure(name)) return name;
  const subnet = linkSubnet(provider, service);
  if (isFailure(subnet)) return subnet;
  const wanted = wantedIps(service, subnet, name);
  if (isFailure(wanted)) return wanted;
  const ips = existing !== undefined && sameIps(existing.ipConfigurations, wanted) ? existing.ipConfigurations : wanted;
  const proxy = asksFor(service, annotation.plsProxyProtocol);
  const fqdns = words(service, annotation.plsFqdns);
  const visibility = visibilityOf(service);
  const approval = words(service, annotation.plsAutoApproval);
  const seenBy =
    sameContent(existing?.visibility, visibility) && sameContent(existing?.autoApproval, approval)
      ? { visibility: existing?.visibility, autoApproval: existing?.autoApproval }
      : { visibility, autoApproval: approval };
  const tags = {
    ...configuredTags(provider.config),
    [clusterTag]: existing?.tags[clusterTag] ?? provider.clusterName,
    [ownerTag]: existing?.tags[ownerTag] ?? service.key,
  };
  const link: PrivateLinkService = {
    resourceGroup: group,
    name: existing?.name ?? name,
    frontend: existing?.frontend ?? frontend.id,
    ipConfigurations: ips,
    fqdns: sameContent(existing?.fqdns, fqdns) ? (existing?.fqdns ?? []) : fqdns,
    ...seenBy,
    proxyProtocol: (existing?.proxyProtocol ?? false) === proxy ? existing?.proxyProtocol : proxy,
    tags: reconciledTags(provider.config, existing?.tags ?? {}, tags) ?? existing?.tags ?? {},
  };
  if (existing !== undefined && JSON.stringify(link) === JSON.stringify(existing)) return undefined;
  provider.account.openSubnet(subnet);
  provider.account.putPrivateLink(link);
  return undefined;
};

const linkName = (
  service: LoadBalancerService,
  frontend: Frontend,
  existing: PrivateLinkService | undefined,
): string | Failure => {
  const given = service.annotations[annotation.plsName]?.trim();
  if (given === undefined) return existing?.name ?? `pls-${frontend.name}`;
  if (existing !== undefined && !same(existing.name, given))
    return {
      error: `getPrivateLinkServiceName(${service.key}) failed: cannot change existing private link service name (${existing.name}) to (${given})`,
    };
  return given;
};

type KnownSubnet = InputSubnet & { readonly id: string };

const linkSubnet = (provider: CloudProvider, service: LoadBalancerService): KnownSubnet | Failure => {
  const named = [annotation.plsSubnet, ...(isInternal(service) ? [annotation.internalSubnet] : [])]
    .map((name) => service.annotations[name])
    .find((name) => name !== undefined && name.trim() !== "");
  const name = named ?? provider.config.subnetName ?? "";
  const found = provider.account.subnets.get(key(networkGroup(provider), provider.config.vnetName ?? "", name));
  return (
    found ?? {
      error: `checkAndUpdatePLSIPConfigs: failed to get private link service subnet(${name}) for service(${service.key})`,
    }
  );
};

/** The addresses of the link: those that the Service names, and further ones that Azure picks. */
const wantedIps = (
  service: LoadBalancerService,
  subnet: KnownSubnet,
  name: string,
): readonly PrivateLinkIp[] | Failure => {
  const count = numberAnnotation(service, annotation.plsIpCount, (value) =>
    value < 1
      ? `minimum number of private link service ipConfig is 1, ${value} provided`
      : value > 8
        ? `maximum number of private link service ipConfig is 8, ${value} provided`
        : undefined,
  );
  if (isFailure(count)) return count;
  const fixed = [...new Set(words(service, annotation.plsIps))];
  for (const ip of fixed) {
    if (parseIp(ip) === undefined) return { error: `getPLSStaticIPs: ${ip} is not a valid IP address` };
    if (!isIpv4Text(ip))
      return { error: `getPLSStaticIPs: private link service ip config only supports IPv4, ${ip} provided` };
  }
  const total = count ?? 1;
  if (total < fixed.length)
    return {
      error: `checkAndUpdatePLSIPConfigs: ipConfigCount(${total}) must be no smaller than number of static IPs specified(${fixed.length})`,
    };
  const nameWith = (ending: string): string => `${`${subnet.name}-${name}`.slice(0, 80 - ending.length)}${ending}`;
  const given = fixed.map(
    (ip, index): PrivateLinkIp => ({
      name: nameWith(`-static-${ip}`),
      subnet: subnet.id,
      ip,
      primary: index === 0,
    }),
  );
  const picked = Array.from(
    { length: total - fixed.length },
    (_, index): PrivateLinkIp => ({
      name: nameWith(`-dynamic-${index}`),
      subnet: subnet.id,
      ip: undefined,
      primary: fixed.length === 0 && index === 0,
    }),
  );
  return [...given, ...picked];
};

const sameIps = (have: readonly PrivateLinkIp[], want: readonly PrivateLinkIp[]): boolean => {
  const fixed = (list: readonly PrivateLinkIp[]): readonly string[] => list.flatMap((item) => item.ip ?? []);
  const primary = (list: readonly PrivateLinkIp[]): string | undefined => list.find((item) => item.primary)?.ip;
  return (
    have.length === want.length &&
    have.every((item) => same(item.subnet, want[0]?.subnet ?? "")) &&
    fixed(have).length === fixed(want).length &&
    fixed(have).every((ip) => fixed(want).includes(ip)) &&
    primary(have) === primary(want)
  );
};

const words = (service: LoadBalancerService, name: string): readonly string[] =>
  (service.annotations[name] ?? "")
    .split(" ")
    .map((word) => word.trim())
    .filter((word) => word !== "");

const visibilityOf = (service: LoadBalancerService): readonly string[] => {
  const list = words(service, annotation.plsVisibility);
  return list.includes("*") ? ["*"] : list;
};

const sameContent = (have: readonly string[] | undefined, want: readonly string[]): boolean =>
  JSON.stringify([...(have ?? [])].sort()) === JSON.stringify([...want].sort());
