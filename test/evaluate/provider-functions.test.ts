import { expect, test } from "@jest/globals";
import { evaluateExpression } from "../../src/evaluate/expression.ts";
import { builtinFunctions } from "../../src/evaluate/functions-table.ts";
import { valueToPlainJson } from "../../src/evaluate/values-json.ts";
import { parseHclExpression } from "../../src/load/hcl/parse-file.ts";

const ask = (text: string): unknown => {
  const { value: expression } = parseHclExpression(text, "ask.tf");
  const { value, diagnostics } = evaluateExpression(expression, {
    resolve: () => undefined,
    functions: builtinFunctions(),
    functionContext: { files: undefined },
    shortCircuit: true,
  });
  return diagnostics[0]?.detail ?? valueToPlainJson(value);
};

const subscription = "/subscriptions/12345678-1234-9876-4563-123456789012";
const gateway = `${subscription}/resourceGroups/resGroup1/providers/Microsoft.ApiManagement/service/service1/gateways/gateway1/hostnameConfigurations/config1`;

test("azurerm reads identifiers (its documentation's examples)", () => {
  expect(ask(`provider::azurerm::parse_resource_id("${gateway}")`)).toEqual({
    resource_name: "config1",
    resource_provider: "Microsoft.ApiManagement",
    resource_group_name: "resGroup1",
    resource_type: "hostnameConfigurations",
    resource_scope: "",
    full_resource_type: "Microsoft.ApiManagement/service/gateways/hostnameConfigurations",
    subscription_id: "12345678-1234-9876-4563-123456789012",
    parent_resources: { gateways: "gateway1", service: "service1" },
  });
  expect(
    ask(
      `provider::azurerm::normalise_resource_id("/Subscriptions/12345678-1234-9876-4563-123456789012/ResourceGroups/resGroup1/PROVIDERS/microsoft.apimanagement/service/service1/gateWays/gateway1/hostnameconfigurations/config1")`,
    ),
  ).toBe(gateway);
  expect(
    ask(
      `provider::azurerm::parse_resource_id("${subscription}/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks/providers/Microsoft.EventGrid/eventSubscriptions/e").resource_scope`,
    ),
  ).toBe(`${subscription}/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks`);
  expect(ask('provider::azurerm::normalise_resource_id("/subscriptions")')).toMatch(
    /could not determine resource ID type/,
  );
});

test("azapi builds and reads identifiers (its documentation's examples)", () => {
  const network = `${subscription}/resourceGroups/rg1/providers/Microsoft.Network/virtualNetworks/vnet1`;
  expect(
    ask(
      `provider::azapi::build_resource_id("${subscription}/resourceGroups/rg1", "Microsoft.Network/virtualNetworks", "vnet1")`,
    ),
  ).toBe(network);
  expect(
    ask(
      'provider::azapi::resource_group_resource_id("12345678-1234-9876-4563-123456789012", "rg1", "Microsoft.Network/virtualNetworks/subnets", ["vnet1", "subnet1"])',
    ),
  ).toBe(`${network}/subnets/subnet1`);
  expect(
    ask(
      'provider::azapi::management_group_resource_id("mg1", "Microsoft.Billing/billingAccounts/billingProfiles", ["ba1", "bp1"])',
    ),
  ).toBe(
    "/providers/Microsoft.Management/managementGroups/mg1/providers/Microsoft.Billing/billingAccounts/ba1/billingProfiles/bp1",
  );
  expect(ask(`provider::azapi::extension_resource_id("${network}", "Microsoft.Authorization/locks", ["mylock"])`)).toBe(
    `${network}/providers/Microsoft.Authorization/locks/mylock`,
  );
  expect(ask('provider::azapi::tenant_resource_id("Microsoft.Billing/billingAccounts", ["a", "b"])')).toMatch(
    /expected 1, got 2/,
  );
  expect(ask(`provider::azapi::parse_resource_id("Microsoft.Network/virtualNetworks", "${network}")`)).toEqual({
    id: network,
    type: "Microsoft.Network/virtualNetworks",
    name: "vnet1",
    parent_id: `${subscription}/resourceGroups/rg1`,
    resource_group_name: "rg1",
    subscription_id: "12345678-1234-9876-4563-123456789012",
    provider_namespace: "Microsoft.Network",
    parts: {
      providers: "Microsoft.Network",
      resourceGroups: "rg1",
      subscriptions: "12345678-1234-9876-4563-123456789012",
      virtualNetworks: "vnet1",
    },
  });
});

test("time reads timestamps and durations (its documentation's examples)", () => {
  expect(ask('provider::time::rfc3339_parse("2023-07-25T23:43:16Z")')).toEqual({
    day: 25,
    hour: 23,
    iso_week: 30,
    iso_year: 2023,
    minute: 43,
    month: 7,
    month_name: "July",
    second: 16,
    unix: 1690328596,
    weekday: 2,
    weekday_name: "Tuesday",
    year: 2023,
    year_day: 206,
  });
  expect(ask('provider::time::duration_parse("1h30m").minutes')).toBe(90);
  expect(ask("provider::time::unix_timestamp_parse(1690328596).rfc3339")).toBe("2023-07-25T23:43:16Z");
});

test("terraform's own provider writes and reads HCL", () => {
  expect(ask('provider::terraform::encode_tfvars({ a = 1, b = ["x"] })')).toBe('a = 1\nb = ["x"]\n');
  expect(ask('provider::terraform::decode_tfvars("a = 1\\nb = [true]\\n")')).toEqual({ a: 1, b: [true] });
  expect(ask('provider::terraform::encode_expr({ "a b" = null })')).toBe('{\n  "a b" = null\n}');
  expect(ask('provider::terraform::decode_tfvars("a = b")')).toMatch(/Variables not allowed/);
});
