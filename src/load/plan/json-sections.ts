/**
 * Finds the members of an object or the items of a list in JSON text without reading their values, so that a plan of hundreds of
 * megabytes is read piece by piece and the pieces that nobody asks for are never made.
 */
export interface Section {
  /** The name of a member; empty for an item of a list. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** The members or items of the object or list at `at`, in order; `undefined` where the text is not JSON or is nested too deep. */
export const sectionsOf = (bytes: Uint8Array, at: number): readonly Section[] | undefined => {
  let position = skipBlanks(bytes, at);
  const opener = bytes[position];
  if (opener !== openBrace && opener !== openBracket) return undefined;
  const closer = opener + 2;
  const sections: Section[] = [];
  position = skipBlanks(bytes, position + 1);
  if (bytes[position] === closer) return sections;
  for (;;) {
    let name = "";
    if (opener === openBrace) {
      const end = endOfValue(bytes, position);
      if (bytes[position] !== quote || end === -1) return undefined;
      name = textOf(bytes, position + 1, end - 1);
      position = skipBlanks(bytes, end);
      if (bytes[position] !== colon) return undefined;
      position = skipBlanks(bytes, position + 1);
    }
    const end = endOfValue(bytes, position);
    if (end === -1) return undefined;
    sections.push({ name, start: position, end });
    position = skipBlanks(bytes, end);
    if (bytes[position] === closer) return sections;
    if (bytes[position] !== comma) return undefined;
    position = skipBlanks(bytes, position + 1);
  }
};

/** The text between two offsets. */
export const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Values are walked by recursion later on. */
const deepest = 500;

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const skipBlanks = (bytes: Uint8Array, from: number): number => {
  let at = from;
  while (isBlank(bytes[at])) at++;
  return at;
};

/** Behind the value at `from`; -1 where there is none. */
const endOfValue = (bytes: Uint8Array, from: number): number => {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      at = closingQuote(bytes, at + 1);
      if (at === -1) return -1;
      if (depth === 0) return at + 1;
    } else if (byte === openBrace || byte === openBracket) {
      if (++depth > deepest) return -1;
    } else if (byte === closeBrace || byte === closeBracket) {
      if (--depth < 0) return at > from ? at : -1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (byte === comma || isBlank(byte))) return at > from ? at : -1;
  }
  return -1;
};

const closingQuote = (bytes: Uint8Array, from: number): number => {
  let at = from;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at < bytes.length ? at : -1;
};
