import { containsIp, formatIp, parseCidr, parseIp } from "../../azure/cidr.ts";
import type {
  CloudConfig,
  Failure,
  Frontend,
  InputNode,
  InputPublicIp,
  InputSubnet,
  LoadBalancer,
  LoadBalancerInput,
  PrivateLinkService,
  PublicIpAddress,
  SecurityGroupRule,
} from "./load-balancer-types.ts";

/** An instance of a scale set, or the scale set's own template: which backend pools each IP configuration is in. */
interface Machine {
  readonly scaleSet: string;
  readonly instance: string;
  readonly nodeName: string;
  readonly ipConfigurations: readonly IpConfiguration[];
}

interface IpConfiguration {
  readonly name: string;
  readonly ipv6: boolean;
  /** Ids of pools in lower case. */
  readonly pools: Set<string>;
}

/**
 * The part of an Azure subscription that load balancers touch. It keeps what it is given and fills in what Azure fills in: ids, public
 * and private addresses, the members of pools. Every write is logged.
 */
export class AzureAccount {
  readonly config: CloudConfig;
  readonly resourceGroup: string;
  readonly location: string;
  readonly zones: readonly string[];
  readonly loadBalancers = new Map<string, LoadBalancer>();
  readonly publicIps = new Map<string, PublicIpAddress>();
  readonly privateLinks = new Map<string, PrivateLinkService>();
  readonly subnets = new Map<string, InputSubnet & { readonly id: string }>();
  /** Subnets in which network policies of private link services are switched off, by key. */
  readonly openSubnets = new Set<string>();
  securityRules: readonly SecurityGroupRule[];
  securityGroupTags: Readonly<Record<string, string>> = {};
  readonly scaleSets = new Map<string, Machine>();
  readonly instances = new Map<string, Machine>();
  writes: string[] = [];
  readonly #nodeIps = new Set<string>();
  #nextIpv4 = 10;
  #nextIpv6 = 16;
  #attached: ReadonlySet<string> | undefined;
  #publicIpVersion = 0;

  constructor(input: LoadBalancerInput) {
    this.config = input.cloudConfig;
    this.resourceGroup = this.config.resourceGroup ?? "";
    this.location = this.config.location ?? "";
    this.zones = input.regionZones ?? [];
    for (const subnet of input.subnets ?? [])
      this.subnets.set(key(subnet.resourceGroup, subnet.vnet, subnet.name), {
        ...subnet,
        id: `${this.id(subnet.resourceGroup, "Microsoft.Network", "virtualNetworks", subnet.vnet)}/subnets/${subnet.name}`,
      });
    for (const address of input.publicIPs ?? []) this.#addPublicIp(address);
    this.securityRules = (input.securityRules ?? []).map((rule) => ({
      name: rule.name,
      priority: rule.priority,
      direction: rule.direction,
      access: rule.access,
      protocol: rule.protocol,
      sources: rule.sources ?? [],
      destinations: rule.destinations ?? [],
      destinationPorts: rule.destinationPorts ?? [],
    }));
    this.addNodes(input.nodes ?? []);
    this.#addManagedOutbound(input.managedOutboundIPs ?? 0);
  }

