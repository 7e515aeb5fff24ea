let segmenter: Intl.Segmenter | undefined;

/** The grapheme clusters of a text, as Terraform counts characters (UAX 29). */
export const graphemesOf = (text: string): readonly string[] => {
  if (/^[\x20-\x7e]*$/.test(text)) return text.split("");
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return [...segmenter.segment(text)].map(({ segment }) => segment);
};

export const graphemeCount = (text: string): number =>
  /^[\x20-\x7e]*$/.test(text) ? text.length : graphemesOf(text).length;
