import { readFileSync } from "node:fs";
import { isJsonObject, type Json } from "../model/json.ts";
import type { CommandIo } from "./command.ts";
import type { HostRequest, Send } from "./comment-request.ts";

/** A comment that stands on the pull request, and how its text is replaced. */
export interface HostComment {
  readonly body: string;
  readonly update: (body: string) => HostRequest;
}

/** A pull request of one code host. */
export interface CommentTarget {
  /** `pull request 12 of contoso/platform`. */
  readonly shown: string;
  readonly longestBody: number;
  readonly comments: (send: Send) => AsyncIterable<HostComment>;
  readonly create: (body: string) => HostRequest;
}

export interface TargetFlags {
  /** Number of the pull request, where the environment does not say. */
  readonly pr?: string;
}

type Found = CommentTarget | { readonly problem: string };

/** Pages that are read in search of the comment; a pull request with more is not served. */
const mostPages = 100;

/** GitHub and GitHub Enterprise Server: "REST API endpoints for issue comments", API version 2022-11-28. */
export const githubTarget = (flags: TargetFlags, env: CommandIo["env"]): Found => {
  const token = env["GITHUB_TOKEN"] || env["GH_TOKEN"];
  if (token === undefined || token === "")
    return missing("GITHUB_TOKEN", "in the step: env: { GITHUB_TOKEN: ${{ github.token }} }");
  const repository = env["GITHUB_REPOSITORY"] ?? "";
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) return missing("GITHUB_REPOSITORY", "as owner/name");
  const number = flags.pr ?? githubNumber(env);
  if (!isNumber(number)) return noNumber("the workflow must run on pull_request");
  const api = apiOf(env["GITHUB_API_URL"], "https://api.github.com");
  if (api === undefined) return noAddress("GITHUB_API_URL");
  const headers = {
    Accept: "application/vnd.github+json",
    Authorization: `Bearer ${token}`,
    "X-GitHub-Api-Version": "2022-11-28",
  };
  const issues = `${api}/repos/${repository}/issues`;
  return {
    shown: `pull request ${number} of ${repository}`,
    longestBody: 65_536,
    create: (body) => ({ method: "POST", url: `${issues}/${number}/comments`, headers, body: { body } }),
    async *comments(send) {
      let url: string | undefined = `${issues}/${number}/comments?per_page=100`;
      for (let page = 0; url !== undefined && page < mostPages; page++) {
        const answer = await send({ method: "GET", url, headers });
        for (const item of objects(answer.json)) {
          if (!mayBeOurs(item["user"], token)) continue;
          const target = `${issues}/comments/${String(item["id"])}`;
          yield commentOf(item["body"], (body) => ({ method: "PATCH", url: target, headers, body: { body } }));
        }
        url = nextLink(answer.headers.get("link"), url);
      }
    },
  };
};

/** GitLab: "Notes API", merge requests. A job token may not write notes, so a token of the project is needed. */
export const gitlabTarget = (flags: TargetFlags, env: CommandIo["env"]): Found => {
  const token = env["GITLAB_TOKEN"];
  if (token === undefined || token === "")
    return missing(
      "GITLAB_TOKEN",
      "a project access token with scope api, as a masked CI/CD variable; CI_JOB_TOKEN may not write notes",
    );
  const project = env["CI_MERGE_REQUEST_PROJECT_ID"] || env["CI_PROJECT_ID"];
  if (project === undefined || project === "") return missing("CI_PROJECT_ID", "the number of the project");
  const number = flags.pr ?? env["CI_MERGE_REQUEST_IID"];
  if (!isNumber(number)) return noNumber("the job must run in a merge request pipeline");
  const api = apiOf(env["CI_API_V4_URL"], "https://gitlab.com/api/v4");
  if (api === undefined) return noAddress("CI_API_V4_URL");
  const headers = { "PRIVATE-TOKEN": token };
  const notes = `${api}/projects/${encodeURIComponent(project)}/merge_requests/${number}/notes`;
  return {
    shown: `merge request ${number} of project ${project}`,
    longestBody: 1_000_000,
    create: (body) => ({ method: "POST", url: notes, headers, body: { body } }),
    async *comments(send) {
      let page = "1";
      for (let count = 0; page !== "" && count < mostPages; count++) {
        const answer = await send({ method: "GET", url: `${notes}?per_page=100&page=${page}`, headers });
        for (const item of objects(answer.json)) {
          const target = `${notes}/${String(item["id"])}`;
          yield commentOf(item["body"], (body) => ({ method: "PUT", url: target, headers, body: { body } }));
        }
        const next = answer.headers.get("x-next-page") ?? "";
        page = isNumber(next) ? next : "";
      }
    },
  };
};

const azureVersion = "api-version=7.1";

