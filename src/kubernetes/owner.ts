import { addressOf, type KubeObject, type OwnerReference } from "./object.ts";

/** An object's uid, or, before the store gave it one, its address. */
export const uidOf = (object: KubeObject): string => object.metadata.uid ?? addressOf(object);

/** The reference that a controller writes into what it creates. */
export const controllerReference = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: uidOf(owner),
  controller: true,
  blockOwnerDeletion: true,
});

/** The owner that controls an object, if any. */
export const controllerOf = (object: KubeObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((reference) => reference.controller === true);
