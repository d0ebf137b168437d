// Runs the scenarios against a server, and says what was done: one line a call.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

var (
	within = regexp.MustCompile(`\$\{(\w+)\}`)
	whole  = regexp.MustCompile(`"\$\{(\w+)\}"`)
)

// harness has the server, and the values that calls have given.
type harness struct {
	ctx    context.Context
	server string
	values map[string]any
	last   any
}

func (h *harness) text(template string) string {
	return within.ReplaceAllStringFunc(template, func(found string) string {
		value := h.values[found[2:len(found)-1]]
		if text, isText := value.(string); isText {
			return text
		}
		return encoded(value)
	})
}

func body[T any](h *harness, template string) T {
	var value T
	text := whole.ReplaceAllStringFunc(template, func(found string) string {
		return encoded(h.values[found[3:len(found)-2]])
	})
	h.check(json.Unmarshal([]byte(text), &value))
	return value
}

// all reads a list to its end.
func all[T any](items func(func(T, error) bool)) ([]T, error) {
	var found []T
	var failed error
	items(func(item T, err error) bool {
		if err != nil {
			failed = err
			return false
		}
		found = append(found, item)
		return true
	})
	return found, failed
}

func (h *harness) check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func (h *harness) result(result any) {
	h.last = decoded(encoded(result))
}

func (h *harness) keep(name, pointer string) {
	h.values[name] = h.at(pointer)
}

func (h *harness) expect(pointer, wanted string) {
	if found := h.at(pointer); !reflect.DeepEqual(found, decoded(wanted)) {
		log.Fatalf("%s is %v, not %s", pointer, found, wanted)
	}
}

func (h *harness) done(operation string) {
	fmt.Println("done", operation, encoded(h.last))
}

func (h *harness) refused(operation string, asExpected bool) {
	if !asExpected {
		log.Fatalf("%s was not refused as the contract says", operation)
	}
	fmt.Println("refused", operation)
}

func (h *harness) at(pointer string) any {
	found := h.last
	for _, name := range strings.Split(pointer, "/")[1:] {
		if list, isList := found.([]any); isList {
			found = list[number(name)]
		} else {
			found = found.(map[string]any)[name]
		}
	}
	return found
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func encoded(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		log.Fatal(err)
	}
	return string(text)
}

func decoded(text string) any {
	var value any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	for _, api := range os.Args[3:] {
		values, _ := decoded(os.Args[2]).(map[string]any)
		scenarios[api](&harness{context.Background(), os.Args[1], values, nil})
	}
}
