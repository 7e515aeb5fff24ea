import type { KubeObject } from "../../kubernetes/object.ts";
import type { JsonObject } from "../../model/json.ts";
import { child, number, text } from "./karpenter-node-pool.ts";

/** What node auto-provisioning reads of an AKSNodeClass (karpenter.azure.com/v1beta1 and v1alpha2). */
export interface KarpenterNodeClass {
  readonly name: string;
  /** `Ubuntu`, `Ubuntu2204`, `Ubuntu2404` or `AzureLinux`. */
  readonly imageFamily: string;
  readonly osDiskSizeGb: number;
  readonly maxPods: number | undefined;
  readonly subnetId: string | undefined;
  readonly fips: boolean;
  readonly encryptionAtHost: boolean;
  readonly trustedLaunch: boolean;
  /** AKS installs the GPU driver: only sizes that it can do so for are taken. */
  readonly gpuDriver: boolean;
  readonly artifactStreaming: boolean;
  readonly localDns: "Required" | "Preferred" | "Disabled";
}

export const isNodeClass = ({ kind, apiVersion }: KubeObject): boolean =>
  kind === "AKSNodeClass" && apiVersion.startsWith("karpenter.azure.com/");

/** Reads an AKSNodeClass with the defaults of its CRD (Azure/karpenter-provider-azure v1.14.2 `pkg/apis/v1beta1/aksnodeclass.go`). */
export const readNodeClass = (object: KubeObject): KarpenterNodeClass => {
  const spec = child(object as unknown as JsonObject, "spec");
  const security = child(spec, "security");
  const trusted = child(security, "trustedLaunch");
  const localDns = text(child(spec, "localDNS")["mode"]) ?? text(child(spec, "LocalDNS")["mode"]);
  return {
    name: object.metadata.name,
    imageFamily: text(spec["imageFamily"]) ?? "Ubuntu",
    osDiskSizeGb: number(spec["osDiskSizeGB"]) ?? 128,
    maxPods: number(spec["maxPods"]),
    subnetId: text(spec["vnetSubnetID"]),
    fips: text(spec["fipsMode"]) === "FIPS",
    encryptionAtHost: security["encryptionAtHost"] === true,
    trustedLaunch: trusted["vtpm"] === true || trusted["secureBoot"] === true,
    gpuDriver: text(child(spec, "gpu")["mode"])?.toLowerCase() !== "none",
    artifactStreaming: child(spec, "artifactStreaming")["enabled"] === true,
    localDns: localDns === "Required" || localDns === "Preferred" ? localDns : "Disabled",
  };
};

/** `kubernetes.azure.com/os-sku` of the images of a family. */
export const osSkuOf = ({ imageFamily }: KarpenterNodeClass): string =>
  imageFamily.startsWith("Ubuntu") ? "Ubuntu" : imageFamily;
