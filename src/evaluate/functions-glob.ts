/** A test of relative paths against a pattern with `**`, `*`, `?`, `[a-z]` and `{a,b}` (doublestar 1.1); `undefined` for a broken pattern. */
export const matchesGlob = (pattern: string): ((path: string) => boolean) | undefined => {
  const parts = splitPattern(pattern);
  const tests: (RegExp | "**")[] = [];
  for (const part of parts) {
    if (part === "**") {
      tests.push("**");
      continue;
    }
    const source = translate(part);
    if (source === undefined) return undefined;
    tests.push(new RegExp(`^${source}$`, "su"));
  }
  return (path) => match(tests, 0, path.split("/"), 0);
};

/** Parts between slashes; a slash in braces does not divide. */
const splitPattern = (pattern: string): readonly string[] => {
  const parts: string[] = [];
  let current = "";
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? "";
    if (char === "\\") current += char + (pattern[++at] ?? "");
    else if (char === "/" && depth === 0) {
      parts.push(current);
      current = "";
    } else {
      if (char === "{") depth++;
      if (char === "}") depth--;
      current += char;
    }
  }
  parts.push(current);
  return parts;
};

const match = (tests: readonly (RegExp | "**")[], test: number, parts: readonly string[], part: number): boolean => {
  const current = tests[test];
  if (current === undefined) return part === parts.length;
  if (current === "**") {
    // Alone at the end it stands for everything below.
    if (test === tests.length - 1) return true;
    for (let next = part; next <= parts.length; next++) if (match(tests, test + 1, parts, next)) return true;
    return false;
  }
  const text = parts[part];
  return text !== undefined && current.test(text) && match(tests, test + 1, parts, part + 1);
};

/** The pattern of one part as a regular expression. */
const translate = (part: string): string | undefined => {
  let out = "";
  let depth = 0;
  for (let at = 0; at < part.length; ) {
    const char = String.fromCodePoint(part.codePointAt(at) ?? 0);
    at += char.length;
    if (char === "*") out += "[^/]*";
    else if (char === "?") out += "[^/]";
    else if (char === "[") {
      const end = classEnd(part, at);
      const body = end === undefined ? undefined : classBody(part.slice(at, end));
      if (end === undefined || body === undefined) return undefined;
      out += body;
      at = end + 1;
    } else if (char === "{") {
      depth++;
      out += "(?:";
    } else if (char === "}" && depth > 0) {
      depth--;
      out += ")";
    } else if (char === "," && depth > 0) out += "|";
    else if (char === "\\") {
      if (at >= part.length) return undefined;
      const escaped = String.fromCodePoint(part.codePointAt(at) ?? 0);
      at += escaped.length;
      out += literal(escaped);
    } else out += literal(char);
  }
  return depth === 0 ? out : undefined;
};

const literal = (char: string): string => (/[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char);

const classEnd = (part: string, from: number): number | undefined => {
  for (let at = from; at < part.length; at++) {
    if (part[at] === "\\") at++;
    else if (part[at] === "]" && at > from) return at;
  }
  return undefined;
};

const classBody = (body: string): string | undefined => {
  const negated = body.startsWith("^") || body.startsWith("!");
  const inner = body.slice(negated ? 1 : 0).replace(/[[\]^]/g, "\\$&");
  const source = `[${negated ? "^" : ""}${inner}]`;
  try {
    new RegExp(source, "u");
    return source;
  } catch {
    return undefined;
  }
};
