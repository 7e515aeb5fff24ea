/** Powers and logarithms as Go computes them (math.Pow, math.Log, 1.23), since the last digit shows in Terraform's output. */

/** Mantissa in [0.5, 1) and exponent. */
const frexp = (value: number): readonly [number, number] => {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(value))) + 1);
  let mantissa = value * 2 ** -exponent;
  while (Math.abs(mantissa) < 0.5) {
    mantissa *= 2;
    exponent--;
  }
  while (Math.abs(mantissa) >= 1) {
    mantissa /= 2;
    exponent++;
  }
  return [mantissa, exponent];
};

const ldexp = (mantissa: number, exponent: number): number => {
  const half = Math.trunc(exponent / 2);
  return mantissa * 2 ** half * 2 ** (exponent - half);
};

const isOdd = (value: number): boolean => Math.abs(value % 2) === 1;

/** Special operands; `undefined` where the power must be computed. */
const specialPower = (x: number, y: number): number | undefined => {
  if (y === 0 || x === 1) return 1;
  if (y === 1) return x;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === 0) {
    if (y < 0) return Object.is(x, -0) && isOdd(y) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return Object.is(x, -0) && isOdd(y) ? x : 0;
  }
  if (!Number.isFinite(y)) {
    if (x === -1) return 1;
    return Math.abs(x) < 1 === y > 0 ? 0 : Number.POSITIVE_INFINITY;
  }
  if (x === Number.NEGATIVE_INFINITY) return goPow(1 / x, -y);
  if (x === Number.POSITIVE_INFINITY) return y < 0 ? 0 : x;
  if (y === 0.5) return Math.sqrt(x);
  return y === -0.5 ? 1 / Math.sqrt(x) : undefined;
};

/** x to the power of y. */
export const goPow = (x: number, y: number): number => {
  const special = specialPower(x, y);
  if (special !== undefined) return special;
  let whole = Math.trunc(Math.abs(y));
  let fraction = Math.abs(y) - whole;
  if (fraction !== 0 && x < 0) return Number.NaN;
  if (whole >= 2 ** 63) return x === -1 ? 1 : Math.abs(x) < 1 === y > 0 ? 0 : Number.POSITIVE_INFINITY;
  let result = 1;
  let scale = 0;
  if (fraction !== 0) {
    if (fraction > 0.5) {
      fraction--;
      whole++;
    }
    result = Math.exp(fraction * goLog(x));
  }
  let [mantissa, exponent] = frexp(x);
  for (let bits = whole; bits !== 0; bits = Math.floor(bits / 2)) {
    if (exponent < -4096 || exponent > 4096) {
      scale += exponent;
      break;
    }
    if (bits % 2 === 1) {
      result *= mantissa;
      scale += exponent;
    }
    mantissa *= mantissa;
    exponent *= 2;
    if (mantissa < 0.5) {
      mantissa += mantissa;
      exponent--;
    }
  }
  return y < 0 ? ldexp(1 / result, -scale) : ldexp(result, scale);
};

/** The natural logarithm (FreeBSD's e_log.c). */
export const goLog = (x: number): number => {
  if (Number.isNaN(x) || x === Number.POSITIVE_INFINITY) return x;
  if (x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  let [f1, k] = frexp(x);
  if (f1 < Math.SQRT1_2) {
    f1 *= 2;
    k--;
  }
  const f = f1 - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const odd =
    s2 * (0.6666666666666735 + s4 * (0.2857142874366239 + s4 * (0.1818357216161805 + s4 * 0.14798198605116586)));
  const even = s4 * (0.3999999999940942 + s4 * (0.22222198432149784 + s4 * 0.15313837699209373));
  const r = odd + even;
  const half = 0.5 * f * f;
  return k * 0.6931471803691238 - (half - (s * (half + r) + k * 1.9082149292705877e-10) - f);
};
