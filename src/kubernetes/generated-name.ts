const alphabet = "bcdfghjklmnpqrstvwxz2456789";
/** 27 letters and digits, five places (apimachinery pkg/util/rand and names/generate.go, v0.35). */
const space = 27 ** 5;
const maximumBase = 58;

/**
 * The name that an object with this `generateName` gets as the `ordinal`th of its owner. The API server draws five letters; here they
 * follow from seed and ordinal, and no two ordinals of one seed share a name.
 */
export const generatedName = (prefix: string, seed: string, ordinal: number): string =>
  prefix.slice(0, maximumBase) + generatedSuffix(seed, ordinal);

/** The five letters alone. */
export const generatedSuffix = (seed: string, ordinal: number): string => {
  // A walk with a step that shares no factor with 27^5 meets every name once.
  let rest = (fnv32a(seed) + ordinal * 5_882_353) % space;
  let text = "";
  for (let place = 0; place < 5; place++) {
    text = alphabet[rest % 27] + text;
    rest = Math.floor(rest / 27);
  }
  return text;
};

/** FNV-1a over the UTF-8 bytes of a text, 32 bits, as Go's hash/fnv. */
export const fnv32a = (text: string): number => {
  const bytes = Buffer.from(text, "utf8");
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash >>> 0;
};

/** FNV-1 over the UTF-8 bytes of a text, 32 bits: the multiplication comes first. */
export const fnv32 = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  return hash;
};

/** Writes a number's decimal digits in letters that make no words (apimachinery pkg/util/rand, SafeEncodeString). */
export const safeEncode = (text: string): string => {
  let encoded = "";
  for (const unit of text) encoded += alphabet[unit.charCodeAt(0) % alphabet.length];
  return encoded;
};
