import { MAX_NODE_SCORE, type ScorePlugin } from "./framework.ts";

const MEBIBYTE = 1024 * 1024;
const MIN_THRESHOLD = 23 * MEBIBYTE;
const MAX_PER_CONTAINER = 1000 * MEBIBYTE;

/** Nodes that already have the pod's images are better, the more so the bigger and the more widespread they are. Source: `plugins/imagelocality`, v1.35.4. */
export const imageLocality: ScorePlugin = {
  name: "ImageLocality",
  prepare: ({ state, pod }) => {
    const { images } = pod.podClass.shape;
    return { score: (row) => imageScore(images, (image) => state.nodes.imageScore(row, image)) };
  },
};

/** The score for images of which each counts as much as `presence` says. */
export const imageScore = (images: readonly string[], presence: (image: string) => number): number => {
  let sum = 0;
  for (const image of images) sum += presence(image);
  const max = MAX_PER_CONTAINER * images.length;
  const clamped = sum < MIN_THRESHOLD ? MIN_THRESHOLD : Math.min(sum, max);
  return Math.trunc((MAX_NODE_SCORE * (clamped - MIN_THRESHOLD)) / (max - MIN_THRESHOLD));
};
