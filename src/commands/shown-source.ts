import type { SourceTree } from "../load/source-tree.ts";
import { hiddenLine } from "../report/html-frame.ts";

/**
 * Texts of files as a report may show them: of Terraform and manifests only, never of variable files or Secrets. Lines are hidden that
 * may hold what is sensitive: the block of a sensitive variable, what is given to one by its name, `sensitive(...)`, and whatever is
 * named like a credential. This leans to hiding too much.
 */
export const shownSource = (
  tree: SourceTree,
  /** Every file that was read, for the names of sensitive variables. */
  files: readonly string[],
): ((file: string) => string | undefined) => {
  let sensitive: ReadonlySet<string> | undefined;
  const shown = new Map<string, string | undefined>();
  const show = (file: string): string | undefined => {
    const isTerraform = file.endsWith(".tf");
    if (!isTerraform && !/\.ya?ml$/i.test(file)) return undefined;
    const text = tree.readText(file).value;
    if (text === undefined || (!isTerraform && /\bkind["']?\s*:\s*["']?\w*Secret\b/.test(text))) return undefined;
    sensitive ??= new Set(
      files
        .filter((path) => path.endsWith(".tf"))
        .flatMap((path) => sensitiveNames(linesOf(tree.readText(path).value ?? ""))),
    );
    return withHiddenLines(linesOf(text), sensitive).join("\n");
  };
  return (file) => {
    if (!shown.has(file)) shown.set(file, show(file));
    return shown.get(file);
  };
};

const linesOf = (text: string): readonly string[] => text.split(/\r\n|\r|\n/);

const credential =
  /pass(word|wd|phrase)|secret|token|credential|private_?key|access_?key|account_?key|api_?key|connection_?string|certificate_?data|sensitive\s*\(|BEGIN [A-Z ]*KEY/i;

const variableHead = /^(\s*)variable\s+"?([\w-]+)"?\s*\{/;

/** Lines of a `variable` block: from its head to the brace that stands as far left as the head. */
const blockEnd = (lines: readonly string[], start: number, indent: number): number => {
  if (/\}\s*$/.test(lines[start] ?? "")) return start;
  for (let at = start + 1; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (/^\s*\}/.test(line) && indentOf(line) <= indent) return at;
  }
  return lines.length - 1;
};

const isSensitive = (block: readonly string[]): boolean =>
  block.some(
    (line) => /\b(sensitive|ephemeral)\s*=/.test(line) && !/\b(sensitive|ephemeral)\s*=\s*"?false\b/.test(line),
  );

const sensitiveNames = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line, at) => {
    const head = variableHead.exec(line);
    if (head === null) return [];
    return isSensitive(lines.slice(at, blockEnd(lines, at, indentOf(line)) + 1)) ? [head[2] ?? ""] : [];
  });

const withHiddenLines = (lines: readonly string[], sensitive: ReadonlySet<string>): readonly string[] => {
  const shown = [...lines];
  const hide = (from: number, to: number): void => {
    for (let at = from; at <= to && at < shown.length; at++) shown[at] = hiddenLine;
  };
  lines.forEach((line, at) => {
    const isVariable = variableHead.test(line);
    if (isVariable) {
      const end = blockEnd(lines, at, indentOf(line));
      if (isSensitive(lines.slice(at, end + 1))) hide(at, end);
    }
    const names = line.match(/[\w-]+(?="?\s*[=:])/g) ?? [];
    if (credential.test(line) || names.some((name) => sensitive.has(name))) {
      hide(at, valueEnd(lines, at));
      for (const beside of valuesBeside(lines, at)) hide(beside, valueEnd(lines, beside));
    }
  });
  return shown;
};

/** The last line of what is given on a line: a heredoc to its mark, else everything that is indented further. */
const valueEnd = (lines: readonly string[], start: number): number => {
  const line = lines[start] ?? "";
  const mark = /<<-?\s*(\w+)[\s,)]*$/.exec(line)?.[1];
  if (mark !== undefined) {
    const end = lines.findIndex((later, at) => at > start && later.trim() === mark);
    return end < 0 ? lines.length - 1 : end;
  }
  const indent = indentOf(line);
  let end = start;
  for (let at = start + 1; at < lines.length; at++) {
    const later = lines[at] ?? "";
    if (later.trim() !== "" && indentOf(later) <= indent) {
      if (/^\s*[\])}]/.test(later)) return at;
      if (!(line.trimEnd().endsWith(":") && indentOf(later) === indent && startsItem(later))) break;
    }
    end = at;
  }
  return end;
};

const naming = /^\s*(-\s+)?"?name"?\s*[:=]/;
const valuing = /^\s*(-\s+)?"?value\w*"?\s*[:=]/;

/** Where a line names a credential (`name: DB_PASSWORD`), the lines of the same object that give its value. */
const valuesBeside = (lines: readonly string[], named: number): readonly number[] => {
  const line = lines[named] ?? "";
  if (!naming.test(line)) return [];
  const column = keyColumn(line);
  const found: number[] = [];
  for (const step of [-1, 1])
    for (let at = named + step; at >= 0 && at < lines.length; at += step) {
      const beside = lines[at] ?? "";
      if (step === 1 && startsItem(beside) && keyColumn(beside) <= column) break;
      if (beside.trim() !== "" && keyColumn(beside) < column) break;
      if (valuing.test(beside) && keyColumn(beside) === column) found.push(at);
      if (step === -1 && startsItem(lines[at + 1] ?? "") && at + 1 === named) break;
      if (step === -1 && startsItem(beside) && keyColumn(beside) === column) break;
    }
  return found;
};

const startsItem = (line: string): boolean => /^\s*-\s/.test(line);

/** The column of a line's key, behind the dash of a list. */
const keyColumn = (line: string): number => /^\s*(-\s+)?/.exec(line)?.[0].length ?? 0;

const indentOf = (line: string): number => line.length - line.trimStart().length;
