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

/** Name rules ("azurerm" resource schema; "Create node pools"). */
export const namePatterns = {
  cluster: /^[a-zA-Z0-9]$|^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$/,
  linuxPool: /^[a-z][a-z0-9]{0,11}$/,
  windowsPool: /^[a-z][a-z0-9]{0,5}$/,
  dnsPrefix: /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,52}[a-zA-Z0-9])?$/,
  registry: /^[a-zA-Z0-9]{5,50}$/,
} as const;
