/** Major and minor of a Kubernetes version such as `1.34`, `1.34.2` or `v1.34.2`; `undefined` where it is none. */
export const parseKubernetesVersion = (
  text: string,
): { readonly major: number; readonly minor: number; readonly patch: number | undefined } | undefined => {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text.trim());
  if (match === null) return undefined;
  return {
    major: Number(match[1]),
    minor: Number(match[2]),
    patch: match[3] === undefined ? undefined : Number(match[3]),
  };
};

/** True where `version` is `minimum` or later, by major and minor. A text that is no version counts as the newest. */
export const atLeastVersion = (version: string, minimum: string): boolean => {
  const have = parseKubernetesVersion(version);
  const want = parseKubernetesVersion(minimum);
  if (have === undefined || want === undefined) return true;
  return have.major > want.major || (have.major === want.major && have.minor >= want.minor);
};

/** The version the engine takes where the configuration gives none: the release that its behaviour was recorded with. */
export const assumedKubernetesVersion = "1.35";
