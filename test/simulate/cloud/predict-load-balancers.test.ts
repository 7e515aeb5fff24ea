import { describe, expect, test } from "@jest/globals";
import type { Service } from "../../../src/kubernetes/networking.ts";
import { predictLoadBalancers } from "../../../src/simulate/cloud/predict-load-balancers.ts";
import { aksCluster, nodePool, platform, ref, subnet } from "../../support/platform.ts";

const prefix = "service.beta.kubernetes.io/azure";

const service = (
  name: string,
  annotations: Record<string, string> = {},
  spec: Partial<Service["spec"]> = {},
): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "shop", annotations },
  spec: { type: "LoadBalancer", ports: [{ port: 80 }, { port: 443 }], ...spec },
});

const network = {
  ...subnet("shop", "10.0.0.0/8"),
  address: "azurerm_virtual_network.shop",
  addressSpace: ["10.0.0.0/8"],
  dnsServers: [],
};

const world = platform({
  virtualNetworks: [network],
  subnets: [subnet("nodes", "10.0.0.0/24"), subnet("apps", "10.0.1.0/24")],
});

const cluster = aksCluster({ pools: [nodePool("system", { isDefault: true, subnet: ref("azurerm_subnet.nodes") })] });

const predict = (services: readonly Service[], parts: Partial<Parameters<typeof predictLoadBalancers>[0]> = {}) =>
  predictLoadBalancers({ platform: world, cluster, services, nodes: 3, ...parts });

test("a public and an internal Service, and the outbound address", () => {
  const { loadBalancers, publicIps, services, internalFrontends } = predict([
    service("web"),
    service("api", {
      [`${prefix}-load-balancer-internal`]: "true",
      [`${prefix}-load-balancer-internal-subnet`]: "apps",
    }),
    { ...service("cache"), spec: { type: "ClusterIP", ports: [{ port: 6379 }] } },
  ]);
  expect(loadBalancers).toEqual([
    {
      name: "kubernetes",
      internal: false,
      frontends: [
        { name: "outbound", ip: undefined, services: [] },
        { name: "a<uid of shop/web>", ip: undefined, services: ["shop/web"] },
      ],
      rules: 2,
      probes: 2,
      snatPortsPerNode: 1024,
    },
    {
      name: "kubernetes-internal",
      internal: true,
      frontends: [{ name: "a<uid of shop/api>", ip: undefined, services: ["shop/api"] }],
      rules: 2,
      probes: 2,
      snatPortsPerNode: undefined,
    },
  ]);
  expect(publicIps.map(({ name, purpose, managed }) => [name, purpose, managed])).toEqual([
    ["managed outbound IP 1", "outbound", true],
    ["kubernetes-a<uid of shop/web>", "service", true],
  ]);
  expect(services.map(({ service: name, state }) => [name, state])).toEqual([
    ["shop/web", "served"],
    ["shop/api", "served"],
  ]);
  expect(internalFrontends).toEqual([{ service: "shop/api", subnet: "apps" }]);
});

test("what the provider refuses stays pending, with its words", () => {
  const { services } = predict([
    service("api", {
      [`${prefix}-load-balancer-internal`]: "true",
      [`${prefix}-load-balancer-internal-subnet`]: "gone",
    }),
    service("slow", { [`${prefix}-load-balancer-tcp-idle-timeout`]: "120" }),
  ]);
  expect(services.map(({ state, message }) => [state, message.slice(0, 60)])).toEqual([
    ["pending", "ensure(shop/api): lb(kubernetes-internal) - failed to get su"],
    ["pending", "error generate lb rule for ha mod loadbalancer. err: error p"],
  ]);
});

test("an address that the configuration does not show is taken to exist", () => {
  const { services } = predict([
    service("web", { [`${prefix}-load-balancer-ipv4`]: "20.1.2.3" }),
    service("api", { [`${prefix}-pip-name`]: "other" }),
  ]);
  expect(services.map(({ state, addresses }) => [state, addresses])).toEqual([
    ["served", ["20.1.2.3"]],
    ["served", []],
  ]);
});

test("two Services on one address and port: the second is told which rule is in its way", () => {
  const shared = { [`${prefix}-load-balancer-ipv4`]: "20.1.2.3" };
  const [, second] = predict([service("web", shared), service("api", shared)]).services;
  expect(second?.message).toContain("existing loadBalancing rule a<uid of shop/web>-TCP-80");
});

