import { numberType, stringType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import {
  type FunctionDefinition,
  type FunctionFailure,
  type FunctionResult,
  fail,
  notNull,
} from "./functions-definition.ts";
import { integerArgument, numberOf } from "./functions-numeric.ts";
import { listValue, stringValue } from "./values-construct.ts";
import { isInteger, truncate } from "./values-number.ts";

/** A network: its first address as a number, the length of its prefix, and 32 or 128 bits in all. */
interface Network {
  readonly address: bigint;
  readonly prefix: number;
  readonly bits: 32 | 128;
}

/** Reads `10.0.0.0/16` or `fd00::/8`; leading zeros of decimal parts are allowed, as Terraform keeps allowing them. */
export const parseNetwork = (text: string): Network | undefined => {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const length = text.slice(slash + 1);
  const v4 = parseV4(text.slice(0, slash));
  const address = v4 ?? parseV6(text.slice(0, slash));
  const bits = v4 === undefined ? 128 : 32;
  if (address === undefined || !/^\d{1,3}$/.test(length) || Number(length) > bits) return undefined;
  const prefix = Number(length);
  return { address: address & maskOf(prefix, bits), prefix, bits };
};

const parseV4 = (text: string): bigint | undefined => {
  const match = /^(\d{1,10})\.(\d{1,10})\.(\d{1,10})\.(\d{1,10})$/.exec(text);
  if (match === null) return undefined;
  let address = 0n;
  for (const part of match.slice(1)) {
    if (Number(part) > 255) return undefined;
    address = (address << 8n) | BigInt(Number(part));
  }
  return address;
};

const parseV6 = (text: string): bigint | undefined => {
  const halves = text.split("::");
  const [left = "", right] = halves;
  if (halves.length > 2) return undefined;
  const head = groupsOf(left, right === undefined);
  const tail = right === undefined ? [] : groupsOf(right, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  let address = 0n;
  for (const group of [...head, ...new Array<number>(missing).fill(0), ...tail])
    address = (address << 16n) | BigInt(group);
  return address;
};

const groupsOf = (text: string, last: boolean): number[] | undefined => {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const v4 = last && index === parts.length - 1 ? parseV4(part) : undefined;
      if (v4 === undefined) return undefined;
      groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
    }
  }
  return groups;
};

const maskOf = (prefix: number, bits: number): bigint => ((1n << BigInt(prefix)) - 1n) << BigInt(bits - prefix);

/** An address in its usual form: the longest run of zero groups of an IPv6 address is left out (RFC 5952). */
export const formatAddress = (address: bigint, bits: 32 | 128): string => {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 0xffn)).join(".");
  if (address >> 32n === 0xffffn) return formatAddress(address & 0xffffffffn, 32);
  const groups = Array.from({ length: 8 }, (_, index) => Number((address >> BigInt(112 - index * 16)) & 0xffffn));
  let best = { from: -1, length: 1 };
  for (let from = 0; from < 8; from++) {
    let end = from;
    while (end < 8 && groups[end] === 0) end++;
    if (end - from > best.length) best = { from, length: end - from };
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (best.from < 0) return hex(groups);
  return `${hex(groups.slice(0, best.from))}::${hex(groups.slice(best.from + best.length))}`;
};

const formatNetwork = ({ address, prefix, bits }: Network): string => `${formatAddress(address, bits)}/${prefix}`;

const invalid = (text: string): string => `invalid CIDR expression: invalid CIDR address: ${text}`;

const bigArgument = (value: Value | undefined): bigint | FunctionFailure => {
  const given = numberOf(value);
  return isInteger(given) ? truncate(given) : fail("value must be a whole number");
};

const text = (value: Value | undefined): string => (value?.kind === "string" ? value.value : "");

const prefixParameter = { name: "prefix", type: stringType } as const;

const cidrhost: FunctionDefinition = {
  parameters: [prefixParameter, { name: "hostnum", type: numberType }],
  result: stringType,
  refinement: notNull,
  call: ([prefix, hostValue]) => {
    const host = bigArgument(hostValue);
    if (typeof host !== "bigint") return host;
    const network = parseNetwork(text(prefix));
    if (network === undefined) return fail(invalid(text(prefix)));
    const most = (1n << BigInt(network.bits - network.prefix)) - 1n;
    const distance = host < 0n ? -host - 1n : host;
    const number = host < 0n ? most - distance : host;
    if (distance > most) return fail(`prefix of ${network.prefix} does not accommodate a host numbered ${number}`);
    return stringValue(formatAddress(network.address | number, network.bits));
  },
};

