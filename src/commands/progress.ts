import type { CommandIo } from "./command.ts";

/** One line on standard error that tells how far long work is; on a terminal only, rewritten in place, and gone at the end. */
export interface ProgressLine {
  /** What is done now, and how much of it where that is known. */
  readonly show: (what: string, done?: number, of?: number) => void;
  /** Takes the line away; to be called before anything else is printed. */
  readonly end: () => void;
}

/** Between two drawings of figures; a change of what is done is drawn at once. */
const pauseMs = 100;
/** So long a share must have taken before what is left is told. */
const foretellMs = 2000;
const barWidth = 20;

/**
 * A progress line, or one that does nothing: where standard error is no terminal or a dumb one, with `--quiet`, and in CI, whose logs
 * keep every rewriting as a line.
 */
export const progressLine = (
  { err, env, errColumns }: Pick<CommandIo, "err" | "env" | "errColumns">,
  quiet = false,
  now: () => number = () => performance.now(),
): ProgressLine => {
  const inCi = env["CI"] !== undefined && env["CI"] !== "" && env["CI"] !== "false";
  if (errColumns === undefined || quiet || inCi || env["TERM"] === "dumb")
    return { show: () => undefined, end: () => undefined };
  let current = "";
  let since = 0;
  let drawn: number | undefined;
  return {
    show: (what, done, of) => {
      const at = now();
      if (what !== current) {
        current = what;
        since = at;
      } else if (drawn !== undefined && at - drawn < pauseMs && done !== of) return;
      drawn = at;
      const text = done === undefined || of === undefined ? what : `${what} ${figures(done, of, at - since)}`;
      // The last column stays empty: writing there moves some terminals to the next line.
      err(`\r${text.slice(0, Math.max(0, errColumns - 1))}\u001b[K`);
    },
    end: () => {
      if (drawn !== undefined) err("\r\u001b[K");
      drawn = undefined;
      current = "";
    },
  };
};

const figures = (done: number, of: number, spentMs: number): string => {
  const share = of > 0 ? Math.min(1, done / of) : 1;
  const filled = Math.floor(share * barWidth);
  const left = share > 0 && spentMs >= foretellMs ? `, ${secondsText((spentMs / share) * (1 - share))} left` : "";
  return `[${"#".repeat(filled)}${".".repeat(barWidth - filled)}] ${Math.floor(share * 100)} %${left}`;
};

const secondsText = (ms: number): string => {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
};
