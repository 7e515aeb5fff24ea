import { bitLength, fullPrecision, makeNum, type Num, parts, sign } from "./values-number.ts";

/** Longer exponents than these would need gigabytes of digits. */
const maxExponent = 200_000;

/**
 * Reads a decimal number with full precision, or gives `undefined` where the text is none. The syntax is that of Go's
 * big.ParseFloat in base 10: sign, digits, point, `e` or `p` exponent, `Inf`.
 */
export const parseNum = (text: string, precision = fullPrecision): Num | undefined => {
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
  const infinity = /^([+-]?)[Ii]nf$/.exec(text);
  if (infinity !== null) return infinity[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eEpP])([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, minus = "", whole = "", fraction = "", marker = "", power = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return minus === "-" ? -0 : 0;
  const binary = marker === "p" || marker === "P";
  const ten = (binary ? 0 : Number(power)) - fraction.length;
  const two = binary ? Number(power) : 0;
  if (Math.abs(ten) > maxExponent || Math.abs(two) > maxExponent) return ten + two > 0 ? infinityOf(minus) : 0;
  const signed = minus === "-" ? -digits : digits;
  if (ten >= 0) return makeNum(signed * 10n ** BigInt(ten), two, precision);
  return divideByPowerOfTen(signed, -ten, two, precision);
};

const infinityOf = (minus: string): number => (minus === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);

const divideByPowerOfTen = (digits: bigint, ten: number, two: number, precision: number): Num => {
  const negative = digits < 0n;
  const top = negative ? -digits : digits;
  const bottom = 10n ** BigInt(ten);
  const shift = Math.max(0, precision + 3 - bitLength(top) + bitLength(bottom));
  const scaled = top << BigInt(shift);
  const quotient = scaled / bottom;
  const sticky = (quotient << 1n) | (quotient * bottom === scaled ? 0n : 1n);
  return makeNum(negative ? -sticky : sticky, two - shift - 1, precision);
};

/** Digits d1 d2 d3 … with the point after `point` of them: 0.d1d2… × 10^point. No zeros at the end. */
export interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** The exact decimal form of mantissa × 2^exponent (not negative). */
export const exactDecimal = (mantissa: bigint, exponent: number): Decimal => {
  if (mantissa === 0n) return { digits: "", point: 0 };
  const scaled = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const text = scaled.toString();
  return { digits: text.replace(/0+$/, ""), point: text.length - (exponent >= 0 ? 0 : -exponent) };
};

/** Rounds to `count` digits, half to even. */
export const roundDecimal = (decimal: Decimal, count: number): Decimal => {
  if (count < 0) return { digits: "", point: 0 };
  if (count >= decimal.digits.length) return decimal;
  const next = decimal.digits.charCodeAt(count) - 48;
  const exactHalf = next === 5 && count + 1 === decimal.digits.length;
  const odd = count > 0 && (decimal.digits.charCodeAt(count - 1) - 48) % 2 === 1;
  return (exactHalf ? odd : next >= 5) ? roundUp(decimal, count) : roundDown(decimal, count);
};

const roundDown = ({ digits, point }: Decimal, count: number): Decimal => {
  const kept = digits.slice(0, count).replace(/0+$/, "");
  return { digits: kept, point: kept === "" ? 0 : point };
};

const roundUp = ({ digits, point }: Decimal, count: number): Decimal => {
  const kept = digits.slice(0, count).replace(/9+$/, "");
  if (kept === "") return { digits: "1", point: point + 1 };
  return { digits: kept.slice(0, -1) + String(Number(kept.at(-1)) + 1), point };
};

/** The fewest digits that still name the number among those of its precision (Go math/big `roundShortest`). */
export const shortestDecimal = (n: Num, precision: number): Decimal => {
  const exact = parts(n);
  const mantissa = exact.mantissa < 0n ? -exact.mantissa : exact.mantissa;
  const decimal = exactDecimal(mantissa, exact.exponent);
  if (mantissa === 0n) return decimal;
  // The lowest bit of the scaled mantissa is half a unit in the last place.
  const shift = bitLength(mantissa) - (precision + 1);
  const scaled = shift < 0 ? mantissa << BigInt(-shift) : mantissa >> BigInt(shift);
  const lower = exactDecimal(scaled - 1n, exact.exponent + shift);
  const upper = exactDecimal(scaled + 1n, exact.exponent + shift);
  const inclusive = (scaled & 2n) === 0n;
  for (let index = 0; index < decimal.digits.length; index++) {
    const digit = decimal.digits.charCodeAt(index);
    const low = lower.digits.charCodeAt(index) || 48;
    const high = upper.digits.charCodeAt(index) || 48;
    const down = low !== digit || (inclusive && index + 1 === lower.digits.length);
    const up = digit !== high && (inclusive || digit + 1 < high || index + 1 < upper.digits.length);
    if (down && up) return roundDecimal(decimal, index + 1);
    if (down) return roundDown(decimal, index + 1);
    if (up) return roundUp(decimal, index + 1);
  }
  return decimal;
};

/** The number in plain decimal, as Terraform shows it (big.Float `Text('f', -1)`). */
export const formatNum = (n: Num, precision = fullPrecision): string => {
  if (typeof n === "number" && Number.isInteger(n)) return Object.is(n, -0) ? "-0" : String(n);
  if (typeof n === "number") return n > 0 ? "+Inf" : "-Inf";
  return (sign(n) < 0 ? "-" : "") + plain(shortestDecimal(n, precision));
};

const plain = ({ digits, point }: Decimal): string => {
  if (digits === "") return "0";
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (digits.length <= point) return digits + "0".repeat(point - digits.length);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
};

/** With exactly `places` digits after the point (`%.{places}f`). */
export const formatFixed = (n: Num, places: number): string => {
  const exact = parts(n);
  const decimal = exactDecimal(exact.mantissa < 0n ? -exact.mantissa : exact.mantissa, exact.exponent);
  const { digits, point } = roundDecimal(decimal, decimal.point + places);
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  const fraction = (point < 0 ? "0".repeat(-point) : "") + digits.slice(Math.max(0, point));
  const minus = sign(n) < 0 || Object.is(n, -0) ? "-" : "";
  return minus + whole + (places > 0 ? `.${fraction.padEnd(places, "0").slice(0, places)}` : "");
};

/** With an exponent: `%e`; `places` undefined for the shortest form. */
export const formatExponent = (n: Num, places: number | undefined, precision = fullPrecision, mark = "e"): string => {
  const exact = parts(n);
  const decimal =
    places === undefined
      ? shortestDecimal(n, precision)
      : roundDecimal(exactDecimal(exact.mantissa < 0n ? -exact.mantissa : exact.mantissa, exact.exponent), places + 1);
  const minus = sign(n) < 0 || Object.is(n, -0) ? "-" : "";
  return minus + scientific(decimal, places ?? Math.max(decimal.digits.length - 1, 0), mark);
};

const scientific = ({ digits, point }: Decimal, places: number, mark: string): string => {
  const first = digits[0] ?? "0";
  const rest = digits.slice(1).padEnd(places, "0");
  const power = digits === "" ? 0 : point - 1;
  const exponent = `${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  return `${first}${places > 0 ? `.${rest}` : ""}${mark}${exponent}`;
};

/** `%g` with a number of significant digits, or the shortest form (Go's rule: exponent form below 10^-4 and from 10^eprec). */
export const formatGeneral = (n: Num, count: number | undefined, precision = fullPrecision, mark = "e"): string => {
  if (typeof n === "number" && !Number.isFinite(n)) return formatNum(n);
  const exact = parts(n);
  const decimal =
    count === undefined
      ? shortestDecimal(n, precision)
      : roundDecimal(
          exactDecimal(exact.mantissa < 0n ? -exact.mantissa : exact.mantissa, exact.exponent),
          Math.max(count, 1),
        );
  const asked = Math.max(count ?? 0, 1);
  const cut = asked > decimal.digits.length && decimal.digits.length >= decimal.point ? decimal.digits.length : asked;
  const limit = count === undefined ? 6 : cut;
  const power = decimal.point - 1;
  const minus = sign(n) < 0 || Object.is(n, -0) ? "-" : "";
  if (decimal.digits !== "" && (power < -4 || power >= limit))
    return minus + scientific(decimal, decimal.digits.length - 1, mark);
  return minus + plain(decimal);
};
