import { expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/kubernetes/object.ts";
import { predictedReplicas } from "../../src/simulate/predict-replicas.ts";

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop" },
  spec: {
    replicas: 2,
    template: { spec: { containers: [{ name: "web", image: "web", resources: { requests: { cpu: "500m" } } }] } },
  },
};
const load = { default: { low: 0.5, high: 2 }, workloads: new Map() };

const predicted = (scaler: object) => predictedReplicas([deployment, scaler as KubeObject], load);

test("an HPA settles between its bounds", () => {
  const hpa = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web", namespace: "shop" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      maxReplicas: 6,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
      ],
    },
  };
  expect(predicted(hpa).autoscaling).toMatchObject([
    { subject: "Deployment/shop/web", from: 2, to: { low: 2, high: 6 }, min: 1, max: 6, limited: true },
  ]);
});

test("a ScaledObject settles as the HPA that KEDA makes of it", () => {
  const scaledObject = {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name: "web", namespace: "shop" },
    spec: {
      scaleTargetRef: { name: "web" },
      minReplicaCount: 1,
      triggers: [
        { type: "cpu", metricType: "Utilization", metadata: { value: 50 } },
        { type: "cron", metadata: { timezone: "UTC", start: 0, end: null, desiredReplicas: 20 } },
      ],
    },
  };
  expect(predicted(scaledObject).autoscaling).toMatchObject([
    { subject: "Deployment/shop/web", from: 2, to: { low: 2, high: 20 }, min: 1, max: 100, limited: false },
  ]);
  expect(predicted({ ...scaledObject, spec: {} }).autoscaling).toEqual([]);
});
