import { isJsonObject, type Json } from "../model/json.ts";
import { describeOutcome } from "../simulate/cloud/load-balancer-output.ts";
import type { LoadBalancerInput } from "../simulate/cloud/load-balancer-types.ts";
import { simulateLoadBalancers } from "../simulate/cloud/load-balancers.ts";

/** Reads a case, or its `input` alone, and answers what the Azure cloud provider would make of it. */
export const rehearseLoadBalancer = (json: Json): Json => {
  const input = isJsonObject(json) && isJsonObject(json["input"]) ? json["input"] : json;
  if (!isJsonObject(input) || !isJsonObject(input["cloudConfig"]) || !Array.isArray(input["steps"]))
    return { error: "A load balancer case needs an object with cloudConfig and steps." };
  return describeOutcome(simulateLoadBalancers(input as unknown as LoadBalancerInput));
};
