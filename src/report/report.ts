import type { Changes } from "../findings/changes.ts";
import type { Finding } from "../findings/finding.ts";
import type { MonitoringPicture } from "../findings/monitoring/picture.ts";
import type { ResourceGraph } from "../graph/resource-graph.ts";
import type {
  AutoscalingPrediction,
  LoadBalancerPrediction,
  NodeProvisioningPrediction,
  PendingPod,
  PublicIpPrediction,
  Range,
  SubnetPrediction,
} from "../simulate/prediction.ts";

/** Everything a format may show; also the JSON form, see `schemas/review.schema.json`. Plain data, no functions. */
export interface Report {
  readonly tool: { readonly name: "aks-twin"; readonly version: string };
  /** What was read, as the user named it. */
  readonly root: string;
  readonly verdict: Verdict;
  readonly worlds: {
    readonly before: WorldReport | undefined;
    readonly during: WorldReport | undefined;
    readonly after: WorldReport;
  };
  /** Worst first; suppressed ones among them. */
  readonly findings: readonly Finding[];
  readonly assumptions: readonly ReportedAssumption[];
  /** What of each cluster is collected and who is told, after the change; left out where there is no cluster. */
  readonly monitoring?: readonly MonitoringPicture[];
  /** Against the base, where there is one. */
  readonly changes: Changes | undefined;
}

export interface Verdict {
  /**
   * `fails`: something will not work as written; `unknown`: part of the input could not be read, nothing else fails; `risks`: it works
   * until something happens; `works`: nothing found.
   */
  readonly outcome: "fails" | "unknown" | "risks" | "works";
  /** One line for people. */
  readonly summary: string;
  /** The worst consequences, one sentence each, at most three. */
  readonly reasons: readonly string[];
  readonly counts: {
    readonly error: number;
    readonly warning: number;
    readonly info: number;
    readonly suppressed: number;
  };
}

export interface WorldReport {
  readonly clusters: readonly string[];
  readonly pools: readonly PoolReport[];
  readonly nodes: readonly NodeReport[];
  readonly subnets: readonly SubnetPrediction[];
  readonly loadBalancers: readonly (LoadBalancerPrediction & { readonly cluster: string })[];
  readonly publicIps: readonly PublicIpPrediction[];
  readonly volumes: readonly VolumeReport[];
  /** With its cluster's address where there are several. */
  readonly pending: readonly (PendingPod & { readonly cluster?: string })[];
  readonly autoscaling: readonly (AutoscalingPrediction & { readonly cluster?: string })[];
  /** Of clusters that have node auto-provisioning; left out where none has. A first model: `model` says so. */
  readonly nodeProvisioning?: readonly (NodeProvisioningPrediction & { readonly cluster: string })[];
  /** Preemptions; during an apply, what happens to which pool. */
  readonly events: readonly { readonly subject: string; readonly reason: string; readonly message: string }[];
}

/** CPU in thousandths of a core, memory in bytes. */
export interface Amounts {
  readonly milliCpu: number;
  readonly memoryBytes: number;
  readonly pods: number;
  readonly disks: number;
}

export interface PoolReport {
  readonly cluster: string;
  readonly name: string;
  readonly address: string;
  readonly mode: string;
  readonly vmSize: string;
  readonly zones: readonly string[];
  /** Predicted at the highest load. */
  readonly nodes: number;
  readonly initialNodes: number;
  readonly predictedNodes: Range;
  readonly min: number;
  readonly max: number;
  readonly autoscaling: boolean;
  /** Of one node. */
  readonly allocatable: Amounts;
  /** Of all its pods together at the highest load. */
  readonly requested: Amounts;
  readonly pods: number;
  readonly systemPods: number;
}

export interface NodeReport {
  readonly cluster: string;
  readonly name: string;
  readonly pool: string;
  readonly zone: string;
  readonly ip: string | undefined;
  readonly allocatable: Omit<Amounts, "disks">;
  readonly requested: Omit<Amounts, "disks">;
  /** Pods of the input that are placed here, by address. */
  readonly placed: readonly string[];
}

export interface VolumeReport {
  readonly claim: string;
  readonly storageClass: string;
  readonly kind: string;
  readonly zone: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly boundTo: string | undefined;
  readonly state: "bound" | "pending";
  readonly message: string;
}

export interface ReportedAssumption {
  readonly key: string;
  readonly text: string;
  readonly override: string;
  readonly certainty: "documented" | "likely" | "uncertain";
}

/** How a format may be asked to look; formats for machines ignore it. */
export interface ReporterOptions {
  /** ANSI colours; off unless asked for. */
  readonly color?: boolean;
  /** Text: also what is monitored. */
  readonly verbose?: boolean;
  /** Columns of the terminal; 100 unless told. */
  readonly width?: number;
  /** For formats that draw it (HTML): the platform's graph. */
  readonly graph?: ResourceGraph;
  /** For formats that show code (HTML): a file's text, lines that must not be shown replaced by `hiddenLine`. */
  readonly sourceOf?: (file: string) => string | undefined;
}

export type Reporter = (report: Report, options?: ReporterOptions) => string;
