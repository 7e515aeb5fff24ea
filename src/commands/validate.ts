import { resolve } from "node:path";
import { loadCel } from "../cluster/cel.ts";
import { readText } from "../load/manifest-files.ts";
import { readSentDocuments, type SentDocument } from "../load/sent-documents.ts";
import { answerWrites } from "../simulate/answer-writes.ts";
import type { CommandIo, ConfigureCommand } from "./command.ts";

interface Flags {
  readonly file: readonly string[];
  readonly before?: readonly string[];
  readonly replace?: true;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly namespace: string;
  readonly namespaceLabel?: readonly string[];
  readonly path?: string;
  readonly raw?: true;
  readonly json?: true;
}

export const configure: ConfigureCommand = (command, io) => {
  command
    .requiredOption("-f, --file <path...>", "manifests, each sent as a request of its own; - is standard input")
    .option("--before <path...>", "objects that are there before, not answered")
    .option("--replace", "PUT instead of POST: the fields are laid over the object that is there")
    .option("--as <user>", "who asks; without it an administrator")
    .option("--as-group <group...>", "groups of that user")
    .option("-n, --namespace <name>", "namespace of objects that name none", "default")
    .option("--namespace-label <label...>", "labels of that namespace, key=value")
    .option("--path <path>", "the API path that all requests go to")
    .option("--kubernetes-version <version>", "accepted for scripts; the rules are those of 1.35")
    .option("--raw", "print uids, times and drawn names as they are")
    .option("--json", "print JSON")
    .action(async (flags: Flags) => validate(flags, io));
};

const validate = async (flags: Flags, io: CommandIo): Promise<void> => {
  const before = await readAll(flags.before ?? [], io);
  const sent = await readAll(flags.file, io);
  if (before === undefined || sent === undefined) return;
  const labels = Object.fromEntries(
    (flags.namespaceLabel ?? []).map((label) => [
      label.slice(0, label.indexOf("=")),
      label.slice(label.indexOf("=") + 1),
    ]),
  );
  const answers = answerWrites(before, sent, {
    namespace: flags.namespace,
    namespaceLabels: labels,
    caller:
      flags.as === undefined
        ? undefined
        : { user: flags.as, groups: [...(flags.asGroup ?? []), "system:authenticated"] },
    replace: flags.replace === true,
    raw: flags.raw === true,
    ...(needsCel([...before, ...sent]) ? { cel: await loadCel() } : {}),
    ...(flags.path === undefined ? {} : { path: flags.path }),
  });
  io.out(`${JSON.stringify(answers, null, 1)}\n`);
};

const needsCel = (documents: readonly SentDocument[]): boolean =>
  documents.some(({ body }) => body["kind"] === "ValidatingAdmissionPolicy");

const readAll = async (paths: readonly string[], io: CommandIo): Promise<readonly SentDocument[] | undefined> => {
  const documents: SentDocument[] = [];
  for (const path of paths) {
    const text = path === "-" ? await io.stdin() : readText(resolve(io.cwd, path));
    if (text === undefined) {
      io.err(`"${path}" cannot be read. Give a file of manifests.\n`);
      io.exit(1);
      return undefined;
    }
    documents.push(...readSentDocuments(text));
  }
  return documents;
};
