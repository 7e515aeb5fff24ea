/** Ports of one protocol as ranges in order, none touching the next. */
export type PortRanges = readonly (readonly [from: number, to: number])[];

export type Transport = "TCP" | "UDP" | "SCTP";

export const transports: readonly Transport[] = ["TCP", "UDP", "SCTP"];

/** What may pass between two ends: ports of each protocol. */
export interface Connections {
  readonly TCP: PortRanges;
  readonly UDP: PortRanges;
  readonly SCTP: PortRanges;
}

const everyPort: PortRanges = [[1, 65535]];

export const allConnections: Connections = { TCP: everyPort, UDP: everyPort, SCTP: everyPort };
export const noConnections: Connections = { TCP: [], UDP: [], SCTP: [] };

/** All ports of one protocol, or a range of them. */
export const portsOf = (protocol: Transport, from = 1, to = 65535): Connections =>
  from > to ? noConnections : { ...noConnections, [protocol]: [[from, to]] };

export const union = (a: Connections, b: Connections): Connections => {
  if (a === allConnections || b === noConnections) return a;
  if (b === allConnections || a === noConnections) return b;
  return simplest({ TCP: join(a.TCP, b.TCP), UDP: join(a.UDP, b.UDP), SCTP: join(a.SCTP, b.SCTP) });
};

export const intersection = (a: Connections, b: Connections): Connections => {
  if (a === allConnections || b === noConnections) return b;
  if (b === allConnections || a === noConnections) return a;
  return simplest({ TCP: meet(a.TCP, b.TCP), UDP: meet(a.UDP, b.UDP), SCTP: meet(a.SCTP, b.SCTP) });
};

export const isNone = (connections: Connections): boolean =>
  connections.TCP.length + connections.UDP.length + connections.SCTP.length === 0;

export const allowsPort = (connections: Connections, protocol: Transport, port: number): boolean =>
  connections[protocol].some(([from, to]) => from <= port && port <= to);

/** `all`, `none`, or such as `TCP 80,443 UDP 1-65535`. */
export const formatConnections = (connections: Connections): string => {
  if (isNone(connections)) return "none";
  if (connections === allConnections) return "all";
  return transports
    .filter((protocol) => connections[protocol].length > 0)
    .map(
      (protocol) =>
        `${protocol} ${connections[protocol].map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",")}`,
    )
    .join(" ");
};

/** Gives the shared values for all and for none, so that they compare by identity. */
const simplest = (connections: Connections): Connections => {
  if (isNone(connections)) return noConnections;
  const full = transports.every((protocol) => {
    const [range, ...more] = connections[protocol];
    return range !== undefined && more.length === 0 && range[0] <= 1 && range[1] >= 65535;
  });
  return full ? allConnections : connections;
};

const join = (a: PortRanges, b: PortRanges): PortRanges => {
  const sorted = [...a, ...b].sort((x, y) => x[0] - y[0]);
  const result: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
};

const meet = (a: PortRanges, b: PortRanges): PortRanges =>
  a.flatMap(([from, to]) =>
    b.flatMap(([low, high]): [number, number][] => {
      const range: [number, number] = [Math.max(from, low), Math.min(to, high)];
      return range[0] <= range[1] ? [range] : [];
    }),
  );
