/** One request to a code host's REST API. */
export interface HostRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface HostAnswer {
  readonly json: unknown;
  readonly headers: Headers;
}

/** Sends a request, or throws a `HostError`. */
export type Send = (request: HostRequest) => Promise<HostAnswer>;

/** What went wrong with a host, in words for the user. */
export class HostError extends Error {
  readonly status: number | undefined;
  /** Milliseconds after which trying again makes sense; undefined where it does not. */
  readonly retryAfter: number | undefined;

  constructor(message: string, status: number | undefined, retryAfter: number | undefined) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

const timeoutMs = 20_000;
/** Longest that a host's own Retry-After is waited for. */
const longestWaitMs = 60_000;
const passing = new Set([429, 500, 502, 503, 504]);

/** Sends with node's fetch. Redirects are not followed: the token goes to the named host and nowhere else. */
export const send: Send = async ({ method, url, headers, body }) => {
  const where = `${method} ${new URL(url).origin}${new URL(url).pathname}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: {
        Accept: "application/json",
        "User-Agent": "aks-twin",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch (error) {
    throw new HostError(`${where}: no answer (${causeOf(error)})`, undefined, 1000);
  }
  if (!response.ok) {
    const hint = hints[response.status] ?? "";
    const said = messageOf(text);
    throw new HostError(
      `${where}: ${response.status}${said === "" ? "" : ` ${said}`}${hint}`,
      response.status,
      retryAfter(response),
    );
  }
  return { json: parsed(text, where), headers: response.headers };
};

const hints: Readonly<Record<number, string>> = {
  301: ". The address has moved; give the present name of the repository.",
  302: ". The host asks to sign in; check the token.",
  401: ". The token is not accepted; check that it is set for this step and has not expired.",
  403: ". The token may not do that: it needs write access to pull request comments (see docs/ci.md).",
  404: ". Not found, or the token may not see it: check repository, number and the token's permissions.",
};

const retryAfter = (response: Response): number | undefined => {
  const header = response.headers.get("retry-after");
  // GitHub's secondary rate limit answers 403 with Retry-After.
  if (!passing.has(response.status) && !(response.status === 403 && header !== null)) return undefined;
  const given = Number(header ?? "1");
  return Math.min(longestWaitMs, Number.isFinite(given) && given >= 0 ? given * 1000 : 1000);
};

const causeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `timed out after ${timeoutMs / 1000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
};

/** The `message` of an error answer, cut short; hosts answer with pages of HTML now and then. */
const messageOf = (text: string): string => {
  try {
    const json: unknown = JSON.parse(text);
    const message = typeof json === "object" && json !== null && "message" in json ? json.message : undefined;
    return typeof message === "string" ? oneLine(message) : "";
  } catch {
    return "";
  }
};

// Escape codes of a host's answer would reach the terminal.
const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .slice(0, 300)
    .trim();

const parsed = (text: string, where: string): unknown => {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new HostError(
      `${where}: the answer is no JSON. Check the token and the address of the API.`,
      undefined,
      undefined,
    );
  }
};
