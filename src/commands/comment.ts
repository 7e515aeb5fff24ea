import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commentMarker } from "../report/markdown.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";
import { azureReposTarget, type CommentTarget, githubTarget, gitlabTarget, type TargetFlags } from "./comment-hosts.ts";
import { HostError, type Send, send } from "./comment-request.ts";

interface Flags extends TargetFlags {
  readonly key?: string;
}

const hosts = { github: githubTarget, gitlab: gitlabTarget, "azure-repos": azureReposTarget } as const;

/** `aks-twin comment HOST FILE`: the only command that sends anything anywhere. */
export const configure: ConfigureCommand = (command, io) => {
  command
    .argument("<host>", `${Object.keys(hosts).join(", ")}: where the pull request is`)
    .argument("<file>", "the Markdown that `review --format markdown=FILE` wrote; - for standard input")
    .option("--pr <number>", "the pull request; without it the CI environment says which")
    .option("--key <name>", "a name for this comment, where one pull request gets several")
    .action((host: string, file: string, flags: Flags) => run(host, file, flags, io));
};

const run = async (host: string, file: string, flags: Flags, io: CommandIo): Promise<void> => {
  const problem = (text: string): void => {
    io.err(`aks-twin comment: ${text}\n`);
    io.exit(1);
  };
  if (!isHost(host)) return problem(`no host "${host}"; there are ${Object.keys(hosts).join(", ")}.`);
  if (flags.key !== undefined && !/^[\w.-]{1,60}$/.test(flags.key))
    return problem("--key takes letters, digits, dots, dashes and underscores, at most 60.");
  const target = hosts[host](flags, io.env);
  if ("problem" in target) return problem(target.problem);
  const text = file === "-" ? await io.stdin() : readText(resolve(io.cwd, file));
  if (text === undefined) return problem(`"${file}" cannot be read.`);
  if (text.trim() === "") return problem(`"${file}" is empty; nothing was sent.`);
  const { marker, body } = marked(text, flags.key);
  if (body.length > target.longestBody)
    return problem(`"${file}" has ${body.length} characters, the host takes ${target.longestBody}; nothing was sent.`);
  try {
    const done = await upsertComment(target, marker, body);
    io.err(`aks-twin comment: ${done} on ${target.shown}.\n`);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    problem(error.message);
  }
};

const isHost = (text: string): text is keyof typeof hosts => Object.hasOwn(hosts, text);

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/** The text with its marker on top, by which the next run finds it. */
const marked = (text: string, key: string | undefined): { readonly marker: string; readonly body: string } => {
  const marker = key === undefined ? commentMarker : commentMarker.replace(" -->", `:${key} -->`);
  const rest = text.startsWith(commentMarker) ? text.slice(commentMarker.length).replace(/^\r?\n/, "") : text;
  return { marker, body: `${marker}\n${rest}` };
};

/** How often the whole is tried: looking for the comment, then writing it. */
const mostTries = 4;

/**
 * Replaces the comment that begins with the marker, or posts a new one. After an answer that passes (429, 5xx, none at all) it looks
 * again before it writes again, so that a comment whose answer was lost is not posted twice.
 */
export const upsertComment = async (
  target: CommentTarget,
  marker: string,
  body: string,
  ask: Send = send,
  wait: (milliseconds: number) => Promise<unknown> = sleep,
): Promise<"comment updated" | "comment posted" | "comment is up to date"> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await upsertOnce(target, marker, body, ask);
    } catch (error) {
      if (!(error instanceof HostError) || error.retryAfter === undefined) throw error;
      if (attempt >= mostTries)
        throw new HostError(`${error.message} (given up after ${attempt} tries)`, error.status, undefined);
      await wait(Math.max(error.retryAfter, 1000 * 2 ** (attempt - 1)));
    }
  }
};

const upsertOnce = async (target: CommentTarget, marker: string, body: string, ask: Send) => {
  for await (const comment of target.comments(ask)) {
    if (!comment.body.startsWith(marker)) continue;
    // Hosts store line ends and the space at the end in their own way.
    if (plain(comment.body) === plain(body)) return "comment is up to date";
    try {
      await ask(comment.update(body));
      return "comment updated";
    } catch (error) {
      // Someone else's comment that begins with our marker: not ours to change.
      if (!(error instanceof HostError) || error.retryAfter !== undefined) throw error;
      if (error.status !== 403 && error.status !== 404) throw error;
    }
  }
  await ask(target.create(body));
  return "comment posted";
};

const plain = (text: string): string => text.replaceAll("\r\n", "\n").trim();
