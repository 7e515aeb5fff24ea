/** An address: 4 or 16 bytes as one number, so that ranges compare and count. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A range as `10.0.0.0/16` names it. `first` is the network address; `exact` is false where host bits were given. */
export interface Cidr {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly length: number;
  readonly exact: boolean;
}

/** Reads an IPv4 or IPv6 address; IPv4 octets with leading zeros are refused, as Go's net package does. */
export const parseIp = (text: string): IpAddress | undefined => {
  if (text.includes(":")) return parseIpv6(text);
  const value = parseIpv4(text);
  return value === undefined ? undefined : { family: 4, value: BigInt(value) };
};

/** Reads a range in CIDR notation; `undefined` where it is none. */
export const parseCidr = (text: string): Cidr | undefined => {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const address = parseIp(text.slice(0, slash));
  const lengthText = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9]\d{0,2})$/.test(lengthText)) return undefined;
  const bits = address.family === 4 ? 32 : 128;
  const length = Number(lengthText);
  if (length > bits) return undefined;
  const size = 1n << BigInt(bits - length);
  const first = (address.value / size) * size;
  return { family: address.family, first, last: first + size - 1n, length, exact: first === address.value };
};

/** `10.0.0.4`, or IPv6 in the short form of RFC 5952, IPv4-mapped ones as `::ffff:10.0.0.4`. */
export const formatIp = (address: IpAddress): string => {
  if (address.family === 4) {
    const value = Number(address.value);
    return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
  }
  return formatIpv6(address.value);
};

export const formatCidr = (range: Cidr): string =>
  `${formatIp({ family: range.family, value: range.first })}/${range.length}`;

/** Addresses in the range; past 2^53 it is rounded. */
export const sizeOf = (range: Cidr): number => Number(range.last - range.first + 1n);

export const overlaps = (a: Cidr, b: Cidr): boolean => a.family === b.family && a.first <= b.last && b.first <= a.last;

/** True where `inner` lies in `outer` as a whole. */
export const containsCidr = (outer: Cidr, inner: Cidr): boolean =>
  outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;

export const containsIp = (range: Cidr, address: IpAddress): boolean =>
  range.family === address.family && range.first <= address.value && address.value <= range.last;

/** Azure keeps five addresses of each subnet: the first four and the last ("Plan IP addressing for AKS clusters"). */
export const reservedSubnetAddresses = 5;

/** Addresses of a subnet that resources can have. */
export const usableAddresses = (range: Cidr): number => Math.max(0, sizeOf(range) - reservedSubnetAddresses);

/** The `index`th address of a subnet that a resource can have, counted from 0: the fifth of the range is the first. */
export const usableAddress = (range: Cidr, index: number): IpAddress | undefined => {
  if (index < 0 || index >= usableAddresses(range)) return undefined;
  return { family: range.family, value: range.first + BigInt(reservedSubnetAddresses - 1 + index) };
};

const parseIpv4 = (text: string): number | undefined => {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (let index = 1; index <= 4; index++) {
    const part = match[index] ?? "";
    if ((part.length > 1 && part.startsWith("0")) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
};

const parseIpv6 = (text: string): IpAddress | undefined => {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? "");
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? "") : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return { family: 6, value: groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n) };
};

const groupsOf = (text: string): number[] | undefined => {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (part.includes(".")) {
      const embedded = index === parts.length - 1 ? parseIpv4(part) : undefined;
      if (embedded === undefined) return undefined;
      groups.push(Math.floor(embedded / 65536), embedded % 65536);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
};

const formatIpv6 = (value: bigint): string => {
  if (value >> 32n === 0xffffn) return `::ffff:${formatIp({ family: 4, value: value & 0xffffffffn })}`;
  const groups = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn));
  // The longest run of two or more zero groups, the first of equals, becomes "::".
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  return best.start < 0 ? hex(0, 8) : `${hex(0, best.start)}::${hex(best.start + best.length, 8)}`;
};
