import { listAt, objectAt, objectsAt, textAt, withField } from "../kubernetes/fields.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { type ApiError, invalid, type ResourceName } from "./api-status.ts";
import type { IndexedStore } from "./object-store.ts";

export interface ServiceRanges {
  /** Such as 10.0.0.0/16. */
  readonly clusterIps: string;
  readonly nodePorts: readonly [number, number];
}

const resource: ResourceName = { group: "", kind: "Service", plural: "services" };

/**
 * Gives a Service its cluster address, families and node ports; the lowest free ones, where the API server draws at random
 * (pkg/registry/core/service/storage/alloc.go, v1.35).
 */
export const allocateService = (
  given: JsonObject,
  previous: JsonObject | undefined,
  store: IndexedStore,
  ranges: ServiceRanges,
): JsonObject | ApiError => {
  let spec: Record<string, Json> = { ...objectAt(given, "spec") };
  const name = textAt(given, "metadata", "name");
  const type = textAt(spec, "type");
  if (type === "ExternalName") {
    for (const field of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"])
      delete spec[field];
    return withField(given, ["spec"], spec);
  }
  const before = objectAt(previous, "spec");
  const others = (store.list("Service") as unknown as readonly JsonObject[]).filter(
    (service) => textAt(service, "metadata", "uid") !== textAt(given, "metadata", "uid"),
  );
  let address = textAt(spec, "clusterIP") || String(listAt(spec, "clusterIPs")[0] ?? "");
  if (address === "" && previous !== undefined && textAt(before, "type") !== "ExternalName")
    address = textAt(before, "clusterIP");
  const used = new Set(others.map((service) => textAt(service, "spec", "clusterIP")));
  if (address === "") address = freeAddress(ranges.clusterIps, used);
  else if (address !== "None" && address !== textAt(before, "clusterIP")) {
    const problem = !isInRange(address, ranges.clusterIps)
      ? `failed to allocate IP ${address}: the provided network does not match the current range`
      : used.has(address)
        ? `failed to allocate IP ${address}: provided IP is already allocated`
        : undefined;
    if (problem !== undefined) {
      const message = `Invalid value: ["${address}"]: ${problem}`;
      return invalid(resource, name, [{ type: "FieldValueInvalid", field: "spec.clusterIPs", message }]);
    }
  }
  spec = {
    ...spec,
    clusterIP: address,
    clusterIPs: [address],
    ipFamilies: listAt(spec, "ipFamilies").length > 0 ? listAt(spec, "ipFamilies") : ["IPv4"],
    ipFamilyPolicy: spec["ipFamilyPolicy"] ?? "SingleStack",
  };
  const ports = allocatePorts(spec, before, others, ranges);
  if (!Array.isArray(ports))
    return invalid(resource, name, [{ type: "FieldValueInvalid", ...(ports as { field: string; message: string }) }]);
  if (ports.length > 0) spec["ports"] = ports;
  if (
    type === "LoadBalancer" &&
    textAt(spec, "externalTrafficPolicy") === "Local" &&
    spec["healthCheckNodePort"] === undefined
  ) {
    spec["healthCheckNodePort"] = before["healthCheckNodePort"] ?? freePort(portsInUse([...others, { spec }]), ranges);
  }
  return withField(given, ["spec"], spec);
};

const portsInUse = (services: readonly JsonObject[]): Set<number> =>
  new Set(
    services.flatMap((service) => [
      ...objectsAt(service, "spec", "ports").map((port) => Number(port["nodePort"] ?? 0)),
      Number(objectAt(service, "spec")["healthCheckNodePort"] ?? 0),
    ]),
  );

const allocatePorts = (
  spec: JsonObject,
  before: JsonObject,
  others: readonly JsonObject[],
  ranges: ServiceRanges,
): readonly Json[] | { readonly field: string; readonly message: string } => {
  const type = textAt(spec, "type");
  const wants = type === "NodePort" || (type === "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] !== false);
  const used = portsInUse(others);
  const ports = objectsAt(spec, "ports");
  const earlier = objectsAt(before, "ports");
  const result: Json[] = [];
  const mine = new Map<string, number>();
  for (const [index, port] of ports.entries()) {
    const asked = Number(port["nodePort"] ?? 0);
    if (asked !== 0) {
      const field = `spec.ports[${index}].nodePort`;
      if (asked < ranges.nodePorts[0] || asked > ranges.nodePorts[1]) {
        const range = `${ranges.nodePorts[0]}-${ranges.nodePorts[1]}`;
        return {
          field,
          message: `Invalid value: ${asked}: provided port is not in the valid range. The range of valid ports is ${range}`,
        };
      }
      if (used.has(asked)) return { field, message: `Invalid value: ${asked}: provided port is already allocated` };
      mine.set(`${asked}`, asked);
    }
  }
  for (const value of mine.values()) used.add(value);
  for (const port of ports) {
    if (!wants || Number(port["nodePort"] ?? 0) !== 0) {
      result.push(port);
      continue;
    }
    const kept = earlier.find((old) => old["port"] === port["port"] && old["protocol"] === port["protocol"])?.[
      "nodePort"
    ];
    const nodePort = typeof kept === "number" && kept !== 0 ? kept : freePort(used, ranges);
    used.add(nodePort);
    result.push({ ...port, nodePort });
  }
  return result;
};

const freePort = (used: ReadonlySet<number>, { nodePorts }: ServiceRanges): number => {
  for (let port = nodePorts[0]; port <= nodePorts[1]; port++) if (!used.has(port)) return port;
  return 0;
};

const asNumber = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const asText = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

const bounds = (range: string): readonly [number, number] => {
  const [base = "", length = "32"] = range.split("/");
  const start = asNumber(base);
  return [start, start + 2 ** (32 - Number(length)) - 1];
};

const isInRange = (address: string, range: string): boolean => {
  const [first, last] = bounds(range);
  const value = asNumber(address);
  return value > first && value < last;
};

/** The lowest free address above the lower part that the allocator keeps for fixed ones. */
const freeAddress = (range: string, used: ReadonlySet<string>): string => {
  const [first, last] = bounds(range);
  const kept = Math.min(Math.max(16, Math.floor((last - first + 1) / 16)), 256);
  for (let value = first + kept + 1; value < last; value++) if (!used.has(asText(value))) return asText(value);
  for (let value = first + 1; value <= first + kept; value++) if (!used.has(asText(value))) return asText(value);
  return "None";
};
