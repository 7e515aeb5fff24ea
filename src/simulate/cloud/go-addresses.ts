import { parseIp } from "../../azure/cidr.ts";

/** True for an IPv4 address, also one mapped into IPv6: what Go's `net.ParseIP(...).To4()` tells. */
export const isIpv4Text = (text: string): boolean => {
  const address = parseIp(text);
  return address !== undefined && (address.family === 4 || address.value >> 32n === 0xffffn);
};

/** Why Go's `netip.ParseAddr` refuses a text, in its words; `undefined` where it takes it. */
export const whyNotAnAddress = (text: string): string | undefined => {
  for (const char of text) {
    if (char === ".") return ipv4Fault(text, text);
    if (char === ":") return ipv6Fault(text);
    if (char === "%") return fault(text, "missing IPv6 address");
  }
  return fault(text, "unable to parse IP");
};

const fault = (text: string, message: string, at?: string): string =>
  `ParseAddr(${quote(text)}): ${message}${at ? ` (at ${quote(at)})` : ""}`;

/** A text in Go's double quotes. */
export const quote = (text: string): string => JSON.stringify(text);

const ipv4Fault = (whole: string, text: string): string | undefined => {
  let [value, fields, digits] = [0, 0, 0];
  for (let index = 0; index < text.length; index++) {
    const char = text[index] ?? "";
    if (char >= "0" && char <= "9") {
      if (digits === 1 && value === 0) return fault(whole, "IPv4 field has octet with leading zero");
      value = value * 10 + Number(char);
      digits++;
      if (value > 255) return fault(whole, "IPv4 field has value >255");
    } else if (char === ".") {
      if (index === 0 || index === text.length - 1 || text[index - 1] === ".")
        return fault(whole, "IPv4 field must have at least one digit", text.slice(index));
      if (fields === 3) return fault(whole, "IPv4 address too long");
      fields++;
      [value, digits] = [0, 0];
    } else {
      return fault(whole, "unexpected character", text.slice(index));
    }
  }
  return fields < 3 ? fault(whole, "IPv4 address too short") : undefined;
};

const ipv6Fault = (whole: string): string | undefined => {
  const percent = whole.indexOf("%");
  if (percent >= 0 && percent === whole.length - 1) return fault(whole, "zone must be a non-empty string");
  let rest = percent < 0 ? whole : whole.slice(0, percent);
  let ellipsis = -1;
  let filled = 0;
  if (rest.startsWith("::")) {
    ellipsis = 0;
    rest = rest.slice(2);
    if (rest === "") return undefined;
  }
  while (filled < 16) {
    const group = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? "";
    if (group.length > 4) return fault(whole, "each group must have 4 or less digits", rest);
    if (group === "") return fault(whole, "each colon-separated field must have at least one digit", rest);
    if (rest[group.length] === ".") {
      if (ellipsis < 0 && filled !== 12)
        return fault(whole, "embedded IPv4 address must replace the final 2 fields of the address", rest);
      if (filled + 4 > 16)
        return fault(whole, "too many hex fields to fit an embedded IPv4 at the end of the address", rest);
      const inner = ipv4Fault(whole, rest);
      if (inner !== undefined) return inner;
      [rest, filled] = ["", filled + 4];
      break;
    }
    filled += 2;
    rest = rest.slice(group.length);
    if (rest === "") break;
    if (rest[0] !== ":") return fault(whole, "unexpected character, want colon", rest);
    if (rest.length === 1) return fault(whole, "colon must be followed by more characters", rest);
    rest = rest.slice(1);
    if (rest[0] === ":") {
      if (ellipsis >= 0) return fault(whole, "multiple :: in address", rest);
      ellipsis = filled;
      rest = rest.slice(1);
      if (rest === "") break;
    }
  }
  if (rest !== "") return fault(whole, "trailing garbage after address", rest);
  if (filled < 16 && ellipsis < 0) return fault(whole, "address string too short");
  if (filled >= 16 && ellipsis >= 0) return fault(whole, "the :: must expand to at least one field of zeros");
  return undefined;
};