/** Azure Repos: "Pull Request Threads" and "Pull Request Thread Comments", REST API 7.1. Threads come in one answer. */
export const azureReposTarget = (flags: TargetFlags, env: CommandIo["env"]): Found => {
  const token = env["SYSTEM_ACCESSTOKEN"];
  const personal = env["AZURE_DEVOPS_EXT_PAT"];
  if (!token && !personal)
    return missing("SYSTEM_ACCESSTOKEN", "in the step: env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }");
  const headers = {
    Authorization: token ? `Bearer ${token}` : `Basic ${Buffer.from(`:${personal ?? ""}`).toString("base64")}`,
  };
  const collection = apiOf(env["SYSTEM_COLLECTIONURI"] || env["SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"], "");
  if (collection === undefined) return noAddress("SYSTEM_COLLECTIONURI");
  const project = env["SYSTEM_TEAMPROJECTID"] || env["SYSTEM_TEAMPROJECT"];
  if (project === undefined || project === "") return missing("SYSTEM_TEAMPROJECT", "the name of the project");
  const repository = env["BUILD_REPOSITORY_ID"];
  if (repository === undefined || repository === "")
    return missing("BUILD_REPOSITORY_ID", "the repository's id or name");
  const number = flags.pr ?? env["SYSTEM_PULLREQUEST_PULLREQUESTID"];
  if (!isNumber(number)) return noNumber("the pipeline must run as a build validation of the branch");
  const pulls = `${collection}/${encodeURIComponent(project)}/_apis/git/repositories/${encodeURIComponent(repository)}/pullRequests`;
  const threads = `${pulls}/${number}/threads`;
  return {
    shown: `pull request ${number} of repository ${repository}`,
    longestBody: 150_000,
    // Without a status the thread is a remark: a policy that all comments be resolved does not wait for it.
    create: (body) => ({
      method: "POST",
      url: `${threads}?${azureVersion}`,
      headers,
      body: { comments: [{ parentCommentId: 0, content: body, commentType: "text" }] },
    }),
    async *comments(send) {
      const { json } = await send({ method: "GET", url: `${threads}?${azureVersion}`, headers });
      for (const thread of objects(isJsonObject(json) ? json["value"] : undefined)) {
        const [first] = objects(thread["comments"]);
        if (first === undefined || thread["isDeleted"] === true || first["isDeleted"] === true) continue;
        const target = `${threads}/${String(thread["id"])}/comments/${String(first["id"])}?${azureVersion}`;
        yield commentOf(first["content"], (content) => ({ method: "PATCH", url: target, headers, body: { content } }));
      }
    },
  };
};

const missing = (name: string, how: string) => ({ problem: `the environment variable ${name} is not set (${how}).` });

const noNumber = (how: string) => ({ problem: `there is no pull request here: ${how}, or give its number with --pr.` });

const noAddress = (name: string) => ({ problem: `${name} is no http or https address.` });

const isNumber = (text: string | undefined): text is string => text !== undefined && /^[1-9]\d{0,15}$/.test(text);

const apiOf = (given: string | undefined, otherwise: string): string | undefined => {
  const text = given || otherwise;
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text.replace(/\/+$/, "") : undefined;
};

/**
 * Whether the token's owner may have written a comment: a workflow's token (`ghs_`) writes as a bot, a person's (`ghp_`, `github_pat_`) as
 * a user. A workflow may change anyone's comment, and a stranger's that begins with the marker is not ours ("About authentication to GitHub").
 */
const mayBeOurs = (user: Json | undefined, token: string): boolean => {
  const type = isJsonObject(user) ? user["type"] : undefined;
  if (type === undefined || !/^(ghs|ghp|github_pat)_/.test(token)) return true;
  return (type === "Bot") === token.startsWith("ghs_");
};

/** `refs/pull/12/merge`, else the event's own number. */
const githubNumber = (env: CommandIo["env"]): string | undefined => {
  const fromRef = /^refs\/pull\/(\d+)\//.exec(env["GITHUB_REF"] ?? "")?.[1];
  const path = env["GITHUB_EVENT_PATH"];
  if (fromRef !== undefined || path === undefined) return fromRef;
  try {
    const event: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (!isJsonObject(event)) return undefined;
    const issue = event["pull_request"] ?? event["issue"];
    const number = isJsonObject(issue) ? issue["number"] : event["number"];
    return number === undefined ? undefined : String(number);
  } catch {
    return undefined;
  }
};

/** The `next` page of RFC 8288's Link header, of the same host only: the token goes nowhere else. */
const nextLink = (header: string | null, from: string): string | undefined => {
  const link = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(header ?? "")?.[1];
  return link !== undefined && URL.canParse(link) && new URL(link).origin === new URL(from).origin ? link : undefined;
};

const objects = (json: unknown): readonly { readonly [key: string]: Json }[] =>
  Array.isArray(json) ? json.filter(isJsonObject) : [];

const commentOf = (body: Json | undefined, update: HostComment["update"]): HostComment => ({
  body: typeof body === "string" ? body : "",
  update,
});
