// Writes src/kubernetes/data/schema.json: the types of the Kubernetes API as Go's reflection sees them, for the kinds of kinds.json.
//
//	go run . ../../src/kubernetes/data/kinds.json > ../../src/kubernetes/data/schema.json
//
// A field is [Go name, JSON name, code, flags]. Codes: s text, i32 i64 u64 whole numbers, n number, b boolean, y bytes, q Quantity,
// x IntOrString, t time, T time with microseconds, * anything, #N type N, [CODE list, {CODE map. Named scalars carry their Go type
// after "=". Flags: p pointer, o omitempty, z omitzero, i inlined, m=KEY strategic merge by KEY, r retainKeys.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

type goType struct {
	Name   string      `json:"name"`
	Fields [][4]string `json:"fields"`
}

var numbers = map[reflect.Type]int{}
var types []*goType

func opaque(t reflect.Type) string {
	switch t.PkgPath() + "." + t.Name() {
	case "k8s.io/apimachinery/pkg/api/resource.Quantity":
		return "q"
	case "k8s.io/apimachinery/pkg/util/intstr.IntOrString":
		return "x"
	case "k8s.io/apimachinery/pkg/apis/meta/v1.Time":
		return "t"
	case "k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":
		return "T"
	case "k8s.io/apimachinery/pkg/runtime.RawExtension", "k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1",
		"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON",
		"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool",
		"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray",
		"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray":
		return "*"
	}
	return ""
}

func named(base string, t reflect.Type) string {
	if t.PkgPath() == "" {
		return base
	}
	return base + "=" + t.String()
}

func code(t reflect.Type) string {
	if o := opaque(t); o != "" {
		return o
	}
	switch t.Kind() {
	case reflect.Pointer:
		return code(t.Elem())
	case reflect.String:
		return named("s", t)
	case reflect.Int32:
		return named("i32", t)
	case reflect.Int64, reflect.Int:
		return named("i64", t)
	case reflect.Uint64:
		return named("u64", t)
	case reflect.Float64:
		return "n"
	case reflect.Bool:
		return named("b", t)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "y"
		}
		return "[" + code(t.Elem()) + mapName(t)
	case reflect.Map:
		return "{" + code(t.Elem()) + mapName(t)
	case reflect.Struct:
		return fmt.Sprintf("#%d", number(t))
	}
	panic(t.String())
}

// A named list or map, and a map whose keys are a named type, keep their Go spelling after "~".
func mapName(t reflect.Type) string {
	if t.PkgPath() != "" || (t.Kind() == reflect.Map && t.Key().PkgPath() != "") {
		return "~" + t.String()
	}
	return ""
}

func number(t reflect.Type) int {
	if n, ok := numbers[t]; ok {
		return n
	}
	n := len(types)
	numbers[t] = n
	g := &goType{Name: t.String(), Fields: [][4]string{}}
	types = append(types, g)
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("json"), ",")
		flags := []string{}
		if f.Type.Kind() == reflect.Pointer {
			flags = append(flags, "p")
		}
		for _, word := range tag[1:] {
			switch word {
			case "omitempty":
				flags = append(flags, "o")
			case "omitzero":
				flags = append(flags, "z")
			case "inline":
				flags = append(flags, "i")
			}
		}
		for _, strategy := range strings.Split(f.Tag.Get("patchStrategy"), ",") {
			switch strategy {
			case "merge":
				flags = append(flags, "m="+f.Tag.Get("patchMergeKey"))
			case "retainKeys":
				flags = append(flags, "r")
			}
		}
		g.Fields = append(g.Fields, [4]string{f.Name, tag[0], code(f.Type), strings.Join(flags, ",")})
	}
	return n
}

func main() {
	check(apiextensions.AddToScheme(scheme.Scheme))
	check(apiregistration.AddToScheme(scheme.Scheme))
	text, err := os.ReadFile(os.Args[1])
	check(err)
	var table struct {
		Kinds []struct{ Group, Version, Kind string }
	}
	check(json.Unmarshal(text, &table))
	kinds := map[string]int{}
	for _, k := range table.Kinds {
		t, ok := scheme.Scheme.AllKnownTypes()[schema.GroupVersionKind{Group: k.Group, Version: k.Version, Kind: k.Kind}]
		if !ok {
			panic(k)
		}
		kinds[k.Group+"/"+k.Version+"/"+k.Kind] = number(t)
	}
	out, err := json.Marshal(map[string]any{"source": "k8s.io/api, apiextensions-apiserver and kube-aggregator v0.35.4, by reflection", "kinds": kinds, "types": types})
	check(err)
	fmt.Println(string(out))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
