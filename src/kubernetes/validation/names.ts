const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomain = `${label}(\\.${label})*`;
const dns1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const qualifiedPart = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelValue = `(${qualifiedPart})?`;

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);
const regexMessage = (text: string, pattern: string, ...examples: readonly string[]): string =>
  `${text} (e.g. ${examples.map((example) => `'${example}'`).join(",  or ")}, regex used for validation is '${pattern}')`;

const subdomainText = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomain,
  "example.com",
);
const labelText = regexMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label,
  "my-name",
  "123-abc",
);
const dns1035Text = regexMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  dns1035,
  "my-name",
  "abc-123",
);
const qualifiedText = regexMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  qualifiedPart,
  "MyName",
  "my.name",
  "123-abc",
);

const length = (text: string): number => new TextEncoder().encode(text).length;

/** Each function returns what is wrong with a name, in apimachinery's words (pkg/util/validation and pkg/api/validate/content, v0.35). */
export const dnsSubdomain = (name: string): readonly string[] => [
  ...(length(name) > 253 ? ["must be no more than 253 characters"] : []),
  ...(whole(subdomain).test(name) ? [] : [subdomainText]),
];

export const dnsLabel = (name: string): readonly string[] => {
  const long = length(name) > 63 ? ["must be no more than 63 characters"] : [];
  if (whole(label).test(name)) return long;
  return [...long, name.includes(".") ? "must not contain dots" : labelText];
};

export const dns1035Label = (name: string): readonly string[] => [
  ...(length(name) > 63 ? ["must be no more than 63 characters"] : []),
  ...(whole(dns1035).test(name) ? [] : [dns1035Text]),
];

export const labelKey = (key: string): readonly string[] => {
  const parts = key.split("/");
  if (parts.length > 2) {
    return [
      `a valid label key ${qualifiedText} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? "";
  const prefix = parts.length === 2 ? parts[0] : undefined;
  const problems: string[] = [];
  if (prefix === "") problems.push("prefix part must be non-empty");
  else if (prefix !== undefined) problems.push(...dnsSubdomain(prefix).map((text) => `prefix part ${text}`));
  if (name === "") problems.push("name part must be non-empty");
  else if (length(name) > 63) problems.push("name part must be no more than 63 bytes");
  if (prefix === "" && whole(qualifiedPart).test(name)) return problems;
  if (!whole(qualifiedPart).test(name)) problems.push(`name part ${qualifiedText}`);
  return problems;
};

export const labelValueProblems = (value: string): readonly string[] => [
  ...(length(value) > 63 ? ["must be no more than 63 bytes"] : []),
  ...(whole(labelValue).test(value)
    ? []
    : [
        regexMessage(
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
          labelValue,
          "MyValue",
          "my_value",
          "12345",
        ),
      ]),
];

/** Names that stand in paths, such as those of roles. */
export const pathSegment = (name: string): readonly string[] => {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((sign) => name.includes(sign)).map((sign) => `may not contain '${sign}'`);
};

export const configMapKey = (key: string): readonly string[] => {
  const pattern = "[-._a-zA-Z0-9]+";
  const problems = [
    ...(length(key) > 253 ? ["must be no more than 253 characters"] : []),
    ...(whole(pattern).test(key)
      ? []
      : [
          regexMessage(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            pattern,
            "key.name",
            "KEY_NAME",
            "key-name",
          ),
        ]),
  ];
  if (key === ".") problems.push("must not be '.'");
  else if (key === "..") problems.push("must not be '..'");
  else if (key.startsWith("..")) problems.push("must not start with '..'");
  return problems;
};

export const portName = (name: string): readonly string[] => {
  const problems: string[] = [];
  if (name.length > 15) problems.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]+$/.test(name))
    problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(name)) problems.push("must contain at least one letter (a-z)");
  if (name.includes("--")) problems.push("must not contain consecutive hyphens");
  if (name.startsWith("-") || name.endsWith("-")) problems.push("must not begin or end with a hyphen");
  return problems;
};

export const wildcardSubdomain = (name: string): readonly string[] => {
  const pattern = `\\*\\.${subdomain}`;
  return whole(pattern).test(name)
    ? []
    : [
        regexMessage(
          "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
          pattern,
          "*.example.com",
        ),
      ];
};

/** A subdomain that may hold underscores, as search paths do. */
export const underscoredSubdomain = (name: string): readonly string[] => {
  const pattern = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*";
  return [
    ...(length(name) > 253 ? ["must be no more than 253 bytes"] : []),
    ...(whole(pattern).test(name)
      ? []
      : [
          regexMessage(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
            pattern,
            "example.com",
          ),
        ]),
  ];
};

export const isIpAddress = (text: string): boolean => isIpv4(text) || isIpv6(text);

const isIpv4 = (text: string): boolean =>
  /^(\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split(".").every((part) => Number(part) <= 255 && !/^0\d/.test(part));

const isIpv6 = (text: string): boolean => {
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(":")) return false;
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  return (
    (halves.length === 2 ? groups.length < 8 : groups.length === 8) &&
    groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
  );
};

export const isCidr = (text: string): boolean => {
  const [address = "", size = "", more] = text.split("/");
  if (more !== undefined || !/^\d{1,3}$/.test(size)) return false;
  return isIpv4(address) ? Number(size) <= 32 : isIpv6(address) && Number(size) <= 128;
};

export const ipText = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
export const cidrText = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
