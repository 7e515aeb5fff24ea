/** The way a quantity was written; it is printed the same way. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** An exact resource quantity: `nano` billionths of the base unit. */
export interface ParsedQuantity {
  readonly nano: bigint;
  readonly format: QuantityFormat;
  /** The text as it was written, where upstream prints it unchanged. */
  readonly text: string | undefined;
}

/**
 * Reads a quantity such as `500m`, `1.5Gi`, `2e3` or the number 4; undefined when it is none. Finer than a billionth is rounded away from
 * zero; whitespace around a text is an error as in a manifest's string. Source: apimachinery v0.35 `pkg/api/resource/quantity.go`.
 */
export const parseQuantity = (input: string | number): ParsedQuantity | undefined => {
  const text = typeof input === "number" ? String(input) : input;
  const match = /^([+-]?)(\d*)(?:(\.)(\d*))?(n|u|m|k|[KMGTPE]i|[MGTPE]|[eE][+-]?\d+)?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", dot, fraction = "", suffix = ""] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = BigInt(`${whole}${fraction}` || "0");
  const binary = suffix.length === 2 && suffix.endsWith("i");
  const exponential = !binary && suffix.length > 1;
  const exponent = exponential ? Number(suffix.slice(1)) : 0;
  if (!Number.isInteger(exponent) || Math.abs(exponent) > 1000 || whole.length + fraction.length > 1000)
    return undefined;
  const scale = (exponential ? exponent : binary ? 0 : decimalExponent(suffix)) - fraction.length;
  const multiplier = binary ? 1n << BigInt(10 * ("KMGTPE".indexOf(suffix.charAt(0)) + 1)) : 1n;
  let nano = scaled(digits * multiplier, scale + 9);
  if (binary && nano > MAX_NANO) nano = MAX_NANO;
  const negative = sign === "-";
  const fine = binary && nano < NANO && nano > 0n;
  const format = fine ? "DecimalSI" : binary ? "BinarySI" : exponential ? "DecimalExponent" : "DecimalSI";
  const shifted = `${whole === "" && dot !== undefined ? "0" : whole}${fraction}`;
  const asWritten = binary
    ? fraction === "" && (digits & 7n) !== 0n && digits * multiplier <= MAX_INT64
    : scale % 3 === 0 && scale >= -9 && !shifted.endsWith("000") && !shifted.startsWith("0") && shifted.length <= 18;
  return { nano: negative ? -nano : nano, format, text: asWritten ? text : undefined };
};

const NANO = 1_000_000_000n;
const MAX_INT64 = (1n << 63n) - 1n;
const MAX_NANO = MAX_INT64 * NANO;

const decimalExponent = (suffix: string): number => {
  const at = "num".indexOf(suffix);
  if (suffix === "") return 0;
  return at >= 0 ? -9 + 3 * at : 3 * ("kMGTPE".indexOf(suffix) + 1);
};

/** `value` times ten to the `power`, rounded up where digits fall away. */
const scaled = (value: bigint, power: number): bigint => {
  if (power >= 0) return value * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return (value + divisor - 1n) / divisor;
};

/** The whole units of a quantity, rounded away from zero as upstream's `Value()`; undefined when the text is no quantity. */
export const quantityValue = (input: string | number): number | undefined => inUnits(input, valueCache, NANO);

/** The thousandths of a quantity, rounded away from zero as upstream's `MilliValue()`; undefined when the text is no quantity. */
export const quantityMilliValue = (input: string | number): number | undefined =>
  inUnits(input, milliCache, NANO / 1000n);

const valueCache = new Map<string, number>();
const milliCache = new Map<string, number>();

const inUnits = (input: string | number, cache: Map<string, number>, unit: bigint): number | undefined => {
  if (typeof input === "number" && Number.isSafeInteger(input) && Math.abs(input) < 1e12) {
    return unit === NANO ? input : input * 1000;
  }
  const text = String(input);
  const known = cache.get(text);
  if (known !== undefined) return known;
  const parsed = parseQuantity(text);
  if (parsed === undefined) return undefined;
  const value = nanoToUnits(parsed.nano, unit);
  if (cache.size > 10_000) cache.clear();
  cache.set(text, value);
  return value;
};

const nanoToUnits = (nano: bigint, unit: bigint): number => {
  const size = nano < 0n ? -nano : nano;
  const units = (size + unit - 1n) / unit;
  const capped = Number(units > MAX_INT64 ? MAX_INT64 : units);
  return nano < 0n ? -capped : capped;
};

/** Below zero when `a` is less than `b`, 0 when equal, above zero when more. */
export const compareQuantities = (a: ParsedQuantity, b: ParsedQuantity): number =>
  a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;

/** The sum, written in the format of `a` (of `b` when `a` is zero). */
export const addQuantities = (a: ParsedQuantity, b: ParsedQuantity): ParsedQuantity => ({
  nano: a.nano + b.nano,
  format: a.nano === 0n ? b.format : a.format,
  text: undefined,
});

/** `a` less `b`, written in the format of `a` (of `b` when `a` is zero). */
export const subtractQuantities = (a: ParsedQuantity, b: ParsedQuantity): ParsedQuantity => ({
  nano: a.nano - b.nano,
  format: a.nano === 0n ? b.format : a.format,
  text: undefined,
});

/** The quantity as the API server prints it: the largest suffix that loses nothing. Same source as `parseQuantity`. */
export const formatQuantity = (quantity: ParsedQuantity): string => {
  if (quantity.nano === 0n) return "0";
  return quantity.text ?? canonicalText(quantity);
};

const canonicalText = ({ nano, format }: ParsedQuantity): string => {
  const sign = nano < 0n ? "-" : "";
  const size = nano < 0n ? -nano : nano;
  if (format === "BinarySI" && size >= 1024n * NANO && size % NANO === 0n) {
    let [value, power] = [size / NANO, 0];
    while (value % 1024n === 0n && power < 6) [value, power] = [value / 1024n, power + 1];
    return `${sign}${value}${power === 0 ? "" : `${"KMGTPE".charAt(power - 1)}i`}`;
  }
  let [value, exponent] = [size, -9];
  while (value % 1000n === 0n) [value, exponent] = [value / 1000n, exponent + 3];
  while (format !== "DecimalExponent" && exponent > 18) [value, exponent] = [value * 1000n, exponent - 3];
  const suffix =
    format === "DecimalExponent"
      ? exponent === 0
        ? ""
        : `e${exponent}`
      : (["n", "u", "m", "", "k", "M", "G", "T", "P", "E"][exponent / 3 + 3] ?? "");
  return `${sign}${value}${suffix}`;
};

/** A quantity text in the API server's own form; undefined when it is no quantity. `1000m` gives `1`, `1024Mi` gives `1Gi`. */
export const canonicalQuantity = (input: string | number): string | undefined => {
  const parsed = parseQuantity(input);
  return parsed === undefined ? undefined : formatQuantity(parsed);
};
