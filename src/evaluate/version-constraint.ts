/** A version as Terraform reads it (hashicorp/go-version): up to three numbers, and a pre-release part. */
export interface Version {
  readonly numbers: readonly [number, number, number];
  /** How many of the numbers were written. */
  readonly written: number;
  readonly preRelease: string;
}

export interface VersionConstraint {
  readonly operator: "=" | "!=" | ">" | ">=" | "<" | "<=" | "~>";
  readonly version: Version;
}

/** Reads `4.79.0`, `v1.2`, `1.0.0-beta1`. */
export const parseVersion = (text: string): Version | undefined => {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.\d+)*(?:-([0-9A-Za-z.~-]+))?(?:\+[0-9A-Za-z.~-]+)?$/.exec(
    text.trim(),
  );
  if (match === null) return undefined;
  const parts = [match[1], match[2], match[3]];
  const number = (index: number): number => Number(parts[index] ?? 0);
  return {
    numbers: [number(0), number(1), number(2)],
    written: parts.filter((part) => part !== undefined).length,
    preRelease: match[4] ?? "",
  };
};

/** Reads `>= 3.0, < 5.0`; `undefined` where it is no constraint. */
export const parseConstraints = (text: string): readonly VersionConstraint[] | undefined => {
  const constraints: VersionConstraint[] = [];
  for (const part of text.split(",")) {
    const match = /^\s*(~>|>=|<=|!=|=|>|<|)\s*(\S+)\s*$/.exec(part);
    const version = match === null ? undefined : parseVersion(match[2] ?? "");
    if (match === null || version === undefined) return undefined;
    constraints.push({ operator: (match[1] || "=") as VersionConstraint["operator"], version });
  }
  return constraints;
};

export const compareVersions = (a: Version, b: Version): number => {
  for (const index of [0, 1, 2] as const)
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] - b.numbers[index];
  if (a.preRelease === b.preRelease) return 0;
  if (a.preRelease === "") return 1;
  if (b.preRelease === "") return -1;
  return a.preRelease < b.preRelease ? -1 : 1;
};

/** True where the version meets every constraint. A pre-release meets only a constraint that names it. */
export const satisfies = (version: Version, constraints: readonly VersionConstraint[]): boolean =>
  constraints.every((constraint) => meets(version, constraint));

const meets = (version: Version, { operator, version: bound }: VersionConstraint): boolean => {
  const order = compareVersions(version, bound);
  if (version.preRelease !== "" && operator !== "!=" && !(operator === "=" && order === 0)) {
    if (bound.preRelease === "" || version.numbers.some((part, index) => part !== bound.numbers[index])) return false;
  }
  switch (operator) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "~>":
      return order >= 0 && sharesAllButLast(version, bound);
  }
};

/** `~> 1.2` holds the first number, `~> 1.2.3` the first two; `~> 1` holds none but stays at or above 1. */
const sharesAllButLast = (version: Version, bound: Version): boolean => {
  const held = Math.max(bound.written - 1, bound.written === 1 ? 0 : 1);
  return bound.numbers.slice(0, held).every((part, index) => part === version.numbers[index]);
};
