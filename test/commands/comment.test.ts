import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { Command } from "commander";
import { configure } from "../../src/commands/comment.ts";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}
interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A code host that notes every request and answers as told; what is not told is 404. */
const host = async (answer: (request: Seen, origin: string, count: number) => Answer | undefined) => {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const { method = "", url = "", headers } = request;
      const one = { method, url, headers, body: text === "" ? undefined : JSON.parse(text) };
      seen.push(one);
      const told = answer(one, origin, seen.length) ?? { status: 404, json: { message: "Not Found" } };
      response.writeHead(told.status ?? 200, { "content-type": "application/json", ...told.headers });
      response.end(JSON.stringify(told.json ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin, seen, calls: () => seen.map(({ method, url }) => `${method} ${url}`) };
};

const marker = "<!-- aks-twin:review -->";
const text = `${marker}\n✅ **Works**\n`;

const comment = async (args: readonly string[], env: Record<string, string>, content = text) => {
  const file = join(mkdtempSync(join(tmpdir(), "aks-twin-")), "comment.md");
  writeFileSync(file, content);
  let err = "";
  let code = 0;
  const command = new Command("comment").exitOverride();
  configure(command, {
    cwd: process.cwd(),
    stdin: async () => content,
    out: () => undefined,
    err: (part) => {
      err += part;
    },
    env,
    isTerminal: false,
    exit: (given) => {
      code = given;
    },
  });
  await command.parseAsync([args[0] ?? "", file, ...args.slice(1)], { from: "user" });
  return { err, code };
};

const github = (origin: string) => ({
  GITHUB_TOKEN: "t0ken",
  GITHUB_REPOSITORY: "contoso/platform",
  GITHUB_REF: "refs/pull/12/merge",
  GITHUB_API_URL: origin,
});
const gitlab = (origin: string) => ({
  GITLAB_TOKEN: "glpat",
  CI_PROJECT_ID: "34",
  CI_MERGE_REQUEST_IID: "5",
  CI_API_V4_URL: `${origin}/api/v4`,
});
const azure = (origin: string) => ({
  SYSTEM_ACCESSTOKEN: "jwt",
  SYSTEM_COLLECTIONURI: `${origin}/contoso/`,
  SYSTEM_TEAMPROJECT: "My Platform",
  BUILD_REPOSITORY_ID: "9f1c",
  SYSTEM_PULLREQUEST_PULLREQUESTID: "77",
});

test("github: the first comment is posted", async () => {
  const { origin, seen, calls } = await host(({ method }) => (method === "GET" ? { json: [] } : { status: 201 }));
  const { err, code } = await comment(["github"], github(origin));
  expect([code, err]).toEqual([0, "aks-twin comment: comment posted on pull request 12 of contoso/platform.\n"]);
  expect(calls()).toEqual([
    "GET /repos/contoso/platform/issues/12/comments?per_page=100",
    "POST /repos/contoso/platform/issues/12/comments",
  ]);
  expect(seen[1]?.headers).toMatchObject({
    authorization: "Bearer t0ken",
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "content-type": "application/json",
    "user-agent": "aks-twin",
  });
  expect(seen[1]?.body).toEqual({ body: text });
});

test("github: the comment is found on a later page and replaced", async () => {
  const { origin, seen, calls } = await host(({ method, url }, self) => {
    if (method === "PATCH") return {};
    if (url.endsWith("page=2")) return { json: [{ id: 2, body: `${marker}\nold` }] };
    const link = `<${self}/repos/contoso/platform/issues/12/comments?per_page=100&page=2>; rel="next", <${self}/x>; rel="last"`;
    return { headers: { link }, json: [{ id: 1, body: `> ${marker}\na quotation` }] };
  });
  expect((await comment(["github"], github(origin))).err).toContain("comment updated");
  expect(calls().at(-1)).toBe("PATCH /repos/contoso/platform/issues/comments/2");
  expect(seen.at(-1)?.body).toEqual({ body: text });
});

test("github: the token does not follow a link or a redirect to another host", async () => {
  const other = await host(() => ({ json: [] }));
  const { origin, calls } = await host(({ method }) =>
    method === "GET"
      ? { headers: { link: `<${other.origin}/page2>; rel="next"` }, json: [] }
      : { status: 307, headers: { location: `${other.origin}/elsewhere` } },
  );
  expect((await comment(["github"], github(origin))).code).toBe(1);
  expect(calls()).toHaveLength(2);
  expect(other.seen).toEqual([]);
});

test("github: someone else's comment with the marker is left alone", async () => {
  const { origin, calls } = await host(({ method }) =>
    method === "GET"
      ? { json: [{ id: 9, body: `${marker} not ours` }] }
      : method === "PATCH"
        ? { status: 403, json: { message: "Resource not accessible by integration" } }
        : { status: 201 },
  );
  expect((await comment(["github"], github(origin))).code).toBe(0);
  expect(calls().at(-1)).toMatch(/^POST /);
});

test.each([
  ["ghs_x", "User", "POST"],
  ["ghs_x", "Bot", "PATCH"],
  ["ghp_x", "Bot", "POST"],
  ["github_pat_x", "User", "PATCH"],
])("github: a token %s takes the marked comment of a %s for its own or not: %s", async (token, type, method) => {
  const { origin, seen } = await host((request) =>
    request.method === "GET" ? { json: [{ id: 1, body: `${marker}\nold`, user: { type } }] } : {},
  );
  await comment(["github"], { ...github(origin), GITHUB_TOKEN: token });
  expect(seen[1]?.method).toBe(method);
});

test("what says the same is not sent again", async () => {
  const { origin, calls } = await host(() => ({ json: [{ id: 3, body: text.replaceAll("\n", "\r\n").trim() }] }));
  expect((await comment(["github"], github(origin))).err).toContain("up to date");
  expect(calls()).toHaveLength(1);
});

test("after an answer that passes it looks again before it writes again", async () => {
  const { origin, calls } = await host(({ method }, _, count) => {
    if (method === "GET") return { json: count === 1 ? [] : [{ id: 4, body: text }] };
    return { status: 502, headers: { "retry-after": "0" }, json: { message: "Bad Gateway" } };
  });
  const { err, code } = await comment(["github"], github(origin));
  expect([code, calls().map((call) => call.split(" ")[0])]).toEqual([0, ["GET", "POST", "GET"]]);
  expect(err).toContain("up to date");
});

test("a host that stays away is given up in words", async () => {
  const { upsertComment } = await import("../../src/commands/comment.ts");
  const { githubTarget } = await import("../../src/commands/comment-hosts.ts");
  const { send } = await import("../../src/commands/comment-request.ts");
  const { origin, calls } = await host(() => ({ status: 429, headers: { "retry-after": "7" } }));
  const target = githubTarget({}, github(origin));
  if ("problem" in target) throw new Error(target.problem);
  const waits: number[] = [];
  const wait = async (milliseconds: number) => waits.push(milliseconds);
  await expect(upsertComment(target, marker, text, send, wait)).rejects.toThrow(/429.*given up after 4 tries/);
  expect([waits, calls().length]).toEqual([[7000, 7000, 7000], 4]);
});

test("a refused token is told with what to do, and without the token", async () => {
  const { origin } = await host(() => ({ status: 401, json: { message: "Bad credentials\u001b[31m" } }));
  const { err, code } = await comment(["github"], github(origin));
  expect(code).toBe(1);
  expect(err).toMatch(/401 Bad credentials \[31m\. The token is not accepted/);
  expect(err).not.toContain("t0ken");
});

test("gitlab: notes of the merge request, with pages", async () => {
  const { origin, seen, calls } = await host(({ method, url }) => {
    if (method === "PUT") return {};
    return url.endsWith("page=1")
      ? { headers: { "x-next-page": "2" }, json: [{ id: 1, body: "hello" }] }
      : { headers: { "x-next-page": "" }, json: [{ id: 8, body: `${marker}\nold` }] };
  });
  expect((await comment(["gitlab"], gitlab(origin))).err).toContain("merge request 5 of project 34");
  expect(calls()).toEqual([
    "GET /api/v4/projects/34/merge_requests/5/notes?per_page=100&page=1",
    "GET /api/v4/projects/34/merge_requests/5/notes?per_page=100&page=2",
    "PUT /api/v4/projects/34/merge_requests/5/notes/8",
  ]);
  expect(seen[2]).toMatchObject({ headers: { "private-token": "glpat" }, body: { body: text } });
});

test("azure-repos: a thread is opened without a status, later its first comment replaced", async () => {
  const threads: unknown[] = [{ id: 1, isDeleted: true, comments: [{ id: 1, content: text }] }];
  const { origin, seen, calls } = await host(({ method }) =>
    method === "GET" ? { json: { value: threads, count: threads.length } } : {},
  );
  await comment(["azure-repos"], azure(origin));
  threads.push({ id: 6, comments: [{ id: 1, content: `${marker}\nold` }] });
  await comment(["azure-repos"], azure(origin));
  const base = "/contoso/My%20Platform/_apis/git/repositories/9f1c/pullRequests/77/threads";
  expect(calls()).toEqual([
    `GET ${base}?api-version=7.1`,
    `POST ${base}?api-version=7.1`,
    `GET ${base}?api-version=7.1`,
    `PATCH ${base}/6/comments/1?api-version=7.1`,
  ]);
  expect(seen[1]).toMatchObject({
    headers: { authorization: "Bearer jwt" },
    body: { comments: [{ parentCommentId: 0, content: text, commentType: "text" }] },
  });
  expect(seen[3]?.body).toEqual({ content: text });
});

test("a key keeps several comments apart", async () => {
  const { origin, seen } = await host(({ method }) => (method === "GET" ? { json: [{ id: 1, body: text }] } : {}));
  await comment(["github", "--key", "prod"], github(origin));
  expect(seen[1]).toMatchObject({
    method: "POST",
    body: { body: "<!-- aks-twin:review:prod -->\n✅ **Works**\n" },
  });
});

test.each([
  [["github"], {}, text, /GITHUB_TOKEN is not set/],
  [["github"], { GITHUB_TOKEN: "t", GITHUB_REPOSITORY: "a/b" }, text, /no pull request here.*--pr/],
  [["gitlab"], { CI_JOB_TOKEN: "t" }, text, /CI_JOB_TOKEN may not write notes/],
  [["azure-repos"], { SYSTEM_ACCESSTOKEN: "t", SYSTEM_COLLECTIONURI: "file:///etc" }, text, /SYSTEM_COLLECTIONURI/],
  [["bitbucket"], {}, text, /no host "bitbucket"/],
  [["github"], github("http://127.0.0.1:9"), "", /is empty/],
  [["github"], github("http://127.0.0.1:9"), "x".repeat(70_000), /70025 characters/],
])("%j with %j cannot run, and says why", async (args, env, content, expected) => {
  const { err, code } = await comment(args, env as Record<string, string>, content);
  expect(code).toBe(1);
  expect(err).toMatch(expected);
});
