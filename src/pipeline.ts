import { join, relative } from "node:path";
import type { Platform } from "./azure/platform.ts";
import type { EvaluateCel } from "./cluster/cel.ts";
import { applyBaseline, readBaseline } from "./findings/baseline.ts";
import { compare, withStatus } from "./findings/compare.ts";
import { asFinding, type Finding } from "./findings/finding.ts";
import { monitoringPictures } from "./findings/monitoring/picture.ts";
import { checkPolicies } from "./findings/policies.ts";
import type { World } from "./findings/rule.ts";
import { runRules, sorted } from "./findings/run-rules.ts";
import { buildGraph } from "./graph/build-graph.ts";
import { completeObjects, objectsOn, readableOn } from "./graph/object-clusters.ts";
import type { ResourceGraph } from "./graph/resource-graph.ts";
import type { Diagnostic, Outcome } from "./model/diagnostic.ts";
import { type ReadPlatform, type ReviewInput, readPlatform, vcpuQuotas, vmPrices, vmSizes } from "./read-platform.ts";
import { buildReport } from "./report/build-report.ts";
import type { Report } from "./report/report.ts";
import { predictSubnets } from "./simulate/cloud/subnets.ts";
import { type PredictOutcome, predict } from "./simulate/predict.ts";
import { duringApply, poolsOnTheWay } from "./simulate/predict-during.ts";
import type { Assumption, Prediction } from "./simulate/prediction.ts";

/** Step two: run every cluster of the platform to its steady state. */
export const predictWorld = (read: ReadPlatform): Outcome<World> => {
  const { configuration, platform, instances, objects } = read;
  const diagnostics: Diagnostic[] = [];
  const sizes = vmSizes(read, diagnostics);
  const prices = vmPrices(read, diagnostics);
  const clusters = platform.clusters.filter((cluster) => !cluster.isData);
  const outcomes = clusters.map((cluster) => {
    const own = readableOn(read, cluster.address);
    return predict({
      platform,
      cluster,
      objects: own.map(({ object }) => object),
      complete: completeObjects(own),
      load: configuration.load,
      sizes,
      prices,
    });
  });
  for (const outcome of outcomes) diagnostics.push(...outcome.diagnostics);
  const predictions = withSharedSubnets(platform, outcomes);
  const quotas = vcpuQuotas(read, diagnostics);
  const isPartial = read.diagnostics.some(({ code }) => code === "AKS9110");
  return { value: { platform, instances, objects, predictions, quotas, sizes, isPartial }, diagnostics };
};

export interface ReviewOptions {
  readonly version: string;
  /** How the report calls what was read. */
  readonly root: string;
  /** `2026-11-25`, for suppressions with an end. */
  readonly today: string;
  /** Findings that were accepted before: they are listed as suppressed. */
  readonly baseline?: { readonly text: string; readonly file: string } | undefined;
  /** Needed where `aks-twin.yaml` has policies; see `loadCel`. */
  readonly cel?: EvaluateCel | undefined;
  /** Told as each stage begins, on each side: for those who measure. */
  readonly onStage?: ((stage: ReviewStage) => void) | undefined;
  /** Told what was read, the base first. */
  readonly onRead?: ((read: ReadPlatform) => void) | undefined;
}

export type ReviewStage = "read" | "predict" | "find" | "report";

/** The whole review: the head, and the base where there is one. */
export const review = (head: ReviewInput, base: ReviewInput | undefined, options: ReviewOptions): Report =>
  reviewWithGraph(head, base, options).report;

/** The same with the head's graph, which is drawn only when it is asked for. */
export const reviewWithGraph = (
  head: ReviewInput,
  base: ReviewInput | undefined,
  options: ReviewOptions,
): { readonly report: Report; readonly graph: () => ResourceGraph } => {
  // The head is read first: its `moved` blocks say where the base's resources are now.
  if (base !== undefined) options.onStage?.("read");
  const read = base === undefined ? undefined : readPlatform(head);
  const before = base === undefined ? undefined : side(base, undefined, options, () => readPlatform(base, read?.moved));
  const after = side(head, before?.world, options, () => read ?? readPlatform(head));
  const monitoring = monitoringPictures(after.world.platform, ({ address }) => objectsOn(after.world, address));
  const root = { version: options.version, root: options.root, monitoring };
  const assumptions = severalClusters(after.world);
  const { platform, instances, objects } = after.world;
  const graph = (): ResourceGraph => buildGraph(platform, instances, objects);
  if (base === undefined || before === undefined) {
    options.onStage?.("report");
    return {
      report: buildReport({ ...root, after: after.world.predictions, findings: after.findings, assumptions }),
      graph,
    };
  }
  const earlier = before.findings.map((finding) => movedTo(finding, base.directory, head.directory));
  const changes = compare({ world: before.world, findings: earlier }, after);
  options.onStage?.("report");
  const report = buildReport({
    ...root,
    after: after.world.predictions,
    before: before.world.predictions,
    during: during(before.world, after.world),
    findings: withStatus(earlier, after.findings),
    changes,
    assumptions,
  });
  return { report, graph };
};