  id(resourceGroup: string, provider: string, kind: string, name: string): string {
    const subscription = this.config.subscriptionId ?? "";
    return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/${provider}/${kind}/${name}`;
  }

  /** Gives new nodes their instances; instances are never taken away here. */
  addNodes(nodes: readonly InputNode[]): void {
    for (const node of nodes) {
      const ips = node.ips ?? [];
      for (const ip of ips) this.#nodeIps.add(ip);
      const machine = (): Machine => ({
        scaleSet: node.scaleSet,
        instance: node.instance,
        nodeName: node.name,
        ipConfigurations: ips.map((ip) => ({
          name: ip.includes(":") ? "ipconfig1-ipv6" : "ipconfig1",
          ipv6: ip.includes(":"),
          pools: new Set<string>(),
        })),
      });
      const place = key(node.scaleSet, node.instance);
      if (this.instances.has(place)) continue;
      if (!this.scaleSets.has(key(node.scaleSet))) this.scaleSets.set(key(node.scaleSet), machine());
      this.instances.set(place, machine());
    }
  }

  /** The load balancers of a resource group in order of name. */
  listLoadBalancers(resourceGroup: string): readonly LoadBalancer[] {
    return inGroup(this.loadBalancers, resourceGroup).map((balancer) => ({ ...balancer }));
  }

  putLoadBalancer(balancer: LoadBalancer): Failure | undefined {
    this.writes.push(`PUT loadBalancers/${balancer.name}`);
    const base = this.id(balancer.resourceGroup, "Microsoft.Network", "loadBalancers", balancer.name);
    const place = key(balancer.resourceGroup, balancer.name);
    const frontends: Frontend[] = [];
    for (const given of balancer.frontends) {
      const frontend = { ...given, id: `${base}/frontendIPConfigurations/${given.name}` };
      if (frontend.subnet === undefined || frontend.privateIp) {
        frontends.push(frontend);
        continue;
      }
      const address = this.#freePrivateIp(frontend, place);
      if (typeof address !== "string") return address;
      frontends.push({ ...frontend, privateIp: address });
    }
    this.#forgetAttached();
    this.loadBalancers.set(place, {
      ...balancer,
      frontends,
      pools: balancer.pools.map((pool) => ({ ...pool, id: `${base}/backendAddressPools/${pool.name}` })),
    });
    return undefined;
  }

  deleteLoadBalancer(resourceGroup: string, name: string): void {
    this.writes.push(`DELETE loadBalancers/${name}`);
    this.#forgetAttached();
    this.loadBalancers.delete(key(resourceGroup, name));
  }

  putBackendPool(balancer: LoadBalancer, name: string, addresses: BackendAddresses): void {
    this.writes.push(`PUT backendAddressPools/${balancer.name}/${name}`);
    const stored = this.loadBalancers.get(key(balancer.resourceGroup, balancer.name));
    if (stored === undefined) return;
    stored.pools = stored.pools.map((pool) => (same(pool.name, name) ? { ...pool, addresses } : pool));
  }

  deleteBackendPool(balancer: LoadBalancer, name: string): void {
    this.writes.push(`DELETE backendAddressPools/${balancer.name}/${name}`);
    const stored = this.loadBalancers.get(key(balancer.resourceGroup, balancer.name));
    if (stored !== undefined) stored.pools = stored.pools.filter((pool) => !same(pool.name, name));
  }

  listPublicIps(resourceGroup: string): readonly PublicIpAddress[] {
    return inGroup(this.publicIps, resourceGroup);
  }

  /** The public IP, or Azure's answer where there is none. */
  requirePublicIp(resourceGroup: string, name: string): PublicIpAddress | Failure {
    return this.publicIps.get(key(resourceGroup, name)) ?? notFound("publicIPAddresses", resourceGroup, name);
  }

  /** Writes a public IP, gives it an address where it has none, and refuses a DNS label that another of its version holds. */
  putPublicIp(address: PublicIpAddress): Failure | undefined {
    this.writes.push(`PUT publicIPAddresses/${address.name}`);
    return this.#store(address);
  }

  /** Deletes a public IP unless a frontend has it. */
  deletePublicIp(resourceGroup: string, name: string): Failure | undefined {
    this.writes.push(`DELETE publicIPAddresses/${name}`);
    const place = key(resourceGroup, name);
    const address = this.publicIps.get(place);
    if (address === undefined) return notFound("publicIPAddresses", resourceGroup, name);
    const user = this.frontendWith(address.id);
    if (user !== undefined)
      return refusal(
        "DELETE",
        "PublicIPAddressCannotBeDeleted",
        `Public IP address ${address.id} can not be deleted since it is still allocated to resource ${user.id}.`,
      );
    this.publicIps.delete(place);
    this.#publicIpVersion++;
    return undefined;
  }

  /** The frontend that a public IP is attached to. */
  frontendWith(publicIpId: string): Frontend | undefined {
    for (const balancer of this.loadBalancers.values())
      for (const frontend of balancer.frontends)
        if (frontend.publicIp !== undefined && same(frontend.publicIp, publicIpId)) return frontend;
    return undefined;
  }

  putSecurityRules(rules: readonly SecurityGroupRule[], tags: Readonly<Record<string, string>>): void {
    this.writes.push(`PUT networkSecurityGroups/${this.config.securityGroupName ?? ""}`);
    this.securityRules = rules;
    this.securityGroupTags = tags;
  }

  putPrivateLink(link: PrivateLinkService): void {
    this.writes.push(`PUT privateLinkServices/${link.name}`);
    this.privateLinks.set(key(link.resourceGroup, link.name), link);
  }

  deletePrivateLink(resourceGroup: string, name: string): void {
    this.writes.push(`DELETE privateLinkServices/${name}`);
    this.privateLinks.delete(key(resourceGroup, name));
  }

  /** Switches the network policies of private link services off in a subnet. */
  openSubnet(subnet: InputSubnet): void {
    const place = key(subnet.resourceGroup, subnet.vnet, subnet.name);
    if (this.openSubnets.has(place)) return;
    this.writes.push(`PUT subnets/${subnet.vnet}/${subnet.name}`);
    this.openSubnets.add(place);
  }

  /** Grows with every change to public IPs or to what they are attached to. */
  get publicIpVersion(): number {
    return this.#publicIpVersion;
  }

  #forgetAttached(): void {
    this.#attached = undefined;
    this.#publicIpVersion++;
  }

  /** Ids of public IPs that frontends have, in lower case. */
  attachedPublicIps(): ReadonlySet<string> {
    if (this.#attached !== undefined) return this.#attached;
    const ids = new Set<string>();
    for (const balancer of this.loadBalancers.values())
      for (const frontend of balancer.frontends)
        if (frontend.publicIp !== undefined) ids.add(frontend.publicIp.toLowerCase());
    this.#attached = ids;
    return ids;
  }

  /** IP configurations of instances that are in the pool, in the order of the instances' ids. */
  membersOf(poolId: string): readonly { readonly machine: Machine; readonly configuration: string }[] {
    const wanted = poolId.toLowerCase();
    const members: { machine: Machine; configuration: string }[] = [];
    for (const place of [...this.instances.keys()].sort()) {
      const machine = this.instances.get(place);
      for (const configuration of machine?.ipConfigurations ?? [])
        if (machine !== undefined && configuration.pools.has(wanted))
          members.push({ machine, configuration: configuration.name });
    }
    return members;
  }

  logScaleSet(name: string): void {
    this.writes.push(`PUT virtualMachineScaleSets/${name}`);
  }

  logInstance(machine: Machine): void {
    this.writes.push(`PUT virtualMachineScaleSetVMs/${machine.scaleSet}/${machine.instance}`);
  }

  #addPublicIp(address: InputPublicIp): void {
    this.#store({
      resourceGroup: address.resourceGroup,
      name: address.name,
      id: this.id(address.resourceGroup, "Microsoft.Network", "publicIPAddresses", address.name),
      ip: address.ip || undefined,
      version: address.version === "IPv6" ? "IPv6" : "IPv4",
      sku: address.sku || "Standard",
      allocation: address.allocation || "Static",
      zones: address.zones ?? [],
      dnsLabel: address.dnsLabel || undefined,
      prefix: undefined,
      ipTags: {},
      tags: address.tags ?? {},
    });
  }

  #store(address: PublicIpAddress): Failure | undefined {
    const place = key(address.resourceGroup, address.name);
    if (address.dnsLabel) {
      for (const [other, held] of this.publicIps)
        if (
          other !== place &&
          held.dnsLabel !== undefined &&
          same(held.dnsLabel, address.dnsLabel) &&
          held.version === address.version
        )
          return refusal(
            "PUT",
            "DnsRecordInUse",
            `DNS record ${address.dnsLabel}.${this.location}.cloudapp.azure.com is already used by another public IP.`,
          );
    }
    const ip = address.ip || this.publicIps.get(place)?.ip || this.#nextPublicAddress(address.version);
    const id = this.id(address.resourceGroup, "Microsoft.Network", "publicIPAddresses", address.name);
    this.publicIps.set(place, { ...address, id, ip });
    this.#publicIpVersion++;
    return undefined;
  }

  #nextPublicAddress(version: "IPv4" | "IPv6"): string {
    return version === "IPv6" ? `2603:1020::${(this.#nextIpv6++).toString(16)}` : `20.50.0.${this.#nextIpv4++}`;
  }

  /** The load balancer that AKS makes for egress: a frontend an address, the pool of all nodes, one outbound rule. */
  #addManagedOutbound(count: number): void {
    if (count <= 0) return;
    const group = this.resourceGroup;
    const base = this.id(group, "Microsoft.Network", "loadBalancers", "kubernetes");
    const pool = `${base}/backendAddressPools/aksOutboundBackendPool`;
    const frontends = Array.from({ length: count }, (_, index): Frontend => {
      const name = `00000000-0000-0000-0000-${String(index + 1).padStart(12, "0")}`;
      const publicIp = this.id(group, "Microsoft.Network", "publicIPAddresses", name);
      this.#store({
        resourceGroup: group,
        name,
        id: publicIp,
        ip: `20.50.1.${index + 1}`,
        version: "IPv4",
        sku: "Standard",
        allocation: "Static",
        zones: this.zones,
        dnsLabel: undefined,
        prefix: undefined,
        ipTags: {},
        tags: { "aks-managed-type": "aks-slb-managed-outbound-ip" },
      });
      return { name, id: `${base}/frontendIPConfigurations/${name}`, publicIp };
    });
    this.loadBalancers.set(key(group, "kubernetes"), {
      resourceGroup: group,
      name: "kubernetes",
      location: this.location,
      frontends,
      pools: [{ name: "aksOutboundBackendPool", id: pool, addresses: [] }],
      rules: [],
      probes: [],
      outboundRules: [{ name: "aksOutboundRule", pool, frontends: frontends.map((frontend) => frontend.id) }],
      tags: {},
    });
    for (const machine of [...this.scaleSets.values(), ...this.instances.values()])
      machine.ipConfigurations[0]?.pools.add(pool.toLowerCase());
  }

  /** The address that the frontend had, or the lowest free one of its subnet from the fifth on. */
  #freePrivateIp(frontend: Frontend, place: string): string | Failure {
    const used = new Set<string>();
    for (const [other, balancer] of this.loadBalancers) {
      for (const held of balancer.frontends) {
        if (held.privateIp === undefined) continue;
        if (other === place && same(held.name, frontend.name) && held.allocation === "Dynamic") return held.privateIp;
        used.add(held.privateIp);
      }
    }
    const family = frontend.version === "IPv6" ? 6 : 4;
    for (const subnet of this.subnets.values()) {
      if (!same(subnet.id, frontend.subnet ?? "-")) continue;
      for (const prefix of subnet.prefixes ?? []) {
        const range = parseCidr(prefix);
        const start = parseIp(prefix.slice(0, prefix.indexOf("/")));
        if (range === undefined || start === undefined || range.family !== family) continue;
        for (let value = start.value + 4n; containsIp(range, { family, value }); value++) {
          const text = formatIp({ family, value });
          if (!used.has(text) && !this.#nodeIps.has(text)) return text;
        }
      }
    }
    return refusal("PUT", "SubnetIsFull", "no free address");
  }
}

