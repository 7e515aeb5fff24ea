import type { ContainerRegistry, Platform } from "../azure/platform.ts";
import { known } from "../model/unknown.ts";

/** The registry of the configuration that serves a host such as `acrshop.azurecr.io`. */
export const registryOfHost = (platform: Platform, host: string): ContainerRegistry | undefined =>
  platform.registries.find((registry) => {
    const server = known(registry.loginServer)?.toLowerCase();
    const name = known(registry.name)?.toLowerCase();
    return server === host || (name !== undefined && host === `${name}.azurecr.io`);
  });
