/** The first of the names that is nearer than three edits, as HCL suggests one (hclsyntax `nameSuggestion`). */
export const nameSuggestion = (given: string, names: Iterable<string>): string | undefined => {
  for (const name of [...names].sort()) if (distance(given, name) < 3) return name;
  return undefined;
};

/** Levenshtein distance in characters. */
const distance = (a: string, b: string): number => {
  const left = [...a];
  const right = [...b];
  let row = right.map((_, index) => index + 1);
  row.unshift(0);
  for (const [i, char] of left.entries()) {
    const next = [i + 1];
    for (const [j, other] of right.entries()) {
      const substitution = (row[j] ?? 0) + (char === other ? 0 : 1);
      next.push(Math.min(substitution, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
};
