import type { BigFloat, NumberValue } from "../model/value.ts";

/** The number behind a value: a safe integer, an infinity, or a binary float. */
export type Num = number | BigFloat;

/** cty computes with Go's big.Float of 512 bits, rounding to nearest even (cty `ParseNumberVal`). */
export const fullPrecision = 512;

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);

/** The float of mantissa × 2^exponent, rounded to `precision` bits and in its one canonical form. */
export const makeNum = (mantissa: bigint, exponent: number, precision = fullPrecision): Num => {
  if (mantissa === 0n) return 0;
  const negative = mantissa < 0n;
  let m = negative ? -mantissa : mantissa;
  let e = exponent;
  const excess = bitLength(m) - precision;
  if (excess > 0) {
    m = roundShift(m, excess);
    e += excess;
  }
  const zeros = trailingZeros(m);
  m >>= BigInt(zeros);
  e += zeros;
  if (e >= 0 && e < 54) {
    const whole = m << BigInt(e);
    if (whole <= maxSafe) return negative ? -Number(whole) : Number(whole);
  }
  return { mantissa: negative ? -m : m, exponent: e };
};

/** m / 2^shift, to nearest even. */
const roundShift = (m: bigint, shift: number): bigint => {
  const bits = BigInt(shift);
  const quotient = m >> bits;
  const rest = m - (quotient << bits);
  const half = 1n << (bits - 1n);
  return rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
};

/** Number of bits of a positive integer. */
export const bitLength = (m: bigint): number => {
  if (m === 0n) return 0;
  const hex = m.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0] ?? "0", 16)));
};

const trailingZeros = (m: bigint): number => {
  let count = 0;
  let rest = m;
  while ((rest & 0xffffffffn) === 0n) {
    rest >>= 32n;
    count += 32;
  }
  const low = Number(rest & 0xffffffffn);
  return count + 31 - Math.clz32(low & -low);
};

/** Mantissa and exponent of a finite number. */
export const parts = (n: Num): BigFloat => (typeof n === "number" ? { mantissa: BigInt(n), exponent: 0 } : n);

const isInfinite = (n: Num): n is number => typeof n === "number" && !Number.isFinite(n);

/** The double nearest to the number. */
export const toDouble = (n: Num): number => {
  if (typeof n === "number") return n;
  const rounded = makeNum(n.mantissa, n.exponent, 53);
  if (typeof rounded === "number") return rounded;
  // Two steps, so that neither factor leaves the range of doubles early.
  const half = Math.trunc(rounded.exponent / 2);
  return Number(rounded.mantissa) * 2 ** half * 2 ** (rounded.exponent - half);
};

/** The exact number that a double is. */
export const fromDouble = (value: number): Num => {
  if (Number.isSafeInteger(value) || !Number.isFinite(value)) return value;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  return makeNum(value < 0 ? -mantissa : mantissa, Math.max(biased, 1) - 1075);
};

/** A whole number of any size. */
export const fromBigInt = (value: bigint, precision = fullPrecision): Num => makeNum(value, 0, precision);

export const isInteger = (n: Num): boolean => (typeof n === "number" ? Number.isFinite(n) : n.exponent >= 0);

/** The integer part, towards zero. */
export const truncate = (n: Num): bigint => {
  const { mantissa, exponent } = parts(n);
  if (exponent >= 0) return mantissa << BigInt(exponent);
  const shift = BigInt(-exponent);
  return mantissa < 0n ? -(-mantissa >> shift) : mantissa >> shift;
};

/** The value as a machine integer, or `undefined` where it is none. */
export const toInt = (n: Num): number | undefined => (typeof n === "number" && Number.isFinite(n) ? n : undefined);

export const sign = (n: Num): number => (typeof n === "number" ? Math.sign(n) : n.mantissa < 0n ? -1 : 1);

export const negate = (n: Num): Num => (typeof n === "number" ? -n : { mantissa: -n.mantissa, exponent: n.exponent });

export const absolute = (n: Num): Num => (sign(n) < 0 || Object.is(n, -0) ? negate(n) : n);

/** The sum, or `undefined` for opposite infinities. */
export const addNum = (a: Num, b: Num, precision = fullPrecision): Num | undefined => {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum) || !Number.isFinite(sum)) return Number.isNaN(sum) ? undefined : sum;
  }
  if (isInfinite(a)) return a;
  if (isInfinite(b)) return b;
  const x = parts(a);
  const y = parts(b);
  if (x.mantissa === 0n) return b;
  if (y.mantissa === 0n) return a;
  const exponent = Math.min(x.exponent, y.exponent);
  if (Math.max(x.exponent, y.exponent) - exponent > maxShift) return x.exponent > y.exponent ? a : b;
  const mantissa = (x.mantissa << BigInt(x.exponent - exponent)) + (y.mantissa << BigInt(y.exponent - exponent));
  return makeNum(mantissa, exponent, precision);
};

