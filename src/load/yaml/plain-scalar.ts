/** What an unquoted scalar stands for. */
export type ScalarValue = string | number | boolean | null;

const words = new Map<string, ScalarValue>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((w) => [w, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((w) => [w, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((w) => [w, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((w) => [w, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((w) => [w, Number.POSITIVE_INFINITY] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((w) => [w, Number.NEGATIVE_INFINITY] as const),
]);

const integer = /^[-+]?(?:0|[1-9][0-9]*)$/;
const prefixed = /^([-+]?)0(?:[xX]([0-9a-fA-F]+)|[bB]([01]+)|[oO]?([0-7]+))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * Resolves an unquoted scalar as sigs.k8s.io/yaml 1.6 does (its goyaml.v2, resolve.go): YAML 1.1 words, `0o17` and `017` both octal,
 * underscores in numbers dropped, timestamps and sexagesimals left as text.
 */
export const resolvePlainScalar = (text: string): ScalarValue => {
  const first = text.charCodeAt(0);
  const isNumeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
  if (!isNumeric) {
    if (text.length > 5) return text;
    const word = words.get(text);
    return word === undefined ? text : word;
  }
  const word = text.length <= 5 ? words.get(text) : undefined;
  if (word !== undefined) return word;
  return resolveNumber(text);
};

const resolveNumber = (text: string): ScalarValue => {
  const digits = text.includes("_") && text[0] !== "." ? text.replaceAll("_", "") : text;
  if (integer.test(digits)) return Number(digits);
  const match = prefixed.exec(digits);
  if (match !== null) {
    const [, sign, hex, binary, octal] = match;
    const value =
      hex !== undefined ? parseInt(hex, 16) : binary !== undefined ? parseInt(binary, 2) : parseInt(octal ?? "", 8);
    return sign === "-" ? -value : value;
  }
  return float.test(digits) ? Number(digits) : text;
};

/** The text that a scalar gets as a key of a JSON object, as sigs.k8s.io/yaml writes it; undefined where it refuses (null). */
export const keyText = (value: ScalarValue): string | undefined => {
  if (typeof value === "string") return value;
  if (value === null) return undefined;
  if (typeof value === "number" && !Number.isFinite(value)) {
    return Number.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
  }
  return String(value);
};
