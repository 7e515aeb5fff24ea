import { known } from "../model/unknown.ts";
import { type Cidr, containsIp, parseCidr, parseIp } from "./cidr.ts";
import type { RouteTable } from "./platform.ts";

/** Where Azure sends a packet of a subnet. */
export interface RouteAnswer {
  /** `VnetLocal`, `VNetPeering`, `Internet`, `VirtualAppliance`, `VirtualNetworkGateway` or `None`. */
  readonly nextHop: string;
  readonly nextHopAddress: string | undefined;
  /** Name of the user's route, or `undefined` for one of Azure's own. */
  readonly route: string | undefined;
  readonly prefix: string;
}

export interface RouteContext {
  readonly virtualNetwork: readonly string[];
  readonly peered: readonly string[];
}

/** Ranges that Azure drops where no network of the user has them ("Virtual network traffic routing"). */
const dropped = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/**
 * The route that a packet to an address takes: the longest prefix, and of equal ones the user's before Azure's own ("Virtual network traffic
 * routing"). `undefined` where the address cannot be read or a user's route is not known.
 */
export const routeTo = (
  address: string,
  table: RouteTable | undefined,
  context: RouteContext,
): RouteAnswer | undefined => {
  const target = parseIp(address);
  if (target === undefined) return undefined;
  const own = (table?.routes ?? []).map((route) => ({
    prefix: known(route.addressPrefix) ?? "",
    nextHop: route.nextHopType,
    nextHopAddress: known(route.nextHopAddress),
    route: route.name,
  }));
  const system = [
    ...context.virtualNetwork.map((prefix) => azureRoute(prefix, "VnetLocal")),
    ...context.peered.map((prefix) => azureRoute(prefix, "VNetPeering")),
    azureRoute("0.0.0.0/0", "Internet"),
    ...dropped.map((prefix) => azureRoute(prefix, "None")),
  ];
  let best: { readonly answer: RouteAnswer; readonly range: Cidr } | undefined;
  for (const answer of [...own, ...system]) {
    const range = parseCidr(answer.prefix);
    if (range === undefined || !containsIp(range, target)) continue;
    if (best === undefined || range.length > best.range.length) best = { answer, range };
  }
  return best?.answer;
};

const azureRoute = (prefix: string, nextHop: string): RouteAnswer => ({
  prefix,
  nextHop,
  nextHopAddress: undefined,
  route: undefined,
});

/** What outbound type userDefinedRouting needs: a route of 0.0.0.0/0 to an appliance or gateway ("Customize cluster egress with outbound types"). */
export const defaultRouteProblem = (table: RouteTable | undefined): string | undefined => {
  if (table === undefined) return "the node subnet has no route table";
  const route = table.routes.find((item) => known(item.addressPrefix) === "0.0.0.0/0");
  if (route === undefined)
    return table.routes.some((item) => known(item.addressPrefix) === undefined)
      ? undefined
      : "its route table has no route for 0.0.0.0/0";
  const hop = route.nextHopType.toLowerCase();
  if (hop === "virtualappliance" || hop === "virtualnetworkgateway") return undefined;
  return `route "${route.name}" sends 0.0.0.0/0 to ${route.nextHopType}, which is neither an appliance nor a gateway`;
};
