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
