import { join, relative, resolve } from "node:path";
import type { ReviewInput } from "../read-platform.ts";
import { checkOut } from "./base-ref.ts";
import type { CommandIo } from "./command.ts";
import { type PlatformFlags, reviewInput } from "./platform-options.ts";

/** The flags by which a command is told what there was before the change. */
export interface BaseFlags {
  readonly base?: string;
  readonly baseRef?: string;
  readonly basePlan?: string;
}

/** The base as it is read: plain data, so that a worker can read it too. */
export interface BaseSource {
  readonly directory: string;
  readonly flags: PlatformFlags;
  /** The folder that may be read, where it is not the repository around the directory. */
  readonly root: string | undefined;
}

/** The base's flags: those of the head, with paths below the reviewed folder taken below the base's. */
const baseFlags = (
  { plan: _, ...rest }: PlatformFlags,
  { basePlan }: BaseFlags,
  directory: string,
  base: string,
  io: Pick<CommandIo, "cwd">,
): PlatformFlags => {
  const from = resolve(io.cwd, directory);
  return {
    ...rest,
    ...(basePlan === undefined ? {} : { plan: basePlan }),
    manifests: rest.manifests.map((path) => {
      const below = relative(from, resolve(io.cwd, path));
      return below.startsWith("..") ? path : join(base, below);
    }),
  };
};

/** Where the base is, where the flags name one; `remove` takes away what was checked out for it. */
export const baseSource = (
  directory: string,
  flags: PlatformFlags & BaseFlags,
  head: ReviewInput,
  io: Pick<CommandIo, "cwd">,
): { readonly source: BaseSource | undefined; readonly remove: () => void } | { readonly problem: string } => {
  const checkedOut =
    flags.baseRef === undefined ? undefined : checkOut(flags.baseRef, head.tree.root, resolve(io.cwd, directory));
  if (checkedOut !== undefined && "problem" in checkedOut) return checkedOut;
  const remove = checkedOut?.remove ?? (() => {});
  const base = checkedOut?.directory ?? flags.base ?? (flags.basePlan === undefined ? undefined : directory);
  if (base === undefined) return { source: undefined, remove };
  const of = baseFlags(flags, flags, directory, resolve(io.cwd, base), io);
  return { source: { directory: base, flags: of, root: checkedOut?.root }, remove };
};

/** What the pipeline reads of the base, or why not. */
export const baseInput = ({ directory, flags, root }: BaseSource, io: Pick<CommandIo, "cwd" | "env">) =>
  reviewInput(directory, flags, io, root);
