// SPDX-License-Identifier: Apache-2.0

// Command generate writes what the tests of k8s-api compare with, from the API's own Go types.
//
//	go run . objects ../objects   one object of each kind in which every field has a value
//	go run . quantities < texts   what Go makes of quantities, one a line: text, canonical, value, milli
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	certificates "k8s.io/api/certificates/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	node "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var kinds = []struct {
	file, apiVersion, kind string
	object                 any
}{
	{"pod", "v1", "Pod", &core.Pod{}},
	{"node", "v1", "Node", &core.Node{}},
	{"event", "v1", "Event", &core.Event{}},
	{"secret", "v1", "Secret", &core.Secret{}},
	{"config_map", "v1", "ConfigMap", &core.ConfigMap{}},
	{"service", "v1", "Service", &core.Service{}},
	{"lease", "coordination.k8s.io/v1", "Lease", &coordination.Lease{}},
	{"token_request", "authentication.k8s.io/v1", "TokenRequest", &authentication.TokenRequest{}},
	{"token_review", "authentication.k8s.io/v1", "TokenReview", &authentication.TokenReview{}},
	{"subject_access_review", "authorization.k8s.io/v1", "SubjectAccessReview", &authorization.SubjectAccessReview{}},
	{"certificate_signing_request", "certificates.k8s.io/v1", "CertificateSigningRequest",
		&certificates.CertificateSigningRequest{}},
	{"runtime_class", "node.k8s.io/v1", "RuntimeClass", &node.RuntimeClass{}},
	{"status", "v1", "Status", &meta.Status{}},
}

// filler gives values that differ from one another.
type filler struct{ n int }

// special fills the types that have a text form of their own.
func (f *filler) special(v any) bool {
	second := int64(1767323045)
	switch p := v.(type) {
	case *resource.Quantity:
		*p = resource.MustParse([]string{"1500m", "3Gi", "7", "1536Ki", "2500M"}[f.n%5])
	case *meta.Time:
		*p = meta.NewTime(time.Unix(second+int64(f.n), 0).UTC())
	case *meta.MicroTime:
		*p = meta.NewMicroTime(time.Unix(second, int64(f.n)*1000).UTC())
	case *intstr.IntOrString:
		*p = intstr.FromString(fmt.Sprintf("port-%d", f.n))
		if f.n%2 == 0 {
			*p = intstr.FromInt32(int32(f.n))
		}
	case *meta.FieldsV1:
		p.Raw = []byte(`{"f:metadata":{"f:labels":{".":{},"f:a":{}}}}`)
	default:
		return false
	}
	return true
}

func (f *filler) fill(v reflect.Value, name string) {
	f.n++
	if f.special(v.Addr().Interface()) {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s-%d", strings.ToLower(name), f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(int64(f.n) + 1000)
	case reflect.Uint8:
		v.SetUint(uint64(f.n % 256))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), name)
	case reflect.Slice:
		n := 2
		if v.Type().Elem().Kind() == reflect.Uint8 {
			n = 5
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			f.fill(v.Index(i), name)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range 2 {
			key := reflect.New(v.Type().Key()).Elem()
			key.SetString(fmt.Sprintf("key-%d-%d", i, f.n))
			value := reflect.New(v.Type().Elem()).Elem()
			f.fill(value, name)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), v.Type().Field(i).Name)
		}
	default:
		log.Fatalf("%s: no idea how to fill a %s", name, v.Kind())
	}
}

func writeObjects(folder string) {
	for _, k := range kinds {
		v := reflect.ValueOf(k.object).Elem()
		(&filler{}).fill(v, k.file)
		v.FieldByName("TypeMeta").Set(reflect.ValueOf(meta.TypeMeta{Kind: k.kind, APIVersion: k.apiVersion}))
		text, err := json.Marshal(k.object)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, k.file+".json"), append(text, '\n'), 0o644)
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}

func writeQuantities() {
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		q, err := resource.ParseQuantity(in.Text())
		if err != nil {
			fmt.Printf("%q refused\n", in.Text())
			continue
		}
		q.Add(resource.Quantity{}) // forgets the text it was read from
		fmt.Printf("%q %q %d %d\n", in.Text(), q.String(), q.Value(), q.MilliValue())
	}
}

func main() {
	switch {
	case len(os.Args) == 3 && os.Args[1] == "objects":
		writeObjects(os.Args[2])
	case len(os.Args) == 2 && os.Args[1] == "quantities":
		writeQuantities()
	default:
		log.Fatal("usage: generate objects FOLDER | generate quantities")
	}
}
