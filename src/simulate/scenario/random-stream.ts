/** Numbers from 0 (with it) to 1 (without), the same for the same seed on every machine. */
export type RandomStream = () => number;

/** A stream of its own for each run and purpose, so that one more draw in one place moves nothing elsewhere (mulberry32). */
export const randomStream = (seed: number, run: number, purpose: string): RandomStream => {
  let state = mix(mix(seed >>> 0, run), 0x9e3779b9);
  for (let index = 0; index < purpose.length; index += 1) state = mix(state, purpose.charCodeAt(index));
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const mix = (state: number, word: number): number => {
  const mixed = Math.imul(state ^ word, 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 0;
};

/** A draw between `min` and `max`, most likely at `mode`. */
export const triangular = (random: RandomStream, min: number, mode: number, max: number): number => {
  const draw = random();
  const cut = max === min ? 0 : (mode - min) / (max - min);
  return draw < cut
    ? min + Math.sqrt(draw * (max - min) * (mode - min))
    : max - Math.sqrt((1 - draw) * (max - min) * (max - mode));
};

/** Puts the items of a list in any order, in place. */
export const shuffle = <T>(random: RandomStream, items: T[]): void => {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    const item = items[index] as T;
    items[index] = items[other] as T;
    items[other] = item;
  }
};
