import { constants, crc32, deflateRawSync } from "node:zlib";
import { stringType } from "../model/type.ts";
import { charsetOf } from "./functions-charset.ts";
import { type FunctionDefinition, fail, notNull, stringFunction, unknownResult } from "./functions-definition.ts";
import { stringValue } from "./values-construct.ts";
import { marksOf, withMarks } from "./values-marks.ts";
import { quoteGo } from "./values-set.ts";

/** The bytes of base64 with padding; line breaks are skipped; a number is the offset of the first wrong symbol (Go base64.StdEncoding). */
export const decodeBase64 = (text: string): Buffer | number => {
  const plain = text.replace(/[\r\n]/g, "");
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(plain))
    return Buffer.from(plain, "base64");
  return badSymbol(text);
};

/** Offset of the first symbol that Go's decoder objects to. */
const badSymbol = (text: string): number => {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "\r" || char === "\n") continue;
    if (/[A-Za-z0-9+/]/.test(char)) {
      count++;
      continue;
    }
    if (char !== "=" || count % 4 < 2) return at;
    const rest = text.slice(at + 1).replace(/[\r\n]/g, "");
    if (count % 4 === 3) return rest === "" ? at : at + 1;
    return rest.startsWith("=") && rest.length > 1 ? at + 2 : rest.startsWith("=") ? at : at + (rest === "" ? 1 : 1);
  }
  return text.length - (count % 4);
};

/** The text of bytes in UTF-8, or `undefined` where they are none. */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

const base64decode: FunctionDefinition = {
  parameters: [{ name: "str", type: stringType, allowMarked: true, allowUnknown: true }],
  result: stringType,
  refinement: notNull,
  call: ([given]) => {
    if (given?.kind !== "string") return unknownResult(stringType, given === undefined ? [] : [given]);
    const bytes = decodeBase64(given.value);
    const shown = given.marks?.has("sensitive") === true ? "(sensitive value)" : quoteGo(given.value);
    if (typeof bytes === "number") return fail(`failed to decode base64 data ${shown}`);
    const decoded = decodeUtf8(bytes);
    return decoded === undefined
      ? fail("the result of decoding the provided string is not valid UTF-8")
      : withMarks(stringValue(decoded), marksOf(given));
  },
};

/** A gzip stream framed as Go's writer frames it: no name, no time, unknown system, a flush before the end. */
const gzip = (data: Buffer): Buffer => {
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  const body =
    data.length === 0
      ? Buffer.from([0, 0, 0, 0xff, 0xff])
      : deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH });
  const trailer = Buffer.alloc(13);
  trailer.set([1, 0, 0, 0xff, 0xff]);
  trailer.writeUInt32LE(crc32(data), 5);
  trailer.writeUInt32LE(data.length % 2 ** 32, 9);
  return Buffer.concat([header, body, trailer]);
};

/** Everything but letters, digits and `-_.~` in percent form, spaces as `+` (Go url.QueryEscape). */
const urlencode = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");

const unsupported = (name: string): string =>
  `${quoteGo(name)} is not a supported IANA encoding name or alias in this Terraform version`;

const textencodebase64 = stringFunction(["string", "encoding"], stringType, (text = "", name = "") => {
  const charset = charsetOf(name);
  if (charset === undefined) return fail(unsupported(name), 1);
  const bytes = charset.encode(text);
  return bytes === undefined
    ? fail(`the given string contains characters that cannot be represented in ${charset.name}`, 0)
    : stringValue(Buffer.from(bytes).toString("base64"));
});

const textdecodebase64 = stringFunction(["source", "encoding"], stringType, (source = "", name = "") => {
  const charset = charsetOf(name);
  if (charset === undefined) return fail(unsupported(name), 1);
  const bytes = decodeBase64(source);
  if (typeof bytes === "number") return fail(`the given value is has an invalid base64 symbol at offset ${bytes}`, 0);
  const text = charset.decode(bytes);
  return text === undefined || text.includes("\ufffd")
    ? fail(`the given string contains symbols that are not defined for ${charset.name}`, 0)
    : stringValue(text);
});

/** base64, character sets, gzip and URL escapes. */
export const encodingFunctions: Readonly<Record<string, FunctionDefinition>> = {
  base64decode,
  base64encode: stringFunction(["str"], stringType, (text = "") => stringValue(Buffer.from(text).toString("base64"))),
  base64gzip: stringFunction(["str"], stringType, (text = "") =>
    stringValue(gzip(Buffer.from(text)).toString("base64")),
  ),
  textdecodebase64,
  textencodebase64,
  urlencode: stringFunction(["str"], stringType, (text = "") => stringValue(urlencode(text))),
};
