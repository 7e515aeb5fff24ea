import type { Assertion, CharTest, Pattern } from "./functions-regex-parse.ts";

/** A compiled pattern: a list of instructions for a backtracking matcher that never visits a state twice. */
type Instruction =
  | { readonly op: "char"; readonly test: CharTest; next: number }
  | { readonly op: "split"; next: number; other: number }
  | { readonly op: "save"; readonly slot: number; next: number }
  | { readonly op: "assert"; readonly what: Assertion; next: number }
  | { readonly op: "match" };

export interface Program {
  readonly instructions: readonly Instruction[];
  readonly slots: number;
}

/** Turns a pattern into instructions; counted repetitions are written out, as in Go. */
export const compilePattern = (pattern: Pattern, groups: number): Program => {
  const instructions: Instruction[] = [];
  const add = (instruction: Instruction): number => instructions.push(instruction) - 1;
  const emit = (node: Pattern, next: number): number => {
    switch (node.op) {
      case "class":
        return add({ op: "char", test: node.test, next });
      case "assert":
        return add({ op: "assert", what: node.what, next });
      case "group": {
        const end = add({ op: "save", slot: node.index * 2 + 1, next });
        return add({ op: "save", slot: node.index * 2, next: emit(node.inner, end) });
      }
      case "sequence":
        return node.parts.reduceRight((after, part) => emit(part, after), next);
      case "choice": {
        const starts = node.parts.map((part) => emit(part, next));
        return starts.reduceRight((other, start) => add({ op: "split", next: start, other }));
      }
      case "repeat":
        return emitRepeat(node, next);
    }
  };
  const split = (greedy: boolean, inner: number, next: number): number =>
    add(greedy ? { op: "split", next: inner, other: next } : { op: "split", next, other: inner });
  const plus = (inner: Pattern, greedy: boolean, next: number): number => {
    const loop = add({ op: "split", next: -1, other: -1 });
    const start = emit(inner, loop);
    instructions[loop] = greedy ? { op: "split", next: start, other: next } : { op: "split", next, other: start };
    return start;
  };
  const emitRepeat = (node: Pattern & { readonly op: "repeat" }, next: number): number => {
    const { min, max, greedy, inner } = node;
    if (max === undefined) {
      if (min === 0) {
        if (!canBeEmpty(inner)) {
          const loop = add({ op: "split", next: -1, other: -1 });
          const start = emit(inner, loop);
          instructions[loop] = greedy ? { op: "split", next: start, other: next } : { op: "split", next, other: start };
          return loop;
        }
        return split(greedy, plus(inner, greedy, next), next);
      }
      let start = plus(inner, greedy, next);
      for (let copy = 1; copy < min; copy++) start = emit(inner, start);
      return start;
    }
    let start = next;
    for (let copy = min; copy < max; copy++) start = split(greedy, emit(inner, start), next);
    for (let copy = 0; copy < min; copy++) start = emit(inner, start);
    return start;
  };
  const match = add({ op: "match" });
  const end = add({ op: "save", slot: 1, next: match });
  const start = add({ op: "save", slot: 0, next: emit(pattern, end) });
  // The matcher starts at the last instruction.
  if (start !== instructions.length - 1) throw new Error("the start is the last instruction");
  return { instructions, slots: (groups + 1) * 2 };
};

const canBeEmpty = (pattern: Pattern): boolean => {
  switch (pattern.op) {
    case "class":
      return false;
    case "assert":
      return true;
    case "group":
      return canBeEmpty(pattern.inner);
    case "repeat":
      return pattern.min === 0 || canBeEmpty(pattern.inner);
    case "sequence":
      return pattern.parts.every(canBeEmpty);
    case "choice":
      return pattern.parts.some(canBeEmpty);
  }
};

/** States that may be visited in one search, in bits. */
const maxStates = 1 << 28;

/** A text made ready for matching; positions count code points. */
export interface Subject {
  readonly codes: readonly number[];
  readonly slice: (from: number, to: number) => string;
}

export const subjectOf = (text: string): Subject => {
  const chars = [...text];
  const codes = chars.map((char) => char.codePointAt(0) ?? 0);
  return {
    codes,
    slice:
      chars.length === text.length ? (from, to) => text.slice(from, to) : (from, to) => chars.slice(from, to).join(""),
  };
};

/** Searches from a position on; `undefined` where nothing matches, `"too large"` beyond the limit. */
export const searchPattern = (
  program: Program,
  subject: Subject,
  from: number,
  visited: Visited,
): readonly number[] | undefined | "too large" => {
  const { instructions, slots } = program;
  const { codes } = subject;
  const width = codes.length + 1;
  if (instructions.length * width > maxStates) return "too large";
  const first = instructions.length - 1;
  for (let start = from; start <= codes.length; start++) {
    const found = attempt(instructions, codes, first, start, slots, visited, width);
    if (found !== undefined) {
      visited.clear();
      return found;
    }
  }
  visited.clear();
  return undefined;
};

/** A set of states that is cheap to empty. */
export class Visited {
  readonly words: Uint32Array;
  readonly touched: number[] = [];
  constructor(bits: number) {
    this.words = new Uint32Array((bits >>> 5) + 1);
  }
  /** False where the state was there before. */
  add(state: number): boolean {
    const word = state >>> 5;
    const before = this.words[word] ?? 0;
    const bit = 1 << (state & 31);
    if ((before & bit) !== 0) return false;
    if (before === 0) this.touched.push(word);
    this.words[word] = before | bit;
    return true;
  }
  clear(): void {
    for (const word of this.touched) this.words[word] = 0;
    this.touched.length = 0;
  }
}

export const visitedFor = (program: Program, subject: Subject): Visited =>
  new Visited(Math.min(program.instructions.length * (subject.codes.length + 1), maxStates));

const attempt = (
  instructions: readonly Instruction[],
  codes: readonly number[],
  first: number,
  start: number,
  slots: number,
  visited: Visited,
  width: number,
): readonly number[] | undefined => {
  const captures = new Array<number>(slots).fill(-1);
  // Pairs of instruction and position; a negative instruction restores a capture slot.
  const stack: number[] = [first, start];
  while (stack.length > 0) {
    let position = stack.pop() ?? 0;
    let at = stack.pop() ?? 0;
    if (at < 0) {
      captures[-at - 1] = position;
      continue;
    }
    while (visited.add(at * width + position)) {
      const instruction = instructions[at];
      if (instruction === undefined || instruction.op === "match") return captures;
      if (instruction.op === "char") {
        const code = codes[position];
        if (code === undefined || !instruction.test(code)) break;
        position++;
      } else if (instruction.op === "split") stack.push(instruction.other, position);
      else if (instruction.op === "save") {
        stack.push(-instruction.slot - 1, captures[instruction.slot] ?? -1);
        captures[instruction.slot] = position;
      } else if (!holds(instruction.what, codes, position)) break;
      at = instruction.next;
    }
  }
  return undefined;
};

const holds = (what: Assertion, codes: readonly number[], position: number): boolean => {
  switch (what) {
    case "textStart":
      return position === 0;
    case "textEnd":
      return position === codes.length;
    case "lineStart":
      return position === 0 || codes[position - 1] === 10;
    case "lineEnd":
      return position === codes.length || codes[position] === 10;
    case "word":
      return isWord(codes[position - 1]) !== isWord(codes[position]);
    case "notWord":
      return isWord(codes[position - 1]) === isWord(codes[position]);
  }
};

const isWord = (code: number | undefined): boolean =>
  code !== undefined &&
  ((code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122));
