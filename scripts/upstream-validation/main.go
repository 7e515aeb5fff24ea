package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	jsonser "k8s.io/apimachinery/pkg/runtime/serializer/json"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/node/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	hpa "k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/coordination/lease"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/limitrange"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/node"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/node/runtimeclass"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/pkg/registry/storage/csidriver"
	"k8s.io/kubernetes/pkg/registry/storage/storageclass"
)

var strategies = map[string]rest.RESTCreateStrategy{
	"Pod": pod.Strategy, "Service": service.Strategy, "ConfigMap": configmap.Strategy, "Secret": secret.Strategy,
	"LimitRange": limitrange.Strategy, "Namespace": namespace.Strategy, "Node": node.Strategy, "PersistentVolume": persistentvolume.Strategy,
	"PersistentVolumeClaim": persistentvolumeclaim.Strategy, "ResourceQuota": resourcequota.Strategy, "ServiceAccount": serviceaccount.Strategy,
	"Deployment": deployment.Strategy, "DaemonSet": daemonset.Strategy, "StatefulSet": statefulset.Strategy, "ReplicaSet": replicaset.Strategy,
	"Job": job.Strategy, "CronJob": cronjob.Strategy, "HorizontalPodAutoscaler": hpa.Strategy, "Lease": lease.Strategy,
	"EndpointSlice": endpointslice.Strategy, "Ingress": ingress.Strategy, "IngressClass": ingressclass.Strategy, "NetworkPolicy": networkpolicy.Strategy,
	"RuntimeClass": runtimeclass.Strategy, "PodDisruptionBudget": poddisruptionbudget.Strategy, "Role": role.Strategy, "ClusterRole": clusterrole.Strategy,
	"RoleBinding": rolebinding.Strategy, "ClusterRoleBinding": clusterrolebinding.Strategy, "PriorityClass": priorityclass.Strategy,
	"CSIDriver": csidriver.Strategy, "StorageClass": storageclass.Strategy, "ValidatingWebhookConfiguration": validatingwebhookconfiguration.Strategy,
}

func answer(line []byte) any {
	var tm metav1.TypeMeta
	json.Unmarshal(line, &tm)
	gv, _ := schema.ParseGroupVersion(tm.APIVersion)
	gvk := gv.WithKind(tm.Kind)
	ser := jsonser.NewSerializerWithOptions(jsonser.DefaultMetaFactory, legacyscheme.Scheme, legacyscheme.Scheme, jsonser.SerializerOptions{Strict: true})
	codec := legacyscheme.Codecs.DecoderToVersion(ser, schema.GroupVersion{Group: gvk.Group, Version: runtime.APIVersionInternal})
	obj, _, err := codec.Decode(line, &gvk, nil)
	if err != nil {
		return map[string]any{"decode": err.Error()}
	}
	strat, ok := strategies[tm.Kind]
	if !ok { return map[string]any{"none": tm.Kind} }
	acc, _ := meta.Accessor(obj)
	ctx := genericapirequest.NewContext()
	if strat.NamespaceScoped() {
		if acc.GetNamespace() == "" { acc.SetNamespace("default") }
		ctx = genericapirequest.WithNamespace(ctx, acc.GetNamespace())
	}
	if !strat.NamespaceScoped() { ctx = genericapirequest.WithNamespace(ctx, "") }
	ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{IsResourceRequest: true, Verb: "create", APIGroup: gv.Group, APIVersion: gv.Version})
	rest.FillObjectMetaSystemFields(acc)
	acc.SetUID("00000000-0000-4000-8000-000000000000")
	if err := rest.BeforeCreate(strat, ctx, obj); err != nil {
		if s, ok := err.(errors.APIStatus); ok {
			st := s.Status()
			return map[string]any{"status": st}
		}
		return map[string]any{"error": err.Error()}
	}
	enc := legacyscheme.Codecs.EncoderForVersion(jsonser.NewSerializerWithOptions(jsonser.DefaultMetaFactory, legacyscheme.Scheme, legacyscheme.Scheme, jsonser.SerializerOptions{}), gv)
	out, err := runtime.Encode(enc, obj)
	if err != nil { return map[string]any{"error": err.Error()} }
	if again, _, err := codec.Decode(out, &gvk, nil); err == nil {
		if o2, err := runtime.Encode(enc, again); err == nil { out = o2 }
	}
	return map[string]any{"object": json.RawMessage(out), "warnings": strat.WarningsOnCreate(context.TODO(), obj)}
}

func main() {
	sc := bufio.NewScanner(os.Stdin)
	sc.Buffer(make([]byte, 1<<20), 1<<26)
	for sc.Scan() {
		func() {
			defer func() { if r := recover(); r != nil { fmt.Printf("{\"panic\":%q}\n", fmt.Sprint(r)) } }()
			b, _ := json.Marshal(answer(sc.Bytes()))
			fmt.Println(string(b))
		}()
	}
}
