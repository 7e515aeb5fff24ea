import { isNvidia } from "../azure/node-labels.ts";
import type { Platform } from "../azure/platform.ts";
import type { KubeObject } from "../kubernetes/object.ts";
import type { DaemonSet } from "../kubernetes/workloads.ts";
import { createDaemonFit } from "./controllers/daemon-nodes.ts";
import { nodesFromTemplate } from "./nodes/nodes-of-pool.ts";
import type { PredictedPool } from "./predict-pools.ts";

/**
 * The pools with the GPUs that their nodes offer: those of the VM size, where a device plugin runs on the pool, or may come from a chart
 * or from a controller that the objects do not show ("Use GPUs on AKS": AKS installs the driver, not the plugin).
 */
export const withDevices = (
  pools: readonly PredictedPool[],
  objects: readonly KubeObject[],
  platform: Platform,
): readonly PredictedPool[] => {
  if (pools.every(({ template }) => (template.size.gpus ?? 0) === 0)) return pools;
  const plugins = objects.filter((object) => object.kind === "DaemonSet" && isPlugin(object as DaemonSet));
  const fits = plugins.map((plugin) => createDaemonFit((plugin as DaemonSet).spec.template.spec));
  const mayBeHidden =
    plugins.length === 0 &&
    (platform.others.some(({ type }) => type === "helm_release") ||
      objects.some(({ kind }) => kindsThatInstall.has(kind)));
  return pools.map((pool): PredictedPool => {
    const { size, vmSize } = pool.template;
    const [node] = nodesFromTemplate(pool.template, 1);
    if (!size.gpus || node === undefined || /^standard_np/i.test(vmSize)) return pool;
    if (!mayBeHidden && !fits.some((suits) => suits(node).shouldRun)) return pool;
    const devices = { [isNvidia(vmSize) ? "nvidia.com/gpu" : "amd.com/gpu"]: size.gpus };
    return { ...pool, template: { ...pool.template, devices } };
  });
};

/** NVIDIA's and AMD's device plugins, and the GPU operators that bring one. */
const isPlugin = ({ spec }: DaemonSet): boolean =>
  spec.template.spec.containers.some(({ image = "" }) => /device-plugin|gpu-operator|k8s-gpu/.test(image));

const kindsThatInstall: ReadonlySet<string> = new Set([
  "Application",
  "ApplicationSet",
  "ClusterPolicy",
  "HelmRelease",
]);
