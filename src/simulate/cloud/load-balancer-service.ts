import { parseIp } from "../../azure/cidr.ts";
import type { Service, ServicePort } from "../../kubernetes/networking.ts";
import { same } from "./azure-account.ts";
import { isIpv4Text, quote, whyNotAnAddress } from "./go-addresses.ts";
import type { Failure } from "./load-balancer-types.ts";

/** Beginning of every annotation that the cloud provider reads. */
const prefix = "service.beta.kubernetes.io/";

/** The annotations' names without their beginning (cloud-provider-azure v1.35.3 `consts.go`). */
export const annotation = {
  internal: `${prefix}azure-load-balancer-internal`,
  internalSubnet: `${prefix}azure-load-balancer-internal-subnet`,
  ipv4: `${prefix}azure-load-balancer-ipv4`,
  ipv6: `${prefix}azure-load-balancer-ipv6`,
  pipName: `${prefix}azure-pip-name`,
  pipNameIpv6: `${prefix}azure-pip-name-ipv6`,
  pipPrefix: `${prefix}azure-pip-prefix-id`,
  pipPrefixIpv6: `${prefix}azure-pip-prefix-id-ipv6`,
  pipTags: `${prefix}azure-pip-tags`,
  pipIpTags: `${prefix}azure-pip-ip-tags`,
  dnsLabel: `${prefix}azure-dns-label-name`,
  resourceGroup: `${prefix}azure-load-balancer-resource-group`,
  idleTimeout: `${prefix}azure-load-balancer-tcp-idle-timeout`,
  disableTcpReset: `${prefix}azure-load-balancer-disable-tcp-reset`,
  disableFloatingIp: `${prefix}azure-disable-load-balancer-floating-ip`,
  haPorts: `${prefix}azure-load-balancer-enable-high-availability-ports`,
  probeProtocol: `${prefix}azure-load-balancer-health-probe-protocol`,
  probeInterval: `${prefix}azure-load-balancer-health-probe-interval`,
  probeCount: `${prefix}azure-load-balancer-health-probe-num-of-probe`,
  probePath: `${prefix}azure-load-balancer-health-probe-request-path`,
  allowedRanges: `${prefix}azure-allowed-ip-ranges`,
  allowedRangesOld: `${prefix}load-balancer-source-ranges`,
  allowedTags: `${prefix}azure-allowed-service-tags`,
  denyAllElse: `${prefix}azure-deny-all-except-load-balancer-source-ranges`,
  additionalIps: `${prefix}azure-additional-public-ips`,
  plsCreate: `${prefix}azure-pls-create`,
  plsName: `${prefix}azure-pls-name`,
  plsResourceGroup: `${prefix}azure-pls-resource-group`,
  plsSubnet: `${prefix}azure-pls-ip-configuration-subnet`,
  plsIpCount: `${prefix}azure-pls-ip-configuration-ip-address-count`,
  plsIps: `${prefix}azure-pls-ip-configuration-ip-address`,
  plsFqdns: `${prefix}azure-pls-fqdns`,
  plsProxyProtocol: `${prefix}azure-pls-proxy-protocol`,
  plsVisibility: `${prefix}azure-pls-visibility`,
  plsAutoApproval: `${prefix}azure-pls-auto-approval`,
} as const;

/** The annotation of one port, such as `port_80_health-probe_protocol`. */
export const portAnnotation = (port: number, what: string): string => `${prefix}port_${port}_${what}`;

