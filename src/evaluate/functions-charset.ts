/** A character set of the IANA registry. */
export interface Charset {
  /** The registry's own name, as messages show it. */
  readonly name: string;
  /** `undefined` where the text has a character that the set lacks. */
  readonly encode: (text: string) => Uint8Array | undefined;
  readonly decode: (bytes: Uint8Array) => string | undefined;
}

/**
 * Registry name, label for TextDecoder, and the aliases that Terraform's table accepts (golang.org/x/text ianaindex). Names are
 * compared without regard to case.
 */
const table: readonly (readonly [name: string, label: string, aliases: string])[] = [
  [
    "US-ASCII",
    "ascii",
    "iso-ir-6 ansi_x3.4-1968 ansi_x3.4-1986 iso_646.irv:1991 iso646-us us ibm367 cp367 csascii ascii",
  ],
  ["UTF-8", "utf-8", "csutf8"],
  ["UTF-16", "utf-16", "csutf16"],
  ["UTF-16BE", "utf-16be", "csutf16be"],
  ["UTF-16LE", "utf-16le", "csutf16le"],
  ["ISO_8859-1:1987", "latin1", "iso-ir-100 iso_8859-1 iso-8859-1 latin1 l1 ibm819 cp819 csisolatin1"],
  ["ISO_8859-2:1987", "iso-8859-2", "iso-ir-101 iso_8859-2 iso-8859-2 latin2 l2 csisolatin2"],
  ["ISO_8859-3:1988", "iso-8859-3", "iso-ir-109 iso_8859-3 iso-8859-3 latin3 l3 csisolatin3"],
  ["ISO_8859-4:1988", "iso-8859-4", "iso-ir-110 iso_8859-4 iso-8859-4 latin4 l4 csisolatin4"],
  ["ISO_8859-5:1988", "iso-8859-5", "iso-ir-144 iso_8859-5 iso-8859-5 cyrillic csisolatincyrillic"],
  ["ISO_8859-6:1987", "iso-8859-6", "iso-ir-127 iso_8859-6 iso-8859-6 ecma-114 asmo-708 arabic csisolatinarabic"],
  ["ISO_8859-7:1987", "iso-8859-7", "iso-ir-126 iso_8859-7 iso-8859-7 elot_928 ecma-118 greek greek8 csisolatingreek"],
  ["ISO_8859-8:1988", "iso-8859-8", "iso-ir-138 iso_8859-8 iso-8859-8 hebrew csisolatinhebrew"],
  ["ISO_8859-9:1989", "windows-1254", "iso-ir-148 iso_8859-9 iso-8859-9 latin5 l5 csisolatin5"],
  ["ISO-8859-10", "iso-8859-10", "iso-ir-157 l6 iso_8859-10:1992 csisolatin6 latin6"],
  ["ISO-8859-13", "iso-8859-13", "csiso885913"],
  ["ISO-8859-14", "iso-8859-14", "iso-ir-199 iso_8859-14:1998 iso_8859-14 latin8 iso-celtic l8 csiso885914"],
  ["ISO-8859-15", "iso-8859-15", "iso_8859-15 latin-9 csiso885915"],
  ["ISO-8859-16", "iso-8859-16", "iso-ir-226 iso_8859-16:2001 iso_8859-16 latin10 l10 csiso885916"],
  ["KOI8-R", "koi8-r", "cskoi8r"],
  ["KOI8-U", "koi8-u", "cskoi8u"],
  ["macintosh", "macintosh", "mac csmacintosh"],
  ["IBM437", "cp437", "cp437 437 cspc8codepage437"],
  ["IBM850", "cp850", "cp850 850 cspc850multilingual"],
  ["IBM866", "ibm866", "cp866 866 csibm866"],
  ["windows-874", "windows-874", "cswindows874"],
  ["windows-1250", "windows-1250", "cswindows1250"],
  ["windows-1251", "windows-1251", "cswindows1251"],
  ["windows-1252", "windows-1252", "cswindows1252"],
  ["windows-1253", "windows-1253", "cswindows1253"],
  ["windows-1254", "windows-1254", "cswindows1254"],
  ["windows-1255", "windows-1255", "cswindows1255"],
  ["windows-1256", "windows-1256", "cswindows1256"],
  ["windows-1257", "windows-1257", "cswindows1257"],
  ["windows-1258", "windows-1258", "cswindows1258"],
  ["GBK", "gbk", "cp936 ms936 windows-936 csgbk"],
  ["GB18030", "gb18030", "csgb18030"],
  ["Big5", "big5", "csbig5"],
  ["Extended_UNIX_Code_Packed_Format_for_Japanese", "euc-jp", "cseucpkdfmtjapanese euc-jp"],
  ["Shift_JIS", "shift_jis", "ms_kanji csshiftjis"],
  ["EUC-KR", "euc-kr", "cseuckr"],
];

