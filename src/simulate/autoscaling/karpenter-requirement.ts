import { normalLabel, normalValue } from "./karpenter-labels.ts";

/**
 * What is asked of the value of one label, as a set: the listed values, or (`complement`) all but these, within bounds. Operators In,
 * NotIn, Exists, DoesNotExist, Gt, Lt, Gte and Lte all come to that form. Source: kubernetes-sigs/karpenter v1.14.0
 * `pkg/scheduling/requirement.go`.
 */
export interface Requirement {
  readonly key: string;
  readonly complement: boolean;
  readonly values: ReadonlySet<string>;
  /** Inclusive; values that are no whole numbers are outside any bound. */
  readonly least: number | undefined;
  readonly most: number | undefined;
  /** How many different values the sizes of a node must leave open. */
  readonly minValues: number | undefined;
}

export const requirement = (
  key: string,
  operator: string,
  values: readonly string[] = [],
  minValues?: number,
): Requirement => {
  const name = normalLabel(key);
  const given = new Set(values.map((value) => normalValue(name, value)));
  const bound = Number.parseInt(values[0] ?? "", 10);
  const made = (parts: Partial<Requirement>): Requirement => ({
    key: name,
    complement: true,
    values: new Set(),
    least: undefined,
    most: undefined,
    minValues,
    ...parts,
  });
  switch (operator) {
    case "In":
      return made({ complement: false, values: given });
    case "NotIn":
      return made({ values: given });
    case "DoesNotExist":
      return made({ complement: false });
    case "Gt":
      return made({ least: bound + 1 });
    case "Gte":
      return made({ least: bound });
    case "Lt":
      return made({ most: bound - 1 });
    case "Lte":
      return made({ most: bound });
    default:
      return made({});
  }
};

/** The operator that the set comes to; bounds alone count as Exists or NotIn. */
export const operatorOf = ({ complement, values }: Requirement): "In" | "NotIn" | "Exists" | "DoesNotExist" => {
  if (complement) return values.size > 0 ? "NotIn" : "Exists";
  return values.size > 0 ? "In" : "DoesNotExist";
};

/** Whether the value is one of the set. */
export const allows = ({ complement, values, least, most }: Requirement, value: string): boolean =>
  values.has(value) !== complement && isWithin(value, least, most);

/** Both at once. Where nothing is left it reads as DoesNotExist. The first one itself where the second takes nothing away. */
export const intersection = (a: Requirement, b: Requirement): Requirement => {
  const least = larger(a.least, b.least);
  const most = smaller(a.most, b.most);
  const minValues = larger(a.minValues, b.minValues);
  if (least !== undefined && most !== undefined && least > most)
    return { key: a.key, complement: false, values: new Set(), least: undefined, most: undefined, minValues };
  const complement = a.complement && b.complement;
  const values = new Set([...valuesOfBoth(a, b)].filter((value) => isWithin(value, least, most)));
  const bounds = complement ? { least, most } : { least: undefined, most: undefined };
  const isSame =
    complement === a.complement &&
    bounds.least === a.least &&
    bounds.most === a.most &&
    minValues === a.minValues &&
    values.size === a.values.size;
  return isSame ? a : { key: a.key, complement, values, ...bounds, minValues };
};

/** Whether some value satisfies both. */
export const intersects = (a: Requirement, b: Requirement): boolean => {
  const least = larger(a.least, b.least);
  const most = smaller(a.most, b.most);
  if (least !== undefined && most !== undefined && least > most) return false;
  if (a.complement && b.complement) return true;
  const [listed, other] = a.complement ? [b, a] : [a, b];
  for (const value of listed.values)
    if (other.values.has(value) !== other.complement && isWithin(value, least, most)) return true;
  return false;
};

/** `karpenter.azure.com/sku-cpu NotIn [2, 4] <= 16`, for people. */
export const requirementText = (given: Requirement): string => {
  const operator = operatorOf(given);
  const values = [...given.values].sort();
  const shown = values.length > 5 ? [...values.slice(0, 5), `and ${values.length - 5} more`] : values;
  const list = operator === "In" || operator === "NotIn" ? ` [${shown.join(", ")}]` : "";
  const from = given.least === undefined ? "" : ` >= ${given.least}`;
  const to = given.most === undefined ? "" : ` <= ${given.most}`;
  const isBoundOnly = operator === "Exists" && (from !== "" || to !== "");
  return `${given.key}${isBoundOnly ? "" : ` ${operator}`}${list}${from}${to}${given.minValues === undefined ? "" : ` minValues ${given.minValues}`}`;
};

const valuesOfBoth = (a: Requirement, b: Requirement): readonly string[] => {
  if (a.complement && b.complement) return [...new Set([...a.values, ...b.values])];
  if (a.complement) return [...b.values].filter((value) => !a.values.has(value));
  return [...a.values].filter((value) => b.values.has(value) !== b.complement);
};

const isWithin = (value: string, least: number | undefined, most: number | undefined): boolean => {
  if (least === undefined && most === undefined) return true;
  if (!/^[+-]?\d+$/.test(value)) return false;
  const number = Number(value);
  return (least === undefined || number >= least) && (most === undefined || number <= most);
};

const larger = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);

const smaller = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);