/** A Service as the cloud provider sees it: what it asks for, and the addresses that its status shows. */
export interface LoadBalancerService {
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name`. */
  readonly key: string;
  /** `a` and the uid without dashes, 32 characters: the beginning of all names. */
  readonly base: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Service["spec"];
  readonly ports: readonly ServicePort[];
  /** Addresses of the status, as the last call left them. */
  readonly ingress: readonly string[];
}

export const loadBalancerService = (service: Service, ingress: readonly string[]): LoadBalancerService => {
  const namespace = service.metadata.namespace ?? "";
  const name = service.metadata.name;
  return {
    namespace,
    name,
    key: `${namespace}/${name}`,
    base: `a${service.metadata.uid ?? ""}`.replaceAll("-", "").slice(0, 32),
    annotations: service.metadata.annotations ?? {},
    labels: service.metadata.labels ?? {},
    spec: service.spec,
    ports: service.spec.ports ?? [],
    ingress,
  };
};

/** The same Service with annotations set, or taken away where the value is `undefined`. */
export const withAnnotations = (
  service: LoadBalancerService,
  changes: Readonly<Record<string, string | undefined>>,
): LoadBalancerService => {
  const annotations: Record<string, string> = { ...service.annotations };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete annotations[name];
    else annotations[name] = value;
  }
  return { ...service, annotations };
};

/** True for `true` in any case. */
export const isTrue = (service: LoadBalancerService, name: string): boolean =>
  service.annotations[name]?.toLowerCase() === "true";

export const isInternal = (service: LoadBalancerService): boolean =>
  service.annotations[annotation.internal] === "true";

export const isLocal = (service: LoadBalancerService): boolean => service.spec.externalTrafficPolicy === "Local";

export const families = (service: LoadBalancerService): { readonly v4: boolean; readonly v6: boolean } => {
  const list = service.spec.ipFamilies ?? [];
  const [v4, v6] = [list.includes("IPv4"), list.includes("IPv6")];
  return { v4: v4 || !v6, v6 };
};

export const isDualStack = (service: LoadBalancerService): boolean => service.spec.ipFamilies?.length === 2;

/** The subnet that an internal Service names. */
export const internalSubnet = (service: LoadBalancerService): string | undefined => {
  const name = service.annotations[annotation.internalSubnet];
  return isInternal(service) && name !== undefined && name.trim() !== "" ? name : undefined;
};

/** The address that the Service asks for in a family, by annotation or spec; empty where it asks for none. */
export const requestedIp = (service: LoadBalancerService, ipv6: boolean): string => {
  const given = service.annotations[ipv6 ? annotation.ipv6 : annotation.ipv4];
  if (given) return given;
  const ip = service.spec.loadBalancerIP ?? "";
  return isIpv4Text(ip) !== ipv6 ? ip : "";
};

/** All addresses that the Service asks for. */
export const requestedIps = (service: LoadBalancerService): readonly string[] => {
  const given = [service.annotations[annotation.ipv4], service.annotations[annotation.ipv6]].filter(
    (ip): ip is string => ip !== undefined && ip !== "",
  );
  if (given.length > 0) return given;
  return service.spec.loadBalancerIP ? [service.spec.loadBalancerIP] : [];
};

/** The Service with its addresses asked for by annotation, as the provider itself does once it knows them. */
export const withRequestedIps = (service: LoadBalancerService, ips: readonly string[]): LoadBalancerService => {
  const changes: Record<string, string> = {};
  for (const ip of ips) {
    if (parseIp(ip) === undefined) continue;
    changes[isIpv4Text(ip) ? annotation.ipv4 : annotation.ipv6] = ip;
  }
  return withAnnotations(service, changes);
};

/** The same Service, internal instead of public or the other way round. */
export const flipped = (service: LoadBalancerService): LoadBalancerService =>
  withAnnotations(service, { [annotation.internal]: isInternal(service) ? undefined : "true" });

const byFamily = (service: LoadBalancerService, ipv6: boolean, v4Name: string, v6Name: string): string => {
  const given = (name: string): string => service.annotations[name] ?? "";
  if (isDualStack(service)) return given(ipv6 ? v6Name : v4Name);
  const { v4, v6 } = families(service);
  return (ipv6 && v6 && !v4 && given(v6Name)) || given(v4Name);
};

/** Name of the public IP that the Service asks for; empty where it asks for none. */
export const requestedPublicIpName = (service: LoadBalancerService, ipv6: boolean): string =>
  byFamily(service, ipv6, annotation.pipName, annotation.pipNameIpv6);

/** Id of the public IP prefix that the Service asks for; empty where it asks for none. */
export const requestedPrefix = (service: LoadBalancerService, ipv6: boolean): string =>
  byFamily(service, ipv6, annotation.pipPrefix, annotation.pipPrefixIpv6);

/** A name with the family's ending where the Service has both families. */
export const familyName = (service: LoadBalancerService, name: string, ipv6: boolean): string =>
  isDualStack(service) && ipv6 ? `${name}-IPv6` : name;

const nameLength = 80;
const familyEnding = "-IPv6".length;

/** Name of the frontend in a family: the base, with the subnet's name where the Service names one. */
export const frontendName = (service: LoadBalancerService, ipv6: boolean): string => {
  const subnet = internalSubnet(service);
  if (subnet === undefined) return familyName(service, service.base, ipv6);
  let name = `${service.base}-${subnet}`;
  if (name.length > nameLength - familyEnding) {
    name = name.slice(0, nameLength - familyEnding);
    if (!/[\p{L}_]$/u.test(name)) name = `${name.slice(0, -1)}_`;
  }
  return familyName(service, name, ipv6);
};

/** Name of a rule and its probe. */
export const ruleName = (service: LoadBalancerService, protocol: string, port: number, ipv6: boolean): string => {
  const plain = `${service.base}-${protocol}-${port}`;
  const subnet = internalSubnet(service);
  if (subnet === undefined) return familyName(service, plain, ipv6);
  const room = nameLength - familyEnding;
  const segment = plain.length + subnet.length + 1 > room ? subnet.slice(0, room - plain.length - 1) : subnet;
  return familyName(service, `${service.base}-${segment}-${protocol}-${port}`, ipv6);
};

/** Name of the public IP that the provider makes. */
export const ownPublicIpName = (clusterName: string, service: LoadBalancerService, ipv6: boolean): string => {
  const prefixId = requestedPrefix(service, ipv6);
  const last = prefixId.slice(prefixId.lastIndexOf("/") + 1);
  const name = `${clusterName}-${service.base}${prefixId !== "" && last !== "" ? `-${last}` : ""}`;
  return familyName(service, name.slice(0, nameLength - familyEnding), ipv6);
};

/** Resource group in which the Service's public IPs are looked for. */
export const publicIpGroup = (service: LoadBalancerService, nodeGroup: string): string =>
  service.annotations[annotation.resourceGroup]?.trim() || nodeGroup;

/** The rules and probes of a Service begin with its base; the shared probe is every Service's but those with local traffic. */
export const ownsRule = (service: LoadBalancerService, name: string): boolean =>
  (name === sharedProbeName && service.spec.externalTrafficPolicy?.toLowerCase() !== "local") ||
  (name.length >= service.base.length && same(name.slice(0, service.base.length), service.base));

export const sharedProbeName = "cluster-service-shared-health-probe";

/** Further public addresses that traffic comes in by; not trimmed, as upstream. */
export const additionalIps = (service: LoadBalancerService): readonly string[] | Failure => {
  const value = service.annotations[annotation.additionalIps];
  if (value === undefined) return [];
  const parts = value.trim().split(",");
  for (const part of parts) {
    const why = whyNotAnAddress(part);
    if (why !== undefined)
      return {
        error: `invalid service annotation ${annotation.additionalIps}:${value}: invalid CIDR \`${part}\`: ${why}`,
      };
  }
  return parts;
};

/** A whole number in an annotation: `undefined` where it is not there, a failure with Go's words where it is none or not allowed. */
export const numberAnnotation = (
  service: LoadBalancerService,
  name: string,
  check: (value: number) => string | undefined,
): number | undefined | Failure => {
  const given = service.annotations[name];
  if (given === undefined) return undefined;
  const text = given.trim();
  const why = whyNotInt32(text);
  if (why !== undefined) return { error: `error value: ${why}: ${text} value must be a whole number` };
  const problem = check(Number(text));
  return problem === undefined ? Number(text) : { error: `error parsing value: ${problem}` };
};

const whyNotInt32 = (text: string): string | undefined => {
  if (!/^[+-]?\d+$/.test(text)) return `strconv.ParseInt: parsing ${quote(text)}: invalid syntax`;
  const value = Number(text);
  return value > 2147483647 || value < -2147483648
    ? `strconv.ParseInt: parsing ${quote(text)}: value out of range`
    : undefined;
};

/** `a: b` around a failure. */
export const within = (context: string, failure: Failure): Failure => ({
  ...failure,
  error: `${context}${failure.error}`,
});
