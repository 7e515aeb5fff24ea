/** How a path is compared: whole, by its elements, by its characters, or by a pattern. */
export type PathMatch = "exact" | "prefix" | "characters" | "pattern";

/** One host and path that a controller takes from outside, and where it leads. */
export interface HttpRoute {
  /** `Ingress/namespace/name` or `HTTPRoute/namespace/name`. */
  readonly source: string;
  /** What serves it: the class, or the Gateway as `namespace/name`. */
  readonly served: string;
  readonly controller: HttpController;
  /** `*` for any, `*.example.com` for those below. */
  readonly host: string;
  readonly path: string;
  readonly match: PathMatch;
  /** Header, query and method matches that a request must meet besides. */
  readonly conditions: number;
  readonly backends: readonly HttpBackend[];
  readonly tls: HttpTls | undefined;
  /** Why no request gets there; empty where one does. */
  readonly problem: string;
}

export type HttpController =
  | "application routing"
  | "application gateway ingress controller"
  | "application gateway for containers"
  | "istio"
  | "other"
  | "none";

export interface HttpBackend {
  /** `namespace/name`. */
  readonly service: string;
  readonly port: string;
  readonly weight: number;
  readonly workloads: readonly string[];
  /** Why it answers nothing; empty where it does. */
  readonly problem: string;
}

export interface HttpTls {
  /** `namespace/name`. */
  readonly secret: string;
  /** Where the secret comes from; `missing` where nothing of the input makes it. */
  readonly from: "manifest" | "key vault" | "cert-manager" | "external secret" | "missing";
}

/** Exact hosts before wildcards before any; within a host exact paths, then the longest. */
export const inOrder = (routes: readonly HttpRoute[]): readonly HttpRoute[] =>
  routes
    .map((route, index) => ({ route, index }))
    .sort((a, b) => rankOf(b.route) - rankOf(a.route) || lengthOf(b.route) - lengthOf(a.route) || a.index - b.index)
    .map(({ route }) => route);

const matchRanks: Readonly<Record<PathMatch, number>> = { exact: 3, pattern: 2, prefix: 1, characters: 1 };

const rankOf = ({ host, match }: HttpRoute): number =>
  (host === "*" ? 0 : host.startsWith("*.") ? 1_000 + host.length : 100_000) + matchRanks[match];

const lengthOf = ({ path, conditions }: HttpRoute): number => path.length * 100 + conditions;

/** The route that takes a request without special headers, among those of one controller. */
export const routeFor = (routes: readonly HttpRoute[], host: string, path: string): HttpRoute | undefined => {
  const fitting = inOrder(routes).filter((route) => route.conditions === 0 && takesHost(route, host));
  // The best host decides alone: a path that it lacks does not go to a wider one.
  const best = fitting[0]?.host;
  return fitting.find((route) => route.host === best && takesPath(route, path));
};

/** An Ingress's wildcard stands for one label of the name, a Gateway's for one or more. */
const takesHost = ({ host: pattern, source }: HttpRoute, host: string): boolean => {
  if (pattern === "*") return true;
  const name = host.toLowerCase();
  if (!pattern.startsWith("*.")) return pattern.toLowerCase() === name;
  const ending = pattern.slice(1).toLowerCase();
  const dot = name.indexOf(".");
  return source.startsWith("Ingress/") ? dot > 0 && name.slice(dot) === ending : name.endsWith(ending);
};

/** Whether a path is the route's; patterns are not run, so they take nothing here. */
export const takesPath = ({ path, match }: Pick<HttpRoute, "path" | "match">, requested: string): boolean => {
  if (match === "exact") return requested === path;
  if (match === "characters") return requested.startsWith(path);
  if (match === "pattern") return false;
  const stem = path.replace(/\/+$/, "");
  return stem === "" || requested === stem || requested.startsWith(`${stem}/`);
};
