/** An image's name taken apart, as containerd does: `nginx` is `docker.io/library/nginx:latest`. */
export interface ImageName {
  readonly registry: string;
  readonly repository: string;
  /** `undefined` where a digest is given without a tag. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Source: distribution/reference `ParseNormalizedNamed`: the first part is a registry when it has a dot, a port, or is localhost. */
export const parseImage = (image: string): ImageName => {
  const [name = "", digest] = image.split("@", 2);
  const slash = name.indexOf("/");
  const head = slash < 0 ? "" : name.slice(0, slash);
  const hasRegistry = head.includes(".") || head.includes(":") || head === "localhost";
  const registry = hasRegistry ? head : "docker.io";
  const rest = hasRegistry ? name.slice(slash + 1) : name;
  const colon = rest.indexOf(":");
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? (digest === undefined ? "latest" : undefined) : rest.slice(colon + 1);
  return {
    registry: registry === "index.docker.io" ? "docker.io" : registry.toLowerCase(),
    repository: registry === "docker.io" && !path.includes("/") ? `library/${path}` : path,
    tag,
    digest,
  };
};
