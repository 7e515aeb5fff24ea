import { constants, createHash, createPrivateKey, privateDecrypt } from "node:crypto";
import { stringType } from "../model/type.ts";
import {
  type FunctionDefinition,
  type FunctionFailure,
  type FunctionResult,
  fail,
  notNull,
  stringFunction,
} from "./functions-definition.ts";
import { decodeBase64, decodeUtf8 } from "./functions-encoding.ts";
import { stringValue, unknownValue } from "./values-construct.ts";
import { quoteGo } from "./values-set.ts";

/** Digest of bytes in hexadecimal or base64. */
export const digest = (algorithm: string, encoding: "hex" | "base64", data: Uint8Array | string): string =>
  createHash(algorithm).update(data).digest(encoding);

const hash = (algorithm: string, encoding: "hex" | "base64"): FunctionDefinition =>
  stringFunction(["str"], stringType, (text = "") => stringValue(digest(algorithm, encoding, text)));

/** Namespaces of RFC 9562, section 6.6. */
const namespaces: Readonly<Record<string, string>> = {
  dns: "6ba7b8109dad11d180b400c04fd430c8",
  url: "6ba7b8119dad11d180b400c04fd430c8",
  oid: "6ba7b8129dad11d180b400c04fd430c8",
  x500: "6ba7b8149dad11d180b400c04fd430c8",
};

/** The hexadecimal digits of a UUID in one of its written forms (google/uuid `Parse`). */
const parseUuid = (text: string): string | { readonly problem: string } => {
  const length = Buffer.byteLength(text);
  let plain = text;
  if (length === 45) {
    if (text.slice(0, 9).toLowerCase() !== "urn:uuid:")
      return { problem: `invalid urn prefix: ${quoteGo(text.slice(0, 9))}` };
    plain = text.slice(9);
  } else if (length === 38) plain = text.slice(1, -1);
  else if (length === 32) return /^[0-9a-f]{32}$/i.test(text) ? text : { problem: "invalid UUID format" };
  else if (length !== 36) return { problem: `invalid UUID length: ${length}` };
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(plain)
    ? plain.replaceAll("-", "")
    : { problem: "invalid UUID format" };
};

const uuidv5 = stringFunction(["namespace", "name"], stringType, (space = "", name = "") => {
  const known = Object.hasOwn(namespaces, space) ? namespaces[space] : undefined;
  const parsed = known ?? parseUuid(space);
  if (typeof parsed !== "string") return fail(`uuidv5() doesn't support namespace ${space} (${parsed.problem})`);
  const bytes = createHash("sha1").update(Buffer.from(parsed, "hex")).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return stringValue(
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
  );
});

const rsadecrypt = stringFunction(["ciphertext", "privatekey"], stringType, (text = "", keyText = "") => {
  const bytes = decodeBase64(text);
  if (typeof bytes === "number")
    return fail(`failed to decode input ${quoteGo(text)}: cipher text must be base64-encoded`, 0);
  return decryptWith(bytes, keyText);
});

const decryptWith = (bytes: Buffer, keyText: string): FunctionResult => {
  if (!keyText.includes("-----BEGIN")) return fail("invalid private key: ssh: no key found", 1);
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(keyText);
  } catch {
    return fail("invalid ASN1 data in the given private key", 1);
  }
  if (key.asymmetricKeyType !== "rsa") return fail("invalid private key type", 1);
  try {
    const padded = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, bytes);
    const plain = unpad(padded);
    if (!(plain instanceof Uint8Array)) return plain;
    return stringValue(decodeUtf8(plain) ?? Buffer.from(plain).toString());
  } catch {
    return decryptionError;
  }
};

const decryptionError: FunctionFailure = fail("failed to decrypt: crypto/rsa: decryption error");

/** PKCS #1 v1.5: 0, 2, at least eight other bytes, 0, the message. */
const unpad = (padded: Buffer): Uint8Array | FunctionFailure => {
  const end = padded.indexOf(0, 2);
  return padded[0] === 0 && padded[1] === 2 && end >= 10 ? padded.subarray(end + 1) : decryptionError;
};

/** A value that Terraform makes anew in every run: unknown, with its reason. */
const byChance = (parameters: FunctionDefinition["parameters"], because: string): FunctionDefinition => ({
  parameters,
  result: stringType,
  refinement: notNull,
  call: () => unknownValue(stringType, because),
});

/** Hashes, keys and names made of them. */
export const hashFunctions: Readonly<Record<string, FunctionDefinition>> = {
  base64sha256: hash("sha256", "base64"),
  base64sha512: hash("sha512", "base64"),
  bcrypt: {
    ...byChance([{ name: "str", type: stringType }], "bcrypt() takes a new salt in every run"),
    variadic: { name: "cost", type: { kind: "number" } },
  },
  md5: hash("md5", "hex"),
  rsadecrypt,
  sha1: hash("sha1", "hex"),
  sha256: hash("sha256", "hex"),
  sha512: hash("sha512", "hex"),
  uuid: byChance([], "uuid() gives a new value in every run"),
  uuidv5,
};
