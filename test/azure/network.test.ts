import { expect, test } from "@jest/globals";
import { evaluateFlow, type Flow } from "../../src/azure/nsg.ts";
import type { RouteTable, SecurityRule } from "../../src/azure/platform.ts";
import { defaultRouteProblem, routeTo } from "../../src/azure/routes.ts";
import { subnet } from "../support/platform.ts";

const context = { virtualNetwork: ["10.0.0.0/8"] };

const rule = (priority: number, access: string, parts: Partial<SecurityRule> = {}): SecurityRule => ({
  name: `rule-${priority}`,
  priority,
  direction: "Inbound",
  access,
  protocol: "*",
  sourcePrefixes: ["*"],
  destinationPrefixes: ["*"],
  sourcePorts: ["*"],
  destinationPorts: ["*"],
  range: undefined,
  ...parts,
});

const fromInternet: Flow = {
  direction: "Inbound",
  protocol: "Tcp",
  source: "Internet",
  destination: "10.0.0.4",
  destinationPort: 443,
};
const probe: Flow = { ...fromInternet, source: "AzureLoadBalancer", destinationPort: 31000 };
const inside: Flow = { ...fromInternet, source: "10.1.0.9" };

const deny = rule(4000, "Deny");

test.each([
  ["the internet is shut out by default", [], fromInternet, "deny", "DenyAllInBound"],
  ["the network is let in by default", [], inside, "allow", "AllowVnetInBound"],
  ["probes are let in by default", [], probe, "allow", "AllowAzureLoadBalancerInBound"],
  ["a deny of everything shuts probes out too", [deny], probe, "deny", "rule-4000"],
  [
    "the lower number decides",
    [rule(100, "Allow", { destinationPorts: ["80", "443-444"] }), deny],
    fromInternet,
    "allow",
    "rule-100",
  ],
  [
    "another port is not meant",
    [rule(100, "Allow", { destinationPorts: ["80"] })],
    fromInternet,
    "deny",
    "DenyAllInBound",
  ],
  ["another protocol is not meant", [rule(100, "Allow", { protocol: "Udp" })], fromInternet, "deny", "DenyAllInBound"],
  [
    "a range is part of the internet",
    [rule(100, "Allow", { sourcePrefixes: ["203.0.113.0/24"] })],
    fromInternet,
    "partly",
    "rule-100",
  ],
  [
    "a tag of Azure's is not known here",
    [rule(100, "Allow", { sourcePrefixes: ["AzureFrontDoor.Backend"] })],
    fromInternet,
    "unsure",
    "rule-100",
  ],
  [
    "the other direction is not looked at",
    [rule(100, "Deny", { direction: "Outbound" })],
    inside,
    "allow",
    "AllowVnetInBound",
  ],
])("%s", (_, rules, flow, access, name) => {
  expect(evaluateFlow(rules, flow, context)).toMatchObject({ access, rule: name });
});

test("nodes reach the internet by default, and what is outside no longer after a deny", () => {
  const out: Flow = {
    direction: "Outbound",
    protocol: "Tcp",
    source: "10.0.0.4",
    destination: "20.1.1.1",
    destinationPort: 443,
  };
  expect(evaluateFlow([], out, context)).toMatchObject({ access: "allow", rule: "AllowInternetOutBound" });
  expect(
    evaluateFlow([rule(100, "Deny", { direction: "Outbound", destinationPrefixes: ["Internet"] })], out, context)
      .access,
  ).toBe("deny");
});

const table = (...routes: RouteTable["routes"]): RouteTable => ({ ...subnet("routes", ""), routes });

const toFirewall = {
  name: "egress",
  addressPrefix: "0.0.0.0/0",
  nextHopType: "VirtualAppliance",
  nextHopAddress: "10.9.0.4",
};

test("the longest prefix wins, and of equal ones the user's", () => {
  const routing = { virtualNetwork: ["10.0.0.0/16"], peered: ["10.1.0.0/16"] };
  const hop = (address: string, ...routes: RouteTable["routes"]) =>
    routeTo(address, table(...routes), routing)?.nextHop;
  expect(hop("10.0.0.9", toFirewall)).toBe("VnetLocal");
  expect(hop("10.1.0.9", toFirewall)).toBe("VNetPeering");
  expect(hop("20.1.1.1", toFirewall)).toBe("VirtualAppliance");
  expect(hop("20.1.1.1")).toBe("Internet");
  expect(hop("10.200.0.1")).toBe("None");
  expect(hop("10.1.0.9", { ...toFirewall, addressPrefix: "10.1.0.0/16" })).toBe("VirtualAppliance");
  expect(routeTo("nonsense", undefined, routing)).toBeUndefined();
});

test("user defined routing needs a default route to an appliance or gateway", () => {
  expect(defaultRouteProblem(table(toFirewall))).toBeUndefined();
  expect(defaultRouteProblem(undefined)).toContain("no route table");
  expect(defaultRouteProblem(table())).toContain("no route for 0.0.0.0/0");
  expect(defaultRouteProblem(table({ ...toFirewall, nextHopType: "Internet" }))).toContain("neither an appliance");
});
