import { tolerates } from "../scheduler/taint-toleration.ts";
import type { ApplyLog } from "./apply-log.ts";
import type { ApplyPlan, PoolChange } from "./apply-plan.ts";
import { addAll, type Done, drainAway, rotatePool, type UpgradeContext, upgradePool } from "./upgrade.ts";
import type { WorldPool } from "./world-state.ts";

/** Who does what is not a matter of pools. */
export interface ApplyHost {
  readonly context: UpgradeContext;
  readonly plan: ApplyPlan;
  readonly log: ApplyLog;
  /** Subnets, identities and the like are as in the head from now on. */
  readonly enterHead: () => void;
  /** The autoscaler's settings have changed. */
  readonly restartAutoscaler: () => void;
  /** The manifests follow; what cannot be done is told. */
  readonly applyObjects: () => void;
  readonly manifests: "after" | "before";
}

const OPERATION = "the apply of the change";

/**
 * Plays a `terraform apply` and what follows it: pools that go, the cluster with its first pool, then all others at once; an error keeps back
 * what depends on it. The manifests come after it, or before, and after an error not at all.
 */
export const playApply = (host: ApplyHost): void => {
  const { context, plan, log } = host;
  const { operations } = context.pools;
  if (plan.impossible !== undefined) {
    log.skip("cluster", "terraform apply", plan.impossible);
    context.world.tell("apply", "cluster", `is not played: ${plan.impossible}`);
    log.end();
    return;
  }
  operations.add(OPERATION);
  host.enterHead();
  const objects = (): void => {
    const done = log.step("manifests", "are applied");
    host.applyObjects();
    done();
  };
  if (host.manifests === "before") objects();
  playPools(host, () => {
    operations.delete(OPERATION);
    if (host.manifests === "after") {
      if (log.hasFailed) log.skip("manifests", "are applied", "terraform apply has failed");
      else objects();
    }
    log.end();
  });
};

const playPools = (host: ApplyHost, done: () => void): void => {
  const { plan, log } = host;
  const { gone, first, others } = plan;
  if (!plan.clusterChanges) {
    all(host, [...gone, ...others], () => done());
    return;
  }
  // A pool that is replaced goes before the cluster is touched, and comes after it.
  const replaced = others.filter((change) => change.kind === "replace");
  all(host, [...gone, ...replaced.map(deletionOf)], (isFine) => {
    const rest = others.map(
      (change): PoolChange => (change.kind === "replace" ? { kind: "create", pool: change.pool } : change),
    );
    const skip = (changes: readonly PoolChange[], reason: string): void => {
      for (const change of changes) log.skip(`pool ${nameOf(change)}`, wordsOf(change), reason);
    };
    if (!isFine) {
      log.skip("cluster", "is updated", "a pool that it waits for could not be deleted");
      skip([...first, ...rest], "the cluster's update has not been done");
      done();
      return;
    }
    const cluster = log.step(
      "cluster",
      plan.versions === undefined ? "is updated" : `control plane ${plan.versions.from} → ${plan.versions.to}`,
    );
    host.restartAutoscaler();
    all(host, first, (isFirstFine) => {
      cluster(isFirstFine ? undefined : "its first pool could not be changed");
      if (isFirstFine) return all(host, rest, () => done());
      skip(rest, "the cluster's update has failed");
      done();
    });
  });
};

const deletionOf = (change: PoolChange): PoolChange => ({
  kind: "delete",
  address: addressOf(change),
  name: nameOf(change),
});

const addressOf = (change: PoolChange): string =>
  change.kind === "create" ? change.pool.pool.address : change.address;

const nameOf = (change: PoolChange): string => ("pool" in change ? change.pool.name : change.name);

const wordsOf = (change: PoolChange): string => {
  switch (change.kind) {
    case "create":
      return `is created with ${change.pool.initial} nodes of ${change.pool.template.vmSize}`;
    case "delete":
      return "is deleted";
    case "replace":
      return `is deleted and made anew: ${change.because}`;
    case "rotate":
      return `rotates: ${change.because}`;
    case "refused":
      return `is to change: ${change.because}`;
    case "update":
      return change.upgrade === undefined ? `is updated: ${change.because}` : `is upgraded: ${change.upgrade}`;
  }
};

