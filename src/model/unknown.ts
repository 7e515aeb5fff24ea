/** A fact that is not known before apply, and why. */
export interface Unknown {
  readonly kind: "unknown";
  readonly because: string;
}

/** A fact of the Azure model: known, unknown with its reason, or `undefined` where the configuration leaves it out. */
export type Fact<T> = T | Unknown | undefined;

export const unknown = (because: string): Unknown => ({ kind: "unknown", because });

export const isUnknown = (fact: unknown): fact is Unknown =>
  typeof fact === "object" && fact !== null && "kind" in fact && fact.kind === "unknown" && "because" in fact;

/** The known value, or `fallback` where it is unknown or left out. The caller records the assumption. */
export const knownOr = <T>(fact: Fact<T>, fallback: T): T => (fact === undefined || isUnknown(fact) ? fallback : fact);

/** The known value, or `undefined` where it is unknown or left out. */
export const known = <T>(fact: Fact<T>): T | undefined => (isUnknown(fact) ? undefined : fact);
