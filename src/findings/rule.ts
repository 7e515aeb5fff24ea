import type { Platform } from "../azure/platform.ts";
import type { VcpuQuota } from "../azure/sku-dump.ts";
import type { VmSizeOverrides } from "../azure/vm-sizes.ts";
import type { ResourceInstance } from "../evaluate/resource-instance.ts";
import type { SourcedObject } from "../kubernetes/object.ts";
import type { Diagnostic, Severity } from "../model/diagnostic.ts";
import type { Prediction } from "../simulate/prediction.ts";

/** Everything a rule may read: one world, before or after the change. */
export interface World {
  readonly platform: Platform;
  readonly instances: readonly ResourceInstance[];
  readonly objects: readonly SourcedObject[];
  /** One a cluster, in the order of the platform. */
  readonly predictions: readonly Prediction[];
  /** vCPU quotas of the subscription by lower-case family name, where the user gave `az vm list-usage`. */
  readonly quotas?: ReadonlyMap<string, VcpuQuota> | undefined;
  /** A module is not on disk: what is not here may be in it. */
  readonly isPartial?: boolean;
  /** Sizes of the user's `az vm list-skus`, which go before the table's. */
  readonly sizes?: VmSizeOverrides | undefined;
  /** The world before the change, where there is a base to compare with; rules about replacement and removal read it. */
  readonly base?: Omit<World, "base"> | undefined;
}

/** A rule is one file: its page for people, and its check. */
export interface Rule {
  readonly code: string;
  /** Names the rule in one line, without particulars. */
  readonly title: string;
  readonly severity: Severity;
  /** Asked once a cluster where there are several, each time of a world with that cluster and its objects alone. */
  readonly perCluster?: true;
  /** The page that `aks-twin explain CODE` prints: what happens, why, how to mend it, the source. */
  readonly explain: string;
  readonly check: (world: World) => Iterable<Diagnostic>;
}
