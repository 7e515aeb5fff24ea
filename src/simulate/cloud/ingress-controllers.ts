import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import type { HttpRoute } from "./http-route.ts";
import { classController, type HttpWorld } from "./http-world.ts";
import type { PolicyPod } from "./network-policy.ts";
import { podSpecOf } from "./workload-reach.ts";

/** The application routing add-on's controller as policies see it ("Managed NGINX ingress with the application routing add-on"). */
const appRoutingNginx: PolicyPod = {
  name: "Deployment/app-routing-system/nginx",
  namespace: "app-routing-system",
  labels: { app: "nginx" },
  ports: [],
  hostNetwork: false,
};

/** The repositories of the controllers' images, by what their IngressClass names as controller (their own installation manifests). */
const imagesOf: Readonly<Record<string, RegExp>> = {
  "k8s.io/ingress-nginx": /(^|\/)(ingress-nginx\/controller|nginx-ingress-controller)([:@]|$)/,
  "traefik.io/ingress-controller": /(^|\/)traefik([:@]|$)/,
  "haproxy.org/ingress-controller": /(^|\/)haproxytech\/kubernetes-ingress([:@]|$)/,
};

/** The pods that pass on a route's requests, where it is certain which they are; network policies see these as the sender. */
export const senderOf = (world: HttpWorld, { controller, source, served }: HttpRoute): PolicyPod | undefined => {
  if (!source.startsWith("Ingress/")) return undefined;
  if (controller === "application routing") return appRoutingNginx;
  if (controller !== "other") return undefined;
  const image = imagesOf[classController(world, "IngressClass", served)];
  if (image === undefined) return undefined;
  const running = world.objects.filter((object) => runs(object, image)).map(addressOf);
  // Two controllers of a kind share the classes out by their arguments, which are not read.
  return running.length === 1 ? world.pods.find(({ name }) => name === running[0]) : undefined;
};

const runs = (object: KubeObject, image: RegExp): boolean =>
  (object.kind === "Deployment" || object.kind === "DaemonSet") &&
  (podSpecOf(object)?.containers ?? []).some((container) => image.test(container.image ?? ""));
