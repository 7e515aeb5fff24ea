import { canonicalQuantity } from "./quantity.ts";

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

/**
 * A quantity as Go prints its struct: value, scale, cached text and format, as they are after the API server's canonical text was
 * parsed (apimachinery v0.35, pkg/api/resource/quantity.go). Part of every pod-template-hash.
 */
export const printedQuantity = (input: string | number): string => {
  const text = canonicalQuantity(input) ?? "0";
  const match = /^(-?)(\d+)(?:([KMGTPE])i|([numkMGTPE]?)|[eE]([+-]?\d+))$/.exec(text);
  if (match === null || text === "0") return printed(0n, 0, "0", "DecimalSI");
  const [, sign, digits = "", binary, decimal, exponential] = match;
  const number = BigInt(digits) * (sign === "-" ? -1n : 1n);
  if (binary === undefined) {
    const scale = exponential === undefined ? (decimalExponents[decimal ?? ""] ?? 0) : Number(exponential);
    const format = exponential === undefined ? "DecimalSI" : "DecimalExponent";
    return printed(number, scale, text, format);
  }
  const exponent = 10 * ("KMGTPE".indexOf(binary) + 1);
  const value = number << BigInt(exponent);
  const fast = 15 - digits.length - Math.trunc((exponent * 3) / 10) - 1 >= 0;
  return fast ? printed(value, 0, (number & 7n) === 0n ? "" : text, "BinarySI") : printedLarge(value);
};

const printed = (value: bigint, scale: number, text: string, format: string): string =>
  `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${text} Format:(resource.Format)${format}}`;

/** Past about 10 Ti the parser takes its arbitrary-precision way, which rounds to billionths. */
const printedLarge = (value: bigint): string => {
  const words: bigint[] = [];
  const billionths = value * 1_000_000_000n;
  for (let rest = billionths < 0n ? -billionths : billionths; rest > 0n; rest >>= 64n)
    words.push(rest & 0xffff_ffff_ffff_ffffn);
  const decimal = `(*inf.Dec){unscaled:(big.Int){neg:(bool)${value < 0n} abs:(big.nat)[${words.join(" ")}]} scale:(inf.Scale)9}`;
  return `{i:(resource.int64Amount){value:(int64)0 scale:(resource.Scale)0} d:(resource.infDecAmount){Dec:${decimal}} s:(string) Format:(resource.Format)BinarySI}`;
};
