import { boolType, stringType, type Type } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import {
  type FileReader,
  type FunctionDefinition,
  type FunctionFailure,
  type FunctionScope,
  fail,
  notNull,
  type Parameter,
  stringFunction,
  unknownResult,
} from "./functions-definition.ts";
import { decodeUtf8 } from "./functions-encoding.ts";
import { matchesGlob } from "./functions-glob.ts";
import { digest } from "./functions-hash-crypto.ts";
import { boolValue, stringValue, unknownValue } from "./values-construct.ts";
import { joinMarks, type Marks, marksOf, setValue, withMarks } from "./values-marks.ts";
import { quoteGo } from "./values-set.ts";

/** A path with `.` and `..` worked out, in Go's form (path.Clean). */
export const cleanPath = (path: string): string => {
  const rooted = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!rooted) kept.push("..");
  }
  return (rooted ? "/" : "") + kept.join("/") || ".";
};

/** The path as Terraform would open it: relative ones start at the module. */
const placeOf = (path: string, files: FileReader): string =>
  cleanPath(path.startsWith("/") ? path : `${files.base}/${path}`);

const shown = (path: string, marks: Marks): string => (marks.has("sensitive") ? "(sensitive value)" : quoteGo(path));

/** A file of the machine that Terraform runs on, such as `~/.ssh/id_rsa.pub`; only files below the directory that is read are opened. */
const outside = (path: string, marks: Marks): FunctionFailure => ({
  ...fail(`${shown(path, marks)} lies outside of the directory that is read`, 0),
  isUnseen: true,
});

const noFiles = fail("files cannot be read here");

/** The bytes of a file for functions that show its content. */
export const readBytes = (path: string, marks: Marks, scope: FunctionScope): Uint8Array | FunctionFailure => {
  const { files } = scope.functionContext;
  if (files === undefined) return noFiles;
  const found = files.read(path);
  if (found instanceof Uint8Array) return found;
  switch (found.problem) {
    case "missing":
      return fail(
        `no file exists at ${shown(path, marks)}; this function works only with files that are distributed as part of the configuration source code, so if this file will be created by a resource in this configuration you must instead obtain this result from an attribute of that resource`,
        0,
      );
    case "directory":
      return fail(`failed to read file: read ${placeOf(path, files)}: is a directory`, 0);
    case "outside":
      return outside(path, marks);
    default:
      return fail(`open ${placeOf(path, files)}: permission denied`, 0);
  }
};

/** The text of a file, which must be UTF-8. */
export const readText = (path: string, marks: Marks, scope: FunctionScope): string | FunctionFailure => {
  const bytes = readBytes(path, marks, scope);
  if (!(bytes instanceof Uint8Array)) return bytes;
  return (
    decodeUtf8(bytes) ??
    fail(
      `contents of ${shown(path, marks)} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead`,
    )
  );
};

const pathParameter: Parameter = { name: "path", type: stringType, allowMarked: true, allowUnknown: true };

/** A function of one path that may be unknown or marked. */
const ofPath = (
  result: Type,
  work: (path: string, marks: Marks, scope: FunctionScope) => Value | FunctionFailure,
): FunctionDefinition => ({
  parameters: [pathParameter],
  result,
  refinement: notNull,
  call: ([path], type, scope) => {
    if (path?.kind !== "string")
      return withMarks(
        unknownResult(type, path === undefined ? [] : [path]),
        path === undefined ? new Set() : marksOf(path),
      );
    const found = work(path.value, marksOf(path), scope);
    return found.kind === "failure" ? found : withMarks(found, marksOf(path));
  },
});

const fileHash = (algorithm: string, encoding: "hex" | "base64"): FunctionDefinition => ({
  parameters: [{ name: "path", type: stringType }],
  result: stringType,
  refinement: notNull,
  call: ([pathValue], _type, scope) => {
    const path = pathValue?.kind === "string" ? pathValue.value : "";
    const { files } = scope.functionContext;
    if (files === undefined) return noFiles;
    const found = files.read(path);
    if (found instanceof Uint8Array) return stringValue(digest(algorithm, encoding, found));
    const place = placeOf(path, files);
    if (found.problem === "missing") return fail(`open ${place}: no such file or directory`);
    if (found.problem === "directory") return fail(`read ${place}: is a directory`);
    return found.problem === "outside" ? outside(path, new Set()) : fail(`open ${place}: permission denied`);
  },
});