const cidrnetmask: FunctionDefinition = {
  parameters: [prefixParameter],
  result: stringType,
  refinement: notNull,
  call: ([prefix]) => {
    const network = parseNetwork(text(prefix));
    if (network === undefined) return fail(invalid(text(prefix)));
    if (network.bits === 128) return fail(`IPv6 addresses cannot have a netmask: ${text(prefix)}`);
    return stringValue(formatAddress(maskOf(network.prefix, 32), 32));
  },
};

const cidrsubnet: FunctionDefinition = {
  parameters: [prefixParameter, { name: "newbits", type: numberType }, { name: "netnum", type: numberType }],
  result: stringType,
  refinement: notNull,
  call: ([prefix, bitsValue, numberValue]) => {
    const newBits = integerArgument(bitsValue);
    if (typeof newBits !== "number") return newBits;
    const number = bigArgument(numberValue);
    if (typeof number !== "bigint") return number;
    const network = parseNetwork(text(prefix));
    if (network === undefined) return fail(invalid(text(prefix)));
    const length = network.prefix + newBits;
    if (length > network.bits)
      return fail(`insufficient address space to extend prefix of ${network.prefix} by ${newBits}`);
    if (length < 0) return fail(`prefix of ${network.prefix} cannot be shortened by ${-newBits}`);
    // A prefix that is not made longer has no limit on the number upstream.
    const most = newBits < 0 || newBits >= 64 ? (1n << 64n) - 1n : (1n << BigInt(newBits)) - 1n;
    const magnitude = (number < 0n ? -number : number) & ((1n << 64n) - 1n);
    if (magnitude > most)
      return fail(`prefix extension of ${newBits} does not accommodate a subnet numbered ${number}`);
    const merged = network.address | (number << BigInt(network.bits - length));
    const address = merged < 0n ? -merged : merged;
    if (address >> BigInt(network.bits) !== 0n)
      return fail("panic in function implementation: runtime error: index out of range [-1]");
    return stringValue(formatNetwork({ address, prefix: length, bits: network.bits }));
  },
};

/** The network of the given length that follows directly after another, or `undefined` past the end of all addresses. */
const following = (last: bigint, prefix: number, bits: 32 | 128): bigint | undefined => {
  const end = (last & maskOf(prefix, bits)) + (1n << BigInt(bits - prefix));
  return end >> BigInt(bits) === 0n ? end : undefined;
};

const extension = (value: Value, position: number, network: Network): number | FunctionFailure => {
  const given = integerArgument(value, "", position);
  if (typeof given !== "number") return given;
  if (given < 1) return fail("must extend prefix by at least one bit", position);
  if (given > 32) return fail("may not extend prefix by more than 32 bits", position);
  const length = given + network.prefix;
  if (length <= network.bits) return length;
  const protocol = network.bits === 32 ? "IPv4" : "IPv6";
  return fail(`would extend prefix to ${length} bits, which is too long for an ${protocol} address`, position);
};

const cidrsubnets: FunctionDefinition = {
  parameters: [prefixParameter],
  variadic: { name: "newbits", type: numberType },
  result: { kind: "list", element: stringType },
  refinement: notNull,
  call: ([prefix, ...lengths]): FunctionResult => {
    const network = parseNetwork(text(prefix));
    if (network === undefined) return fail(invalid(text(prefix)), 0);
    const end = network.address + (1n << BigInt(network.bits - network.prefix));
    const found: Value[] = [];
    let current: Network | undefined;
    for (const [index, value] of lengths.entries()) {
      const length = extension(value, index + 1, network);
      if (typeof length !== "number") return length;
      const last =
        current === undefined ? undefined : current.address + (1n << BigInt(network.bits - current.prefix)) - 1n;
      const address = last === undefined ? network.address : following(last, length, network.bits);
      if (address === undefined || address >= end)
        return fail(
          `not enough remaining address space for a subnet with a prefix of ${length} bits after ${formatNetwork(current ?? network)}`,
          index + 1,
        );
      current = { address, prefix: length, bits: network.bits };
      found.push(stringValue(formatNetwork(current)));
    }
    return listValue(stringType, found);
  },
};

/** Arithmetic of address prefixes. */
export const networkFunctions: Readonly<Record<string, FunctionDefinition>> = {
  cidrhost,
  cidrnetmask,
  cidrsubnet,
  cidrsubnets,
};