/** The clusters while the apply is under way; none where it moves no pool. */
const during = (before: World, after: World): readonly Prediction[] | undefined => {
  const moving = after.predictions.map((prediction) => {
    const base = before.platform.clusters.find(({ address }) => address === prediction.cluster);
    const head = after.platform.clusters.find(({ address }) => address === prediction.cluster);
    const nodes = new Map(prediction.pools.map((pool) => [pool.address, pool.nodes.predicted.high]));
    return base === undefined || head === undefined ? [] : poolsOnTheWay(base, head, nodes);
  });
  if (moving.every((pools) => pools.length === 0)) return undefined;
  return after.predictions.map((prediction, index) => duringApply(prediction, moving[index] ?? []));
};

const side = (
  input: ReviewInput,
  base: World | undefined,
  options: ReviewOptions,
  readSide: () => ReadPlatform,
): { readonly world: World; readonly findings: readonly Finding[] } => {
  options.onStage?.("read");
  const read = readSide();
  options.onRead?.(read);
  options.onStage?.("predict");
  const { value, diagnostics } = predictWorld(read);
  options.onStage?.("find");
  const world: World = { ...value, base };
  const { rules, suppress, policies } = read.configuration;
  const fromPolicies = checkPolicies(policies, world, options.cel);
  const found = runRules(world, [...read.diagnostics, ...diagnostics, ...fromPolicies], {
    textOf: (file) => input.tree.readText(file).value,
    ignore: suppress.map(({ code, reason, subject, expires }) => ({
      code,
      reason,
      ...(subject === undefined ? {} : { subject }),
      ...(expires === undefined ? {} : { until: expires }),
    })),
    today: options.today,
  });
  const findings = found.flatMap((finding): readonly Finding[] => {
    const severity = rules.get(finding.code);
    return severity === "off" ? [] : [severity === undefined ? finding : { ...finding, severity }];
  });
  const weighed = rules.size === 0 ? findings : sorted(findings);
  if (options.baseline === undefined) return { world, findings: weighed };
  const { value: accepted, diagnostics: problems } = readBaseline(options.baseline.text, options.baseline.file);
  return { world, findings: [...applyBaseline(weighed, accepted), ...problems.map(asFinding)] };
};

/** A finding of the base as if the base stood where the head stands, so that the two can be held side by side. */
const movedTo = (finding: Finding, from: string, to: string): Finding => {
  const file = finding.range?.file;
  if (finding.range === undefined || file === undefined || from === to) return finding;
  const below = relative(from, file);
  return { ...finding, range: { ...finding.range, file: join(to, below) } };
};

/** Where clusters share a subnet, each prediction counts the addresses of all. */
const withSharedSubnets = (platform: Platform, outcomes: readonly PredictOutcome[]): readonly Prediction[] =>
  outcomes.length < 2
    ? outcomes.map(({ value }) => value)
    : outcomes.map(({ value, use }) => {
        const others = outcomes.flatMap((other) => (other.use === use ? [] : [other.use]));
        return { ...value, subnets: predictSubnets({ platform, ...use, others }).value };
      });

const severalClusters = (world: World): readonly Assumption[] => {
  const [first, ...rest] = world.predictions;
  const unsaid = world.objects.filter(({ cluster }) => cluster === undefined).length;
  if (first === undefined || rest.length === 0 || unsaid === 0) return [];
  return [
    {
      key: "manifestsCluster",
      text: `The configuration has ${world.predictions.length} clusters; the input does not say where ${unsaid === world.objects.length ? "the manifests" : `${unsaid} of ${world.objects.length} objects`} run, and "${first.cluster}" is assumed.`,
      override: "clusters in aks-twin.yaml",
      certainty: "uncertain",
    },
  ];
};
