/** Joins a path below the root with another relative to it; `..` may lead out of the root, which the result then begins with. */
export const joinPath = (directory: string, path: string): string => {
  const parts: string[] = [];
  for (const part of `${directory}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
};

/** The way from one directory below the root to a path below it: what `path.module` shows. */
export const relativePath = (from: string, to: string): string => {
  const a = from.split("/").filter((part) => part !== "");
  const b = to.split("/").filter((part) => part !== "");
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared++;
  const parts = [...a.slice(shared).map(() => ".."), ...b.slice(shared)];
  return parts.length === 0 ? "." : parts.join("/");
};