type BackendAddresses = LoadBalancer["pools"][number]["addresses"];

export type { Machine };

/** Azure compares names and ids without regard to case. From the end, since ids of one kind begin alike. */
export const same = (a: string, b: string): boolean => {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let index = a.length - 1; index >= 0; index--) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (x === y) continue;
    // What is not a pair of ASCII letters is left to the long way.
    if (x > 127 || y > 127) return a.toLowerCase() === b.toLowerCase();
    if ((x | 32) !== (y | 32) || (x | 32) < 97 || (x | 32) > 122) return false;
  }
  return true;
};

export const key = (...parts: readonly string[]): string => parts.join("/").toLowerCase();

export const lastPart = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

const inGroup = <T>(map: ReadonlyMap<string, T>, resourceGroup: string): T[] => {
  const prefix = `${resourceGroup.toLowerCase()}/`;
  return [...map.keys()]
    .filter((place) => place.startsWith(prefix))
    .sort()
    .flatMap((place) => map.get(place) ?? []);
};

const notFound = (kind: string, resourceGroup: string, name: string): Failure =>
  answer(
    "GET",
    "404 Not Found",
    "ResourceNotFound",
    `The Resource 'Microsoft.Network/${kind}/${name}' under resource group '${resourceGroup}' was not found.`,
  );

const refusal = (method: string, code: string, message: string): Failure =>
  answer(method, "400 Bad Request", code, message);

/** An answer of Azure as its Go client prints it. */
const answer = (method: string, status: string, code: string, message: string): Failure => {
  const line = "-".repeat(80);
  const body = JSON.stringify({ error: { code, message } }, undefined, 2);
  return {
    error: `${method} https://management.azure.com/\n${line}\nRESPONSE ${status.slice(0, 3)}: ${status}\nERROR CODE: ${code}\n${line}\n${body}\n${line}\n`,
    response: true,
  };
};