/** Makes changes at the same time, as Terraform does with resources that do not wait for each other. */
const all = (host: ApplyHost, changes: readonly PoolChange[], done: (isFine: boolean) => void): void => {
  let open = changes.length;
  let isFine = true;
  if (open === 0) done(true);
  for (const change of changes) {
    const end = host.log.step(`pool ${nameOf(change)}`, wordsOf(change));
    make(host, change, (problem) => {
      end(problem);
      if (problem !== undefined) isFine = false;
      host.restartAutoscaler();
      open -= 1;
      if (open === 0) done(isFine);
    });
  }
};

const make = (host: ApplyHost, change: PoolChange, done: Done): void => {
  const { context } = host;
  const { pools } = context;
  if (change.kind === "create") {
    const pool = pools.add(change.pool);
    addAll(context, pool, change.pool.initial, done);
    return;
  }
  const pool = pools.all.find((each) => each.pool.pool.address === change.address);
  if (pool === undefined) {
    done("the pool is not there");
    return;
  }
  switch (change.kind) {
    case "delete":
      remove(host, pool, done);
      return;
    case "replace":
      remove(host, pool, (problem) => {
        if (problem !== undefined) done(problem);
        else make(host, { kind: "create", pool: change.pool }, done);
      });
      return;
    case "refused":
      done(change.because);
      return;
    case "rotate": {
      const count = change.pool.autoscaling ? within(change.pool, pool.instances.length) : change.pool.initial;
      pool.pool = change.pool;
      rotatePool(context, pool, done, count);
      return;
    }
    case "update":
      update(host, pool, change, done);
      return;
  }
};

const within = ({ min, max }: { readonly min: number; readonly max: number }, count: number): number =>
  Math.min(max, Math.max(min, count));

const remove = ({ context, restartAutoscaler }: ApplyHost, pool: WorldPool, done: Done): void => {
  pool.isLeaving = true;
  restartAutoscaler();
  drainAway(context, pool, [...pool.instances], "deletion", (problem) => {
    if (problem !== undefined) {
      pool.isLeaving = false;
      done(problem);
      return;
    }
    // The operation ends when the machines are gone.
    context.world.after(context.world.timings.nodeDelete, "pool gone", () => {
      context.pools.drop(pool);
      done(undefined);
    });
  });
};

/** Settings count at once, also on the nodes that are there; then the pool gets its size, then its version. */
const update = (
  host: ApplyHost,
  pool: WorldPool,
  change: Extract<PoolChange, { kind: "update" }>,
  done: Done,
): void => {
  const { context } = host;
  const { instances } = pool;
  pool.pool = change.pool;
  context.pools.relabel(pool);
  evictIntolerant(host, pool);
  host.restartAutoscaler();
  const upgrade: Done = (problem) => {
    if (problem !== undefined || change.upgrade === undefined) done(problem);
    else upgradePool(context, pool, "cluster", done);
  };
  const count = change.pool.autoscaling ? within(change.pool, change.count ?? instances.length) : change.count;
  if (count === undefined || count === instances.length) upgrade(undefined);
  else if (count > instances.length) addAll(context, pool, count - instances.length, upgrade);
  // The highest numbers go, but cordoned nodes before them.
  else {
    const isCordoned = (name: string): number => (context.world.nodes.get(name)?.isCordoned === true ? 0 : 1);
    const order = [...instances].reverse().sort((a, b) => isCordoned(a) - isCordoned(b));
    drainAway(context, pool, order.slice(0, instances.length - count), "scale-down", upgrade);
  }
};

/** A new NoExecute taint deletes the pods that do not tolerate it, without a look at budgets (Kubernetes, taint-eviction controller). */
const evictIntolerant = ({ context: { world } }: ApplyHost, pool: WorldPool): void => {
  const taints = pool.pool.template.taints.filter(({ effect }) => effect === "NoExecute");
  if (taints.length === 0) return;
  for (const node of world.nodes.values()) {
    if (node.pool !== pool) continue;
    for (const pod of [...node.pods])
      if (pod.workload !== undefined && taints.some((taint) => !tolerates(pod.object.spec.tolerations ?? [], taint)))
        world.replace(pod);
  }
};
