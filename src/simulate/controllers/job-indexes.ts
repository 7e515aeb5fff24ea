import type { Pod } from "../../kubernetes/pod.ts";

/** `0-2,5` for 0, 1, 2 and 5; the numbers are sorted. */
export const compactIndexes = (indexes: readonly number[]): string => {
  const parts: string[] = [];
  for (let start = 0; start < indexes.length; ) {
    let end = start;
    while (indexes[end + 1] === (indexes[end] ?? 0) + 1) end++;
    const [first, last] = [indexes[start], indexes[end]];
    parts.push(end === start ? `${first}` : end === start + 1 ? `${first},${last}` : `${first}-${last}`);
    start = end + 1;
  }
  return parts.join(",");
};

/** The completion index of an indexed Job's pod. */
export const indexOfPod = (pod: Pod): number | undefined => {
  const text = pod.metadata.annotations?.["batch.kubernetes.io/job-completion-index"];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
};

/** The numbers of `0-2,5`. */
export const expandIndexes = (text: string): readonly number[] =>
  text === ""
    ? []
    : text.split(",").flatMap((part) => {
        const [first = "0", last = first] = part.split("-");
        return Array.from({ length: Number(last) - Number(first) + 1 }, (_, step) => Number(first) + step);
      });

/** Pods that are one too many of their index, or whose index is not wanted: of each index one stays. */
export const surplusOfIndexes = (pods: readonly Pod[], completions: number): readonly Pod[] => {
  const seen = new Set<number>();
  return pods.filter((pod) => {
    const index = indexOfPod(pod);
    if (index === undefined || index >= completions || seen.has(index)) return true;
    seen.add(index);
    return false;
  });
};
