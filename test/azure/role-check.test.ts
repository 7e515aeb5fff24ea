import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { azureNeeds } from "../../src/azure/needs.ts";
import { allows, covers, permits } from "../../src/azure/role-check.ts";
import { builtInRole } from "../../src/azure/roles.ts";

const subscription = "/subscriptions/00000000-0000-0000-0000-000000000001";
const group = `${subscription}/resourceGroups/shop`;
const registry = `${group}/providers/Microsoft.ContainerRegistry/registries/shop`;

const role = (name: string, scope: string, condition?: string) => {
  const found = builtInRole(name);
  if (found === undefined) throw new Error(name);
  return { permissions: found.permissions, scope, condition };
};

test("every role that a need names permits its operations", () => {
  for (const [name, need] of Object.entries(azureNeeds))
    for (const roleName of need.roles)
      for (const operation of need.operations)
        expect([name, roleName, operation, permits(role(roleName, "/").permissions, operation, need.kind)]).toEqual([
          name,
          roleName,
          operation,
          true,
        ]);
});

const pull = azureNeeds.pullImages.operations[0];

test.each([
  ["at the registry", role("AcrPull", registry), "yes"],
  ["at its resource group, in other letters", role("AcrPull", group.toUpperCase()), "yes"],
  ["at the subscription", role("AcrPull", subscription), "yes"],
  ["at a registry with a longer name", role("AcrPull", `${registry}2`), "no"],
  ["at a sibling whose name begins alike", role("AcrPull", `${group}-other`), "no"],
  ["as Reader", role("Reader", group), "yes"],
  ["as Contributor", role("Contributor", group), "yes"],
  ["as Network Contributor", role("Network Contributor", group), "no"],
  ["with a condition", role("AcrPull", registry, "@Resource[...]"), "unsure"],
  ["at a management group", role("AcrPull", "/providers/Microsoft.Management/managementGroups/root"), "unsure"],
])("pull of images %s", (_, held, allowed) => {
  expect(allows([held], pull, registry).allowed).toBe(allowed);
});

test("Contributor may not give roles, and reads no secrets of a vault", () => {
  const contributor = [role("Contributor", group)];
  expect(allows(contributor, "Microsoft.Authorization/roleAssignments/write", registry).allowed).toBe("no");
  const vault = `${group}/providers/Microsoft.KeyVault/vaults/shop`;
  expect(allows(contributor, azureNeeds.readSecret.operations[0], vault, "dataAction").allowed).toBe("no");
  expect(
    allows([role("Key Vault Secrets User", vault)], azureNeeds.readSecret.operations[0], vault, "dataAction").allowed,
  ).toBe("yes");
});

test("what one role takes away another gives", () => {
  const roles = [role("Contributor", group), role("User Access Administrator", group)];
  expect(allows(roles, "Microsoft.Authorization/roleAssignments/write", registry).allowed).toBe("yes");
});

test("a custom role's patterns match across slashes", () => {
  const custom = [
    {
      actions: ["Microsoft.Network/*/join/action"],
      notActions: ["*/publicIPAddresses/*"],
      dataActions: [],
      notDataActions: [],
    },
  ];
  expect(permits(custom, "Microsoft.Network/virtualNetworks/subnets/join/action")).toBe(true);
  expect(permits(custom, "Microsoft.Network/publicIPAddresses/join/action")).toBe(false);
  expect(permits(custom, "Microsoft.Network/join/action")).toBe(false);
});

test("a scope covers itself, and covering is transitive", () => {
  const id = fc
    .array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 4 })
    .map((parts) => `/${parts.join("/")}`);
  fc.assert(
    fc.property(id, id, id, (a, b, c) => {
      expect(covers(a, a)).toBe("yes");
      if (covers(a, b) === "yes" && covers(b, c) === "yes") expect(covers(a, c)).toBe("yes");
    }),
  );
});
