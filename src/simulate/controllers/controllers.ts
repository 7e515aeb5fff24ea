import type { Controller } from "./controller.ts";
import { cronJobController } from "./cron-job.ts";
import { daemonSetController } from "./daemon-set.ts";
import { deploymentController } from "./deployment.ts";
import { disruptionController } from "./disruption.ts";
import { endpointSliceController } from "./endpoint-slices.ts";
import { ephemeralVolumeController } from "./ephemeral-volume.ts";
import { createJobController } from "./job.ts";
import { garbageCollector, namespaceController, rootCaPublisher, serviceAccountController } from "./namespaces.ts";
import { createTaintEvictionController, nodeLifecycleController, nodeTtlController } from "./node-lifecycle.ts";
import { replicaSetController, replicationController } from "./replica-set.ts";
import { resourceQuotaController } from "./resource-quota.ts";
import { statefulSetController } from "./stateful-set.ts";
import { createVolumeBinder } from "./volume-binder.ts";
import { volumeProtection } from "./volume-protection.ts";

/** The controllers of kube-controller-manager that this project plays, fresh for one cluster. */
export const createControllers = (): readonly Controller[] => [
  deploymentController,
  replicaSetController,
  replicationController,
  statefulSetController,
  daemonSetController,
  createJobController(),
  cronJobController,
  disruptionController,
  endpointSliceController,
  ephemeralVolumeController,
  createVolumeBinder(),
  volumeProtection,
  resourceQuotaController,
  nodeLifecycleController,
  nodeTtlController,
  createTaintEvictionController(),
  serviceAccountController,
  rootCaPublisher,
  namespaceController,
  garbageCollector,
];