const fileexists = ofPath(boolType, (path, marks, scope) => {
  const { files } = scope.functionContext;
  if (files === undefined) return noFiles;
  const kind = files.kindOf(path);
  if (kind === "file" || kind === "missing") return boolValue(kind === "file");
  const place = shown(placeOf(path, files), marks);
  if (kind === "outside") return outside(path, marks);
  return fail(kind === "directory" ? `${place} is a directory, not a file` : `${place} is not a regular file`);
});

const setOfStrings: Type = { kind: "set", element: stringType };

const fileset: FunctionDefinition = {
  parameters: [pathParameter, { ...pathParameter, name: "pattern" }],
  result: setOfStrings,
  refinement: notNull,
  call: ([path, pattern], type, scope) => {
    if (path === undefined || pattern === undefined) return fail("a path and a pattern are required");
    const marks = joinMarks(marksOf(path), marksOf(pattern));
    if (path.kind !== "string" || pattern.kind !== "string")
      return withMarks(unknownResult(type, [path, pattern]), marks);
    const { files } = scope.functionContext;
    if (files === undefined) return noFiles;
    const found = filesMatching(files, path.value, pattern.value, marks);
    return Array.isArray(found) ? withMarks(setValue(stringType, found.map(stringValue)), marks) : found;
  },
};

const filesMatching = (files: FileReader, path: string, pattern: string, marks: Marks): string[] | FunctionFailure => {
  const whole = cleanPath(`./${path}/${pattern}`);
  const steps = cleanPath(`./${pattern}`).split("/");
  const up = steps.findIndex((step) => step !== "..");
  const matches = matchesGlob(steps.slice(up < 0 ? steps.length : up).join("/"));
  if (matches === undefined)
    return fail(`failed to glob pattern ${shown(placeOf(whole, files), marks)}: syntax error in pattern`);
  const base = up > 0 ? cleanPath(`${path}/${"../".repeat(up)}`) : path;
  if (files.kindOf(base) === "outside") return outside(path, marks);
  const found = files.list(base).filter(matches);
  return up > 0 ? found.map((file) => relativeTo(cleanPath(path), cleanPath(`${base}/${file}`))) : found;
};

/** The second path as seen from the first; both are clean and start at the same place. */
const relativeTo = (from: string, to: string): string => {
  const start = from === "." ? [] : from.split("/");
  const end = to.split("/");
  let shared = 0;
  while (shared < start.length && start[shared] === end[shared]) shared++;
  return [...start.slice(shared).map(() => ".."), ...end.slice(shared)].join("/");
};

const onPath = (work: (path: string) => string): FunctionDefinition =>
  stringFunction(["path"], stringType, (path = "") => stringValue(work(path)));

/** The last element of a path (Go filepath.Base). */
const basename = (path: string): string => {
  if (path === "") return ".";
  const trimmed = path.replace(/\/+$/, "");
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
};

const homeDirectory = "the home directory depends on who runs Terraform";

/** Functions that read files below the root, and those that take paths apart. */
export const filesystemFunctions: Readonly<Record<string, FunctionDefinition>> = {
  abspath: {
    parameters: [{ name: "path", type: stringType }],
    result: stringType,
    refinement: notNull,
    call: ([path], _type, { functionContext }) => {
      const text = path?.kind === "string" ? path.value : "";
      if (text.startsWith("/")) return stringValue(cleanPath(text));
      const { workingDirectory } = functionContext;
      return workingDirectory === undefined
        ? unknownValue(stringType, "the working directory depends on where Terraform runs")
        : stringValue(cleanPath(`${workingDirectory}/${text}`));
    },
  },
  basename: onPath(basename),
  dirname: onPath((path) => cleanPath(path.slice(0, path.lastIndexOf("/") + 1))),
  file: ofPath(stringType, (path, marks, scope) => {
    const text = readText(path, marks, scope);
    return typeof text === "string" ? stringValue(text) : text;
  }),
  filebase64: ofPath(stringType, (path, marks, scope) => {
    const bytes = readBytes(path, marks, scope);
    return bytes instanceof Uint8Array ? stringValue(Buffer.from(bytes).toString("base64")) : bytes;
  }),
  filebase64sha256: fileHash("sha256", "base64"),
  filebase64sha512: fileHash("sha512", "base64"),
  fileexists,
  filemd5: fileHash("md5", "hex"),
  fileset,
  filesha1: fileHash("sha1", "hex"),
  filesha256: fileHash("sha256", "hex"),
  filesha512: fileHash("sha512", "hex"),
  pathexpand: stringFunction(["path"], stringType, (path = "") => {
    if (path === "" || !path.startsWith("~")) return stringValue(path);
    if (path.length > 1 && path[1] !== "/") return fail("cannot expand user-specific home dir");
    return unknownValue(stringType, homeDirectory);
  }),
};
