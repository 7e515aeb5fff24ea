import { expect, test } from "@jest/globals";
import { htmlReport } from "../../src/report/html.ts";
import { monitoring } from "../../src/report/html-monitoring.ts";
import { fullReport, hostileReport } from "../support/full-report.ts";

test("the page has what is monitored, in a section that the bar leads to", () => {
  const page = htmlReport(fullReport());
  expect(page).toContain('<a href="#monitoring">monitoring</a>');
  const part = monitoring(fullReport());
  expect(page).toContain(part);
  expect(part).toContain('<span class="worse">not collected</span>');
  expect(part).toContain("Log Analytics workspace &#34;azurerm_kubernetes_cluster.shop&#34;");
});

test("markup of the input comes out as text", () => {
  expect(monitoring(hostileReport())).not.toMatch(/<script|\u001b|\u202e/);
});
