import { type Bytes, type Millis, millis, seconds } from "../../model/quantity.ts";

/** How long the machinery takes. None of it is documented: each figure is an assumption with its key in `aks-twin.yaml`. */
export interface NodeTimings {
  /** From the request for an instance to a Ready node; one to three minutes were observed on Linux scale sets. */
  readonly nodeReady: Millis;
  readonly windowsNodeReady: Millis;
  /** From the deletion of an instance to the end of its node object. */
  readonly nodeDelete: Millis;
  readonly pullBytesPerSecond: number;
  /** Taken for an image whose size nobody knows. */
  readonly pullUnknownImage: Millis;
  readonly sandbox: Millis;
  readonly containerStart: Millis;
  /** From the claim to the disk's creation, and from the pod's binding to the attached disk. */
  readonly diskCreate: Millis;
  readonly diskAttach: Millis;
  readonly diskDetach: Millis;
  /** From the Service to its address. */
  readonly loadBalancer: Millis;
}

export const defaultTimings: NodeTimings = {
  nodeReady: seconds(120),
  windowsNodeReady: seconds(300),
  nodeDelete: seconds(60),
  pullBytesPerSecond: 50_000_000,
  pullUnknownImage: seconds(10),
  sandbox: seconds(1),
  containerStart: seconds(1),
  diskCreate: seconds(5),
  diskAttach: seconds(15),
  diskDetach: seconds(15),
  loadBalancer: seconds(30),
};

/** Time to pull an image; images of the node's own cache take none. */
export const pullTime = (timings: NodeTimings, size: Bytes | undefined): Millis =>
  size === undefined ? timings.pullUnknownImage : millis(Math.ceil((size / timings.pullBytesPerSecond) * 1000));
