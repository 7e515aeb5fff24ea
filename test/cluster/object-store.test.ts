import { expect, test } from "@jest/globals";
import { createObjectStore } from "../../src/cluster/object-store.ts";
import type { KubeObject } from "../../src/kubernetes/object.ts";

const pod = (name: string, namespace = "default", owner?: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name,
    namespace,
    ...(owner === undefined
      ? {}
      : {
          ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: owner, uid: owner, controller: true }],
        }),
  },
});
const names = (objects: readonly KubeObject[]) =>
  objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);

test("lists in order of namespace and name, whatever the order of writes", () => {
  const store = createObjectStore();
  for (const object of [pod("b", "z"), pod("b"), pod("a", "z"), pod("a")]) store.put(object);
  expect(names(store.list("Pod"))).toEqual(["default/a", "default/b", "z/a", "z/b"]);
  expect(names(store.list("Pod", "z"))).toEqual(["z/a", "z/b"]);
  store.remove("Pod", "z", "a");
  expect(names(store.list("Pod", "z"))).toEqual(["z/b"]);
});

test("each write has a version of its own and is told to subscribers", () => {
  const store = createObjectStore();
  const seen: string[] = [];
  const end = store.subscribe("Pod", ({ type, object, previous }) =>
    seen.push(
      `${type} ${object.metadata.name} ${object.metadata.resourceVersion} ${previous?.metadata.resourceVersion ?? "-"}`,
    ),
  );
  store.put(pod("a"));
  store.put(pod("a"));
  store.remove("Pod", "default", "a");
  end();
  store.put(pod("b"));
  expect(seen).toEqual(["ADDED a 1 -", "MODIFIED a 2 1", "DELETED a 2 2"]);
  expect(store.resourceVersion).toBe(4);
});

test("finds what an owner controls, also after the owner changed", () => {
  const store = createObjectStore();
  store.put(pod("a", "default", "one"));
  store.put(pod("b", "default", "one"));
  store.put(pod("a", "default", "two"));
  expect(names(store.ownedBy("Pod", "one"))).toEqual(["default/b"]);
  expect(names(store.ownedBy("Pod", "two"))).toEqual(["default/a"]);
});

test("a kind of another group with a known name is another kind", () => {
  const store = createObjectStore();
  store.put({ apiVersion: "serving.knative.dev/v1", kind: "Service", metadata: { name: "a", namespace: "default" } });
  expect(store.list("Service")).toEqual([]);
  expect(store.kinds()).toEqual(["Service.serving.knative.dev"]);
});

test("a snapshot does not see later writes", () => {
  const store = createObjectStore();
  store.put(pod("a"));
  const snapshot = store.snapshot();
  store.put(pod("b"));
  store.remove("Pod", "default", "a");
  expect(names(snapshot.list("Pod"))).toEqual(["default/a"]);
  expect(snapshot.get("Pod", "default", "b")).toBeUndefined();
});
