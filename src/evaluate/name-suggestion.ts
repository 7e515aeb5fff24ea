/** The name that is fewest edits away, and fewer than three; Terraform takes any such name, and not always the same (hclsyntax `nameSuggestion`). */
export const nameSuggestion = (given: string, names: Iterable<string>): string | undefined => {
  let best: { readonly name: string; readonly edits: number; readonly growth: number } | undefined;
  for (const name of [...names].sort().reverse()) {
    const edits = distance(given, name);
    const growth = Math.abs(name.length - given.length);
    if (edits < 3 && (best === undefined || edits < best.edits || (edits === best.edits && growth < best.growth)))
      best = { name, edits, growth };
  }
  return best?.name;
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
