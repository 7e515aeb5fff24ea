import type { ClusterPicture } from "./cluster-picture.ts";
import type { PodFacts } from "./pod-facts.ts";

/** Where pods were imagined in this loop and the one before. */
export class PlacementHints {
  #current = new Map<string, string>();
  #old = new Map<string, string>();

  get(key: string): string | undefined {
    return this.#current.get(key) ?? this.#old.get(key);
  }

  set(key: string, node: string): void {
    this.#current.set(key, node);
  }

  isEmpty(): boolean {
    return this.#current.size === 0 && this.#old.size === 0;
  }

  dropOld(): void {
    this.#old = this.#current;
    this.#current = new Map();
  }
}

/** A pod that was made anew under its old name is another one. */
const hintKey = ({ key, createdAt }: PodFacts): string => `${key}@${createdAt}`;

/**
 * Places pods in the picture: where they were imagined before if that still works, else on any accepted node. Returns those that found a
 * place; stops at the first that does not when all of them must. Source: cluster-autoscaler 1.33.0 `simulator/scheduling`.
 */
export const placeAll = (
  picture: ClusterPicture,
  pods: readonly PodFacts[],
  accepts: (node: string) => boolean,
  hints: PlacementHints,
  allOrNothing: boolean,
): readonly PodFacts[] => {
  const placed: PodFacts[] = [];
  /** Owner and shape of pods that found no place: their like will not either. */
  const hopeless = new Map<string, Set<string>>();
  for (const pod of pods) {
    const owner = pod.isDaemon ? undefined : pod.owner?.uid;
    const hinted = hints.isEmpty() ? undefined : hints.get(hintKey(pod));
    let node =
      hinted !== undefined && picture.nodes.has(hinted) && accepts(hinted) && picture.place(pod, hinted)
        ? hinted
        : undefined;
    if (node === undefined && (owner === undefined || hopeless.get(owner)?.has(pod.shape) !== true)) {
      node = picture.placeAnywhere(pod, accepts);
      if (node === undefined && owner !== undefined) {
        const shapes = hopeless.get(owner) ?? new Set<string>();
        hopeless.set(owner, shapes.add(pod.shape));
      }
    }
    if (node !== undefined) {
      hints.set(hintKey(pod), node);
      placed.push(pod);
    } else if (allOrNothing) break;
  }
  return placed;
};
