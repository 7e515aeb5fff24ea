import type { ApiError } from "../api-status.ts";
import { limitRanger } from "./limit-ranger.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";
import { defaultTolerationSeconds, podTopologyLabels, priority, runtimeClass } from "./pod-defaults.ts";
import { podSecurity } from "./pod-security.ts";
import { resourceQuota } from "./resource-quota.ts";
import { serviceAccount } from "./service-account.ts";
import {
  claimResize,
  defaultIngressClass,
  defaultStorageClass,
  namespaceLifecycle,
  storageObjectInUseProtection,
  taintNodesByCondition,
} from "./storage-defaults.ts";

/** The plugins that are on by default, in upstream's order (pkg/kubeapiserver/options/plugins.go, v1.35). */
export const admissionPlugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  claimResize,
  runtimeClass,
  defaultIngressClass,
  podTopologyLabels,
  resourceQuota,
];

/** The default plugins with more of them, which upstream puts before the quota. */
export const withPlugins = (more: readonly AdmissionPlugin[]): readonly AdmissionPlugin[] => [
  ...admissionPlugins.filter((plugin) => plugin !== resourceQuota),
  ...more,
  resourceQuota,
];

/** Lets the plugins change the object; the first refusal ends it. */
export const admit = (plugins: readonly AdmissionPlugin[], request: AdmissionRequest): ApiError | undefined => {
  for (const plugin of plugins) {
    const refusal = plugin.admit?.(request);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};

/** Asks the plugins about the finished object. */
export const validateAdmission = (
  plugins: readonly AdmissionPlugin[],
  request: AdmissionRequest,
): ApiError | undefined => {
  for (const plugin of plugins) {
    const refusal = plugin.validate?.(request);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};
