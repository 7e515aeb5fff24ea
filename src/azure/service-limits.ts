/** Limits of the service, each with its source's title ("Quotas, SKUs and regions" unless another is named). */
export const clusterLimits = {
  /** Virtual machine scale sets behind a Standard load balancer. */
  nodes: 5000,
  /** Free tier; fewer than 10 are recommended. */
  nodesFreeTier: 1000,
  nodesPerPool: 1000,
  pools: 100,
  /** Overlay; another page says 250,000. */
  podsOverlay: 200_000,
  /** Azure network policy manager ("Secure traffic between pods by using network policies"). */
  azureNetworkPolicyNodes: 250,
  azureNetworkPolicyPods: 20_000,
  authorizedRanges: 200,
  authorizedRangesVnetIntegration: 2000,
  federatedCredentialsPerIdentity: 20,
  nodeResourceGroupName: 80,
} as const;

/** Limits of a Standard load balancer. */
export const loadBalancerLimits = {
  /** Rules a network interface, so inbound rules of a cluster with one load balancer ("Use multiple public Standard Load Balancers"). */
  rules: 300,
  /** Services × ports × nodes ("Best practices for performance and scaling for large workloads"). */
  backendConfigurationsPerFrontend: 10_000,
  /** Azure limits; not found in the AKS documentation. */
  frontends: 600,
  privateLinkServices: 8,
  /** Internal load balancer Services are better made below this many nodes. */
  nodesForInternalServices: 750,
} as const;

/** Priorities that the cloud provider gives to its rules (cloud-provider-azure `consts.go`). */
export const securityRulePriorities = { least: 500, most: 4096 } as const;

/** Name rules ("azurerm" resource schema; "Create node pools"). */
export const namePatterns = {
  cluster: /^[a-zA-Z0-9]$|^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$/,
  linuxPool: /^[a-z][a-z0-9]{0,11}$/,
  windowsPool: /^[a-z][a-z0-9]{0,5}$/,
  dnsPrefix: /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,52}[a-zA-Z0-9])?$/,
  registry: /^[a-zA-Z0-9]{5,50}$/,
} as const;

/** Support of Kubernetes versions ("Supported Kubernetes versions in AKS", 2026-08): general availability and end of life by month or day. */
export const versionSupport: readonly {
  readonly version: string;
  readonly available: string;
  readonly endOfLife: string;
  readonly longTermEndOfLife: string;
}[] = [
  { version: "1.30", available: "2024-07", endOfLife: "2025-08-22", longTermEndOfLife: "2026-07" },
  { version: "1.31", available: "2024-11", endOfLife: "2025-11-01", longTermEndOfLife: "2026-11" },
  { version: "1.32", available: "2025-04", endOfLife: "2026-03", longTermEndOfLife: "2027-03" },
  { version: "1.33", available: "2025-06", endOfLife: "2026-07", longTermEndOfLife: "2027-07" },
  { version: "1.34", available: "2025-11", endOfLife: "2026-11", longTermEndOfLife: "2027-11" },
  { version: "1.35", available: "2026-03", endOfLife: "2027-03", longTermEndOfLife: "2028-03" },
  { version: "1.36", available: "2026-06", endOfLife: "2027-06", longTermEndOfLife: "2028-06" },
  { version: "1.37", available: "2026-10", endOfLife: "2027-10", longTermEndOfLife: "2028-10" },
];
