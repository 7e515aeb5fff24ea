/**
 * The name that was meant, where a name is none of the known and differs from one by its case, its separators, or one letter too many,
 * too few or out of place. Another digit or letter makes another name: `aks-prod1` is not `aks-prod2`.
 */
export const typoOf = (name: string, known: readonly string[]): string | undefined => {
  if (known.some((each) => each.toLowerCase() === name.toLowerCase())) return undefined;
  return known.find((each) => plain(each) === plain(name) || (name.length >= 5 && slipped(each, name)));
};

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

const slipped = (a: string, b: string): boolean => {
  const [long, short] = a.length > b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  const at = [...long].findIndex((letter, index) => letter !== short[index]);
  if (at === -1) return false;
  if (long.length > short.length) return /[a-z-]/i.test(long[at] ?? "") && long.slice(at + 1) === short.slice(at);
  const swapped = `${long.slice(0, at)}${long[at + 1] ?? ""}${long[at] ?? ""}${long.slice(at + 2)}`;
  return swapped === short;
};