test("a NAT gateway's addresses and those of nodes are listed, without an outbound rule", () => {
  const natted = aksCluster({
    network: { outboundType: "userAssignedNATGateway" },
    pools: [nodePool("system", { isDefault: true, publicIpPerNode: true, subnet: ref("azurerm_subnet.nodes") })],
  });
  const gateway = {
    ...subnet("egress", ""),
    address: "azurerm_nat_gateway.egress",
    sku: undefined,
    zones: [],
    idleTimeoutMinutes: undefined,
    publicIps: [ref("azurerm_public_ip.egress")],
    publicIpPrefixes: [],
  };
  const { publicIps, loadBalancers } = predict([], {
    cluster: natted,
    nodesByPool: new Map([["system", 2]]),
    platform: {
      ...world,
      natGateways: [gateway],
      subnets: [subnet("nodes", "10.0.0.0/24", { natGateway: ref("azurerm_nat_gateway.egress") })],
    },
  });
  expect(loadBalancers).toEqual([]);
  expect(publicIps.map(({ purpose, managed }) => [purpose, managed])).toEqual([
    ["nat-gateway", false],
    ["node", true],
    ["node", true],
  ]);
});

test("a load balancer holds as many Services as Azure lets it, and says nothing itself about its limit of rules", () => {
  const many = Array.from({ length: 400 }, (_, index) => service(`s${index}`, {}, { ports: [{ port: 1000 + index }] }));
  const { services, loadBalancers } = predict(many);
  expect(loadBalancers[0]?.rules).toBe(400);
  expect(services.every((item) => item.state === "served")).toBe(true);
});

describe("two families", () => {
  const dual = (serviceCidrs?: readonly string[]) =>
    aksCluster({
      network: { ipVersions: ["IPv4", "IPv6"], serviceCidrs },
      pools: [nodePool("system", { isDefault: true, subnet: ref("azurerm_subnet.nodes") })],
    });
  const asks = (policy: string | undefined, families?: readonly string[]) =>
    service(
      "web",
      {},
      { ...(policy === undefined ? {} : { ipFamilyPolicy: policy }), ...(families && { ipFamilies: families }) },
    );
  const addresses = (own: ReturnType<typeof service>, cluster = dual()) =>
    predict([own], { cluster })
      .publicIps.filter(({ purpose }) => purpose === "service")
      .map(({ family }) => family ?? 4);

  test.each([
    [undefined, undefined, [4]],
    ["SingleStack", ["IPv6"], [6]],
    ["PreferDualStack", undefined, [4, 6]],
    ["RequireDualStack", ["IPv6"], [4, 6]],
  ] as const)("policy %s, families %j: public IPs of %j", (policy, families, expected) => {
    expect([...addresses(asks(policy, families))].sort()).toEqual(expected);
  });

  test("PreferDualStack takes what there is; the first service range says which family is the usual one", () => {
    expect(addresses(asks("PreferDualStack"), cluster)).toEqual([4]);
    expect(addresses(asks(undefined), dual(["fd00::/108", "10.0.0.0/16"]))).toEqual([6]);
  });

  test("an outbound address of each family, one by default", () => {
    const outbound = (own: ReturnType<typeof aksCluster>) =>
      predict([], { cluster: own })
        .publicIps.filter(({ purpose }) => purpose === "outbound")
        .map(({ name }) => name);
    expect(outbound(dual())).toEqual(["managed outbound IP 1", "managed outbound IPv6 1"]);
    const { network } = dual();
    const more = aksCluster({
      network: { ...network, loadBalancer: { ...network.loadBalancer, managedOutboundIps: 2, managedOutboundIpv6: 3 } },
    });
    expect(outbound(more)).toHaveLength(5);
  });

  test("an internal Service has a frontend of each family in its subnet", () => {
    const { internalFrontends } = predict(
      [service("web", { [`${prefix}-load-balancer-internal`]: "true" }, { ipFamilyPolicy: "RequireDualStack" })],
      {
        cluster: dual(),
        platform: {
          ...world,
          subnets: [subnet("nodes", "", { addressPrefixes: ["10.0.0.0/24", "fd00:10:1::/64"] })],
        },
      },
    );
    expect(internalFrontends.map(({ family }) => family ?? 4)).toEqual([4, 6]);
  });
});