/** Beyond this distance the smaller operand cannot be seen in 512 bits, unless its mantissa is far longer than any that is made here. */
const maxShift = 1 << 20;

export const subtractNum = (a: Num, b: Num, precision = fullPrecision): Num | undefined =>
  addNum(a, negate(b), precision);

/** The product, or `undefined` for zero times infinity. */
export const multiplyNum = (a: Num, b: Num, precision = fullPrecision): Num | undefined => {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (Number.isSafeInteger(product) || isInfinite(a) || isInfinite(b))
      return Number.isNaN(product) ? undefined : product;
  }
  if (isInfinite(a) || isInfinite(b)) {
    const direction = sign(a) * sign(b);
    return direction === 0 ? undefined : direction * Number.POSITIVE_INFINITY;
  }
  const x = parts(a);
  const y = parts(b);
  return makeNum(x.mantissa * y.mantissa, x.exponent + y.exponent, precision);
};

/** The quotient, or `undefined` for zero by zero and infinity by infinity. */
export const divideNum = (a: Num, b: Num, precision = fullPrecision): Num | undefined => {
  if (isInfinite(a) || isInfinite(b)) {
    if (isInfinite(a) && isInfinite(b)) return undefined;
    return isInfinite(a) ? a * (sign(b) < 0 ? -1 : 1) : 0;
  }
  if (sign(b) === 0) {
    if (sign(a) === 0) return undefined;
    return sign(a) * (Object.is(b, -0) ? -1 : 1) * Number.POSITIVE_INFINITY;
  }
  if (typeof a === "number" && typeof b === "number" && Number.isSafeInteger(a / b) && (a / b) * b === a) return a / b;
  const x = parts(a);
  const y = parts(b);
  const negative = x.mantissa < 0n !== y.mantissa < 0n;
  const top = x.mantissa < 0n ? -x.mantissa : x.mantissa;
  const bottom = y.mantissa < 0n ? -y.mantissa : y.mantissa;
  if (top === 0n) return 0;
  const shift = Math.max(0, precision + 3 - bitLength(top) + bitLength(bottom));
  const scaled = top << BigInt(shift);
  let quotient = scaled / bottom;
  // A sticky bit below the last keeps the rounding honest.
  quotient = (quotient << 1n) | (quotient * bottom === scaled ? 0n : 1n);
  return makeNum(negative ? -quotient : quotient, x.exponent - y.exponent - shift - 1, precision);
};

/** Remainder as Terraform has it: the quotient is cut towards zero (cty `Modulo`); `undefined` with an infinity. */
export const moduloNum = (a: Num, b: Num, precision = fullPrecision): Num | undefined => {
  if (isInfinite(a) || isInfinite(b)) return undefined;
  if (sign(b) === 0) return a;
  if (typeof a === "number" && typeof b === "number") return (a % b) + 0;
  const quotient = divideNum(a, b, precision);
  if (quotient === undefined) return undefined;
  const whole = multiplyNum(b, fromBigInt(truncate(quotient)), precision);
  return whole === undefined ? undefined : subtractNum(a, whole, precision);
};

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export const compareNum = (a: Num, b: Num): number => {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
  if (isInfinite(a)) return a;
  if (isInfinite(b)) return -b;
  const left = sign(a);
  const right = sign(b);
  if (left !== right) return left - right;
  const x = parts(a);
  const y = parts(b);
  const topX = bitLength(x.mantissa < 0n ? -x.mantissa : x.mantissa) + x.exponent;
  const topY = bitLength(y.mantissa < 0n ? -y.mantissa : y.mantissa) + y.exponent;
  if (topX !== topY) return left * (topX - topY);
  const exponent = Math.min(x.exponent, y.exponent);
  const difference = (x.mantissa << BigInt(x.exponent - exponent)) - (y.mantissa << BigInt(y.exponent - exponent));
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

export const numEquals = (a: Num, b: Num): boolean =>
  typeof a === "object" && typeof b === "object" ? a.mantissa === b.mantissa && a.exponent === b.exponent : a === b;

/** The precision of a result of two operands. */
export const jointPrecision = (a: NumberValue, b: NumberValue): number =>
  Math.max(a.precision ?? fullPrecision, b.precision ?? fullPrecision);
