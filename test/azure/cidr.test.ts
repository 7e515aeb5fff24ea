import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  containsCidr,
  containsIp,
  formatCidr,
  formatIp,
  overlaps,
  parseCidr,
  parseIp,
  usableAddress,
  usableAddresses,
} from "../../src/azure/cidr.ts";

const cidr = (text: string) => {
  const found = parseCidr(text);
  if (found === undefined) throw new Error(text);
  return found;
};

test.each([
  ["10.0.0.0/24", 251],
  ["10.0.0.0/26", 59],
  ["10.0.0.0/28", 11],
  ["10.0.0.0/30", 0],
  ["10.224.0.0/16", 65531],
])("%s has %i usable addresses", (text, usable) => {
  expect(usableAddresses(cidr(text))).toBe(usable);
});

test("the first usable address is the fifth, the last the one before the last", () => {
  const address = (index: number): string | undefined => {
    const found = usableAddress(cidr("10.0.0.0/28"), index);
    return found === undefined ? undefined : formatIp(found);
  };
  expect([address(0), address(10), address(11), address(-1)]).toEqual(["10.0.0.4", "10.0.0.14", undefined, undefined]);
});

test("what is no address or range is refused", () => {
  for (const text of ["10.0.0", "10.0.0.256", "010.0.0.1", "1::2::3", "12345::", "::1.2.3"])
    expect(parseIp(text)).toBeUndefined();
  for (const text of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "::/129", "a/8"])
    expect(parseCidr(text)).toBeUndefined();
});

test("host bits are dropped and remembered", () => {
  expect(formatCidr(cidr("10.1.2.3/16"))).toBe("10.1.0.0/16");
  expect([cidr("10.1.2.3/16").exact, cidr("10.1.0.0/16").exact]).toEqual([false, true]);
});

test.each([
  ["2001:db8:0:0:0:0:0:1", "2001:db8::1"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"],
  ["::ffff:a00:1", "::ffff:10.0.0.1"],
  ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
])("%s is written %s", (long, short) => {
  const address = parseIp(long);
  expect(address === undefined ? undefined : formatIp(address)).toBe(short);
});

test("ranges overlap exactly when one holds an end of the other", () => {
  expect(overlaps(cidr("10.0.0.0/16"), cidr("10.0.128.0/24"))).toBe(true);
  expect(overlaps(cidr("10.0.0.0/16"), cidr("10.1.0.0/16"))).toBe(false);
  expect(overlaps(cidr("::/0"), cidr("0.0.0.0/0"))).toBe(false);
  expect(containsCidr(cidr("172.16.0.0/12"), cidr("172.30.0.0/16"))).toBe(true);
});

test("addresses survive print and parse, and lie in their own range", () => {
  const family = fc.constantFrom<4 | 6>(4, 6);
  fc.assert(
    fc.property(family, fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), fc.nat(128), (kind, bits, length) => {
      const value = kind === 4 ? bits & 0xffffffffn : bits;
      const text = formatIp({ family: kind, value });
      expect(parseIp(text)).toEqual({ family: kind, value });
      const range = cidr(`${text}/${kind === 4 ? length % 33 : length}`);
      expect(containsIp(range, { family: kind, value })).toBe(true);
      expect(cidr(formatCidr(range))).toMatchObject({ first: range.first, last: range.last });
    }),
  );
});