/** The character set of an IANA name or alias. */
export const charsetOf = (name: string): Charset | undefined => {
  const wanted = name.toLowerCase();
  const row = table.find(([own, , aliases]) => own.toLowerCase() === wanted || aliases.split(" ").includes(wanted));
  if (row === undefined) return undefined;
  const [own, label] = row;
  return { name: own, encode: encoderOf(label), decode: decoderOf(label) };
};

/** Upper halves that TextDecoder lacks, or has wrong: Node reads windows-1252 as ISO 8859-1. */
const upperHalves: Readonly<Record<string, string>> = {
  cp437:
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
  cp850:
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0",
  "windows-1252": `€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ${Array.from({ length: 96 }, (_, index) => String.fromCharCode(0xa0 + index)).join("")}`,
};

const decodeHalves = (bytes: Uint8Array, upper: string): string =>
  Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : (upper[byte - 0x80] ?? "\ufffd"))).join("");

const decoderOf =
  (label: string): Charset["decode"] =>
  (bytes) => {
    const upper = upperHalves[label];
    if (upper !== undefined) return decodeHalves(bytes, upper);
    if (label === "latin1") return Buffer.from(bytes).toString("latin1");
    if (label === "ascii") return bytes.some((byte) => byte > 0x7f) ? undefined : Buffer.from(bytes).toString("latin1");
    if (label === "utf-16") {
      const little = bytes[0] === 0xff && bytes[1] === 0xfe;
      return new TextDecoder(little ? "utf-16le" : "utf-16be").decode(bytes);
    }
    return new TextDecoder(label, { ignoreBOM: true }).decode(bytes);
  };

const encoderOf = (label: string): Charset["encode"] => {
  switch (label) {
    case "utf-8":
      return (text) => Buffer.from(text);
    case "utf-16le":
      return (text) => Buffer.from(text, "utf16le");
    case "utf-16be":
      return (text) => Buffer.from(text, "utf16le").swap16();
    case "utf-16":
      return (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16();
    case "latin1":
      return (text) => (/^[\0-\xff]*$/.test(text) ? Buffer.from(text, "latin1") : undefined);
    case "ascii":
      return (text) => (/^[\0-\x7f]*$/.test(text) ? Buffer.from(text, "latin1") : undefined);
    default:
      return (text) => encodeByTable(text, tableOf(label));
  }
};

const encodeByTable = (text: string, codes: ReadonlyMap<string, readonly number[]>): Uint8Array | undefined => {
  const bytes: number[] = [];
  for (const char of text) {
    const code = codes.get(char);
    if (code === undefined) return undefined;
    bytes.push(...code);
  }
  return Uint8Array.from(bytes);
};

const tables = new Map<string, ReadonlyMap<string, readonly number[]>>();

/** Bytes of each character, found by decoding all codes of one and two bytes. */
const tableOf = (label: string): ReadonlyMap<string, readonly number[]> => {
  const known = tables.get(label);
  if (known !== undefined) return known;
  const codes = new Map<string, readonly number[]>();
  const decode = decoderOf(label);
  const note = (bytes: readonly number[]): boolean => {
    const text = decode(Uint8Array.from(bytes)) ?? "\ufffd";
    const isOne = [...text].length === 1 && text !== "\ufffd";
    if (isOne && !codes.has(text)) codes.set(text, bytes);
    return isOne;
  };
  const leads: number[] = [];
  for (let byte = 0; byte < 256; byte++) if (!note([byte])) leads.push(byte);
  if (/^(gb|big5|euc|shift)/.test(label))
    for (const lead of leads) for (let trail = 0x40; trail < 0xff; trail++) note([lead, trail]);
  tables.set(label, codes);
  return codes;
};
