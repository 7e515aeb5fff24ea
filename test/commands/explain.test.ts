import { expect, test } from "@jest/globals";
import { Command } from "commander";
import type { CommandIo } from "../../src/commands/command.ts";
import { configure } from "../../src/commands/explain.ts";

const explain = async (...args: readonly string[]) => {
  let out = "";
  let err = "";
  let code = 0;
  const io: CommandIo = {
    cwd: process.cwd(),
    stdin: async () => "",
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env: {},
    isTerminal: false,
    exit: (given) => {
      code = given;
    },
  };
  const command = new Command("explain").exitOverride();
  configure(command, io);
  await command.parseAsync(args, { from: "user" });
  return { out, err, code };
};

test("a rule's page comes with its source", async () => {
  expect((await explain("aks1001")).out).toMatch(/^AKS1001 /);
});

test("a Pending workload is told what it lacks", async () => {
  const { out } = await explain("Deployment/shop/search", "--dir", "samples/online-shop-change");
  expect(out).toMatch(/search-\w+-\w+ stays Pending/);
  expect(out).toMatch(/Mi memory more on/);
});

test("a placed pod is told why it is there", async () => {
  const { out } = await explain("shop/redis-0", "--dir", "samples/online-shop");
  expect(out).toMatch(/^shop\/redis-0 runs on aks-user-/);
});

test("the default-deny policy of the sample leaves what its labels allow", async () => {
  const { out } = await explain("--reach", "--dir", "samples/online-shop");
  expect(out).toContain("Policies are enforced by calico.");
  expect(out).toMatch(/Deployment\/shop\/web +→ {2}Deployment\/shop\/cart: all/);
});

test("nobody is allowed anything by a platform without bindings", async () => {
  const { out } = await explain("--can-i", "delete pods", "--namespace", "shop", "--dir", "samples/online-shop");
  expect(out).toContain("Nobody may delete pods");
});

test("what is not there is said", async () => {
  const { err, code } = await explain("Deployment/shop/nowhere", "--dir", "samples/online-shop");
  expect([code, err]).toEqual([1, expect.stringContaining('no pod or workload "Deployment/shop/nowhere"')]);
});

test("a URL is told its Ingress, Service and pods", async () => {
  const shop = ["--dir", "samples/online-shop"];
  const { out } = await explain("--route", "https://www.shop.example/cart", ...shop);
  expect(out).toMatch(/^Answered through Ingress\/shop\/web/);
  expect(out).toMatch(/Service shop\/web, port http: Deployment\/shop\/web \(\d+ pods run/);
  const json = JSON.parse((await explain("--route", "www.shop.example", "--json", ...shop)).out);
  expect(json).toMatchObject({ nothing: "", taken: [{ answers: true, route: { source: "Ingress/shop/web" } }] });
  expect((await explain("--route", "https://other.example", ...shop)).out).toMatch(/^Nothing answers\. No Ingress/);
  expect(await explain("--route", "ftp://shop", ...shop)).toMatchObject({ code: 1, out: "" });
});
