import type { AksCluster, NodePool } from "../../azure/platform.ts";
import { containersOf, type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import type { SourcedObject } from "../../kubernetes/object.ts";
import { tolerates } from "../../simulate/scheduler/taint-toleration.ts";
import { isWindows, nameOf, taintsOf } from "../cluster-facts.ts";

/** A DaemonSet of the manifests that collects from each node it runs on. */
export interface NodeAgent {
  readonly workload: Workload;
  readonly program: string;
  readonly collects: "logs" | "metrics" | "logs and metrics";
  /** Pools whose nodes it runs on, and those that it does not, each with the taint that keeps it away. */
  readonly on: readonly string[];
  readonly notOn: readonly { readonly pool: NodePool; readonly taint: string }[];
}

/** Programs by a part of their image's name, as their projects publish them. */
const programs: readonly (readonly [pattern: RegExp, name: string, collects: NodeAgent["collects"]])[] = [
  [/(^|\/)fluent-bit(@|:|$)/, "Fluent Bit", "logs"],
  [/(^|\/)fluentd([-_][\w-]+)?(@|:|$)/, "Fluentd", "logs"],
  [/(^|\/)promtail(@|:|$)/, "Promtail", "logs"],
  [/(^|\/)filebeat(-oss)?(@|:|$)/, "Filebeat", "logs"],
  [/(^|\/)vector(@|:|$)/, "Vector", "logs"],
  [/(^|\/)node-exporter(@|:|$)/, "node-exporter", "metrics"],
  [/(^|\/)metricbeat(-oss)?(@|:|$)/, "Metricbeat", "metrics"],
  [/(^|\/)telegraf(@|:|$)/, "Telegraf", "metrics"],
  [/grafana\/(agent|alloy)(@|:|$)/, "Grafana Alloy", "logs and metrics"],
  [/(^|\/)elastic-agent(@|:|$)/, "Elastic Agent", "logs and metrics"],
  [/(datadog|datadoghq)\/agent(@|:|$)/, "Datadog Agent", "logs and metrics"],
  [/(^|\/)opentelemetry-collector([-\w]*)(@|:|$)/, "OpenTelemetry Collector", "logs and metrics"],
  [/(^|\/)dynatrace-oneagent|dynatrace\/oneagent/, "Dynatrace OneAgent", "logs and metrics"],
];

/** The agents among the manifests. Those with a node selector or a node affinity choose their nodes, and are left out. */
export const nodeAgents = (cluster: AksCluster, objects: readonly SourcedObject[]): readonly NodeAgent[] =>
  workloadsOf(objects).flatMap((workload): readonly NodeAgent[] => {
    if (workload.kind !== "DaemonSet" || choosesNodes(workload)) return [];
    const [first] = containersOf(workload.spec).flatMap(({ container }) =>
      programs.filter(([pattern]) => pattern.test(container.image ?? "")),
    );
    if (first === undefined) return [];
    const [, program, collects] = first;
    const pools = cluster.pools.filter((pool) => !isWindows(pool));
    const barred = pools.map((pool) => ({ pool, taint: barrier(workload, pool) }));
    return [
      {
        workload,
        program,
        collects,
        on: barred.filter(({ taint }) => taint === undefined).map(({ pool }) => nameOf(pool)),
        notOn: barred.flatMap(({ pool, taint }) => (taint === undefined ? [] : [{ pool, taint }])),
      },
    ];
  });

const choosesNodes = ({ spec }: Workload): boolean =>
  spec.nodeName !== undefined ||
  spec.affinity?.nodeAffinity !== undefined ||
  Object.entries(spec.nodeSelector ?? {}).some(
    ([key, value]) => !(/^(beta\.)?kubernetes\.io\/os$/.test(key) && value === "linux"),
  );

/** The first taint of a pool that the pods do not tolerate and that keeps them off its nodes. */
const barrier = ({ spec }: Workload, pool: NodePool): string | undefined =>
  taintsOf(pool).find((text) => {
    const [, key = "", value = "", effect = ""] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(text) ?? [];
    if (effect !== "NoSchedule" && effect !== "NoExecute") return false;
    return !tolerates(spec.tolerations ?? [], { key, value, effect });
  });
